"""Budget (PL3): what a campaign may cost, what is promised, and what was paid."""
