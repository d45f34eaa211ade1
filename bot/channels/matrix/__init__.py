"""The Matrix/Tchap door: the only package that knows nio."""
