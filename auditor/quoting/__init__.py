"""Escaping of untrusted text for each target language, and nothing else."""
