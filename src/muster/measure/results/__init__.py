"""The results of one campaign (ME1, ME3): goals, money, funnel, and what it caused."""
