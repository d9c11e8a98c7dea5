"""Recorders of JAX."""
