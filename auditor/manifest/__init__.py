"""The manifest: models, strict JSON, digests of subjects, JSON Schema, and queries over findings."""
