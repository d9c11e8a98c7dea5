"""Lock files of package managers, one reader per format. They are hostile data: every field is validated."""
