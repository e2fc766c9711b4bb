"""What people do with personas (PE6): describe one, let a segment speak for it, count again."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext

from muster.kit.errors import Invalid, Problem, Refused
from muster.kit.words import _
from muster.people.consent.rules import CHANNELS
from muster.people.personas.models import Persona
from muster.people.segments.actions import remember
from muster.people.segments.counting import counted, members
from muster.people.segments.models import Segment
from muster.team.changes.actions import record_change
from muster.team.changes.models import Change
from muster.team.stores import warehouse
from muster.team.users.models import User, Workspace
from muster.warehouse.portrait import Portrait, portrait
from muster.warehouse.rules import IDENTITY_TRAITS

TEXTS = ("who", "aims", "pains", "objections", "words")
FIELDS = frozenset({"name", "channels", "hours", "segment", *TEXTS})
HIDDEN = frozenset({*IDENTITY_TRAITS, "last_import", "birthday"})
_TELLING = 1.1
"""A value this many times as common as among everybody says something."""
_CITY = frozenset({"city", "城市", "所在城市"})


class ChangedMeanwhile(Refused):
    """Someone else changed the persona."""

    code = "changed_meanwhile"
    text = _("Someone changed this persona since you opened it. Load it again, then change it.")


@transaction.atomic
def describe(fields: Mapping[str, Any], *, by: User, sample: bool = False) -> Persona:
    """A new persona. Raises Invalid with every problem."""
    persona = Persona(by=by, sample=sample)
    _take(persona, fields)
    persona.save()
    record_change("made", persona, by=by)
    return persona


@transaction.atomic
def change(
    persona: Persona, fields: Mapping[str, Any], *, by: User, version: int | None = None
) -> Change | None:
    """Change some fields and nothing else; None if all stayed as it was."""
    persona = Persona.objects.select_for_update().get(pk=persona.pk)
    if version is not None and version != persona.version:
        raise ChangedMeanwhile
    before = {name: getattr(persona, name, None) for name in fields}
    _take(persona, fields)
    changed = {name: old for name, old in before.items() if getattr(persona, name) != old}
    if not changed:
        return None
    if "segment" in changed:
        persona.numbers, persona.counted_at = {}, None
    persona.version += 1
    persona.save()
    undo = {name: old.pk if isinstance(old, Segment) else old for name, old in changed.items()}
    return record_change("changed", persona, by=by, undo=undo, fields=sorted(changed))


@transaction.atomic
def remove(persona: Persona, *, by: User) -> Change:
    """Take a persona away; it can be brought back."""
    persona.deleted_at = timezone.now()
    persona.save(update_fields=["deleted_at"])
    return record_change("removed", persona, by=by, undo={"deleted_at": None})


def refresh(persona: Persona) -> Persona:
    """Count the segment behind it again, and keep what is typical of its people."""
    if persona.segment is None:
        raise Refused(_("No segment stands behind this persona. Choose one first."))
    found = counted(persona.segment.rule)
    remember(persona.segment, found)
    with warehouse(seconds=60) as db:
        seen = portrait(db, members(persona.segment), Workspace.here().zone, HIDDEN)
    persona.numbers = {
        "count": found.count,
        "everyone": found.everyone,
        "reachable": dict(found.reachable),
        **_numbers(seen),
    }
    persona.counted_at = timezone.now()
    persona.save(update_fields=["numbers", "counted_at"])
    return persona


def from_segment(segment: Segment, *, by: User) -> Persona:
    """A persona whose words are drawn from what is typical of a segment's people."""
    with warehouse(seconds=60) as db:
        seen = portrait(db, members(segment), Workspace.here().zone, HIDDEN)
    if not seen.count:
        raise Refused(
            _("Nobody is in “%(segment)s” now, so there is nothing to describe."),
            segment=segment.name,
        )
    telling = [one for one in seen.traits if one.lift >= _TELLING] or list(seen.traits)
    telling = sorted(telling, key=lambda one: (-one.lift, -one.share))[:4]
    who = [
        gettext("%(trait)s: %(value)s (%(share)s %%)")
        % {"trait": one.trait, "value": one.value, "share": round(one.share * 100)}
        for one in telling
    ]
    persona = describe(
        {
            "name": segment.name[:80],
            "who": "\n".join(who),
            "channels": [str(CHANNELS.get(channel, channel)) for channel, _n in seen.channels],
            "hours": _spoken_hours(seen),
            "segment": segment,
        },
        by=by,
    )
    return refresh(persona)


def _numbers(seen: Portrait) -> dict[str, Any]:
    cities = [[one.value, one.people, one.share] for one in seen.traits if one.trait in _CITY]
    traits = [
        [one.trait, one.value, one.people, one.share, one.everyone]
        for one in seen.traits
        if one.trait not in _CITY
    ]
    return {
        "cities": cities,
        "traits": traits,
        "channels": [list(one) for one in seen.channels],
        "hours": [list(one) for one in seen.hours],
    }


def _spoken_hours(seen: Portrait) -> str:
    return ", ".join(f"{first:02}:00–{after:02}:00" for first, after, _share in seen.hours[:2])


def _take(persona: Persona, fields: Mapping[str, Any]) -> None:
    problems = [
        Problem(f"/{name}", "unknown_field", _("There is no field “%(name)s”."), {"name": name})
        for name in sorted(set(fields) - FIELDS)
    ]
    for name, value in fields.items():
        if name in FIELDS:
            setattr(persona, name, value)
    persona.name = " ".join(persona.name.split())
    if not persona.name:
        problems.append(Problem("/name", "blank", _("Give the persona a name.")))
    limits = {"name": 80, "hours": 120, **dict.fromkeys(TEXTS, 1000)}
    problems += [
        Problem(f"/{name}", "too_long", _("This has at most %(most)s characters."), {"most": most})
        for name, most in limits.items()
        if len(getattr(persona, name)) > most
    ]
    if len(persona.channels) > 20 or any(
        not isinstance(one, str) or len(one) > 60 for one in persona.channels
    ):
        problems.append(
            Problem("/channels", "bad_channels", _("Name at most twenty channels, each in short."))
        )
    if problems:
        raise Invalid.of(problems)
