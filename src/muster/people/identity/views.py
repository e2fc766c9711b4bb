"""Pages about who is who (PE1, ME5): possible duplicates side by side, merging, telling apart."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from django.db.models import Count
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language, gettext, gettext_lazy
from django.views.decorators.http import require_POST

from muster.kit import ids
from muster.kit.errors import Invalid, NotFound
from muster.kit.money import Money
from muster.kit.words import _
from muster.people.consent.models import State
from muster.people.consent.rules import CHANNELS
from muster.people.identity import merging
from muster.people.identity.access import archive_of
from muster.people.identity.likeness import SIGNS, open_pairs
from muster.people.identity.models import Identifier, Likeness, Merge
from muster.people.masking import Face, face, masked_email, masked_facts, masked_phone
from muster.people.profile.models import Person
from muster.team import stores
from muster.team.http import TeamRequest
from muster.team.jobs.actions import start_job
from muster.team.jobs.models import Job
from muster.team.lacking import lacking
from muster.team.permissions import allow
from muster.team.users.models import User, Workspace
from muster.ui import formats
from muster.ui.toasts import toast
from muster.warehouse.timeline import devices_of, orders_of, tags_of, traits_of

PAGE = 50
MOST_TRAITS = 12
MOST_IDENTIFIERS = 40


@dataclass(frozen=True)
class Row:
    """One thing that both may have."""

    label: str
    first: str
    second: str
    is_same: bool


@allow("people.see")
def likenesses(request: TeamRequest) -> HttpResponse:
    """Pairs of people who may be one, the surest first."""
    clear = request.user.may("people.pii")
    pairs = open_pairs()
    job = Job.objects.filter(kind="people.likeness").order_by("-pk").first()
    context = {
        "pairs": [
            (one, SIGNS[one.why], face(one.first, clear=clear), face(one.second, clear=clear))
            for one in pairs[:PAGE]
        ],
        "count": pairs.count(),
        "signs": [
            (SIGNS[row["why"]], row["n"])
            for row in pairs.order_by().values("why").annotate(n=Count("pk")).order_by("-n")
        ],
        "decided": Likeness.objects.exclude(state=Likeness.State.OPEN)
        .exclude(decided_at=None)
        .select_related("first", "second", "by")
        .order_by("-decided_at")[:10],
        "search": job,
        "is_searching": job is not None and not job.is_over,
        "may_edit": request.user.may("people.import"),
    }
    return render(request, "people/identity/likenesses.html", context)


@allow("people.import")
@require_POST
def search(request: TeamRequest) -> HttpResponse:
    """Look for duplicates among everybody."""
    start_job(
        "people.likeness",
        {},
        title=gettext("Looking for duplicates"),
        by=request.user,
        unique="people likeness",
    )
    return redirect("people:likenesses")


@allow("people.see")
def likeness(request: TeamRequest, likeness_id: int) -> HttpResponse:
    """Two people side by side."""
    found = get_object_or_404(
        Likeness.objects.select_related("first", "second", "by"), pk=likeness_id
    )
    clear = request.user.may("people.pii")
    first, second = (face(one, clear=clear) for one in (found.first, found.second))
    context = {
        "pair": found,
        "sign": SIGNS.get(found.why, found.why),
        "first": first,
        "second": second,
        "rows": _compared(found.first, found.second, clear=clear),
        "left": open_pairs().exclude(pk=found.pk).count(),
        "may_edit": request.user.may("people.import"),
    }
    return render(request, "people/identity/likeness.html", context)


@allow("people.import")
@require_POST
def decide(request: TeamRequest, likeness_id: int) -> HttpResponse:
    """The same person, or two; then the next pair."""
    found = get_object_or_404(open_pairs(), pk=likeness_id)
    reason, now = request.POST.get("reason", "").strip(), timezone.now()
    if request.POST.get("decision") == "apart":
        if len(reason) < 3:
            raise Invalid.at(
                "/reason", "missing", _("Say why they are two, for example “mother and daughter”.")
            )
        merging.keep_apart(found, by=request.user, now=now, reason=reason)
        said = gettext("They stay two people.")
    elif request.POST.get("decision") == "merge":
        kept, other = found.first, found.second
        if request.POST.get("kept") == "second":
            kept, other = other, kept
        merging.merge(kept, other, by=request.user, now=now, reason=reason)
        said = gettext("They are one person now.")
    else:
        raise Invalid.at("/decision", "unknown_value", _("Say whether they are one person or two."))
    following = open_pairs().first()
    url = (
        reverse("people:likeness", args=[following.pk])
        if following
        else reverse("people:likenesses")
    )
    return toast(HttpResponse(headers={"HX-Redirect": url}), said)


@allow("people.import")
@require_POST
def merge(request: TeamRequest, person_id: int) -> HttpResponse:
    """Merge another person into this one, from their page."""
    person = _present(person_id)
    asked = request.POST.get("other", "").strip()
    number = ids.number("person", asked.rstrip("/").rpartition("/")[2])
    other = Person.objects.behind(number) if number is not None else None
    if other is None:
        found = list(_named(asked)[:2]) if asked else []
        if len(found) != 1:
            raise Invalid.at(
                "/other",
                "unknown_person",
                _(
                    "Nobody, or more than one, is known by this. Give the whole e-mail address,"
                    " phone or id of the other person, or the address of their page."
                ),
            )
        other = found[0]
    merging.merge(
        person, other, by=request.user, now=timezone.now(), reason=request.POST.get("reason", "")
    )
    response = HttpResponse(headers={"HX-Redirect": reverse("people:person", args=[person.pk])})
    return toast(response, gettext("They are one person now."))


@allow("people.import")
@require_POST
def unmerge(request: TeamRequest, person_id: int) -> HttpResponse:
    """Tell apart whom a merge made one."""
    person = _present(person_id)
    number = ids.number("person", request.POST.get("other", ""))
    other = get_object_or_404(Person, pk=number) if number is not None else None
    merging.unmerge(person, other, by=request.user, now=timezone.now())
    response = HttpResponse(headers={"HX-Redirect": reverse("people:person", args=[person.pk])})
    return toast(response, gettext("They are two people again."))


@allow("people.export")
@require_POST
def access(request: TeamRequest, person_id: int) -> HttpResponse:
    """Everything that is kept about the person, as one file they can be given."""
    if not request.user.may("people.pii"):
        raise lacking("people.pii")
    person = _present(person_id)
    packed = archive_of(person, by=request.user, now=timezone.now())
    response = HttpResponse(packed, content_type="application/zip")
    name = f"{person.public_id}.zip"
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    response.headers["Cache-Control"] = "private, no-store"
    return response


def panel_context(person: Person, reader: User) -> dict[str, Any]:
    """By what the person is recognised, and of whom they are made."""
    clear = reader.may("people.pii")
    merges = Merge.objects.filter(person=person, undone_at=None).select_related("other", "by")
    rows: list[Person] = [person, *person.merged.order_by("merged_at", "pk")]
    with stores.warehouse() as db:
        devices = devices_of(db, person.pk)
    pair = open_pairs().filter(first=person).first() or open_pairs().filter(second=person).first()
    return {
        "person": person,
        "identities": _identities(rows, clear=clear),
        "devices": devices,
        "merges": [(one, face(one.other, clear=clear)) for one in merges.order_by("-at")],
        "pair": pair,
        "may_edit": reader.may("people.import"),
    }


KINDS = {
    "external_id": gettext_lazy("Id in your systems"),
    "email": gettext_lazy("E-mail address"),
    "phone": gettext_lazy("Phone"),
    "wecom_id": gettext_lazy("WeCom id"),
    "device": gettext_lazy("Device"),
}


@dataclass(frozen=True)
class Known:
    """One thing by which a person is recognised."""

    kind: Any
    value: str
    is_current: bool
    is_strong: bool = True
    source: str = ""
    first_seen: datetime | None = None
    last_seen: datetime | None = None


def _identities(rows: list[Person], *, clear: bool) -> list[Known]:
    """Everything by which these rows of one person are known; former ones still lead to them."""
    shown = {
        (kind, value): row.created_at
        for row in rows
        for kind in ("external_id", "email", "phone")
        if (value := getattr(row, kind))
    }
    kept = Identifier.objects.filter(person__in=rows).order_by("-last_seen", "pk")[
        :MOST_IDENTIFIERS
    ]
    of: dict[tuple[str, str], Identifier] = {}
    for one in kept:
        of.setdefault((one.kind, one.value), one)
    keys = sorted({*shown, *of}, key=lambda key: (key not in shown, [*KINDS].index(key[0])))
    found = []
    for kind, value in keys:
        kept_one = of.get((kind, value))
        is_current = (kind, value) in shown or kind not in ("email", "phone")
        found.append(
            Known(
                KINDS[kind],
                value if clear else _masked(kind, value),
                is_current,
                kept_one is None or kept_one.strength == Identifier.Strength.STRONG,
                kept_one.source if kept_one else "",
                (kept_one.first_seen if kept_one else None) or shown.get((kind, value)),
                kept_one.last_seen if kept_one else None,
            )
        )
    return found


def _masked(kind: str, value: str) -> str:
    if kind == "email":
        return masked_email(value)
    if kind == "phone":
        return masked_phone(value)
    return f"…{value[-4:]}" if kind == "wecom_id" else value


def _compared(first: Person, second: Person, *, clear: bool) -> list[Row]:
    sides = [_facts(one, clear=clear) for one in (first, second)]
    # Masked values look alike too easily, so what is in the record is compared.
    raw = sides if clear else [_facts(one, clear=True) for one in (first, second)]
    labels = list(dict.fromkeys([*sides[0], *sides[1]]))
    return [
        Row(
            label,
            sides[0].get(label, ""),
            sides[1].get(label, ""),
            bool(raw[0].get(label)) and raw[0].get(label) == raw[1].get(label),
        )
        for label in labels
        if sides[0].get(label) or sides[1].get(label)
    ]


def _facts(person: Person, *, clear: bool) -> dict[str, str]:
    """What is known of one side, as text, in the order of the page."""
    seen: Face = face(person, clear=clear)
    language, here, now = get_language() or "en", Workspace.here(), timezone.now()
    with stores.warehouse() as db:
        traits, tags = traits_of(db, person.pk), tags_of(db, person.pk)
        orders = orders_of(db, person.pk, here.currency)
    first_seen, last_seen = traits.pop("first_seen", None), traits.pop("last_seen", None)
    traits = traits if clear else masked_facts(traits)
    consents = [
        f"{gettext(CHANNELS[one.channel])} · {one.get_purpose_display()}:"
        f" {State(one.counts_as).label}"
        for one in person.consents.order_by("channel", "purpose")
    ]
    facts = {
        gettext("Whole name"): seen.name,
        gettext("E-mail address"): seen.email,
        gettext("Phone"): seen.phone,
        gettext("Id in your systems"): seen.external_id,
        gettext("Known since"): formats.when(person.created_at, language, here.zone, now=now),
        gettext("First seen"): formats.when(_utc(first_seen), language, here.zone, now=now),
        gettext("Last seen"): formats.when(_utc(last_seen), language, here.zone, now=now),
        gettext("Orders and value"): " · ".join(
            f"{one.orders} · {formats.money(Money(one.revenue, one.currency), language)}"
            for one in orders
        ),
        gettext("Tags"): ", ".join(tags),
        gettext("Consent"): "; ".join(consents),
    }
    hidden = {"last_import"}
    more = {
        name: str(formats.whole(value))
        for name, value in sorted(traits.items())
        if name not in hidden
    }
    return {**facts, **dict(list(more.items())[:MOST_TRAITS])}


def _utc(value: datetime | None) -> datetime | None:
    return value.replace(tzinfo=UTC) if value else None


def _named(asked: str) -> Any:
    return (
        Person.objects.known_by(external_id=asked)
        | Person.objects.known_by(email=asked.lower())
        | Person.objects.known_by(phone=asked.replace(" ", ""))
        | Person.objects.known_by(wecom_id=asked)
    ).distinct()


def _present(person_id: int) -> Person:
    found = Person.objects.behind(person_id)
    if found is None:
        raise NotFound
    return found
