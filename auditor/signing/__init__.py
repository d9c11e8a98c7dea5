"""Keys: what signs beside what verifies, one file per kind of key."""
