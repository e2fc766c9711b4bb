"""The page behind the link of a double opt-in (PE3); for people in the market."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from muster.people.consent import confirming
from muster.people.consent.rules import PURPOSES
from muster.people.masking import masked_email
from muster.team.permissions import public
from muster.team.users.models import Workspace

PAGE = "people/consent/confirm.html"


@csrf_exempt
@public
@require_http_methods(["GET", "HEAD", "POST"])
def confirm(request: HttpRequest, token: str) -> HttpResponse:
    """Looking changes nothing; the button says yes. The token stands for the person."""
    now = timezone.now()
    try:
        if request.method == "POST":
            agent = request.headers.get("User-Agent", "")[:200]
            found = confirming.confirm(token, now=now, proof={"user_agent": agent})
        else:
            found = confirming.asked(token, now=now)
    except confirming.NotAsked as no:
        return render(request, PAGE, {"text": no.text}, status=404)
    place = Workspace.here()
    context = {
        "is_confirmed": found.is_confirmed,
        "name": place.sender_name or place.name,
        "address": masked_email(found.entry.person.email),
        "purpose": gettext(PURPOSES[found.entry.purpose]),
    }
    response = render(request, PAGE, context)
    response.headers["Cache-Control"] = "private, no-store"
    response.headers["Referrer-Policy"] = "no-referrer"
    response.headers["X-Robots-Tag"] = "noindex"
    return response
