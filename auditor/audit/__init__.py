"""One audit: plan processes, run them, file readings, judge, and assemble the manifest."""
