"""Bringing in people from files (PE2)."""
