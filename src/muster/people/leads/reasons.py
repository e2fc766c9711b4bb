"""Why somebody has their score (PE7): what gave the most, in the reader's language."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.translation import get_language, gettext, ngettext

from muster.events import names
from muster.kit import clock
from muster.people.directory.words import EVENTS, STAGES
from muster.people.segments.builder import OPS
from muster.team.users.models import Workspace
from muster.ui import formats
from muster.warehouse import phrases
from muster.warehouse.rules import to_json
from muster.warehouse.scorecard import Scorecard, written
from muster.warehouse.scores import Standing

_FEW = 3
_TELLING = 0.05
"""What gives less than this says nothing any more."""


@dataclass(frozen=True)
class Why:
    """One thing that gave points, or took some."""

    text: str
    points: float
    is_fit: bool = False
    """Whether it is about who somebody is: that makes the grade, and adds nothing to the score."""

    @property
    def shown(self) -> str:
        """The points with their sign."""
        whole = round(self.points, 1)
        return f"{'+' if whole > 0 else '−'}{formats.number(abs(whole), get_language() or 'en')}"


def kept(standing: Standing, card: Scorecard) -> list[dict[str, Any]]:
    """What made the score, as it is kept with a lead: the scorecard may change later."""
    rules: Any = written(card)
    rows = []
    for part in standing.behaviour:
        if abs(part.points) < _TELLING:
            continue
        rule = rules["behaviour"][part.place]
        row = {key: rule[key] for key in ("event", "where", "name") if rule.get(key)}
        row |= {"points": round(part.points, 1), "count": part.count}
        rows.append({**row, "last": part.last.isoformat() if part.last else None})
    for place in standing.fitting:
        one = card.fit[place]
        rows.append({**to_json(one.trait), "name": one.name, "points": one.points})
    return rows


def worded(rows: Sequence[Mapping[str, Any]]) -> list[Why]:
    """What was kept, in the reader's language."""
    return [Why(_text(row), float(row["points"]), "event" not in row) for row in rows]


@dataclass(frozen=True)
class Total:
    """What adds up to a score: what is shown of it, and the rest."""

    total: float
    shown: tuple[Why, ...]
    rest: float
    """What the others give; a score that would be less than nothing is held at nothing."""

    @property
    def rest_shown(self) -> str:
        return Why("", self.rest).shown if self.rest else ""


def summed(reasons: Sequence[Why], total: float, *, fit: bool, most: int = 99) -> Total:
    """The reasons of one kind that make `total`, at most so many of them one by one."""
    mine = tuple(one for one in reasons if one.is_fit == fit)[:most]
    total = round(total, 1)
    return Total(total, mine, round(total - sum(round(one.points, 1) for one in mine), 1))


def _text(row: Mapping[str, Any]) -> str:
    if "event" not in row:
        return row.get("name") or fitting(row)
    what = row.get("name") or doing(row)
    language, count = get_language() or "en", int(row.get("count") or 0)
    last = datetime.fromisoformat(row["last"]) if row.get("last") else None
    if last is None:
        return what
    words = ngettext(
        "%(what)s: %(times)s time, on %(when)s",
        "%(what)s: %(times)s times, last on %(when)s",
        count,
    )
    return words % {
        "what": what,
        "times": formats.number(count, language),
        "when": formats.when(last, language, Workspace.here().zone, now=clock.now()),
    }


def doing(row: Mapping[str, Any]) -> str:
    """What somebody did, with the conditions on it."""
    what = event_label(str(row["event"]))
    of_leads = row["event"] in names.OF_LEADS
    conditions = [
        compared(str(one["property"]), one["op"], _staged(one) if of_leads else one.get("value"))
        for one in row.get("where", [])
    ]
    if not conditions:
        return what
    listed = formats.listed(conditions, get_language() or "en")
    return gettext("%(what)s (%(conditions)s)") % {"what": what, "conditions": listed}


def _staged(one: Mapping[str, Any]) -> Any:
    """What a condition on an event of a lead asks for, its stage by name."""
    given = one.get("value")
    if one["property"] != "stage":
        return given
    if isinstance(given, list | tuple):
        return [gettext(STAGES[each]) if each in STAGES else each for each in given]
    return gettext(STAGES[given]) if given in STAGES else given


def fitting(row: Mapping[str, Any]) -> str:
    """What somebody is."""
    name, op = str(row["trait"]), str(row["op"])
    if name == "mail_domain" and op == "not_in":
        return gettext("Writes from a company's address")
    return compared(name, op, row.get("value"))


def compared(name: str, op: str, given: Any) -> str:
    """A trait or property and what it is compared with."""
    words = gettext("%(trait)s %(op)s %(value)s")
    said = {"trait": label(name), "op": gettext(OPS[op]), "value": value(given)}
    return (words % said).strip()


def event_label(name: str) -> str:
    """What an event is called."""
    return gettext(EVENTS[name]) if name in EVENTS else name


def label(name: str) -> str:
    """What a trait or property is called."""
    language = get_language() or "en"
    words = {
        "zh-hans": phrases.SIMPLIFIED.traits,
        "zh-hant": phrases.TRADITIONAL.traits,
    }.get(language, phrases.ENGLISH_TRAITS)
    return gettext("stage") if name == "stage" else words.get(name, name)


def value(given: Any) -> str:
    """A value, or the first of several."""
    if given is None:
        return ""
    if not isinstance(given, list | tuple):
        return str(formats.whole(given))
    few = [str(formats.whole(one)) for one in given[:_FEW]]
    shown = formats.listed(few, get_language() or "en")
    return f"{shown} …" if len(given) > _FEW else shown
