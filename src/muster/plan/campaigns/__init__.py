"""Campaigns (PL1): the thing with a goal, a budget and two dates; everything else hangs on it."""
