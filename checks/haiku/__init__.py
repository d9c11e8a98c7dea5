"""Checks of Haiku. Everything is imported inside functions, so that `list` needs nothing."""
