"""Copies of other projects' libraries: the payload may import only the standard library."""
