"""Questions over all campaigns (ME1, ME2, ME3): attribution, return, funnels, best customers."""
