"""The time line of a person (PE1): what happened, in words, by day and by kind."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from itertools import groupby
from typing import Any
from zoneinfo import ZoneInfo

from django.utils.translation import gettext

from muster.events import names
from muster.kit.words import _
from muster.people.directory.words import EVENTS, STAGES
from muster.people.masking import masked_facts, masked_text
from muster.people.profile.panels import names_of
from muster.team.stores import warehouse
from muster.team.users.models import Workspace
from muster.warehouse.timeline import Moment, moments

PAGE = 40
_MESSAGES = (
    names.MESSAGE_QUEUED,
    names.MESSAGE_SENT,
    names.MESSAGE_DELIVERED,
    names.MESSAGE_OPENED,
    names.MESSAGE_CLICKED,
    names.MESSAGE_BOUNCED,
    names.MESSAGE_COMPLAINED,
    names.MESSAGE_FAILED,
)
_ORDERS = (*names.OF_ORDERS, *names.OF_CARTS)
_SYSTEM = (
    names.PROFILE_UPDATED,
    names.ALIAS_MADE,
    names.GROUP_JOINED,
    *names.TAG_EVENTS,
    *names.MERGE_EVENTS,
)


@dataclass(frozen=True)
class Kind:
    """One filter of the time line."""

    key: str
    title: str
    icon: str
    names: tuple[str, ...]
    """Events of this kind; empty for everything that belongs to no other."""


KINDS = (
    Kind("messages", _("Messages"), "mail", _MESSAGES),
    Kind("orders", _("Orders"), "shopping-cart", _ORDERS),
    Kind("service", _("Service"), "messages", names.OF_TICKETS),
    Kind("deals", _("Deals"), "flag", (*names.OF_LEADS, *names.OF_DEALS)),
    Kind("behaviour", _("Behaviour"), "pointer", ()),
    Kind("consent", _("Consent"), "shield-check", names.CONSENT_EVENTS),
    Kind("system", _("System"), "settings", _SYSTEM),
)
_KIND_OF = {name: kind for kind in KINDS for name in kind.names}
_NAMED = tuple(_KIND_OF)


@dataclass(frozen=True)
class Line:
    """One event as the page shows it."""

    moment: Moment
    kind: Kind
    title: str
    """English, marked for translation; an event without words of ours keeps its name."""
    details: tuple[str, ...]

    @property
    def is_machine(self) -> bool:
        return self.moment.actor == "machine"


@dataclass(frozen=True)
class Day:
    """The events of one day in the workspace's time zone."""

    day: date
    lines: tuple[Line, ...]


def lines_of(
    person_id: int, *, clear: bool, kind: str = "", before: str = "", limit: int = PAGE
) -> list[Line]:
    """The newest events of a kind (or of all), those before the moment if it is given.

    Without `clear` what they say of who the person is stands masked.
    """
    wanted = next((one for one in KINDS if one.key == kind), None)
    with warehouse() as db:
        found = moments(
            db,
            person_id,
            names=wanted.names if wanted and wanted.names else None,
            without=_NAMED if wanted and not wanted.names else (),
            before=before,
            limit=limit,
        )
    own = Workspace.here().currency
    found = [one if one.currency else replace(one, currency=own) for one in found]
    if not clear:
        found = [_masked(moment) for moment in found]
    called = names_of({name for one in found for name in (one.content, one.campaign) if name})
    return [_line(moment, called) for moment in found]


def days(lines: Sequence[Line], zone: ZoneInfo) -> Iterator[Day]:
    """The lines by day, in their order."""
    for day, of_day in groupby(lines, key=lambda line: line.moment.at.astimezone(zone).date()):
        yield Day(day, tuple(of_day))


def _masked(moment: Moment) -> Moment:
    return replace(
        moment,
        properties=masked_facts(moment.properties),
        url=masked_text(moment.url) if moment.url else moment.url,
    )


def _line(moment: Moment, called: Mapping[str, str]) -> Line:
    other = next(one for one in KINDS if not one.names)
    details = tuple(_details(moment, called))
    if moment.is_hearsay:
        # Our words would make a fact of it.
        source = moment.source.removeprefix("key:")
        told = gettext("reported by %(source)s") % {"source": source}
        return Line(moment, other, moment.name, (told, *details))
    kind = _KIND_OF.get(moment.name, other)
    return Line(moment, kind, EVENTS.get(moment.name, moment.name), details)


def _is_of_lead(moment: Moment) -> bool:
    """Whether a deal is one of our own leads, and not what a CRM told."""
    return str(moment.properties.get("lead", "")).startswith("led_")


def _details(moment: Moment, called: Mapping[str, str]) -> Iterator[str]:
    said: dict[str, Any] = moment.properties
    if moment.name in names.TAG_EVENTS:
        yield str(said.get("tag", ""))
    content = called.get(moment.content or "", moment.content)
    for value in (content, said.get("subject"), said.get("name"), said.get("title")):
        if isinstance(value, str) and value:
            yield value
            break
    products = said.get("products")
    if isinstance(products, list):
        listed = [str(p.get("name") or p.get("product_id") or "") for p in products if p]
        yield ", ".join(name for name in listed[:3] if name)
    if moment.name in names.OF_LEADS or _is_of_lead(moment):
        if said.get("stage") in STAGES:
            yield gettext(STAGES[said["stage"]])
    elif moment.name in (*names.OF_TICKETS, *names.OF_DEALS):
        # What a service desk or a CRM says of it, in the fields of our documentation.
        for field in ("stage", "status", "rating", "reason", "owner"):
            if said.get(field) not in (None, ""):
                yield str(said[field])
    if moment.order_id:
        yield f"#{moment.order_id}"
    if moment.url:
        yield moment.url.partition("?")[0]
    if moment.campaign:
        yield called.get(moment.campaign, moment.campaign)
