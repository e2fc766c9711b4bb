"""The present day, where the workspace is."""

from __future__ import annotations

from datetime import date

from django.utils import timezone

from muster.team.users.models import Workspace


def today() -> date:
    """The present day in the workspace's time zone."""
    return timezone.now().astimezone(Workspace.here().zone).date()
