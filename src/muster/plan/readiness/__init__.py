"""Readiness (PL8): what stands in the way of the launch."""
