"""Risks (PL11): what may go wrong, how we would notice, and what we do then."""
