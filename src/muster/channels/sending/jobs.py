"""What repeats for sends: the scheduled ones begin when their time has come (CH1)."""

from __future__ import annotations

from datetime import datetime

from muster.channels.sending.actions import start_due
from muster.channels.sending.telling import tell_what_ended
from muster.team.jobs.repeating import repeated


@repeated()
def start_scheduled(now: datetime) -> None:
    """Begin the sends whose time has come."""
    start_due(now)


@repeated()
def tell_people(now: datetime) -> None:
    """Who started a send hears that it ended, or that it waits for them."""
    tell_what_ended(now)
