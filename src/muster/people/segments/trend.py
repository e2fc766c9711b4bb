"""How many people were in a segment day by day (PE4), as far as it was recorded."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from muster.people.segments.models import Segment, SegmentSize

DAYS = 30


@dataclass(frozen=True)
class Point:
    """The end of a day, or of today so far."""

    day: date
    people: int | None
    """None where nothing was recorded: Muster did not run, or the segment was not there yet."""


def record(segments: Iterable[Segment], now: datetime, zone: ZoneInfo) -> None:
    """Keep how many are in these segments, which were just brought up to date, for the day."""
    numbers = [segment.pk for segment in segments]
    sizes = Segment.objects.filter(pk__in=numbers).values_list("pk", "size")
    day = now.astimezone(zone).date()
    SegmentSize.objects.bulk_create(
        [SegmentSize(segment_id=pk, day=day, people=size) for pk, size in sizes],
        update_conflicts=True,
        unique_fields=["segment", "day"],
        update_fields=["people"],
    )


def trend(segment: Segment, today: date, days: int = DAYS) -> list[Point]:
    """The last days, today last."""
    first = today - timedelta(days=days - 1)
    rows = segment.sizes.filter(day__gte=first, day__lte=today)
    known = dict(rows.values_list("day", "people"))
    return [Point(day, known.get(day)) for day in (first + timedelta(days=n) for n in range(days))]
