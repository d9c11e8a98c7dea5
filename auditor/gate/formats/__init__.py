"""The gate's verdict as text for people and for other programs: one file per format."""
