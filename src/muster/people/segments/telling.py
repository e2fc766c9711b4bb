"""Tells the event log who came into a segment and who left (PE4): each once, whatever is killed."""

from __future__ import annotations

import hashlib
import hmac

from django.conf import settings

from muster.events import names, shape
from muster.kit import ids
from muster.people.segments.models import Segment, SegmentMove
from muster.team import stores

_BATCH = 10_000
_FIELDS = ("id", "segment_id", "person_id", "entered", "cause", "at")


def tell() -> int:
    """Put every move that the log has not yet into it; how many.

    The history is written first and marked as told afterwards. Killed between, the same events are
    written again with the same ids, and count once.
    """
    count = 0
    key = settings.DATA.key("segments")
    waiting = SegmentMove.objects.filter(told=False)
    while moves := list(waiting.order_by("id").values_list(*_FIELDS)[:_BATCH]):
        segments = Segment.objects.in_bulk({move[1] for move in moves})
        stamps = {at: shape.iso(at) for at in {move[5] for move in moves}}
        events = []
        for number, segment, person, entered, cause, at in moves:
            said = f"{number} {segment} {person} {entered} {stamps[at]}"
            events.append(
                shape.event(
                    names.SEGMENT_ENTERED if entered else names.SEGMENT_LEFT,
                    person_id=person,
                    properties={
                        "segment": ids.public("segment", segment),
                        "segment_name": segments[segment].name,
                        "cause": cause,
                    },
                    at=at,
                    message_id=hmac.digest(key, said.encode(), hashlib.sha256).hex()[:32],
                )
            )
        stores.emit(events)
        waiting.filter(id__gte=moves[0][0], id__lte=moves[-1][0]).update(told=True)
        count += len(moves)
    return count
