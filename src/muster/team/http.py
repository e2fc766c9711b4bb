"""The request of someone who is signed in."""

from __future__ import annotations

from django.http import HttpRequest
from django_htmx.middleware import HtmxDetails

from muster.team.users.models import User


class TeamRequest(HttpRequest):
    """A request of someone who is signed in."""

    user: User
    htmx: HtmxDetails
