"""Checks of Hugging Face transformers. Functions import the libraries, so that `list` works without them."""
