"""What is odd about the rule of a segment (PE4), beside its conditions and in words."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeAlias

from django.utils.translation import get_language

from muster.kit import clock
from muster.people.consent.rules import CHANNELS
from muster.people.segments.catalogue import catalogue
from muster.people.segments.counting import names_in
from muster.people.segments.models import Segment
from muster.team.users.models import Workspace
from muster.ui.middleware import worded
from muster.warehouse.lint import TEXTS, Hint, Known, lint, part
from muster.warehouse.rules import Rule, parse
from muster.warehouse.sentence import phrase

Uses: TypeAlias = "Callable[[Segment], Sequence[str]]"
_uses: list[Uses] = []


def used_on(channels: Uses) -> Uses:
    """Ask this function on which channels a segment is used: a part above knows."""
    _uses.append(channels)
    return channels


def hints(rule: Mapping[str, Any], segment: Segment | None = None) -> list[dict[str, Any]]:
    """Everything odd, in the reader's language: place, code, message and the condition meant.

    Raises Invalid where the rule cannot be read.
    """
    read = parse(rule)
    found = catalogue()
    known = Known(
        clock.now(),
        Workspace.here().zone,
        events=found.every_event,
        traits=found.given_traits,
        channels=[] if segment is None else [one for use in _uses for one in use(segment)],
    )
    return [
        {
            "at": hint.at,
            "code": hint.code,
            "message": _message(hint),
            "condition": _said(part(read, hint.at)),
        }
        for hint in lint(read, known)
    ]


def _said(rule: Rule) -> str:
    return phrase(rule, get_language() or "en", names_in(rule))


def _message(hint: Hint) -> str:
    params = {}
    if hint.other is not None:
        params["other"] = _said(hint.other)
    if hint.channel:
        params["channel"] = worded(CHANNELS.get(hint.channel, hint.channel), {})
    return worded(TEXTS[hint.code], params)
