"""What leads cost, and which of them sales takes (PE7, ME5)."""
