"""Checks of PyTorch. Functions import the framework, so that `list` works without it."""
