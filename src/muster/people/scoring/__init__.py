"""Scoring (PE7): what people get points for, and from when on they are one for sales."""
