"""Search and the command palette (S03)."""
