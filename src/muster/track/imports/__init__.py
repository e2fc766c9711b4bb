"""Bringing in events from files (TR1)."""
