"""Objectives above campaigns (PL14): what the company wants, and the plans that serve it."""
