"""What the past says of a goal: baselines, ended campaigns, and the team's own rates (PL2)."""
