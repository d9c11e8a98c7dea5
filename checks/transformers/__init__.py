"""Checks of Hugging Face transformers. Everything is imported inside functions, so that `list` needs nothing."""
