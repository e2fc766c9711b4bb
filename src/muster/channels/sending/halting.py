"""Holding everything back at once, and letting it go on (CH9, PF4)."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.db.models import F

from muster.channels.sending.models import Send
from muster.kit.errors import Unavailable, written_down
from muster.kit.words import _
from muster.team.changes.actions import record_change
from muster.team.users.models import User, Workspace


@transaction.atomic
def release(*, by: User) -> None:
    """Let messages leave again; sends that are paused stay so until each is let go on."""
    workspace = Workspace.here()
    if Workspace.objects.filter(pk=workspace.pk, halted=True).update(halted=False):
        record_change("released", workspace, by=by, undo={"halted": True})


@transaction.atomic
def hold_after_restore(*, made_at: datetime, now: datetime) -> int:
    """Let nothing leave after a restore: how many sends were under way then and are paused.

    What they sent between the backup and now may be known to nobody here. What was to begin in
    that time has perhaps begun and is not begun again by itself.
    """
    Workspace.objects.update(halted=True)
    why = Unavailable(
        _(
            "Muster was restored from a backup of %(at)s. Who got this message after that moment"
            " may not be known here; look before you let it go on."
        ),
        at=f"{made_at:%Y-%m-%d %H:%M} UTC",
    )
    change = {"trouble": written_down(why, 300), "generation": F("generation") + 1}
    paused = Send.objects.filter(status=Send.Status.SENDING).update(
        status=Send.Status.PAUSED, **change
    )
    Send.objects.waiting().filter(starts_at__lte=now).update(status=Send.Status.MISSED, **change)
    for workspace in Workspace.objects.all():
        record_change("restored", workspace, by=None, made_at=made_at.isoformat(), paused=paused)
    return paused
