"""The conversation with the audited Python: discovery, start, request, typed replies."""
