"""Asks the list of reasons: of a whole audience before a send, of a chunk just before it begins."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo, available_timezones

import numpy as np
from django.db import connection

from muster.channels.decide import rules
from muster.people.consent.terms import codes_of
from muster.people.consent.terms import terms as consent_terms
from muster.team.users.models import Workspace

CAP_WINDOW = timedelta(days=7)


@dataclass(frozen=True)
class Terms:
    """What holds for a whole send at one moment."""

    channel: str
    purpose: str
    now: datetime
    per_week: int
    zone: str
    quiet_from: time | None = None
    quiet_until: time | None = None
    halted: bool = False
    not_approved: bool = False
    counting: bool = True
    """Whether what they got within the week counts."""
    topic: int | None = None
    """The number of the topic that the send names."""
    silence: bool = False
    """Whether the law lets us write to people who said neither yes nor no."""
    strict_codes: tuple[str, ...] = ()
    """Calling codes of countries whose law does not, whatever holds here."""
    free_codes: tuple[str, ...] = ()
    """Calling codes of countries whose law does."""

    @classmethod
    def of(
        cls,
        workspace: Workspace,
        *,
        channel: str,
        purpose: str,
        now: datetime,
        not_approved: bool = False,
        topic: int | None = None,
    ) -> Terms:
        """The terms that the workspace sets, and the law that it goes by."""
        law = consent_terms()
        codes: dict[bool, list[str]] = {True: [], False: []}
        for countries, rule in law.elsewhere(purpose):
            codes[rule.allows_silence] += codes_of(countries)
        return cls(
            channel=channel,
            purpose=purpose,
            now=now,
            per_week=workspace.messages_per_week,
            zone=workspace.time_zone,
            quiet_from=workspace.quiet_from,
            quiet_until=workspace.quiet_until,
            halted=workspace.halted,
            not_approved=not_approved,
            topic=topic,
            silence=law.rule(purpose).allows_silence,
            strict_codes=tuple(codes[False]),
            free_codes=tuple(codes[True]),
        )

    @property
    def quiet_zones(self) -> tuple[str, ...]:
        """The time zones in which nobody is to be disturbed now."""
        if self.quiet_from is None or self.quiet_until is None:
            return ()
        return _quiet_zones(
            self.now.replace(second=0, microsecond=0), self.quiet_from, self.quiet_until
        )

    def quiet_ends(self, zone: str) -> datetime:
        """When the quiet hours of this zone are over."""
        if self.quiet_until is None:
            return self.now
        try:
            place = ZoneInfo(zone or self.zone)
        except (KeyError, ValueError):
            place = ZoneInfo(self.zone)
        local = self.now.astimezone(place)
        end = datetime.combine(local.date(), self.quiet_until, place)
        if end <= local:
            end = datetime.combine(local.date() + timedelta(days=1), self.quiet_until, place)
        return end.astimezone(UTC)


def engine() -> rules.Engine:
    """How this database writes what the two write differently."""
    return rules.SQLITE if connection.vendor == "sqlite" else rules.POSTGRESQL


def coded(people: np.ndarray[Any, Any], groups: np.ndarray[Any, Any]) -> list[int]:
    """A person and their group in one number each: the form in which an audience is handed over."""
    numbers: list[int] = (people.astype(np.int64) * rules.GROUPS + groups).tolist()
    return numbers


def plan(codes: Sequence[int], terms: Terms) -> tuple[str, dict[str, Any]]:
    """The query of `rules.plan` for this audience, and its parameters."""
    split = f"{{0}} / {rules.GROUPS} AS person_id, {{0}} %% {rules.GROUPS} AS grp"
    if connection.vendor == "sqlite":
        audience = f"(SELECT {split.format('value')} FROM json_each(%(codes)s)) a"  # noqa: S608
        given: Any = json.dumps(codes)
    else:
        audience = f"(SELECT {split.format('v')} FROM unnest(%(codes)s::bigint[]) v) a"  # noqa: S608
        given = list(codes)
    return rules.plan(audience, engine()), {**_parameters(terms), "codes": given}


def fence(numbers: Sequence[int], columns: str, terms: Terms) -> list[tuple[Any, ...]]:
    """For these rows of recipients: the asked columns, and last the reason not to send or None."""
    if connection.vendor == "sqlite":
        chunk = "(SELECT value AS id FROM json_each(%(ids)s)) given"
        given: Any = json.dumps(numbers)
    else:
        chunk = "(SELECT unnest(%(ids)s::bigint[]) AS id) given"
        given = list(numbers)
    with connection.cursor() as cursor:
        cursor.execute(rules.fence(chunk, columns, engine()), {**_parameters(terms), "ids": given})
        rows: list[tuple[Any, ...]] = cursor.fetchall()
        return rows


def _parameters(terms: Terms) -> dict[str, Any]:
    lists = {
        "quiet_zones": list(terms.quiet_zones),
        "strict_codes": list(terms.strict_codes),
        "free_codes": list(terms.free_codes),
    }
    is_sqlite = connection.vendor == "sqlite"
    return {
        "halted": terms.halted,
        "not_approved": terms.not_approved,
        "channel": terms.channel,
        "purpose": terms.purpose,
        "per_week": terms.per_week,
        "counting": terms.counting,
        "week_ago": connection.ops.adapt_datetimefield_value(terms.now - CAP_WINDOW),
        "now": connection.ops.adapt_datetimefield_value(terms.now),
        "topic": terms.topic,
        "silence": terms.silence,
        "zone": terms.zone,
        **{name: json.dumps(each) if is_sqlite else each for name, each in lists.items()},
    }


@lru_cache(64)
def _quiet_zones(now: datetime, start: time, end: time) -> tuple[str, ...]:
    return tuple(
        name for name in _zones() if _is_quiet(now.astimezone(ZoneInfo(name)).time(), start, end)
    )


def _is_quiet(local: time, start: time, end: time) -> bool:
    if start <= end:
        return start <= local < end
    # The quiet hours cross midnight, so "inside" is an "or".
    return local >= start or local < end


@lru_cache(1)
def _zones() -> tuple[str, ...]:
    return tuple(sorted(available_timezones()))
