"""All that Muster keeps as one file, and back again (PF4)."""
