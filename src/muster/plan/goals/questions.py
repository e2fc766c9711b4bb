"""What the goals have to say before the launch (PL8)."""
