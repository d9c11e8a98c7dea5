"""Lints of settings that are known to decide reproducibility: standard library only."""
