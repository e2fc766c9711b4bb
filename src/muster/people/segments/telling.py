"""Tells the event log who came into a segment and who left (PE4): each once, whatever is killed."""

from __future__ import annotations

import hashlib
import hmac

from django.conf import settings

from muster.events import names, shape
from muster.kit import ids
from muster.people.segments.models import SegmentMove
from muster.team import stores

_BATCH = 5_000


def tell() -> int:
    """Put every move that the log has not yet into it; how many.

    The history is written first and marked as told afterwards. Killed between, the same events are
    written again with the same ids, and count once.
    """
    count = 0
    while moves := list(
        SegmentMove.objects.filter(told=False).select_related("segment").order_by("id")[:_BATCH]
    ):
        key = settings.DATA.key("segments")
        stores.emit([_event(move, key) for move in moves])
        SegmentMove.objects.filter(pk__in=[move.pk for move in moves]).update(told=True)
        count += len(moves)
    return count


def _event(move: SegmentMove, key: bytes) -> bytes:
    said = f"{move.pk} {move.segment_id} {move.person_id} {move.entered} {shape.iso(move.at)}"
    return shape.event(
        names.SEGMENT_ENTERED if move.entered else names.SEGMENT_LEFT,
        person_id=move.person_id,
        properties={
            "segment": ids.public("segment", move.segment_id),
            "segment_name": move.segment.name,
            "cause": move.cause,
        },
        at=move.at,
        message_id=hmac.digest(key, said.encode(), hashlib.sha256).hex()[:32],
    )
