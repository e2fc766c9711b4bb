"""The sweeper (CH9): settles what a dead sender left behind, from its journal; runs for ever.

Ended: the result it wrote down. Begun: unknown, and never sent again by itself. Not begun: back
into the queue. A sender that is only silent still holds the lock of its journal and is left alone:
nobody but itself knows what it is about to do, and it gives back its messages when it wakes.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

from muster.channels.sending import claims, journal
from muster.channels.sending.claims import Result
from muster.channels.sending.models import Recipient, Send
from muster.channels.sending.news import announce

FAR_AWAY = timedelta(minutes=15)
"""When a sender on another machine, whose journal we cannot read, is taken for dead."""
KEEP_JOURNALS = timedelta(days=7)
State = Recipient.State


def sweep(folder: Path, now: datetime, *, myself: str = "") -> int:
    """Settle the messages of every sender that is gone; returns how many moved."""
    moved = 0
    for send in Send.objects.filter(
        status__in=[Send.Status.SENDING, Send.Status.PAUSED, Send.Status.STOPPED]
    ):
        claimed = Recipient.objects.filter(send=send, state=State.CLAIMED).exclude(owner=myself)
        for owner in list(claimed.order_by().values_list("owner", flat=True).distinct()):
            moved += _sweep_owner(folder, send, owner, now)
    for send in Send.objects.filter(recipients__announced=False).distinct():
        rows = Recipient.objects.filter(send=send, announced=False).order_by()
        for owner in list(rows.values_list("owner", flat=True).distinct()):
            if owner != myself and journal.is_alive(folder, owner) is not True:
                announce(send, owner=owner)
    return moved


def _sweep_owner(folder: Path, send: Send, owner: str, now: datetime) -> int:
    alive = journal.is_alive(folder, owner)
    rows = Recipient.objects.filter(send=send, owner=owner, state=State.CLAIMED)
    if alive:
        return 0
    if alive is None:
        lost = rows.filter(lease_until__lt=now - FAR_AWAY).values_list("pk", "attempt")
        return claims.settle(owner, [_unknown(pk, attempt, now) for pk, attempt in lost])
    account = journal.read(folder, owner)
    results = []
    for pk, attempt in rows.values_list("pk", "attempt").iterator(chunk_size=claims.MOST):
        found = account.of((pk, attempt))
        if isinstance(found, journal.Ending):
            results.append(
                Result(
                    pk,
                    attempt,
                    found.state,
                    reason=found.reason,
                    code=found.code or None,
                    answer=found.answer,
                    at=found.at,
                    due_at=found.at + timedelta(minutes=5) if found.state == State.RETRY else None,
                )
            )
        elif found == "begun":
            results.append(_unknown(pk, attempt, now))
        else:
            results.append(Result(pk, attempt, State.QUEUED, back=True))
    return claims.settle(owner, results)


def _unknown(recipient: int, attempt: int, now: datetime) -> Result:
    return Result(recipient, attempt, State.UNKNOWN, reason="interrupted", at=now)


def tidy(folder: Path, now: datetime) -> None:
    """Remove the journals of senders that are gone for long and left nothing open."""
    for owner in journal.owners(folder):
        age = now.timestamp() - (folder / f"{owner}.log").stat().st_mtime
        if age < KEEP_JOURNALS.total_seconds() or journal.is_alive(folder, owner) is not False:
            continue
        if not Recipient.objects.filter(owner=owner, state=State.CLAIMED).exists():
            journal.forget(folder, [owner])
