"""Checks of ONNX Runtime. Everything is imported inside functions, so that `list` needs nothing."""
