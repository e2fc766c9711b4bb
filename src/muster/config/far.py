"""The log between machines (`MUSTER_LOG_URL`): who carries, who receives, and what is refused.

Without the setting nothing of NATS is even imported.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from django.conf import settings
from django.db import close_old_connections

from muster.events.far.address import LogAddress
from muster.events.spool import SpoolWriter
from muster.kit.errors import Refused, Unavailable
from muster.kit.words import _
from muster.people.identity.forgetting import forget_again
from muster.people.profile.hashing import address_hash
from muster.people.profile.models import Person

if TYPE_CHECKING:
    from muster.events.far.link import Limits
    from muster.events.far.receiver import Receiver

DRAIN_SECONDS = 4.0
"""So long a process that ends goes on carrying."""


class WrongLogUrl(Refused):
    """The setting says no place that we know."""

    code = "wrong_log_url"
    text = _(
        "MUSTER_LOG_URL is not understood: %(reason)s. Write nats://user:password@host:4222 or "
        "tls://…, several servers with commas between, or leave it empty; see the page “Growing "
        "up”."
    )


def log_address() -> LogAddress | None:
    """What the setting means; None if it is empty."""
    if not settings.LOG_URL:
        return None
    try:
        return LogAddress.from_url(settings.LOG_URL)
    except ValueError as error:
        raise WrongLogUrl(reason=str(error)) from None


@contextmanager
def carrying(writer: SpoolWriter, is_owned: Callable[[], bool]) -> Iterator[None]:
    """Bring what this folder keeps to the owner on another machine, if it has none itself."""
    address = log_address()
    if address is None or is_owned():
        yield
        return
    refuse_alone(is_owned)
    _refuse_another_secret()
    from muster.events.far.carrier import Carrier

    data = settings.DATA
    carrier = Carrier(
        address,
        data.spool,
        data.machine(),
        data.key("log"),
        state=data.carried,
        lock=data.carrying,
        writer=writer,
        is_owned=is_owned,
        keep_seconds=settings.LOG_KEEP_HOURS * 3600,
        limits=_limits(),
    )
    carrier.start()
    try:
        yield
    finally:
        writer.close()
        carrier.stop(DRAIN_SECONDS)


@contextmanager
def receiving() -> Iterator[Receiver | None]:
    """Take what other machines wrote, as the owner of the warehouse."""
    address = log_address()
    if address is None:
        yield None
        return
    from muster.events.far.receiver import Receiver

    data = settings.DATA
    receiver = Receiver(
        address,
        data.spool,
        data.machine(),
        data.key("log"),
        limits=_limits(),
        arrived=_forget_again,
    )
    receiver.start()
    try:
        yield receiver
    finally:
        receiver.stop()


def _limits() -> Limits:
    from muster.events.far.link import Limits

    return Limits(days=settings.LOG_DAYS, megabytes=settings.LOG_MEGABYTES)


def _forget_again(oldest: datetime) -> None:
    close_old_connections()
    try:
        forget_again(oldest)
    finally:
        close_old_connections()


def refuse_alone(is_owned: Callable[[], bool]) -> None:
    """A folder without an owner shares the record store with one that has, or nobody reads it."""
    if log_address() is not None and not settings.DATABASE_URL and not is_owned():
        raise Refused(
            _(
                "No server holds the data folder %(folder)s, so with MUSTER_LOG_URL this machine "
                "is one of several, and they share one record store: set MUSTER_DATABASE_URL to "
                "the PostgreSQL of the others, or start `muster up` here first."
            ),
            folder=settings.DATA.root,
        )


def _refuse_another_secret() -> None:
    known = Person.objects.exclude(email_hash="").exclude(email="").first()
    if known is not None and address_hash("email", known.email) != known.email_hash:
        raise Refused(
            _(
                "This machine has another secret than the one that wrote the record store: links "
                "in messages and the list of those who want no messages would not be understood. "
                "Copy the file secret.key of the owner's data folder to %(file)s and start again."
            ),
            file=settings.DATA.root / "secret.key",
        )


def look(address: LogAddress) -> tuple[str, bool]:
    """What is to be said of the NATS there, and whether it is well; raises Unavailable."""
    from muster.events.far.link import Trouble, look

    try:
        seen = look(address, settings.DATA.machine(), settings.DATA.key("log"))
    except Trouble as trouble:
        raise Unavailable(str(trouble).replace("%", "%%")) from trouble
    if not seen.owner:
        return f"{address} answers, but no owner takes the log: start `muster up` or web", False
    who = "this machine" if seen.owner == settings.DATA.machine() else "another machine"
    return f"{address} answers; {who} takes the log, {seen.messages:,} messages wait", True


@dataclass(frozen=True)
class Carried:
    """What the carrier of this folder last wrote down."""

    connected: bool
    trouble: str
    waiting_bytes: int
    confirmed_at: str | None


def carried() -> Carried | None:
    """How far the log of this folder is; None if nothing was ever carried from here."""
    try:
        said = json.loads(settings.DATA.carried.read_text())
    except (OSError, ValueError):
        return None
    return Carried(
        bool(said.get("connected")),
        str(said.get("trouble", "")),
        int(said.get("waiting_bytes", 0)),
        said.get("confirmed_at"),
    )
