"""Checks of Keras 3 on each backend. Functions import the libraries, so that `list` works without them."""
