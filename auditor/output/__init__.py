"""Writes result folders atomically."""
