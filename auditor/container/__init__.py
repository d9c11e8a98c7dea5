"""Container images from a manifest: specifications, locks, the engine, and proof that a rebuild is the same."""
