"""What is done again and again while the server runs; parts say it in `<subject>/jobs.py`."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TypeAlias

from django.db import close_old_connections

log = logging.getLogger("muster.jobs")

Work: TypeAlias = Callable[[datetime], object]


@dataclass
class Repeated:
    """Work that is due every so often; a call with the present moment does it if it is."""

    work: Work
    every: timedelta
    beside: bool
    only_if: Callable[[datetime], bool] | None
    _last: datetime | None = None
    _busy: threading.Lock = field(default_factory=threading.Lock)

    def __call__(self, now: datetime) -> None:
        is_early = self._last is not None and now - self._last < self.every
        if is_early or self._busy.locked():
            return
        self._last = now
        if self.only_if is not None and not self.only_if(now):
            return
        if self.beside:
            name = self.work.__name__
            threading.Thread(target=self._alone, args=(now,), name=name, daemon=True).start()
        else:
            self.work(now)

    def _alone(self, now: datetime) -> None:
        with self._busy:
            try:
                self.work(now)
            except Exception:
                log.exception("%s stumbled; trying again", self.work.__name__)
            finally:
                close_old_connections()


REPEATED: list[Repeated] = []
"""All of it; the clock calls each every second."""


def repeated(
    *,
    every: timedelta = timedelta(0),
    beside: bool = False,
    only_if: Callable[[datetime], bool] | None = None,
) -> Callable[[Work], Work]:
    """Do this every so often, or every second, with the present moment.

    The clock waits for it, unless it goes on in a thread `beside` it, where it may take long; it is
    never done twice at once. `only_if` asks whether there is anything to do.
    """

    def register(work: Work) -> Work:
        REPEATED.append(Repeated(work, every, beside, only_if))
        return work

    return register
