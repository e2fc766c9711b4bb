"""The tables of learning; each subject keeps its own."""

from muster.learn.retros.models import Card, Retro

__all__ = ["Card", "Retro"]
