"""Live segments are brought up to date every minute, and checked by night (PE4)."""

from __future__ import annotations

from datetime import datetime, timedelta

from muster.people.segments.checking import check
from muster.people.segments.models import Segment
from muster.people.segments.refreshing import refresh
from muster.team.jobs.repeating import repeated
from muster.team.users.models import Workspace

NIGHT = range(2, 6)
"""Hours of the workspace in which the check is done, when few people work."""


@repeated(every=timedelta(minutes=1), beside=True)
def keep_segments_true(now: datetime) -> None:
    """Bring them up to date; the first time may take long."""
    refresh(now)
    if check_is_due(now):
        check(now)


def check_is_due(now: datetime) -> bool:
    """Once a night, for as long as there is a live segment."""
    local = now.astimezone(Workspace.here().zone)
    if local.hour not in NIGHT:
        return False
    midnight = local.replace(hour=0, minute=0, second=0, microsecond=0)
    live = Segment.objects.filter(deleted_at=None, kind=Segment.Kind.LIVE)
    return live.exists() and not live.filter(checked_at__gte=midnight).exists()
