"""One package per trial, found through the entry-point group ``trialspec.protocols``."""
