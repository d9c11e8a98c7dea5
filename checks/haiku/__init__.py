"""Checks of Haiku. Functions import the libraries, so that `list` works without them."""
