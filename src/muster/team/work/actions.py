"""What people do with what waits for them: put it off, take it back."""

from __future__ import annotations

from datetime import datetime

from django.utils import timezone

from muster.kit.days import far_away
from muster.kit.errors import Invalid
from muster.kit.words import _
from muster.team.users.models import User
from muster.team.work.models import Snooze


def snooze(user: User, key: str, until: datetime) -> Snooze:
    """Out of sight until then; a second time moves the moment."""
    if until <= timezone.now():
        raise Invalid.at("/until", "in_the_past", _("Choose a moment that is still to come."))
    if problems := far_away({"/until": until.date()}):
        raise Invalid.of(problems)
    row, _made = Snooze.objects.update_or_create(
        user=user, key=key[:240], defaults={"until": until}
    )
    return row


def wake(user: User, key: str) -> None:
    """Back into the list now."""
    Snooze.objects.filter(user=user, key=key).delete()
