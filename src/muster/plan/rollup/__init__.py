"""What stands behind objectives (PL14): goals, money and people of their campaigns, on one page."""
