"""Panels that people's own subjects add to a person's page."""

from __future__ import annotations

from typing import Any

from django.utils import timezone

from muster.people.consent.views import panel_context
from muster.people.identity.views import panel_context as who_context
from muster.people.leads.panel import panel_context as lead_context
from muster.people.portrait.asking import portrait_of
from muster.people.profile.models import Person
from muster.people.profile.panels import panel
from muster.people.segments.counting import containing
from muster.team.stores import NO_NUMBERS
from muster.team.users.models import User
from muster.ui.middleware import worded


@panel("consent", "people/consent/panel.html", order=10, permission="people.see")
def consent(person: Person, reader: User) -> dict[str, Any]:
    """What the person allowed, with its proof."""
    return {**panel_context(person, reader), "may_edit": reader.may("consent.edit")}


@panel("identity", "people/identity/panel.html", order=5, permission="people.see")
def identity(person: Person, reader: User) -> dict[str, Any]:
    """By what the person is recognised, and who was merged into them."""
    return who_context(person, reader)


@panel("portrait", "people/portrait/panel.html", order=1, permission="people.see")
def portrait(person: Person, reader: User) -> dict[str, Any] | None:
    """Words about the person, each with its evidence."""
    try:
        found = portrait_of(person, timezone.now())
    except NO_NUMBERS:
        return None
    said = [
        {"text": worded(word.text, word.params), "evidence": worded(word.evidence, word.params)}
        for word in found
    ]
    return {"words": said} if said else None


@panel("segments", "people/segments/panel.html", order=20, permission="segments.see")
def segments(person: Person, reader: User) -> dict[str, Any] | None:
    """The segments that the person is in now."""
    try:
        return {"segments": containing(person)}
    except NO_NUMBERS:
        return None


@panel("lead", "people/leads/panel.html", order=8, permission="leads.work")
def lead(person: Person, reader: User) -> dict[str, Any] | None:
    """How the person stands by the scorecard, and the lead they are."""
    try:
        return lead_context(person, reader)
    except NO_NUMBERS:
        return None
