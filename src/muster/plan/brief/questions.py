"""What the brief has to say before the launch (PL8)."""
