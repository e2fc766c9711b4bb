"""The built-in inbox as pages: what was sent, as a mail program shows it (demo and trial)."""
