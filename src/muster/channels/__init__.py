"""Channels (CH): who gets a message, who does not and why; and how it leaves the house."""
