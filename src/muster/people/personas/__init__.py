"""Personas (PE6): a typical person in words, kept true by the numbers of a segment."""
