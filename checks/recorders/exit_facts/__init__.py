"""Reads the facts of a real run at the exit of each of its Python processes (`auditor probe -- COMMAND`)."""
