"""Checks of Flax, nnx and linen. Functions import the libraries, so that `list` works without them."""
