"""Checks of Keras 3 on each of its backends. Everything is imported inside functions, so that `list` needs nothing."""
