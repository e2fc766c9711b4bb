"""Segments (PE4): which people do we mean?"""
