"""Recorders of PyTorch."""
