"""Peak staffing (PL13): temporary staff for the days on which the team is too small."""
