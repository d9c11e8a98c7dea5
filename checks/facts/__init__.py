"""Facts about the environment, one file per subject; no verdicts."""
