"""Checks of ONNX Runtime. Functions import the libraries, so that `list` works without them."""
