"""Checks of settings that are known to affect reproducibility; standard library only."""
