"""Who they are, what they allowed, which segments (PE)."""
