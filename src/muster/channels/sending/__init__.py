"""Sends (CH1, CH9): prepare, review, approve, start, and let no message go twice."""
