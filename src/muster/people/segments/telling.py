"""Tells the event log who came into a segment and who left (PE4): each once, whatever is killed."""

from __future__ import annotations

import hashlib
import hmac
from datetime import UTC, datetime

from django.conf import settings
from django.db.models import TextField
from django.db.models.functions import Cast

from muster.events import names, shape
from muster.kit import ids
from muster.people.segments.models import Segment, SegmentMove
from muster.team import stores

_BATCH = 10_000


def tell() -> int:
    """Put every move that the log has not yet into it; how many.

    The history is written first and marked as told afterwards. Killed between, the same events are
    written again with the same ids, and count once.
    """
    count = 0
    key = settings.DATA.key("segments")
    waiting = SegmentMove.objects.filter(told=False)
    # All moves of a look have one moment. Read as text it is made into one once, not for each.
    fields = ("id", "segment_id", "person_id", "entered", "cause", Cast("at", TextField()))
    while moves := list(waiting.order_by("id").values_list(*fields)[:_BATCH]):
        segments = Segment.objects.in_bulk({move[1] for move in moves})
        public = {number: ids.public("segment", number) for number in segments}
        stamps = {at: _stamp(at) for at in {move[5] for move in moves}}
        events = []
        for number, segment, person, entered, cause, at in moves:
            said = f"{number} {segment} {person} {entered} {stamps[at]}"
            events.append(
                shape.event(
                    names.SEGMENT_ENTERED if entered else names.SEGMENT_LEFT,
                    person_id=person,
                    properties={
                        "segment": public[segment],
                        "segment_name": segments[segment].name,
                        "cause": cause,
                    },
                    at=stamps[at],
                    message_id=hmac.digest(key, said.encode(), hashlib.sha256).hex()[:32],
                )
            )
        stores.emit(events)
        waiting.filter(id__gte=moves[0][0], id__lte=moves[-1][0]).update(told=True)
        count += len(moves)
    return count


def _stamp(text: str) -> str:
    """A moment as events write it; SQLite keeps moments without their zone."""
    moment = datetime.fromisoformat(text)
    return shape.iso(moment if moment.tzinfo else moment.replace(tzinfo=UTC))
