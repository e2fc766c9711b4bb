"""The forecast of contact pressure (PL7): days, conflicts, other days, overlaps, and who."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from itertools import combinations

import numpy as np
from django.utils import timezone
from django.utils.translation import gettext

from muster.channels.pressure import rules
from muster.channels.pressure.rules import STAGGER, WEEK, Grid, People, Touch
from muster.channels.pressure.touches import touches
from muster.kit import ids
from muster.people.profile.models import Person
from muster.people.segments.counting import members
from muster.people.segments.models import Segment
from muster.people.segments.showing import Shown, shown
from muster.plan.calendar.layers import Window
from muster.plan.calendar.pressure import (
    Audience,
    Conflict,
    DayPressure,
    Forecast,
    Overlap,
    Suggestion,
)
from muster.team.users.models import User, Workspace

EVERYBODY = "all"
_MOST_CONFLICTS = 8


def audiences(user: User) -> list[Audience]:
    """Everybody, and the segments that this reader may see."""
    segments = Segment.objects.visible_to(user).order_by("name").values_list("pk", "name")[:200]
    return [
        Audience(EVERYBODY, gettext("Everybody")),
        *(Audience(ids.public("segment", pk), name) for pk, name in segments),
    ]


def forecast(user: User, window: Window, audience: str) -> Forecast | None:
    """The pressure on an audience in the window; None if there is no such audience."""
    named = _audience(user, audience)
    if named is None:
        return None
    name, people, size = named
    now = timezone.now()
    today = now.astimezone(window.zone).date()
    since = window.since - timedelta(days=WEEK)
    until = window.until + timedelta(days=STAGGER + WEEK)
    found = touches(user, since, until, window.zone, now)
    limit = Workspace.here().messages_per_week
    grid = rules.grid(found.known, people, size, window.since, until)
    days = tuple(_day(grid, day, limit) for day in _days(window.since, window.until))
    held = rules.held_back(found.known, people, limit)
    inside = [t for t in found.known if t.planned and window.since <= t.day <= window.until]
    return Forecast(
        audience=name,
        people=size,
        limit=limit,
        days=days,
        conflicts=_conflicts(user, grid, found.known, days, limit, today, until),
        overlaps=_overlaps(inside, people),
        planned=sum(len(grid.places(touch.people)) for touch in inside),
        held_back=sum(held.get(touch.key, 0) for touch in inside),
        unplannable=found.unknown,
    )


def who(user: User, day: date, audience: str, most: int) -> tuple[int, Sequence[Shown]]:
    """How many are over the limit in the week to this day, and some of them, masked."""
    named = _audience(user, audience)
    if named is None:
        return 0, []
    _name, people, size = named
    now = timezone.now()
    zone = timezone.get_current_timezone()
    found = touches(user, day - timedelta(days=WEEK - 1), day, zone, now)
    grid = rules.grid(found.known, people, size, day, day)
    limit = Workspace.here().messages_per_week
    over = grid.people[grid.weeks[grid.row(day)] > limit] if limit else grid.people[:0]
    if not user.may("people.see"):
        return len(over), []
    return len(over), shown(over[:most].tolist(), clear=user.may("people.pii"))


def _audience(user: User, key: str) -> tuple[str, People | None, int] | None:
    if key in ("", EVERYBODY):
        return gettext("Everybody"), None, Person.objects.present().count()
    segment = Segment.objects.visible_to(user).filter(pk=ids.number("segment", key) or 0).first()
    if segment is None:
        return None
    people = np.unique(members(segment).to_numpy(zero_copy_only=False).astype(np.int64))
    return segment.name, people, len(people)


def _days(first: date, last: date) -> list[date]:
    return [first + timedelta(days=n) for n in range((last - first).days + 1)]


def _day(grid: Grid, day: date, limit: int) -> DayPressure:
    week = grid.weeks[grid.row(day)]
    return DayPressure(
        day=day,
        touches=int(grid.counts[grid.row(day)].sum(dtype=np.int64)),
        week_mean=float(week.sum(dtype=np.int64)) / grid.size if grid.size else 0.0,
        at_limit=int((week >= limit).sum()) if limit else 0,
        over=int((week > limit).sum()) if limit else 0,
        people=grid.size,
    )


def _conflicts(
    user: User,
    grid: Grid,
    known: Sequence[Touch],
    days: Sequence[DayPressure],
    limit: int,
    today: date,
    until: date,
) -> tuple[Conflict, ...]:
    found: list[Conflict] = []
    may_move = user.may("sends.edit")
    for day in days:
        # Only a day on which something is planned can still be changed.
        planned = [touch for touch in known if touch.planned and touch.day == day.day]
        if day.day < today or not day.over or not planned:
            continue
        if len(found) == _MOST_CONFLICTS:
            break
        offers = []
        for touch in planned:
            before, other = rules.stagger(
                grid, touch, limit, today + timedelta(days=1), until - timedelta(days=WEEK)
            )
            if other is not None:
                offers.append(
                    Suggestion(touch.key, touch.title, other.day, other.over, before, may_move)
                )
        week = grid.weeks[grid.row(day.day)]
        sends = tuple(touch.title for touch in planned)
        found.append(Conflict(day, int(week.max()), sends, tuple(offers)))
    return tuple(found)


def _overlaps(planned: Sequence[Touch], people: People | None) -> tuple[Overlap, ...]:
    found: list[Overlap] = []
    for one, two in combinations(planned, 2):
        if one.campaign == two.campaign or abs((one.day - two.day).days) > 1:
            continue
        both, share = rules.overlap(one, two, people)
        if both and share >= rules.OVERLAP_LEAST:
            found.append(
                Overlap(
                    f"{one.campaign_name} · {one.title}",
                    f"{two.campaign_name} · {two.title}",
                    one.day,
                    two.day,
                    both,
                    share,
                )
            )
    return tuple(sorted(found, key=lambda overlap: -overlap.people)[:_MOST_CONFLICTS])
