"""allteach: run a clinical learning network. All teach, all learn."""

__version__ = "0.1.0"
