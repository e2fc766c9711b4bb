"""Measure (ME): what came of it: funnels, attribution, return, and what would have come anyway."""
