"""What the budget has to say before the launch (PL8)."""
