"""What `auditor replay` installs in every Python process of an experiment: the recorder of operations."""
