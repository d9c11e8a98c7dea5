"""Runs a user's command with a recorder in its Python processes, and reads the recordings."""
