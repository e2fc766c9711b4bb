"""Which sends a rule of a segment may name, and on which channels a segment is used."""

from __future__ import annotations

from muster.channels.sending.models import Send
from muster.people.segments.counting import knows_sends
from muster.people.segments.hints import used_on
from muster.people.segments.models import Segment


@knows_sends
def is_send(number: int) -> bool:
    """Also one that was put away: its messages were sent all the same."""
    return Send.objects.filter(pk=number).exists()


@used_on
def channels_of(segment: Segment) -> list[str]:
    """On which its offers go out, or are going to."""
    sends = [
        send
        for send in Send.objects.filter(segment=segment, purpose="marketing")
        if not send.is_over
    ]
    return sorted({send.channel for send in sends})
