"""Runs the audited Python: discovery, start, request, typed replies."""
