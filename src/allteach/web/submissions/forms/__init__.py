"""Forms of the road of a file."""
