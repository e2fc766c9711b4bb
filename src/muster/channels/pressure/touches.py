"""Who gets which message on which day (PL7): past sends are read, planned ones are asked."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
from django.db import connection
from django.db.models import Max, QuerySet
from django.db.models.functions import TruncDate

from muster.channels.decide import asking
from muster.channels.pressure.rules import People, Touch
from muster.channels.sending.drawing import draw
from muster.channels.sending.models import Recipient, Send
from muster.channels.sending.review import terms_of
from muster.kit.errors import Refused
from muster.plan.campaigns.models import Campaign
from muster.team.users.models import User

MOST = 120
"""Planned sends that are looked at, the earliest first."""
PLANNED = (*Send.EDITABLE, Send.Status.SCHEDULED)


@dataclass(frozen=True)
class Touches:
    """What is known, and the sends about which nothing can be said now."""

    known: tuple[Touch, ...]
    unknown: tuple[str, ...]


def touches(user: User, since: date, until: date, zone: ZoneInfo, now: datetime) -> Touches:
    """Every message that left or is planned on these days."""
    begin = datetime.combine(since, time.min, zone)
    end = datetime.combine(until + timedelta(days=1), time.min, zone)
    rows = Send.objects.filter(
        campaign__in=Campaign.objects.visible_to(user),
        status__in=PLANNED,
        frozen_at=None,
        starts_at__gt=now,
        starts_at__lt=end,
    ).order_by("starts_at", "pk")[:MOST]
    ahead = planned(rows, zone, now)
    known = (*_past(begin, min(end, now), zone), *_under_way(now, zone), *ahead.known)
    return Touches(known, ahead.unknown)


def planned(rows: QuerySet[Send], zone: ZoneInfo, now: datetime) -> Touches:
    """What these sends will do, as far as it can be told now."""
    known, unknown = [], []
    for send in rows.select_related("campaign", "segment").prefetch_related("variants"):
        try:
            known.append(_planned(send, zone, now))
        except Refused:  # its segment leans on one that is gone, or nobody is known yet
            unknown.append(send.name)
    return Touches(tuple(known), tuple(unknown))


def eligible(send: Send, now: datetime) -> People:
    """Those who would get it as far as they themselves are concerned: consent, address, hold-out.

    The weekly limit and the quiet hours depend on what else is sent until then and are left out.
    """
    query, parameters = _left(send, now)
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT person_id FROM ({query}) d WHERE reason IS NULL ORDER BY person_id",  # noqa: S608
            parameters,
        )
        return np.fromiter((person for (person,) in cursor.fetchall()), dtype=np.int64)


def languages(send: Send, now: datetime) -> dict[str, int]:
    """Language → how many of the same people read it, as their profiles say; "" where none does."""
    query, parameters = _left(send, now)
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT p.language, count(*) FROM ({query}) d"  # noqa: S608
            " JOIN people_person p ON p.id = d.person_id"
            " WHERE d.reason IS NULL GROUP BY p.language",
            parameters,
        )
        return dict(cursor.fetchall())


@dataclass(frozen=True)
class Footing:
    """On what ground a send reaches its people."""

    left_out: int
    """Those who would get it, were their address not on the suppression list."""
    suppressed: int
    """Those on the list who would get it all the same: nobody, unless the rules are broken."""
    proven: int
    """Those whose yes names its proof or the words they agreed to."""
    unproven: int
    silent: int
    """Those who said nothing, where the law lets us write to them."""


def footing(send: Send, now: datetime) -> Footing:
    """How many of its people stand on the suppression list, and what their consent rests on."""
    query, parameters = _left(send, now)
    blank = "CAST({0}.proof AS text) = '{{}}' AND {0}.text_version = ''"
    said = "(ce.id IS NOT NULL OR te.id IS NOT NULL)"
    proven = " OR ".join(f"({e}.id IS NOT NULL AND NOT ({blank.format(e)}))" for e in ("ce", "te"))
    counts = ", ".join(
        f"coalesce(sum(CASE WHEN {case} THEN 1 ELSE 0 END), 0)"
        for case in (
            "x.id IS NOT NULL AND d.reason IS NOT NULL",
            "x.id IS NOT NULL AND d.reason IS NULL",
            f"d.reason IS NULL AND ({proven})",
            f"d.reason IS NULL AND {said} AND NOT ({proven})",
            f"d.reason IS NULL AND NOT {said}",
        )
    )
    valid = "{0}.state = 'granted' AND ({0}.expires_at IS NULL OR {0}.expires_at > %(now)s)"
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT {counts} FROM ({query}) d"  # noqa: S608
            " JOIN people_person p ON p.id = d.person_id"
            " LEFT JOIN people_suppression x ON x.channel = %(channel)s"
            " AND x.address_hash = p.email_hash AND p.email_hash <> ''"
            " LEFT JOIN people_consentstate c ON c.person_id = d.person_id"
            f" AND c.channel = %(channel)s AND c.purpose = %(purpose)s AND {valid.format('c')}"
            " LEFT JOIN people_consententry ce ON ce.id = c.entry_id"
            " LEFT JOIN people_topicstate t ON t.person_id = d.person_id AND t.topic_id = %(topic)s"
            f" AND t.channel = %(channel)s AND t.purpose = %(purpose)s AND {valid.format('t')}"
            " LEFT JOIN people_consententry te ON te.id = t.entry_id",
            parameters,
        )
        return Footing(*(int(number) for number in cursor.fetchone() or (0,) * 5))


def _left(send: Send, now: datetime) -> tuple[str, dict[str, Any]]:
    terms = replace(terms_of(send, now), counting=False, quiet_from=None, quiet_until=None)
    return asking.plan(draw(send).codes, terms)


def _planned(send: Send, zone: ZoneInfo, now: datetime) -> Touch:
    moment = send.starts_at or now
    return _touch(send, moment, zone, eligible(send, now), planned=True)


def _past(begin: datetime, end: datetime, zone: ZoneInfo) -> Iterator[Touch]:
    rows = Recipient.objects.filter(
        state__in=Recipient.COUNTS_FOR_CAP, sent_at__gte=begin, sent_at__lt=end
    )
    # Days on which a send was at work: few, however many people it reached.
    groups = list(
        rows.annotate(day=TruncDate("sent_at", tzinfo=zone))
        .values_list("send_id", "day")
        .annotate(last=Max("sent_at"))
        .order_by("day", "send_id")
    )
    sends = Send.objects.select_related("campaign").in_bulk({send for send, _day, _last in groups})
    for number, day, last in groups:
        first = datetime.combine(day, time.min, zone)
        mine = rows.filter(
            send_id=number, sent_at__gte=first, sent_at__lt=first + timedelta(days=1)
        )
        yield _touch(sends[number], last, zone, _numbers(mine), planned=False)


def _under_way(now: datetime, zone: ZoneInfo) -> Iterator[Touch]:
    for send in Send.objects.at_work().select_related("campaign"):
        waiting = Recipient.objects.filter(
            send=send, state__in=[Recipient.State.QUEUED, Recipient.State.RETRY]
        )
        people = _numbers(waiting)
        if len(people):
            yield _touch(send, now, zone, people, planned=False)


def _touch(send: Send, moment: datetime, zone: ZoneInfo, people: People, *, planned: bool) -> Touch:
    return Touch(
        key=f"sends:{send.public_id}",
        title=send.name,
        campaign=send.campaign_id,
        campaign_name=send.campaign.name,
        moment=moment,
        day=moment.astimezone(zone).date(),
        people=people,
        planned=planned,
        movable=planned,
    )


def _numbers(rows: object) -> People:
    found = rows.order_by("person_id").values_list("person_id", flat=True)  # type: ignore[attr-defined]
    return np.unique(np.fromiter(found.iterator(20_000), dtype=np.int64))
