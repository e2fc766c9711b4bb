"""What the palette offers of people: the places, importing, and people by name or address."""

from __future__ import annotations

from collections.abc import Iterable
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from muster.people.accounts.models import Account
from muster.people.directory.search import Asked, matching
from muster.people.masking import face
from muster.people.personas.models import Persona
from muster.people.segments.models import Segment
from muster.team.users.models import User
from muster.ui.palette import Entry, Help, creates, entries, helps

FEW = 5


@entries
def _people(user: User, query: str) -> Iterable[Entry]:
    if user.may("people.see"):
        yield Entry(
            "go", _("All people"), reverse("people:people"), _("Audience"), "users", ("people",)
        )
        yield Entry(
            "go",
            _("Consent and suppression"),
            reverse("people:consent"),
            _("Audience"),
            "shield-check",
            ("consent", "unsubscribe"),
        )
        for name, title, words in (
            ("choices", _("Topics and texts"), ("topic", "text")),
            ("law", _("Law"), ("gdpr", "pipl", "can-spam")),
            ("requests", _("Requests"), ("access", "erasure")),
        ):
            url = reverse(f"people:{name}")
            yield Entry("go", title, url, _("Consent"), "shield-check", words)
    if user.may("campaigns.see"):
        url = reverse("people:personas")
        yield Entry("go", _("Personas"), url, _("Audience"), "users", ("persona",))
        for persona in Persona.objects.visible_to(user)[:100]:
            url = reverse("people:persona", args=[persona.pk])
            yield Entry("go", persona.name, url, _("Persona"), "users")
    if user.may("people.import"):
        yield Entry("do", _("Import people"), reverse("people:import"), icon="upload")
        yield Entry("do", _("Add a person"), reverse("people:new"), icon="user-plus")
    # One Chinese character is a family name; one Latin letter would find everybody.
    if user.may("people.see") and (len(query) >= 2 or not query.isascii()):
        clear = user.may("people.pii")
        for person in matching(Asked(query), clear=clear).order_by("-pk")[:FEW]:
            shown = face(person, clear=clear)
            url = reverse("people:person", args=[person.pk])
            # The mask may hide the very letters that were typed, so they come along as a keyword.
            yield Entry("go", shown.title, url, _("Person"), "user", (query,), "people")


@creates
def _new_segment(user: User, words: str, at: str) -> Iterable[Entry]:
    if user.may("segments.edit"):
        url = f"{reverse('people:segments')}?{urlencode({'name': words})}#new-segment"
        title = gettext("Segment “%(name)s”") % {"name": words}
        yield Entry("create", title, url, icon="users-group")


@entries
def _segments(user: User, query: str) -> Iterable[Entry]:
    if user.may("segments.see"):
        here = _("Audience")
        yield Entry("go", _("Segments"), reverse("people:segments"), here, "users-group")
        for segment in Segment.objects.visible_to(user).order_by("-updated_at")[:300]:
            url = reverse("people:segment", args=[segment.pk])
            yield Entry("go", segment.name, url, _("Segment"), "users-group")


@entries
def _leads(user: User, query: str) -> Iterable[Entry]:
    if not user.may("leads.work"):
        return
    here = _("Audience")
    words = ("lead", "mql", "sales")
    yield Entry("go", _("Sales leads"), reverse("people:leads"), here, "user-check", words)
    yield Entry(
        "go", _("Accounts"), reverse("people:accounts"), here, "building-store", ("company", "abm")
    )
    for account in Account.objects.visible_to(user)[:300]:
        url = reverse("people:account", args=[account.pk])
        yield Entry("go", account.name, url, _("Account"), "building-store")
    if user.may("leads.model"):
        yield Entry(
            "go", _("Scoring"), reverse("people:scoring"), _("Sales leads"), "gauge", ("score",)
        )
        yield Entry(
            "go", _("Hand-over"), reverse("people:handover"), _("Sales leads"), "route", ("sla",)
        )


@creates
def _new_account(user: User, words: str, at: str) -> Iterable[Entry]:
    if user.may("leads.work"):
        url = f"{reverse('people:accounts')}?{urlencode({'name': words})}#new-account"
        title = gettext("Account “%(name)s”") % {"name": words}
        yield Entry("create", title, url, icon="building-store")


_HELP: tuple[Help, ...] = (
    (
        _("Sales leads: how somebody becomes one"),
        "people:leads",
        "leads.work",
        _(
            "Whoever scores enough becomes a lead, once. It is handed to a colleague, and a clock"
            " runs until somebody has spoken to the person."
        ),
        ("线索", "leads", "mql"),
    ),
    (
        _("Scoring: how points fade"),
        "people:scoring",
        "leads.model",
        _(
            "What people do gives points that fade: after one half-life an event counts half, after"
            " two a quarter. A rule gives at most its cap."
        ),
        ("评分", "score"),
    ),
)


@helps
def _help(user: User, at: str) -> Iterable[Entry]:
    for title, route, permission, hint, words in _HELP:
        if user.may(permission):
            yield Entry("help", title, f"{reverse(route)}#shortcuts", hint, "help-circle", words)
