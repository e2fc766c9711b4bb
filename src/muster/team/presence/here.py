"""Who is on a page: whoever said so within the last minute and a quarter."""

from __future__ import annotations

from datetime import timedelta

from django.utils import timezone

from muster.team.presence.models import Presence
from muster.team.users.models import User

HERE = timedelta(seconds=75)
"""Two heart beats of 30 seconds, and some patience."""


def others(page: str, user: User) -> list[User]:
    """The colleagues who have this page open as well."""
    rows = Presence.objects.filter(page=page, seen_at__gt=timezone.now() - HERE)
    rows = rows.exclude(user=user).filter(user__is_active=True).select_related("user")
    return [row.user for row in rows.order_by("user__name")]


def version(page: str) -> str:
    """Changes when somebody comes or goes, not with every heart beat."""
    rows = Presence.objects.filter(page=page, seen_at__gt=timezone.now() - HERE)
    return ",".join(map(str, rows.order_by("user").values_list("user", flat=True)))
