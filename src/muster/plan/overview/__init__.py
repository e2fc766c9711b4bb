"""The overview (PL1): all campaigns in one list, a new one, and one of them at a glance."""
