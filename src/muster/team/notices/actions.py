"""Tells people about things, and forgets it when they have seen them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from django.db import models, transaction
from django.utils import timezone

from muster.team.notices.events import EVENTS
from muster.team.notices.models import Notice
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
) -> list[Notice]:
    """Tell each of these people once; whoever did it is not told.

    `text` is a whole English sentence marked for translation. News about a thing of which a person
    was told already renews that notice instead of adding one.
    """
    if event not in EVENTS:
        raise LookupError(f"No event {event!r}")
    kind, told = thing._meta.label_lower, []
    for user in {user.pk: user for user in to if user.is_active and user != by}.values():
        key = {"to": user, "event": event, "kind": kind, "object_id": thing.pk}
        before = Notice.objects.select_for_update().filter(**key).first()
        unread = before is not None and before.read_at is None and before.closed_at is None
        notice, _created = Notice.objects.update_or_create(
            **key,
            defaults={
                "campaign_id": campaign,
                "text": text,
                "params": dict(params or {}),
                "url": url,
                "by": by,
                "times": before.times + 1 if before is not None and unread else 1,
                "at": timezone.now(),
                "read_at": None,
                "closed_at": None,
            },
        )
        told.append(notice)
    return told


def close(thing: models.Model, *events: str) -> int:
    """Nothing is left to do about this thing: its notices of these kinds go away."""
    rows = Notice.objects.filter(
        kind=thing._meta.label_lower, object_id=thing.pk, event__in=events, closed_at=None
    )
    return rows.update(closed_at=timezone.now())


def is_known(thing: models.Model, event: str) -> bool:
    """Whether somebody was told this about the thing, and it still holds."""
    rows = Notice.objects.filter(kind=thing._meta.label_lower, object_id=thing.pk, event=event)
    return rows.filter(closed_at=None).exists()


def close_for(thing: models.Model, people: Iterable[User], *events: str) -> int:
    """These people have nothing to do with it any more."""
    rows = Notice.objects.filter(
        kind=thing._meta.label_lower, object_id=thing.pk, event__in=events, closed_at=None
    )
    return rows.filter(to__in=list(people)).update(closed_at=timezone.now())
