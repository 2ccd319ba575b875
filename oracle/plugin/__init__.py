"""What the pytest plug-in does once it is asked to: collects vectors, runs them, tells the run."""
