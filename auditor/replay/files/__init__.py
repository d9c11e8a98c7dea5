"""Files that a run wrote: which there are, what they hold, and where two of them differ."""
