"""Web analytics and heat maps (TR3, TR4, S39)."""
