"""The marketing calendar (PL7): everything that is planned, on one map of days."""
