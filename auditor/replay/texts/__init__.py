"""What runs printed: which tokens differ, and whether these are times only."""
