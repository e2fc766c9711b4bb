"""The morning page (S02): where every running campaign stands, what is due, who is stuck."""
