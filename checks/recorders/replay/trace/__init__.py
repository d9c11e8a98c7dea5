"""What every recorder writes: records, source lines, digests and values."""
