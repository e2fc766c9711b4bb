"""What people ask for about their data, and until when it has to be done (PE3)."""
