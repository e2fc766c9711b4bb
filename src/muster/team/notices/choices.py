"""How each person has chosen to be told, what they muted, and when that is."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from django.db.models import Q

from muster.team.calendars.working import days_away, work_calendar
from muster.team.notices.events import EVENTS, OFF, ON
from muster.team.notices.models import Mute, Preference
from muster.team.notices.rules import Habits
from muster.team.users.models import User, Workspace

CHANNELS = ("app", "email", "robot")
CAMPAIGN = "plan.campaign"


def default(event: str, channel: str) -> str:
    """What holds for those who chose nothing."""
    known = EVENTS[event]
    return {"app": ON, "email": known.email, "robot": known.robot}[channel]


def chosen(preference: Preference | None, event: str, channel: str) -> str:
    """What this person chose, or the default."""
    if preference is None:
        return default(event, channel)
    own: Mapping[str, str] = preference.chosen.get(event, {})
    return own.get(channel) or default(event, channel)


@dataclass(frozen=True)
class Choice:
    """One person's choices about one event."""

    app: str
    email: str
    robot: str
    muted: bool


def choices(
    users: list[User], event: str, kind: str, number: int, campaign: int | None, now: datetime
) -> tuple[dict[int, Choice], dict[int, Preference]]:
    """Person → how to tell them of this; and the preferences of those who have any."""
    preferences = {row.user_id: row for row in Preference.objects.filter(user__in=users)}
    about = Q(kind=kind, object_id=number)
    if campaign is not None:
        about |= Q(kind=CAMPAIGN, object_id=campaign)
    live = Q(until=None) | Q(until__gt=now)
    muted = set(Mute.objects.filter(about, live, user__in=users).values_list("user_id", flat=True))
    found = {}
    for user in users:
        preference = preferences.get(user.pk)
        robot = chosen(preference, event, "robot")
        if preference is None or preference.robot_id is None:
            robot = OFF
        found[user.pk] = Choice(
            chosen(preference, event, "app"),
            chosen(preference, event, "email"),
            robot,
            user.pk in muted,
        )
    return found, preferences


def habits_of(
    users: Iterable[User], preferences: Mapping[int, Preference], now: datetime
) -> dict[int, Habits]:
    """Person → when they want to be left alone."""
    people = list(users)
    today = now.date()
    calendar = work_calendar(today)
    away = days_away(people, today - timedelta(days=1), today + timedelta(days=60))
    place = Workspace.here()
    found = {}
    for user in people:
        preference = preferences.get(user.pk)
        minds = preference is None or preference.quiet_days_off

        def is_off(day: date, minds: bool = minds, gone: set[date] = away[user.pk]) -> bool:
            return minds and (day in gone or not calendar.is_working(day))

        found[user.pk] = Habits(
            ZoneInfo(user.time_zone or place.time_zone or "UTC"),
            preference.quiet_from if preference else None,
            preference.quiet_until if preference else None,
            preference.digest_hour if preference else 9,
            is_off,
        )
    return found
