"""The scorecard (PE7): what people get points for. Reads one and says what is wrong with it.

Behaviour counts while it is fresh: each event of a rule gives its points × 2^(−age/half-life), and
a rule gives at most its cap. Fit counts while it is so. Nothing here touches data or the clock.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from muster.kit.errors import Invalid, Problem
from muster.kit.words import _
from muster.warehouse.rules import GRADES, Event, Trait, parse, to_json

MOST_RULES = 40
MOST_POINTS = 1_000
MOST_DAYS = 3_650
MOST_NAME = 80
_NOTHING = {"behaviour": [], "fit": [], "grades": {"A": 60, "B": 40, "C": 20}, "bands": {}}
BANDS = ("hot", "warm")
"""From so many points on; below both a person is cold."""


@dataclass(frozen=True)
class Behaviour:
    """Something that people do and get points for, or lose some by."""

    event: Event
    """Name and conditions on its properties alone."""
    points: int
    half_life: float | None = None
    """Days after which it counts half; None: it never fades."""
    cap: int | None = None
    """What all of it together gives at most, or takes at most."""
    name: str = ""


@dataclass(frozen=True)
class Fit:
    """Something that people are and get points for, or lose some by."""

    trait: Trait
    points: int
    name: str = ""


@dataclass(frozen=True)
class Scorecard:
    """What points are given for, and from how many on they mean what."""

    behaviour: tuple[Behaviour, ...] = ()
    fit: tuple[Fit, ...] = ()
    grades: tuple[int, int, int] = (60, 40, 20)
    """The least points of fit for an A, a B and a C; everybody else has a D."""
    bands: tuple[int, int] = (60, 30)
    """The least points of behaviour for being hot and for being warm."""

    def grade(self, fit: float) -> str:
        """The grade that so many points of fit give."""
        for grade, least in zip(GRADES, self.grades, strict=False):
            if fit >= least:
                return grade
        return GRADES[-1]

    def band(self, points: float) -> str:
        """hot, warm or cold."""
        for band, least in zip(BANDS, self.bands, strict=True):
            if points >= least:
                return band
        return "cold"


def read(data: object) -> Scorecard:
    """The scorecard that this JSON value says. Raises `Invalid` with every problem at once."""
    if not isinstance(data, Mapping):
        raise Invalid.at("", "wrong_type", _("A scorecard must be an object."))
    reader = _Reader()
    card = reader.card({**_NOTHING, **data})
    if reader.problems:
        raise Invalid.of(reader.problems)
    return card


def written(card: Scorecard) -> dict[str, object]:
    """The JSON form of a scorecard; `read` reads it back to an equal one."""
    return {
        "behaviour": [
            {
                **to_json(one.event),
                "points": one.points,
                "half_life": one.half_life,
                "cap": one.cap,
                "name": one.name,
            }
            for one in card.behaviour
        ],
        "fit": [{**to_json(one.trait), "points": one.points, "name": one.name} for one in card.fit],
        "grades": dict(zip(GRADES, card.grades, strict=False)),
        "bands": dict(zip(BANDS, card.bands, strict=True)),
    }


class _Reader:
    """Reads JSON values into a scorecard and collects what is wrong on the way."""

    def __init__(self) -> None:
        self.problems: list[Problem] = []

    def problem(self, at: str, code: str, text: str, **params: object) -> None:
        self.problems.append(Problem(at, code, text, params))

    def card(self, data: Mapping[str, object]) -> Scorecard:
        for key in sorted(set(data) - set(_NOTHING)):
            self.problem(f"/{key}", "unknown_field", _("There is no field “%(name)s”."), name=key)
        behaviour = [self._behaviour(one, at) for at, one in self._rows(data, "behaviour")]
        fit = [self._fit(one, at) for at, one in self._rows(data, "fit")]
        grades = self._steps(data, "grades", GRADES[:-1])
        bands = self._steps(data, "bands", BANDS)
        return Scorecard(
            tuple(one for one in behaviour if one),
            tuple(one for one in fit if one),
            (grades[0], grades[1], grades[2]) if len(grades) == 3 else Scorecard.grades,
            (bands[0], bands[1]) if len(bands) == 2 else Scorecard.bands,
        )

    def _rows(
        self, data: Mapping[str, object], key: str
    ) -> Sequence[tuple[str, Mapping[str, object]]]:
        rows = data[key]
        if not isinstance(rows, Sequence) or isinstance(rows, str):
            self.problem(f"/{key}", "wrong_type", _("This must be a list of rules."))
            return []
        if len(rows) > MOST_RULES:
            self.problem(
                f"/{key}",
                "too_many",
                _("There are %(count)s rules; at most %(limit)s are possible."),
                count=len(rows),
                limit=MOST_RULES,
            )
            return []
        found = []
        for i, row in enumerate(rows):
            if isinstance(row, Mapping):
                found.append((f"/{key}/{i}", row))
            else:
                self.problem(f"/{key}/{i}", "wrong_type", _("A rule must be an object."))
        return found

    def _behaviour(self, data: Mapping[str, object], at: str) -> Behaviour | None:
        points, name = self._points(data, at), self._name(data, at)
        half_life = self._number(data, "half_life", at, MOST_DAYS)
        cap = self._number(data, "cap", at, 100 * MOST_POINTS)
        what = {key: data[key] for key in data if key not in _OF_POINTS}
        for key in sorted(set(what) - {"event", "where"}):
            text = _("There is no field “%(name)s”.")
            self.problem(f"{at}/{key}", "unknown_field", text, name=key)
        rule = self._parsed({key: what.get(key) for key in ("event", "where") if key in what}, at)
        if not isinstance(rule, Event) or points is None:
            return None
        return Behaviour(rule, points, half_life, int(cap) if cap else None, name)

    def _fit(self, data: Mapping[str, object], at: str) -> Fit | None:
        points, name = self._points(data, at), self._name(data, at)
        what = {key: data[key] for key in data if key not in _OF_POINTS}
        rule = self._parsed(what, at)
        if rule is not None and not isinstance(rule, Trait):
            self.problem(at, "not_a_trait", _("Fit is about traits: add “trait” and “op”."))
            return None
        return Fit(rule, points, name) if isinstance(rule, Trait) and points is not None else None

    def _parsed(self, what: Mapping[str, object], at: str) -> object:
        try:
            return parse(what)
        except Invalid as invalid:
            self.problems += invalid.below(at).errors
            return None

    def _points(self, data: Mapping[str, object], at: str) -> int | None:
        value = data.get("points")
        is_whole = isinstance(value, int) and not isinstance(value, bool)
        if isinstance(value, int) and is_whole and 0 < abs(value) <= MOST_POINTS:
            return value
        text = _("Give whole points from −%(most)s to %(most)s, but not 0.")
        self.problem(f"{at}/points", "bad_points", text, most=MOST_POINTS)
        return None

    def _number(self, data: Mapping[str, object], key: str, at: str, most: int) -> float | None:
        value = data.get(key)
        if value is None:
            return None
        if isinstance(value, int | float) and not isinstance(value, bool) and 0 < value <= most:
            return value
        text = _("This must be more than 0 and at most %(most)s, or left out.")
        self.problem(f"{at}/{key}", "bad_number", text, most=most)
        return None

    def _name(self, data: Mapping[str, object], at: str) -> str:
        value = data.get("name") or ""
        if isinstance(value, str) and len(value) <= MOST_NAME:
            return " ".join(value.split())
        text = _("This has at most %(most)s characters.")
        self.problem(f"{at}/name", "too_long", text, most=MOST_NAME)
        return ""

    def _steps(self, data: Mapping[str, object], key: str, names: Sequence[str]) -> list[int]:
        given = data[key]
        default = dict(
            zip(names, Scorecard.grades if key == "grades" else Scorecard.bands, strict=False)
        )
        if not isinstance(given, Mapping):
            self.problem(f"/{key}", "wrong_type", _("This must be an object."))
            return []
        steps = [{**default, **given}.get(name) for name in names]
        whole = [one for one in steps if isinstance(one, int) and not isinstance(one, bool)]
        if len(whole) != len(names) or set(given) - set(names):
            text = _("Give a whole number for each of: %(names)s.")
            self.problem(f"/{key}", "bad_number", text, names=", ".join(names))
        elif any(lower >= higher for higher, lower in pairwise(whole)):
            text = _("Each step needs fewer points than the one before: %(names)s.")
            self.problem(f"/{key}", "wrong_order", text, names=", ".join(names))
        return whole


_OF_POINTS = ("points", "half_life", "cap", "name")
