"""One audited process: door, replies, settings, guard against contamination, fresh child processes."""
