"""Pages of consent: who allowed what, and whom we leave alone (PE3)."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import Any

from django.db.models import Count, Max, Q
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.utils.translation import gettext
from django.views.decorators.http import require_POST

from muster.kit.errors import Invalid
from muster.kit.words import _
from muster.people.consent import actions, confirming
from muster.people.consent.keeping import (
    newest_texts,
    text_called,
    topic_called,
    topics,
    words_of,
)
from muster.people.consent.models import (
    ConsentEntry,
    ConsentState,
    State,
    Suppression,
    TopicState,
)
from muster.people.consent.proving import readable
from muster.people.consent.rules import CHANNELS, LAWS, PURPOSES, WISHES
from muster.people.consent.terms import terms
from muster.people.masking import face, masked_facts
from muster.people.profile.models import Person
from muster.people.profile.rules import home_region, normal_email, normal_phone, region_of_phone
from muster.team.http import TeamRequest
from muster.team.permissions import allow
from muster.team.users.models import User, Workspace
from muster.ui.toasts import toast

PAGE = "people/consent/consent.html"
LATEST = 20


@allow("people.see")
def consent(request: TeamRequest) -> HttpResponse:
    """Who allowed what on which channel, the suppression list, and what was said last."""
    return render(request, PAGE, {**_context(request), "part": "ledger"})


@allow("consent.edit")
@require_POST
def keep_out(request: TeamRequest) -> HttpResponse:
    """Put an address on the suppression list by hand."""
    text = request.POST.get("address", "")
    workspace = Workspace.here()
    region = home_region(workspace.time_zone, workspace.currency)
    email, phone = normal_email(text), normal_phone(text, region)
    if email is None and phone is None:
        raise Invalid.at("/address", "bad_address", _("Write an e-mail address or a phone number."))
    channel, address = ("email", email) if email else ("sms", phone or "")
    new = actions.suppress(
        channel,
        [address],
        reason=Suppression.Reason.MANUAL,
        now=timezone.now(),
        source=f"user:{request.user.public_id}",
    )
    response = render(request, f"{PAGE}#suppressed", _context(request))
    said = (
        gettext("Nothing more is sent to this address.")
        if new
        else gettext("This address was on the list already.")
    )
    return toast(response, said)


@allow("consent.edit")
@require_POST
def change(request: TeamRequest, person_id: int) -> HttpResponse:
    """Record what a person said to one of us."""
    person = get_object_or_404(Person.objects.present(), pk=person_id)
    channel, purpose, topic = (request.POST.get("place", "") + "::").split(":")[:3]
    note = request.POST.get("note", "").strip()[:200]
    if request.POST.get("state") == State.GRANTED and not note:
        raise Invalid.at(
            "/note", "missing", _("Say how the person gave consent, for example “on the phone”.")
        )
    word = actions.Word(
        person,
        channel,
        purpose,
        request.POST.get("state", ""),
        {"note": note} if note else {},
        text_called(request.POST.get("text", "")),
        topic_called(topic) if topic else None,
        _until(request.POST.get("until", "")),
    )
    actions.record([word], now=timezone.now(), source="profile", by=request.user)
    context = {"panel": {**panel_context(person, request.user), "may_edit": True}}
    return render(request, "people/consent/panel.html#consents", context)


@allow("consent.edit")
@require_POST
def ask(request: TeamRequest, person_id: int) -> HttpResponse:
    """Write to the person and ask whether we may; only their own click counts."""
    person = get_object_or_404(Person.objects.present(), pk=person_id)
    purpose = request.POST.get("purpose", "marketing")
    if purpose not in PURPOSES:
        raise Invalid.at("/purpose", "unknown_value", _("There is no such purpose. Choose one."))
    confirming.ask(person, purpose, now=timezone.now(), source="profile", by=request.user)
    context = {"panel": {**panel_context(person, request.user), "may_edit": True}}
    response = render(request, "people/consent/panel.html#consents", context)
    return toast(response, gettext("The question is on its way. Until it is answered, no is no."))


def _until(day: str) -> datetime | None:
    """The end of the day until which it holds."""
    if not day:
        return None
    try:
        last = date.fromisoformat(day)
    except ValueError:
        raise Invalid.at("/until", "bad_date", _("Write the day like 2027-12-31.")) from None
    return datetime.combine(last + timedelta(days=1), time(), Workspace.here().zone)


def panel_context(person: Person, reader: User) -> dict[str, Any]:
    """What the panel of consents on a person's page shows."""
    states = {(s.channel, s.purpose): s for s in person.consents.select_related("entry__by")}
    rows = [
        {"channel": channel, "purpose": purpose, "state": states.get((channel, purpose))}
        for channel in ("email", "sms")
        for purpose in PURPOSES
    ]
    clear = reader.may("people.pii")
    said_of = {
        (state.channel, state.purpose, state.topic_id): state
        for state in person.topic_states.select_related("topic", "entry")
    }
    offered = topics()
    chosen = [
        {"channel": state.channel, "purpose": state.purpose, "topic": state.topic, "state": state}
        for state in sorted(said_of.values(), key=lambda one: (one.topic.position, one.channel))
    ]
    entries = list(
        # The words of those who were merged into the person count here as well.
        ConsentEntry.objects.filter(Q(person=person) | Q(person__merged_into=person))
        .select_related("by", "topic")
        .order_by("-at", "-id")[:12]
    )
    words = words_of(entry.text_version for entry in entries)
    others = [
        {"channel": channel, "purpose": purpose, "state": state}
        for (channel, purpose), state in states.items()
        if channel not in ("email", "sms") and purpose in PURPOSES
    ]
    wishes = [
        {"state": state, "at_most": state.entry.proof.get("at_most")}
        for (_channel, purpose), state in states.items()
        if purpose in WISHES and state.counts_as == State.GRANTED
    ]
    return {
        "person": person,
        "consents": rows + others,
        "chosen": chosen,
        "wishes": wishes,
        "topics": offered,
        "texts": newest_texts(),
        "law": LAWS[terms().law_of(region_of_phone(person.phone)).key],
        "entries": [
            (
                entry,
                readable(entry.proof if clear else masked_facts(entry.proof)),
                words.get(entry.text_version),
            )
            for entry in entries
        ],
        "channels": CHANNELS,
        "purposes": PURPOSES,
    }


def _of_topics() -> list[dict[str, Any]]:
    """How many chose and refused each topic, by channel."""
    counted = (
        TopicState.objects.filter(person__erased_at=None, person__merged_into=None)
        .filter(topic__removed_at=None)
        .exclude(state=State.GRANTED, expires_at__lte=timezone.now())
        .values("topic__name", "channel", "purpose")
        .annotate(
            granted=Count("id", filter=Q(state=State.GRANTED)),
            withdrawn=Count("id", filter=Q(state=State.WITHDRAWN)),
        )
        .order_by("topic__position", "topic", "channel", "purpose")
    )
    return [dict(row) for row in counted]


def _context(request: TeamRequest) -> dict[str, Any]:
    counted = (
        ConsentState.objects.lasting()
        .filter(person__erased_at=None, person__merged_into=None)
        .values("channel", "purpose", "state")
        .annotate(people=Count("id"), newest=Max("at"))
    )
    cells = {(c["channel"], c["purpose"], c["state"]): c["people"] for c in counted}
    everyone = Person.objects.present().count()
    matrix = [
        {
            "channel": channel,
            "purpose": purpose,
            "granted": cells.get((channel, purpose, "granted"), 0),
            "withdrawn": cells.get((channel, purpose, "withdrawn"), 0),
        }
        for channel in CHANNELS
        for purpose in PURPOSES
        if channel in ("email", "sms") or (channel, purpose) in {key[:2] for key in cells}
    ]
    for row in matrix:
        row["unknown"] = everyone - int(row["granted"]) - int(row["withdrawn"])
    lapsed = (
        ConsentState.objects.consents()
        .filter(state=State.GRANTED, expires_at__lte=timezone.now())
        .filter(person__erased_at=None, person__merged_into=None)
        .values("person")
        .distinct()
        .count()
    )
    soon = (
        ConsentState.objects.granted()
        .filter(expires_at__lte=timezone.now() + timedelta(days=30))
        .filter(person__erased_at=None, person__merged_into=None)
        .values("person")
        .distinct()
        .count()
    )
    latest = ConsentEntry.objects.select_related("person", "by", "topic").order_by("-id")[:LATEST]
    a_day_ago = timezone.now() - timedelta(days=1)
    return {
        "matrix": matrix,
        "of_topics": _of_topics(),
        "lapsed": lapsed,
        "soon": soon,
        "everyone": everyone,
        "channels": CHANNELS,
        "purposes": PURPOSES,
        "suppressed": Suppression.objects.values("channel", "reason")
        .annotate(addresses=Count("id"), newest=Max("at"))
        .order_by("channel", "reason"),
        "reasons": dict(Suppression.Reason.choices),
        "entries": [
            (entry, face(entry.person, clear=request.user.may("people.pii"))) for entry in latest
        ],
        "withdrawn_today": ConsentEntry.objects.filter(
            state="withdrawn", at__gte=a_day_ago
        ).count(),
        "may_edit": request.user.may("consent.edit"),
        "is_empty": not counted,
    }
