"""Checks of JAX. Functions import the framework, so that `list` works without it."""
