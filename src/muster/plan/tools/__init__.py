"""Tools (PL13): what the team works with, and whether each is connected."""
