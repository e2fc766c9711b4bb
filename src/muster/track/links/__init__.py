"""Short links and codes for posters (TR1, CH7)."""
