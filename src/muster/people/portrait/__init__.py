"""Words about one person, each with the counts it was drawn from (PE1, S17)."""
