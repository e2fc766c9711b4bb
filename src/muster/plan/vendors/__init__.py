"""Vendors (PL9): what was ordered of whom, by what it is accepted, and who steps in."""
