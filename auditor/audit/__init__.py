"""One audit: plan processes, run them, store readings, apply rules, assemble the manifest."""
