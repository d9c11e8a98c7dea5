"""Replay: whether an experiment gives the same bits each time, and if not, where, why, and what cures it."""
