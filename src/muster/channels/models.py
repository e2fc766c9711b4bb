"""The tables of the channels; each subject keeps its own."""

from muster.channels.sending.models import Link, Recipient, Send, Variant

__all__ = ["Link", "Recipient", "Send", "Variant"]
