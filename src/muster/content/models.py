"""The tables of content; each subject keeps its own."""

from muster.content.emails.models import Email

__all__ = ["Email"]
