"""Checks of TensorFlow. Functions import the framework, so that `list` works without it."""
