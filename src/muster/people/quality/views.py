"""The page that says how far what we know of people can be trusted (ME5)."""

from __future__ import annotations

from typing import Any

from django.db.models import Count, Q
from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone

from muster.people.consent.models import ConsentState
from muster.people.identity.likeness import open_pairs
from muster.people.imports.jobs import TRAIT
from muster.people.imports.models import Import
from muster.people.imports.repairs import KINDS, MATCHED
from muster.people.profile.models import Person
from muster.people.quality.rules import mark
from muster.team.http import TeamRequest
from muster.team.missing import Missing, missing
from muster.team.permissions import allow
from muster.team.stores import NO_NUMBERS, warehouse
from muster.warehouse.coverage import IMPORTS, Coverage, coverage

MOST_COUNTED = 1000


@allow("people.see")
def quality(request: TeamRequest) -> HttpResponse:
    """Who can be reached, what each source knows, and what the last files brought along."""
    present = Person.objects.present()
    totals = present.aggregate(
        people=Count("pk"),
        with_email=Count("pk", filter=~Q(email="")),
        with_phone=Count("pk", filter=~Q(phone="")),
        neither=Count("pk", filter=Q(email="", phone="")),
    )
    totals["allowed"] = (
        ConsentState.objects.consents()
        .filter(state="granted", person__in=present)
        .values("person")
        .distinct()
        .count()
    )
    sources: list[dict[str, Any]] = []
    lacks: Missing | None = None
    try:
        with warehouse() as db:
            sources = [_shown(one) for one in coverage(db, TRAIT)]
    except NO_NUMBERS as error:
        lacks = missing(error)
    latest = Import.objects.filter(started_at__isnull=False).order_by("-pk")[:5]
    context = {
        "totals": totals,
        "sources": sources,
        "missing": lacks,
        "duplicates": open_pairs()[:MOST_COUNTED].count(),
        "may_import": request.user.may("people.import"),
        "imports": [_import(one) for one in latest],
    }
    return render(request, "people/quality/quality.html", context)


def _shown(one: Coverage) -> dict[str, Any]:
    reachable = max(one.with_email, one.with_phone) / one.people
    kind, _colon, key = one.source.partition(":")
    return {
        "is_import": one.source == IMPORTS,
        "key": key if kind == "key" else "",
        "people": one.people,
        "email": one.with_email / one.people,
        "phone": one.with_phone / one.people,
        "allowed": one.allowed / one.people,
        "last_event": one.last_event,
        "mark": mark(reachable, one.allowed / one.people, one.last_event, timezone.now()),
    }


def _import(one: Import) -> dict[str, Any]:
    noted = one.counts.get("noted", {})
    worst = sorted((k for k in KINDS if k in noted and k not in MATCHED), key=lambda k: -noted[k])[
        :3
    ]
    return {
        "import": one,
        "rows": one.counts.get("rows"),
        "unusable": one.counts.get("invalid"),
        "worst": [(KINDS[key].text, noted[key]) for key in worst],
    }
