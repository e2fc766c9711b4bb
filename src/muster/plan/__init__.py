"""Plan: what we do, for whom, until when, for how much."""
