"""Container images from a manifest: specifications, locks, builds, and comparison with the manifest."""
