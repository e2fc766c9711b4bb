"""Tells people about things, and forgets it when they have seen them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime

from django.db import models, transaction
from django.utils import timezone

from muster.kit.errors import Invalid
from muster.kit.words import _
from muster.team.notices.choices import CHANNELS, Choice, choices, default, habits_of
from muster.team.notices.events import AT_ONCE, DIGEST, EVENTS, OFF, ON, Event
from muster.team.notices.models import Delivery, Mute, Notice, Preference
from muster.team.notices.rules import Habits, digest_at, tell_at
from muster.team.users.models import User


@transaction.atomic
def notify(
    event: str,
    thing: models.Model,
    to: Iterable[User],
    text: str,
    *,
    url: str,
    params: Mapping[str, object] | None = None,
    by: User | None = None,
    campaign: int | None = None,
    mail: bool = True,
) -> list[Notice]:
    """Tell each of these people once; whoever did it is not told.

    `text` is a whole English sentence marked for translation. News about a thing of which a person
    was told already renews that notice instead of adding one, and is not mailed again before the
    person has read it. With `mail=False` it stays in Muster and in the groups that people chose.
    """
    if event not in EVENTS:
        raise LookupError(f"No event {event!r}")
    kind, told, now = thing._meta.label_lower, [], timezone.now()
    users = list({user.pk: user for user in to if user.is_active and user != by}.values())
    if not users:
        return []
    how, preferences = choices(users, event, kind, thing.pk, campaign, now)
    fresh = []
    for user in users:
        key = {"to": user, "event": event, "kind": kind, "object_id": thing.pk}
        before = Notice.objects.select_for_update().filter(**key).first()
        unread = before is not None and before.read_at is None and before.closed_at is None
        quiet = how[user.pk].muted or how[user.pk].app == OFF
        notice, _created = Notice.objects.update_or_create(
            **key,
            defaults={
                "campaign_id": campaign,
                "text": text,
                "params": dict(params or {}),
                "url": url,
                "by": by,
                "times": before.times + 1 if before is not None and unread else 1,
                "at": now,
                "read_at": now if quiet else None,
                "closed_at": None,
            },
        )
        told.append(notice)
        if not unread and not how[user.pk].muted:
            fresh.append(notice)
    if fresh:
        habits = habits_of(users, preferences, now)
        _send_out(fresh, EVENTS[event], how, habits, now, mail=mail)
    return told


def _send_out(
    fresh: list[Notice],
    event: Event,
    how: Mapping[int, Choice],
    habits: Mapping[int, Habits],
    now: datetime,
    *,
    mail: bool,
) -> None:
    """Put what goes out by mail and robot on its way; the clock does the rest."""
    rows = []
    for notice in fresh:
        choice, habit = how[notice.to_id], habits[notice.to_id]
        digest = choice.email == DIGEST and not event.urgent
        at_once = tell_at(now, habit, urgent=event.urgent, wait=event.wait)
        if mail and choice.email != OFF:
            due = digest_at(now, habit) if digest else at_once
            rows.append(
                Delivery(notice=notice, channel=Delivery.Channel.EMAIL, digest=digest, due_at=due)
            )
        if choice.robot == ON:
            rows.append(Delivery(notice=notice, channel=Delivery.Channel.ROBOT, due_at=at_once))
    Delivery.objects.bulk_create(rows, ignore_conflicts=True)


def close(thing: models.Model, *events: str) -> int:
    """Nothing is left to do about this thing: its notices of these kinds go away."""
    rows = Notice.objects.filter(
        kind=thing._meta.label_lower, object_id=thing.pk, event__in=events, closed_at=None
    )
    return rows.update(closed_at=timezone.now())


def mark_read(user: User, notices: Iterable[int] | None = None) -> int:
    """This person has seen these notices (None: all)."""
    rows = Notice.objects.filter(to=user, read_at=None)
    if notices is not None:
        rows = rows.filter(pk__in=list(notices))
    return rows.update(read_at=timezone.now())


def mark_unread(user: User, notices: Iterable[int]) -> int:
    """Take it back: these count as not seen."""
    return Notice.objects.filter(to=user, pk__in=list(notices)).update(read_at=None)


def mute(user: User, kind: str, number: int, label: str, *, until: datetime | None) -> Mute:
    """Say nothing more about a thing (or a campaign) until then; None: for good."""
    row, _made = Mute.objects.update_or_create(
        user=user, kind=kind, object_id=number, defaults={"label": label[:200], "until": until}
    )
    return row


def unmute(user: User, mute_id: int) -> None:
    """Hear of it again."""
    Mute.objects.filter(user=user, pk=mute_id).delete()


def choose(user: User, event: str, channel: str, value: str) -> Preference:
    """How this person is told of one kind of news; the default is not kept."""
    allowed = {"app": {ON, OFF}, "email": {AT_ONCE, DIGEST, OFF}, "robot": {ON, OFF}}
    if event not in EVENTS or channel not in CHANNELS or value not in allowed[channel]:
        raise Invalid.at("/channel", "unknown_choice", _("There is no such choice."))
    row, _made = Preference.objects.get_or_create(user=user)
    own = dict(row.chosen.get(event, {}))
    own.pop(channel, None)
    if value != default(event, channel):
        own[channel] = value
    everything = {**row.chosen, event: own}
    row.chosen = {name: found for name, found in everything.items() if found}
    row.save(update_fields=["chosen"])
    return row


def is_known(thing: models.Model, event: str) -> bool:
    """Whether somebody was told this about the thing, and it still holds."""
    rows = Notice.objects.filter(kind=thing._meta.label_lower, object_id=thing.pk, event=event)
    return rows.filter(closed_at=None).exists()


def amend(thing: models.Model, event: str, params: Mapping[str, object]) -> int:
    """What people were told of the thing says how it is now, without being news again."""
    rows = Notice.objects.filter(kind=thing._meta.label_lower, object_id=thing.pk, event=event)
    return rows.filter(closed_at=None).update(params=dict(params))


def told_of(thing: models.Model, event: str) -> set[int]:
    """Who was told this about the thing, where it still holds."""
    rows = Notice.objects.filter(kind=thing._meta.label_lower, object_id=thing.pk, event=event)
    return set(rows.filter(closed_at=None).values_list("to", flat=True))


def close_for(thing: models.Model, people: Iterable[User], *events: str) -> int:
    """These people have nothing to do with it any more."""
    rows = Notice.objects.filter(
        kind=thing._meta.label_lower, object_id=thing.pk, event__in=events, closed_at=None
    )
    return rows.filter(to__in=list(people)).update(closed_at=timezone.now())
