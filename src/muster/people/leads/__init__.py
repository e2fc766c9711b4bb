"""Leads (PE7): whom sales should speak to, who does, and what came of it."""
