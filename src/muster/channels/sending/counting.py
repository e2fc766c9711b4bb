"""How far a send is (CH9): people per state, failures per reason, speed; it always adds up."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Count
from django.utils import timezone

from muster.channels.decide.rules import LABELS, Reason
from muster.channels.sending.models import Recipient, Send
from muster.kit.words import _

State = Recipient.State
SPEED_WINDOW = timedelta(seconds=10)
CAUSES = {
    "bad_address": _("The address does not exist"),
    "refused": _("The mail server refused the message"),
    "temporary": _("The mail server asked to try later, until we gave up"),
    "no_answer": _("Handed over, but the answer was lost"),
    "interrupted": _("Handed over while the sender was cut off"),
}
"""Why a message failed or its outcome is unknown."""


def reason_label(reason: str) -> str:
    """A reason in English words, marked for translation."""
    if reason in CAUSES:
        return CAUSES[reason]
    known = {str(member) for member in Reason}
    return LABELS[Reason(reason)] if reason in known else reason


@dataclass(frozen=True)
class Progress:
    """Where the people of a send are; the counts of the states add up to the audience."""

    counts: Mapping[str, int]
    audience: int
    per_second: float
    """Messages handed over in the last seconds."""

    @property
    def meant(self) -> int:
        """Those who are to get it, or were."""
        return self.audience - self.counts["skipped"] - self.counts["held_out"]

    @property
    def settled(self) -> int:
        """Those of them about whom nothing is open any more."""
        return self.meant - sum(self.counts[state] for state in Recipient.OPEN)

    @property
    def seconds_left(self) -> int | None:
        """How long the rest takes at the present speed; None when nothing moves."""
        left = self.meant - self.settled
        return round(left / self.per_second) if self.per_second and left else None


def progress(send: Send, now: datetime | None = None) -> Progress:
    """Count the states of a send; zero everywhere before it is frozen."""
    now = now or timezone.now()
    found: Counter[str] = Counter(
        dict(
            Recipient.objects.filter(send=send)
            .order_by()
            .values_list("state")
            .annotate(people=Count("id"))
        )
    )
    counts = {str(state): found[str(state)] for state in State}
    speed = 0.0
    if send.status == Send.Status.SENDING:
        recent = Recipient.objects.filter(
            send=send, state=State.SENT, sent_at__gt=now - SPEED_WINDOW
        ).count()
        speed = recent / SPEED_WINDOW.total_seconds()
    return Progress(counts, sum(counts.values()), speed)


def causes(send: Send, states: Iterable[str]) -> list[tuple[str, str, int]]:
    """Reason, its label, and how many: of the rows in these states, the most frequent first."""
    rows = (
        Recipient.objects.filter(send=send, state__in=list(states))
        .order_by()
        .values_list("reason")
        .annotate(people=Count("id"))
    )
    return [
        (reason, reason_label(reason), people)
        for reason, people in sorted(rows, key=lambda row: -row[1])
    ]


def answers(send: Send, limit: int = 5) -> list[tuple[int, str, int]]:
    """Code, words of the mail server, and how many failures: the most frequent first."""
    rows = (
        Recipient.objects.filter(send=send, state=State.FAILED)
        .order_by()
        .values_list("code", "answer")
        .annotate(people=Count("id"))
        .order_by("-people")[:limit]
    )
    return [(code or 0, answer, people) for code, answer, people in rows]
