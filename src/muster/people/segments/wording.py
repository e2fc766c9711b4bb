"""Why somebody is in a segment or not, in words (PE4)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import get_language, gettext

from muster.kit import clock
from muster.people.segments.counting import names_in
from muster.team.users.models import Workspace
from muster.ui import formats
from muster.warehouse.explain import Reason
from muster.warehouse.sentence import sentence


@dataclass(frozen=True)
class Line:
    """One condition in words, and what the person has."""

    condition: str
    has: str
    ok: bool
    parts: tuple[Line, ...] = ()


def reason(told: Reason) -> Line:
    """A reason in the reader's language."""
    words = sentence(told.rule, get_language() or "en", names_in(told.rule))
    parts = tuple(reason(part) for part in told.parts) if told.key in ("all", "any") else ()
    return Line(words, _has(told), told.ok, parts)


def _has(told: Reason) -> str:
    facts, language = told.facts, get_language() or "en"

    def when(moment: datetime) -> str:
        return formats.when(moment, language, Workspace.here().zone, now=clock.now())

    if "value" in facts:
        value = facts["value"]
        if value is None:
            return gettext("not known")
        if isinstance(value, bool):
            return gettext("yes") if value else gettext("no")
        if isinstance(value, int | float):
            return formats.number(value, language)
        return when(value) if isinstance(value, datetime) else str(value)
    if "count" in facts:
        times = gettext("%(count)s times") % {"count": formats.number(facts["count"], language)}
        last = facts.get("last")
        if last is None:
            return times
        return gettext("%(times)s, last %(when)s") % {"times": times, "when": when(last)}
    if "state" in facts:
        return {
            "granted": gettext("allowed"),
            "withdrawn": gettext("withdrawn"),
        }.get(str(facts["state"]), gettext("unknown"))
    if told.since is not None:
        return when(told.since)
    return ""
