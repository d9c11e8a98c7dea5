"""Recorders of TensorFlow."""
