"""Goals (PL2): what a campaign is to reach, as a number that can be measured."""
