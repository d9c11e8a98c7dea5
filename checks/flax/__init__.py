"""Checks of Flax, nnx and linen. Everything is imported inside functions, so that `list` needs nothing."""
