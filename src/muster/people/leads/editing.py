"""The scorecard as a form (PE7): rows of fields, and what was typed into them as JSON again."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.utils.translation import override

from muster.people.leads.reasons import doing, event_label, fitting, label
from muster.warehouse.rules import GRADES

NO_VALUE = ("exists", "missing")
MANY = ("in", "not_in")
OF_EVENTS = ("eq", "ne", "in", "contains", "starts_with", "gt", "gte", "lt", "lte", "exists")
OF_TRAITS = ("eq", "ne", "in", "not_in", "contains", "starts_with", "gt", "gte", "lt", "lte",
             "exists", "missing")  # fmt: skip
_LONG = 8


@dataclass(frozen=True)
class Row:
    """One rule as fields and in words; `kept` is its JSON where fields are too few for it."""

    key: str
    what: str = ""
    property: str = ""
    op: str = ""
    value: str = ""
    points: Any = ""
    half_life: Any = ""
    cap: Any = ""
    name: str = ""
    kept: str = ""
    words: str = ""
    what_shown: str = ""
    """Event or trait in the reader's words; the name as it is sent stays in `what`."""
    property_shown: str = ""


def rows_of(card: Mapping[str, Any]) -> dict[str, list[Row]]:
    """The rules as rows, and an empty row of each kind to add one."""
    behaviour = [_behaviour(f"b{i}", one) for i, one in enumerate(card["behaviour"])]
    fit = [_fit(f"f{i}", one) for i, one in enumerate(card["fit"])]
    return {
        "behaviour": [*behaviour, Row(f"b{len(behaviour)}")],
        "fit": [*fit, Row(f"f{len(fit)}")],
    }


def _behaviour(key: str, one: Mapping[str, Any]) -> Row:
    where = one.get("where") or []
    first = where[0] if len(where) == 1 else {}
    is_long = len(where) > 1 or _is_long(first.get("value"))
    return Row(
        key,
        what=one["event"],
        what_shown=event_label(one["event"]),
        property="" if is_long else str(first.get("property", "")),
        property_shown="" if is_long else label(str(first.get("property", ""))),
        op="" if is_long else str(first.get("op", "")),
        value="" if is_long else _typed(first.get("value")),
        points=one["points"],
        half_life=_plain(one.get("half_life")),
        cap=_plain(one.get("cap")),
        name=one.get("name", ""),
        kept=json.dumps(where, ensure_ascii=False) if is_long else "",
        words=doing(one),
    )


def _fit(key: str, one: Mapping[str, Any]) -> Row:
    is_long = _is_long(one.get("value"))
    return Row(
        key,
        what=one["trait"],
        what_shown=label(one["trait"]),
        op=one["op"],
        value="" if is_long else _typed(one.get("value")),
        points=one["points"],
        name=one.get("name", ""),
        kept=json.dumps(one.get("value"), ensure_ascii=False) if is_long else "",
        words=fitting(one),
    )


def _is_long(value: Any) -> bool:
    return isinstance(value, list | tuple) and len(value) > _LONG


def _typed(value: Any) -> str:
    if value is None:
        return ""
    return ", ".join(map(str, value)) if isinstance(value, list | tuple) else str(value)


def _plain(value: Any) -> Any:
    if value is None:
        return ""
    return int(value) if float(value).is_integer() else value


def card_of(said: Mapping[str, str]) -> dict[str, Any]:
    """The scorecard that the fields say; what is wrong with it the reader of scorecards finds."""
    return {
        "behaviour": [_said_behaviour(said, key) for key in _keys(said, "b")],
        "fit": [_said_fit(said, key) for key in _keys(said, "f")],
        "grades": {grade: _number(said.get(f"grade-{grade}", "")) for grade in GRADES[:-1]},
        "bands": {band: _number(said.get(f"band-{band}", "")) for band in ("hot", "warm")},
    }


def _keys(said: Mapping[str, str], kind: str) -> list[str]:
    """The rows in which something stands."""
    found = [key for i in range(200) if f"{(key := f'{kind}{i}')}-what" in said]
    return [key for key in found if said[f"{key}-what"].strip()]


def _said_behaviour(said: Mapping[str, str], key: str) -> dict[str, Any]:
    row: dict[str, Any] = {"event": _named(said, f"{key}-what", event_label), **_points(said, key)}
    for name, field in (("half_life", "half"), ("cap", "cap")):
        if text := said.get(f"{key}-{field}", "").strip():
            row[name] = _number(text)
    if kept := said.get(f"{key}-kept", ""):
        row["where"] = json.loads(kept)
    elif prop := _named(said, f"{key}-property", label):
        op = said.get(f"{key}-op", "") or "eq"
        row["where"] = [{"property": prop, **_comparison(op, said.get(f"{key}-value", ""))}]
    return row


def _said_fit(said: Mapping[str, str], key: str) -> dict[str, Any]:
    op = said.get(f"{key}-op", "") or "eq"
    row = {"trait": _named(said, f"{key}-what", label), **_points(said, key)}
    if kept := said.get(f"{key}-kept", ""):
        return {**row, "op": op, "value": json.loads(kept)}
    return {**row, **_comparison(op, said.get(f"{key}-value", ""))}


def _named(said: Mapping[str, str], field: str, words: Callable[[str], str]) -> str:
    """The name that is meant: the one that the field had, if its words stand there as they were.

    What is typed anew is a name itself, for a trait may well be called like the words of another.
    """
    text, before = said.get(field, "").strip(), said.get(f"{field}-raw", "")
    for language, _name in settings.LANGUAGES if before else ():
        with override(language):
            if text == words(before):
                return before
    return text


def _points(said: Mapping[str, str], key: str) -> dict[str, Any]:
    name = said.get(f"{key}-name", "").strip()
    points = {"points": _number(said.get(f"{key}-points", ""))}
    return {**points, "name": name} if name else points


def _comparison(op: str, value: str) -> dict[str, Any]:
    if op in NO_VALUE:
        return {"op": op}
    if op in MANY:
        values = value.replace("，", ",").replace("、", ",").split(",")
        return {"op": op, "value": [one.strip() for one in values if one.strip()]}
    if op in ("gt", "gte", "lt", "lte"):
        return {"op": op, "value": _number(value)}
    return {"op": op, "value": value.strip()}


def _number(text: str) -> Any:
    text = text.strip().replace("−", "-").replace("－", "-")
    try:
        return int(text)
    except ValueError:
        try:
            return float(text)
        except ValueError:
            return text


@dataclass(frozen=True)
class Simple:
    """A rule of the usual form: a score from so many points on, and a grade at least."""

    score: Any
    grade: str

    @classmethod
    def of(cls, mql: Any) -> Simple | None:
        """The rule in this form, or None if it says something else."""
        parts = mql.get("all") if isinstance(mql, dict) else None
        if not isinstance(parts, list) or len(parts) != 2:
            return None
        found = {one.get("score"): one for one in parts if one.get("op") == "gte"}
        if set(found) != {"lead", "grade"}:
            return None
        return cls(_plain(found["lead"]["value"]), str(found["grade"]["value"]))


def rule_of(said: Mapping[str, str]) -> dict[str, Any] | None:
    """The rule that the fields say, None where there are no fields for it."""
    if "mql-score" not in said:
        return None
    return {
        "all": [
            {"score": "lead", "op": "gte", "value": _number(said["mql-score"])},
            {"score": "grade", "op": "gte", "value": said.get("mql-grade", "")},
        ]
    }
