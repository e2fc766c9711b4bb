"""The built-in inbox as pages: what was sent, readable as in a mail program (demo and trial only)."""
