"""Live segments are brought up to date every minute, and checked by night (PE4)."""

from __future__ import annotations

import logging
import threading
from datetime import datetime, timedelta

from django.db import close_old_connections

from muster.kit import clock
from muster.people.segments.refreshing import refresh
from muster.team.jobs.registry import repeated

log = logging.getLogger(__name__)

EVERY = timedelta(seconds=60)
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
            refresh(clock.now())
        except Exception:
            log.exception("The segments could not be brought up to date; trying again")
        finally:
            close_old_connections()
