"""Every few seconds: is it time for the stand-up page?"""

from __future__ import annotations

import logging
import threading
from datetime import datetime, timedelta

from django.db import close_old_connections
from django.utils import timezone

from muster.plan.standup.posting import is_due, post_due
from muster.team.jobs.registry import repeated

log = logging.getLogger("muster.standup")
_EVERY = timedelta(seconds=10)
_last: list[datetime] = []
_busy = threading.Lock()


@repeated
def post_the_page(now: datetime) -> None:
    """Post in a thread of its own: a slow chat service must not hold up the clock."""
    if (_last and now - _last[0] < _EVERY) or _busy.locked():
        return
    _last[:] = [now]
    if is_due(now):
        threading.Thread(target=_post, name="stand-up", daemon=True).start()


def _post() -> None:
    with _busy:
        try:
            post_due(timezone.now())
        except Exception:
            log.exception("The stand-up page stumbled")
        finally:
            close_old_connections()
