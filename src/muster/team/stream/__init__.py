"""The one stream of news per tab (PF7)."""
