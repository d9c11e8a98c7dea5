"""Signatures of TensorFlow's operators, eager and inside functions."""
