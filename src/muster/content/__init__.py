"""Content: what we say to people."""
