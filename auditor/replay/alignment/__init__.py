"""Which record of one run corresponds to which of another, and the first ones that differ."""
