"""Reads files that an experiment wrote, for `auditor replay`."""
