"""Pages of the road of a file."""
