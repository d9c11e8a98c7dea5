"""Facts about the environment, one file per subject, without verdicts."""
