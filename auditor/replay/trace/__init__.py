"""Traces: the wire format, one process's stream of records, and the archive of one run."""
