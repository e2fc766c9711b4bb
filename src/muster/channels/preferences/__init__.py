"""Preferences (PE3, CH9): unsubscribing, coming back, and reading a message in the browser."""
