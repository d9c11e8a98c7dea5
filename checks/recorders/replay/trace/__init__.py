"""The trace: its format and its writer, source lines, digests of memory and of Python values."""
