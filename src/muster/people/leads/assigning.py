"""Who gets a lead (PE7): by rules in their order, whoever has most room, nobody who is away."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

import pyarrow as pa
from django.db.models import Count, Max, Q

from muster.kit import ids
from muster.kit.errors import Invalid
from muster.kit.words import _
from muster.people.leads import rules
from muster.people.leads.models import Handover, Lead
from muster.people.segments.counting import context
from muster.team.calendars.working import days_away, work_calendar
from muster.team.stores import warehouse
from muster.team.users.models import User, Workspace
from muster.warehouse.rules import parse
from muster.warehouse.segments import memberships


@dataclass(frozen=True)
class Given:
    """A lead and who shall have it; None while everybody is full or away."""

    lead: Lead
    to: User | None
    rule: str = ""
    """The name of the rule that decided."""


def sellers() -> list[User]:
    """Everybody who sells: those whose role is sales and who may work on leads."""
    found = User.objects.filter(is_active=True, role="sales").order_by("pk")
    return [one for one in found if one.may("leads.work")]


def choose(leads: Sequence[Lead], handover: Handover, now: datetime) -> list[Given]:
    """Who shall have each of these leads, the best first; nothing is written."""
    people = _by_rule(leads, handover, now)
    everybody = {one.pk: one for one in User.objects.filter(is_active=True)}
    fallback = [one.pk for one in sellers()]
    named = [
        (str(one.get("name", "")), numbers_of(one.get("to", [])) or fallback)
        for one in handover.rules
    ]
    wanted = {pk for _name, some in named for pk in some} | set(fallback)
    turns = _turns([pk for pk in wanted if pk in everybody], handover, now)
    given = []
    for lead in sorted(leads, key=lambda one: (-one.score, one.pk)):
        place = people.get(lead.person_id)
        name, some = named[place] if place is not None else ("", fallback)
        chosen = rules.whose_turn([turns[pk] for pk in some if pk in turns])
        if chosen is not None:
            turns[chosen.pk] = replace(chosen, has=chosen.has + 1, last=now)
        given.append(Given(lead, everybody[chosen.pk] if chosen else None, name))
    return given


def numbers_of(public_ids: Sequence[str]) -> list[int]:
    """The members behind public ids; others are left out."""
    return [number for one in public_ids if (number := ids.number("user", str(one))) is not None]


def _turns(users: Sequence[int], handover: Handover, now: datetime) -> dict[int, rules.Seller]:
    """Those who are at work on the next working day, with what they have."""
    zone = Workspace.here().zone
    today = now.astimezone(zone).date()
    day = work_calendar(today).first_from(today)
    rows = User.objects.filter(pk__in=users)
    away = days_away(list(rows), day, day)
    busy = Q(leads__state__in=(rules.NEW, rules.ACCEPTED, rules.WORKING))
    counted = rows.annotate(has=Count("leads", filter=busy), last=Max("leads__assigned_at"))
    return {
        pk: rules.Seller(pk, has, handover.room_of(pk), last)
        for pk, has, last in counted.values_list("pk", "has", "last")
        if day not in away.get(pk, ())
    }


def _by_rule(leads: Sequence[Lead], handover: Handover, now: datetime) -> dict[int, int]:
    """Person → the place of the first rule that means them; all rules are one question."""
    with_rule = [(i, one.get("when")) for i, one in enumerate(handover.rules)]
    asked = [(i, parse(when)) for i, when in with_rule if when]
    found: dict[int, int] = defaultdict(lambda: len(handover.rules))
    people = sorted({lead.person_id for lead in leads})
    if asked:
        with warehouse(120) as db:
            meant = memberships(
                db, [rule for _i, rule in asked], context(now), pa.array(people, pa.int64())
            )
        for (place, _rule), array in zip(asked, meant, strict=True):
            for person in array.to_pylist():
                found[person] = min(found[person], place)
    for place, when in with_rule:
        if not when:
            for person in people:
                found[person] = min(found[person], place)
    return {person: place for person, place in found.items() if place < len(handover.rules)}


def checked(given: object) -> list[dict[str, object]]:
    """The rules of assignment as they are kept. Raises Invalid with the place of what is wrong."""
    if not isinstance(given, list):
        raise Invalid.at("/rules", "wrong_type", _("This must be a list of rules."))
    out: list[dict[str, object]] = []
    known = {one.public_id for one in User.objects.filter(is_active=True)}
    for i, one in enumerate(given):
        at = f"/rules/{i}"
        if not isinstance(one, dict) or set(one) - {"name", "when", "to"}:
            raise Invalid.at(at, "wrong_type", _("A rule has “name”, “when” and “to”."))
        name = " ".join(str(one.get("name", "")).split())
        if not name or len(name) > 80:
            raise Invalid.at(f"{at}/name", "blank", _("Give the rule a short name."))
        if one.get("when"):
            try:
                parse(one["when"])
            except Invalid as invalid:
                raise invalid.below(f"{at}/when") from invalid
        to = one.get("to") or []
        if not isinstance(to, list) or set(map(str, to)) - known:
            raise Invalid.at(f"{at}/to", "unknown_member", _("Name members who work here."))
        out.append({"name": name, "when": one.get("when") or None, "to": [str(x) for x in to]})
    return out
