"""The brief (PL1): goals, strategy and what is missing, on one page; and its approval."""
