"""What we know of one person (PE1)."""
