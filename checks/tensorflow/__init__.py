"""Checks of TensorFlow. The framework is imported inside functions, so that `list` needs none."""
