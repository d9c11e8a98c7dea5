"""One audited process: requests and replies, settings, the guard against contamination, child processes."""
