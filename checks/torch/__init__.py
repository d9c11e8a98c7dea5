"""Checks of PyTorch. The framework is imported inside functions, so that `list` needs none."""
