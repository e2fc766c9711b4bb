"""The review (CH8): from the audience, reason by reason, to those who will get the message."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db import connection
from django.db.models import Count
from django.utils import timezone

from muster.channels.decide import asking
from muster.channels.decide.asking import Terms
from muster.channels.decide.rules import HELD_OUT_GROUP, LABELS, PLANNED, Effect, Reason
from muster.channels.sending.drawing import Drawn, draw
from muster.channels.sending.models import Recipient, Send, Variant
from muster.team.users.models import Workspace

_RARE = (Reason.ERASED, Reason.NO_VARIANT)


@dataclass(frozen=True)
class Line:
    """One reason, how many it takes away, and how many are left after it."""

    reason: str
    label: str
    """English, marked for translation."""
    lost: int
    left: int


@dataclass(frozen=True)
class Group:
    """How many get one variant."""

    variant: Variant
    people: int


@dataclass(frozen=True)
class Review:
    """Who gets a send and who does not; audience = losses + held out + left, always."""

    audience: int
    lines: tuple[Line, ...]
    """Every reason that is looked at before a send, in order, the hold-out among them."""
    left: int
    """How many will get it."""
    later: int
    """How many of them only after their quiet hours."""
    held_out: int
    groups: tuple[Group, ...]
    as_of: datetime
    frozen: bool

    @property
    def emptied_by(self) -> Line | None:
        """The reason that took away the last ones, when nobody is left."""
        if self.left or not self.audience:
            return None
        return next((line for line in self.lines if line.lost and not line.left), None)

    @property
    def shown(self) -> tuple[Line, ...]:
        """The lines for a page: the rare reasons only where they took somebody away."""
        return tuple(line for line in self.lines if line.lost or line.reason not in _RARE)

    @property
    def lost(self) -> int:
        return self.audience - self.left


def review(send: Send, now: datetime | None = None, drawn: Drawn | None = None) -> Review:
    """Judge the audience as it is now; of a send that has begun, what was frozen then."""
    now = now or timezone.now()
    if send.frozen_at is not None:
        return _frozen(send)
    drawn = drawn or draw(send)
    query, parameters = asking.plan(drawn.codes, terms_of(send, now))
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT reason, grp, count(*) FROM ({query}) d GROUP BY reason, grp",  # noqa: S608
            parameters,
        )
        rows = cursor.fetchall()
    return _review(
        ((reason or "", group, people) for reason, group, people in rows),
        dict(enumerate(drawn.variants, start=1)),
        as_of=now,
        frozen=False,
    )


def terms_of(send: Send, now: datetime, *, not_approved: bool = False) -> Terms:
    """What holds for this send: quiet hours are judged for the moment at which it is to begin."""
    moment = max(now, send.starts_at) if send.starts_at else now
    return Terms.of(
        Workspace.here(),
        channel=send.channel,
        purpose=send.purpose,
        now=moment,
        not_approved=not_approved,
        topic=send.topic_id,
    )


def people_behind(
    send: Send, reason: str, *, limit: int, after: int = 0, drawn: Drawn | None = None
) -> list[int]:
    """Some of the people whom a reason keeps from the message, or (reason "") who get it."""
    if send.frozen_at is not None:
        rows = Recipient.objects.filter(send=send, person_id__gt=after)
        if reason == Reason.HELD_OUT:
            rows = rows.filter(state=Recipient.State.HELD_OUT)
        elif reason:
            rows = rows.filter(state=Recipient.State.SKIPPED, reason=reason)
        else:
            rows = rows.exclude(state__in=[Recipient.State.SKIPPED, Recipient.State.HELD_OUT])
        return list(rows.order_by("person_id").values_list("person_id", flat=True)[:limit])
    drawn = drawn or draw(send)
    query, parameters = asking.plan(drawn.codes, terms_of(send, timezone.now()))
    wanted = "reason = %(reason)s" if reason else "(reason IS NULL OR reason = 'quiet')"
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT person_id FROM ({query}) d WHERE person_id > %(after)s AND {wanted}"  # noqa: S608
            " ORDER BY person_id LIMIT %(limit)s",
            {**parameters, "reason": reason, "after": after, "limit": limit},
        )
        return [person for (person,) in cursor.fetchall()]


def _frozen(send: Send) -> Review:
    rows = (
        Recipient.objects.filter(send=send)
        .values_list("state", "reason", "variant_id")
        .annotate(people=Count("id"))
        .order_by()
    )
    places = {variant.pk: place for place, variant in enumerate(send.variants.all(), start=1)}
    held = Recipient.State.HELD_OUT
    skipped = Recipient.State.SKIPPED

    def turned() -> Iterable[tuple[str, int, int]]:
        for state, reason, variant, people in rows:
            why = Reason.HELD_OUT if state == held else reason if state == skipped else ""
            yield why, places.get(variant, HELD_OUT_GROUP), people

    return _review(
        turned(),
        dict(enumerate(send.variants.all(), start=1)),
        as_of=send.frozen_at or timezone.now(),
        frozen=True,
    )


def _review(
    rows: Iterable[tuple[str, int, int]],
    variants: dict[int, Variant],
    *,
    as_of: datetime,
    frozen: bool,
) -> Review:
    lost: Counter[str] = Counter()
    getting: Counter[int] = Counter()
    later = 0
    for reason, group, people in rows:
        if reason in ("", Reason.QUIET):
            getting[group] += people
            later += people if reason else 0
        else:
            lost[reason] += people
    left = audience = sum(lost.values()) + sum(getting.values())
    lines = []
    # Reasons of the fence appear only once they have taken somebody away.
    planned = [rule.reason for rule in PLANNED if rule.effect is Effect.DROP]
    for reason in [*planned, *(found for found in lost if found not in planned)]:
        left -= lost[reason]
        lines.append(Line(str(reason), LABELS[Reason(reason)], lost[reason], left))
    groups = tuple(Group(variant, getting[place]) for place, variant in variants.items())
    return Review(
        audience=audience,
        lines=tuple(lines),
        left=left,
        later=later,
        held_out=lost[Reason.HELD_OUT],
        groups=groups,
        as_of=as_of,
        frozen=frozen,
    )
