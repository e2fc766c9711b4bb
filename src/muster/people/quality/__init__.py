"""How far what we know of people can be trusted (ME5)."""
