"""`muster reconcile` (CH9): what became of messages, from the send journals of this machine.

The journals live outside the record store. So after a restore they still know of messages that the
record store takes for waiting: those are not sent a second time.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import islice
from pathlib import Path
from typing import Any

from django.db import transaction
from django.utils import timezone

from muster.channels.sending import claims, journal
from muster.channels.sending.claims import Result
from muster.channels.sending.models import Recipient
from muster.channels.sending.sweeping import sweep
from muster.kit import ids
from muster.people.profile.given import BATCH
from muster.team.users.models import Workspace

State = Recipient.State
_WAITING = (State.QUEUED, State.RETRY)


def reconcile(folder: Path) -> dict[str, Any]:
    """Settle what the journals know; the messages of which nobody knows what became."""
    settled: Counter[str] = Counter(_settle_unknown(folder))
    if Workspace.here().halted:
        settled.update(follow_journals(folder))
    sweep(folder, timezone.now())
    rows = Recipient.objects.filter(state=State.UNKNOWN).select_related("send").order_by("pk")
    return {
        "settled": {state: settled[state] for state in (State.SENT, State.FAILED, State.UNKNOWN)},
        "unknown": [
            {
                "send": row.send.public_id,
                "name": row.send.name,
                "person": ids.public("person", row.person_id),
                "message_id": row.key,
                "at": row.sent_at,
                "reason": row.reason,
            }
            for row in rows.iterator(chunk_size=claims.MOST)
        ],
        "held": Workspace.here().halted,
    }


def follow_journals(folder: Path) -> dict[str, int]:
    """After a restore: take over what senders did that the record store does not know of."""
    settled: Counter[str] = Counter()
    for owner in journal.owners(folder):
        if journal.is_alive(folder, owner):
            continue
        account = journal.read(folder, owner)
        last = datetime.fromtimestamp((folder / f"{owner}.log").stat().st_mtime, UTC)
        done = iter(sorted(account.begun | set(account.ended) | account.claimed))
        while part := list(islice(done, BATCH)):
            results = list(_unheard_of(part, account, last))
            with transaction.atomic():
                for result in results:
                    # Taken over under the name of the one who did it, as if just claimed by it.
                    Recipient.objects.filter(pk=result.recipient, state__in=_WAITING).update(
                        state=State.CLAIMED, owner=owner, attempt=result.attempt, due_at=None
                    )
                claims.settle(owner, results)
            settled.update(result.state for result in results)
    return dict(settled)


def _unheard_of(
    pieces: list[journal.Piece], account: journal.Account, last: datetime
) -> Iterator[Result]:
    rows = {
        row.pk: row
        for row in Recipient.objects.filter(
            pk__in=[number for number, _attempt in pieces], state__in=_WAITING
        ).select_related("send")
    }
    latest = dict(pieces)  # sorted: the last attempt wins
    for number, attempt in latest.items():
        row = rows.get(number)
        # A journal from before the list was frozen speaks of another message of that number.
        if row is None or attempt <= row.attempt or row.send.frozen_at is None:
            continue
        found = account.of((number, attempt))
        at = found.at if isinstance(found, journal.Ending) else last
        if found != "not_begun" and at >= row.send.frozen_at:
            yield _result(number, attempt, found, at)


def _settle_unknown(folder: Path) -> dict[str, int]:
    """Messages that counted as unknown, and whose end is written in a journal all the same."""
    settled: Counter[str] = Counter()
    rows = Recipient.objects.filter(state=State.UNKNOWN).order_by()
    for owner in list(rows.values_list("owner", flat=True).distinct()):
        if journal.is_alive(folder, owner) is not False:
            continue
        account = journal.read(folder, owner)
        results = [
            _result(pk, attempt, found, found.at)
            for pk, attempt in rows.filter(owner=owner).values_list("pk", "attempt")
            if isinstance(found := account.ended.get((pk, attempt)), journal.Ending)
            and found.state != State.UNKNOWN
        ]
        claims.settle(owner, results)
        settled.update(result.state for result in results)
    return dict(settled)


def _result(number: int, attempt: int, found: journal.Ending | str, at: datetime) -> Result:
    if not isinstance(found, journal.Ending):
        return Result(number, attempt, State.UNKNOWN, reason="interrupted", at=at)
    return Result(
        number,
        attempt,
        found.state,
        reason=found.reason,
        code=found.code or None,
        answer=found.answer,
        at=found.at,
        due_at=found.at + timedelta(minutes=5) if found.state == State.RETRY else None,
    )
