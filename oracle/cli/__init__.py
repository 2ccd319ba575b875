"""The command line, ``spec-check``."""
