"""Escapes untrusted text for each output format."""
