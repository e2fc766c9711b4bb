"""Muster: plan, run, watch and learn from marketing campaigns, on your own data."""
