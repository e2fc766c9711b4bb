"""What people allowed, per channel and purpose, with proof (PE3)."""
