"""Which sends a rule of a segment may name."""

from __future__ import annotations

from muster.channels.sending.models import Send
from muster.people.segments.counting import knows_sends


@knows_sends
def is_send(number: int) -> bool:
    """Also one that was put away: its messages were sent all the same."""
    return Send.objects.filter(pk=number).exists()
