"""Live segments are brought up to date every minute, and checked by night (PE4)."""

from __future__ import annotations

import logging
import threading
from datetime import datetime, timedelta

from django.db import close_old_connections

from muster.kit import clock
from muster.people.segments.checking import check
from muster.people.segments.models import Segment
from muster.people.segments.refreshing import refresh
from muster.team.jobs.registry import repeated
from muster.team.users.models import Workspace

log = logging.getLogger(__name__)

EVERY = timedelta(seconds=60)
NIGHT = range(2, 6)
"""Hours of the workspace in which the check is done, when few people work."""
_busy = threading.Lock()
_last: list[datetime] = []


@repeated
def keep_segments_true(now: datetime) -> None:
    """Work in a thread of its own: the first time may take long, and the clock must not wait."""
    if _busy.locked() or (_last and now - _last[0] < EVERY):
        return
    _last[:] = [now]
    threading.Thread(target=_work, name="segments", daemon=True).start()


def _work() -> None:
    with _busy:
        try:
            now = clock.now()
            refresh(now)
            if check_is_due(now):
                check(now)
        except Exception:
            log.exception("The segments could not be brought up to date; trying again")
        finally:
            close_old_connections()


def check_is_due(now: datetime) -> bool:
    """Once a night, for as long as there is a live segment."""
    local = now.astimezone(Workspace.here().zone)
    if local.hour not in NIGHT:
        return False
    midnight = local.replace(hour=0, minute=0, second=0, microsecond=0)
    live = Segment.objects.filter(deleted_at=None, kind=Segment.Kind.LIVE)
    return live.exists() and not live.filter(checked_at__gte=midnight).exists()
