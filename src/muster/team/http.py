"""The request of someone who is signed in."""

from __future__ import annotations

from django.http import HttpRequest
from django_htmx.middleware import HtmxDetails

from muster.team.users.models import User


class TeamRequest(HttpRequest):
    """A request of someone who is signed in."""

    user: User
    htmx: HtmxDetails


def version_read(request: HttpRequest) -> int | None:
    """The version of the thing that the form showed; None where the form does not say."""
    text = request.POST.get("version", "")
    return int(text) if text.isdecimal() and len(text) < 10 else None
