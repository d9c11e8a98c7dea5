"""The policy: the table `[tool.auditor]`, read from the working tree or from a revision, and validated."""
