"""When everything happens (PL4): the critical path in working days; no database, no clock."""
