"""Factors and cures: settings that differ between processes, and the environment variables that make them."""
