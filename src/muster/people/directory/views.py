"""Pages of people: the list, and one person from all sides (PE1)."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext
from django.views.decorators.http import require_POST

from muster.kit.errors import NotFound
from muster.people.consent.reaching import reachable, suppressed
from muster.people.consent.rules import CHANNELS, PURPOSES
from muster.people.directory import actions
from muster.people.directory.forms import NewPerson
from muster.people.directory.search import CHIPS, PAGE, Asked, matching
from muster.people.directory.timeline import KINDS, days, lines_of
from muster.people.directory.timeline import PAGE as LINES
from muster.people.identity.likeness import open_pairs
from muster.people.masking import face, masked_facts
from muster.people.profile.models import Person
from muster.people.profile.panels import shown_panels
from muster.team.http import TeamRequest
from muster.team.permissions import allow
from muster.team.stores import NO_NUMBERS, warehouse
from muster.team.users.models import Workspace
from muster.ui import formats
from muster.ui.toasts import toast
from muster.warehouse.personal import values_of
from muster.warehouse.timeline import orders_of, tags_of, traits_of

MOST_COUNTED = 1000
LIST = "people/directory/people.html"
PROFILE = "people/directory/person.html"
HIDDEN_TRAITS = frozenset({"last_import"})


@allow("people.see")
def people(request: TeamRequest) -> HttpResponse:
    """Everybody, or those who are looked for."""
    clear = request.user.may("people.pii")
    before = request.GET.get("before", "")
    chip = request.GET.get("show", "all")
    asked = Asked(
        request.GET.get("q", "").strip()[:200],
        chip if chip in CHIPS else "all",
        int(before) if before.isdecimal() else None,
    )
    found = matching(asked, clear=clear)
    rows = found.filter(pk__lt=asked.before) if asked.before else found
    page = list(rows.order_by("-pk")[: PAGE + 1])
    more = len(page) > PAGE
    page = page[:PAGE]
    seen = _last_seen(page)
    context = {
        "asked": asked,
        "chips": CHIPS,
        "duplicates": open_pairs()[:MOST_COUNTED].count(),
        "rows": _rows(page, seen or {}, clear=clear),
        "is_seen_known": seen is not None,
        "count": found.count(),
        "next": page[-1].pk if more else None,
        "may_leads": request.user.may("leads.work"),
        "may_edit": request.user.may("people.import"),
        "is_filtered": bool(asked.text) or asked.chip != "all",
    }
    return render(request, f"{LIST}#rows" if request.htmx else LIST, context)


def _last_seen(page: list[Person]) -> dict[int, dict[str, Any]] | None:
    """None where the numbers cannot be had now."""
    try:
        with warehouse(5) as db:
            return values_of(db, [person.pk for person in page], ["last_seen"])
    except NO_NUMBERS:
        return None


def _rows(
    page: list[Person], seen: dict[int, dict[str, Any]], *, clear: bool
) -> list[dict[str, Any]]:
    channels, closed = reachable(page), suppressed(page)
    return [
        {
            "face": face(person, clear=clear),
            "channels": channels[person.pk],
            "suppressed": [one for one in CHANNELS if (person.pk, one) in closed],
            "last_seen": _utc(seen.get(person.pk, {}).get("last_seen")),
            "created_at": person.created_at,
        }
        for person in page
    ]


def _utc(moment: Any) -> Any:
    return timezone.make_aware(moment, timezone.get_fixed_timezone(0)) if moment else None


@allow("people.import")
def new(request: TeamRequest) -> HttpResponse:
    """Add one person by hand."""
    form = NewPerson(request.POST or None)
    if request.method == "POST" and form.is_valid():
        person = actions.create(form.cleaned_data, {}, by=request.user, now=timezone.now())
        return redirect("people:person", person.pk)
    status = 422 if request.method == "POST" else 200
    return render(request, "people/directory/new.html", {"form": form}, status=status)


@allow("people.see")
def person(request: TeamRequest, person_id: int) -> HttpResponse:
    """One person from all sides."""
    found = _person(person_id)
    if found.pk != person_id:
        return redirect("people:person", found.pk)
    return render(request, PROFILE, _context(request, found))


@allow("people.see")
def timeline(request: TeamRequest, person_id: int) -> HttpResponse:
    """The time line of one kind, or its next part."""
    found = _person(person_id)
    part = "days" if request.GET.get("before") else "timeline"
    return render(request, f"{PROFILE}#{part}", {"person": found, **_timeline(request, found)})


@allow("people.import")
@require_POST
def reveal(request: TeamRequest, person_id: int) -> HttpResponse:
    """Show who it is, once, for a reason that is kept."""
    found = _person(person_id)
    actions.reveal(found, request.POST.get("reason", ""), by=request.user)
    context = {"person": found, "face": face(found, clear=True), "is_clear": True}
    return render(request, f"{PROFILE}#identity", context)


@allow("people.import")
@require_POST
def tag(request: TeamRequest, person_id: int) -> HttpResponse:
    """Put a tag on, or take one off."""
    found, now = _person(person_id), timezone.now()
    if "remove" in request.POST:
        actions.untag(found, request.POST["remove"], by=request.user, now=now)
    else:
        actions.tag(found, request.POST.get("tag", ""), by=request.user, now=now)
    with warehouse() as db:
        context = {"person": found, "tags": tags_of(db, found.pk), "may_edit": True}
    return render(request, f"{PROFILE}#tags", context)


@allow("people.import")
@require_POST
def erase(request: TeamRequest, person_id: int) -> HttpResponse:
    """Take away everything that says who it was."""
    actions.erase(
        _person(person_id),
        by=request.user,
        now=timezone.now(),
        reason=request.POST.get("reason", ""),
    )
    response = HttpResponse(headers={"HX-Redirect": reverse("people:people")})
    return toast(response, gettext("The person was erased."))


def _person(person_id: int) -> Person:
    found = Person.objects.behind(person_id)
    if found is None:
        raise NotFound
    return found


def _context(request: TeamRequest, found: Person) -> dict[str, Any]:
    clear = request.user.may("people.pii")
    with warehouse() as db:
        traits = traits_of(db, found.pk)
        tags, orders = tags_of(db, found.pk), orders_of(db, found.pk, Workspace.here().currency)
    first_seen, last_seen = traits.pop("first_seen", None), traits.pop("last_seen", None)
    traits = traits if clear else masked_facts(traits)
    states = {(s.channel, s.purpose): s for s in found.consents.all()}
    closed = suppressed([found])
    channels = [
        (
            channel,
            bool(address),
            states.get((channel, "marketing")),
            closed.get((found.pk, channel), ""),
        )
        for channel, address in (("email", found.email), ("sms", found.phone))
    ]
    return {
        "person": found,
        "face": face(found, clear=clear),
        "is_clear": clear,
        "may_edit": request.user.may("people.import"),
        "may_export": clear and request.user.may("people.export"),
        "may_reveal": not clear and request.user.may("people.import"),
        "traits": {
            k: formats.whole(v) for k, v in sorted(traits.items()) if k not in HIDDEN_TRAITS
        },
        "tags": tags,
        "orders": orders,
        "first_seen": _utc(first_seen),
        "last_seen": _utc(last_seen),
        "reachable": channels,
        "channels": CHANNELS,
        "purposes": PURPOSES,
        "panels": shown_panels(found, request.user),
        **_timeline(request, found),
    }


def _timeline(request: TeamRequest, found: Person) -> dict[str, Any]:
    kind = request.GET.get("kind", "")
    clear = request.user.may("people.pii")
    before = request.GET.get("before", "")
    lines = lines_of(found.pk, clear=clear, kind=kind, before=before)
    return {
        "kinds": KINDS,
        "kind": kind,
        "days": list(days(lines, Workspace.here().zone)),
        "older": lines[-1].moment.id if len(lines) == LINES else "",
    }
