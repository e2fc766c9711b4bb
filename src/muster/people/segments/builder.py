"""The builder's way with a rule (PE4): its rows, and what an edit of a row makes of it.

A rule is edited as JSON, each place of it known by its JSON pointer; nothing here knows the page.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from copy import deepcopy
from dataclasses import dataclass, field
from typing import Any

from muster.kit.errors import Refused
from muster.kit.words import _
from muster.warehouse.rules import GRADES, IDENTITY_TRAITS

FAMILIES = {
    "trait": _("Trait"),
    "event": _("Behaviour"),
    "sequence": _("In order"),
    "tag": _("Tag"),
    "consent": _("Consent"),
    "message": _("Messages"),
    "segment": _("Segment"),
    "score": _("Score"),
    "random": _("By lot"),
}
"""Kind of condition → what its rows are called, in the order in which the builder offers them."""

OPS = {
    "eq": _("is"),
    "ne": _("is not"),
    "in": _("is one of"),
    "not_in": _("is none of"),
    "contains": _("contains"),
    "not_contains": _("does not contain"),
    "starts_with": _("starts with"),
    "ends_with": _("ends with"),
    "gt": _("more than"),
    "gte": _("at least"),
    "lt": _("less than"),
    "lte": _("at most"),
    "between": _("between"),
    "before": _("before"),
    "after": _("after"),
    "within_last": _("within the last"),
    "not_within_last": _("not within the last"),
    "anniversary_within": _("has its day within"),
    "exists": _("is known"),
    "missing": _("is not known"),
}
_NUMBER = ("eq", "ne", "gt", "gte", "lt", "lte", "between")
_TEXT = (
    "eq", "ne", "in", "not_in", "contains", "not_contains", "starts_with", "ends_with",
)  # fmt: skip
OPS_OF = {
    "text": (*_TEXT, "exists", "missing"),
    "number": (*_NUMBER, "in", "not_in", "exists", "missing"),
    "boolean": ("eq", "exists", "missing"),
    "time": ("within_last", "not_within_last", "before", "after", "anniversary_within", "exists",
             "missing"),
}  # fmt: skip
"""Kind of trait → the operations that make sense on it."""
COUNT_OPS = ("gte", "eq", "lte", "gt", "lt")
AGGREGATES = {
    "sum": _("in total"),
    "avg": _("on average"),
    "min": _("at the lowest"),
    "max": _("at the highest"),
}
WINDOWS = {
    "": _("ever"),
    "7d": _("in the last 7 days"),
    "14d": _("in the last 14 days"),
    "30d": _("in the last 30 days"),
    "90d": _("in the last 90 days"),
    "180d": _("in the last 180 days"),
    "1y": _("in the last year"),
    "this_month": _("this month"),
    "last_month": _("last month"),
    "this_year": _("this year"),
}
LENGTHS = {
    "": _("over any time"),
    "1h": _("within an hour"),
    "1d": _("within a day"),
    "3d": _("within 3 days"),
    "7d": _("within 7 days"),
    "14d": _("within 14 days"),
    "30d": _("within 30 days"),
    "90d": _("within 90 days"),
}
STATES = {
    "granted": _("allowed"),
    "withdrawn": _("withdrawn"),
    "unknown": _("unknown"),
}
MESSAGES = {
    "sent": _("all were sent"),
    "delivered": _("all arrived"),
    "not_delivered": _("none arrived"),
    "opened": _("all were opened"),
    "not_opened": _("none was opened"),
    "clicked": _("all were clicked"),
    "not_clicked": _("none was clicked"),
    "bounced": _("all bounced"),
    "complained": _("all were complained about"),
    "unsubscribed": _("all led to unsubscribing"),
    "failed": _("all failed"),
}
"""State of messages → what has to have become of them."""
SCORES = {
    "lead": _("Lead score"),
    "fit": _("Points for fit"),
    "grade": _("Grade"),
}
_OF_SCORES = ("gte", "lte", "gt", "lt", "eq", "ne")
_NO_VALUE = ("exists", "missing")
_LISTS = ("in", "not_in")


@dataclass(frozen=True)
class Node:
    """One row or group of the builder."""

    at: str
    """The JSON pointer of it, a "not" around it included."""
    inner: str
    """The JSON pointer of what stands inside the "not"."""
    family: str
    """A key of FAMILIES, or `all` or `any` for a group."""
    is_excluded: bool
    values: Mapping[str, Any] = field(default_factory=dict)
    """What its fields show."""
    parts: tuple[Node, ...] = ()

    @property
    def label(self) -> str:
        """What rows of this kind are called."""
        return FAMILIES.get(self.family, "")

    @property
    def is_group(self) -> bool:
        return self.family in ("all", "any")


def rooted(rule: Mapping[str, Any]) -> dict[str, Any]:
    """The rule as a group, so that conditions can be added to it."""
    if "all" in rule or "any" in rule:
        return deepcopy(dict(rule))
    return {"all": [deepcopy(dict(rule))]}


def tree(
    rule: Mapping[str, Any],
    kinds: Mapping[str, str],
    at: str = "",
    *,
    is_masked: Callable[[str], bool] | None = None,
) -> Node:
    """The rows of a rule; `kinds` tells the kind of each trait.

    What `is_masked` says to be hidden from the reader may be asked for, but not compared.
    """
    inner, excluded = at, False
    while "not" in rule:
        rule, inner, excluded = rule["not"], f"{inner}/not", not excluded
    for group in ("all", "any"):
        if group in rule:
            parts = tuple(
                tree(part, kinds, f"{inner}/{group}/{i}", is_masked=is_masked)
                for i, part in enumerate(rule[group])
            )
            return Node(at, inner, group, excluded, {}, parts)
    family = family_of(rule)
    values = _VALUES[family](rule, kinds)
    if family == "trait" and is_masked is not None and is_masked(rule["trait"]):
        # What is compared already may stay: it is somebody else's, and not refused.
        ops = (one for one in OPS if one in _NO_VALUE or one == values["op"])
        values["ops"] = [(one, OPS[one]) for one in ops]
    return Node(at, inner, family, excluded, values)


def family_of(leaf: Mapping[str, Any]) -> str:
    """Which kind of condition it is."""
    return next((family for family in FAMILIES if family in leaf), "trait")


def with_fields(
    rule: Mapping[str, Any],
    posted: Mapping[str, str],
    kinds: Mapping[str, str],
    *,
    is_masked: Callable[[str], bool] | None = None,
) -> dict[str, Any]:
    """The rule with the values of its rows as they were typed: `/all/0#op` → `gte`.

    Whoever turns to a trait that `is_masked` for them asks whether it is known.
    """

    def walk(node: Mapping[str, Any], at: str) -> dict[str, Any]:
        if "not" in node:
            return {"not": walk(node["not"], f"{at}/not")}
        for group in ("all", "any"):
            if group in node:
                chosen = posted.get(f"{at}#group", group)
                chosen = chosen if chosen in ("all", "any") else group
                parts = [walk(part, f"{at}/{group}/{i}") for i, part in enumerate(node[group])]
                return {chosen: parts}
        mine = {
            name.partition("#")[2]: value
            for name, value in posted.items()
            if name.startswith(f"{at}#")
        }
        if not mine:
            return dict(node)
        read: dict[str, Any] = _READ[family_of(node)](node, mine, kinds)
        name = read.get("trait")
        if is_masked and name and name != node["trait"] and is_masked(name):
            return read if read["op"] in _NO_VALUE else {"trait": name, "op": "exists"}
        return read

    return walk(rooted(rule), "")


def arranged(
    rule: Mapping[str, Any], did: str, at: str, family: str, choices: Mapping[str, Any]
) -> dict[str, Any]:
    """The rule after a row was added, moved, excluded or removed.

    `did` is add, group, remove, up, down or not; `choices` gives what new rows begin with.
    """
    changed = rooted(rule)
    if did in ("add", "group"):
        group = _at(changed, at)
        parts = next((group[key] for key in ("all", "any") if key in group), None)
        if parts is None:
            raise _gone()
        parts.append(fresh(family, choices) if did == "add" else {"any": [fresh("trait", choices)]})
        return changed
    parent, index = _parent(changed, at)
    if did == "remove":
        parent.pop(index)
        _drop_empty(changed)
        if not next(iter(changed.values())):
            raise Refused(_("A segment needs one condition at least. Add another one first."))
    elif did == "not":
        parent[index] = parent[index].get("not", {"not": parent[index]})
    elif did in ("up", "down"):
        other = index - 1 if did == "up" else index + 1
        if 0 <= other < len(parent):
            parent[index], parent[other] = parent[other], parent[index]
    else:
        raise _gone()
    return changed


def fresh(family: str, choices: Mapping[str, Any]) -> dict[str, Any]:
    """A new condition of this kind."""
    if family == "event":
        return {"event": choices.get("event") or "Order Completed", "within": "90d"}
    if family == "sequence":
        first, second = choices.get("steps") or ("Product Added", "Order Completed")
        return {"sequence": [{"event": first}, {"event": second}], "within": "7d"}
    if family == "tag":
        return {"tag": "vip"}
    if family == "consent":
        return {"consent": {"channel": "email", "purpose": "marketing", "state": "granted"}}
    if family == "message":
        return {"message": {"last": 3, "state": "opened"}}
    if family == "score":
        return {"score": "lead", "op": "gte", "value": 40}
    if family == "random":
        return {"random": {"percent": 10, "salt": str(choices.get("salt", ""))}}
    if family == "segment":
        if not choices.get("segment"):
            raise Refused(_("There is no other segment yet that this one could build on."))
        return {"segment": choices["segment"]}
    return {"trait": "email", "op": "exists"}


def pretty(rule: Mapping[str, Any]) -> str:
    """The rule as JSON for reading and pasting."""
    return json.dumps(rule, ensure_ascii=False, indent=2)


# From a condition to its fields.


def _trait_values(leaf: Mapping[str, Any], kinds: Mapping[str, str]) -> dict[str, Any]:
    name, op, value = leaf["trait"], leaf.get("op", "eq"), leaf.get("value")
    kind = kind_of(name, kinds)
    low, high = (value[0], value[1]) if op == "between" and isinstance(value, list) else (value, "")
    ops = OPS_OF[kind] if op in OPS_OF[kind] else (*OPS_OF[kind], op)
    return {
        "name": name,
        "op": op,
        "kind": kind,
        "ops": [(one, OPS[one]) for one in ops],
        "value": _typed(low),
        "size": _width(_typed(low)),
        "high": _typed(high),
        "has_value": op not in _NO_VALUE,
        "is_between": op == "between",
    }


def _event_values(leaf: Mapping[str, Any], _kinds: Mapping[str, str]) -> dict[str, Any]:
    count_op, count = next(iter((leaf.get("count") or {"gte": 1}).items()))
    where: Mapping[str, Any] = next(iter(leaf.get("where") or ()), {})
    aggregate = next((name for name in AGGREGATES if name in leaf), "")
    total = leaf.get(aggregate) or {}
    total_op, total_value = next(
        ((op, value) for op, value in total.items() if op != "property"), ("gte", "")
    )
    within = leaf.get("within") or ""
    return {
        "name": leaf["event"],
        "within": within,
        "windows": list((WINDOWS if within in WINDOWS else {**WINDOWS, within: within}).items()),
        "count_op": count_op,
        "count": _typed(count),
        "where_property": where.get("property", ""),
        "where_op": where.get("op", "eq"),
        "where_value": _typed(where.get("value")),
        "aggregate": aggregate,
        "total_property": total.get("property", "total"),
        "total_op": total_op,
        "total_value": _typed(total_value),
        "has_more": len(leaf.get("where") or ()) > 1
        or any(key in leaf for key in ("from", "to", "first", "last")),
    }


def _sequence_values(leaf: Mapping[str, Any], _kinds: Mapping[str, str]) -> dict[str, Any]:
    within = leaf.get("within") or ""
    steps = leaf["sequence"]
    names = {f"step{i}": step["event"] for i, step in enumerate(steps)}
    return {
        **names,
        "steps": list(names.items()),
        "further": f"step{len(steps)}",
        "within": within,
        "lengths": list((LENGTHS if within in LENGTHS else {**LENGTHS, within: within}).items()),
        "has_more": any(len(step) > 1 for step in steps),
    }


def _message_values(leaf: Mapping[str, Any], _kinds: Mapping[str, str]) -> dict[str, Any]:
    inner = leaf["message"]
    return {
        "state": inner["state"],
        "last": inner.get("last", ""),
        "send": inner.get("send", ""),
    }


def _score_values(leaf: Mapping[str, Any], _kinds: Mapping[str, str]) -> dict[str, Any]:
    op = leaf["op"]
    ops = _OF_SCORES if op in _OF_SCORES else (*_OF_SCORES, op)
    return {
        "name": leaf["score"],
        "names": list(SCORES.items()),
        "op": op,
        "ops": [(one, OPS[one]) for one in ops],
        "value": _typed(leaf.get("value")),
    }


_VALUES: Mapping[str, Any] = {
    "trait": _trait_values,
    "event": _event_values,
    "sequence": _sequence_values,
    "tag": lambda leaf, _kinds: {"name": leaf["tag"], "size": _width(leaf["tag"])},
    "consent": lambda leaf, _kinds: {
        "purpose": "marketing",
        "state": "granted",
        "topic": "",
        **leaf["consent"],
    },
    "message": _message_values,
    "score": _score_values,
    "segment": lambda leaf, _kinds: {"id": leaf["segment"]},
    "random": lambda leaf, _kinds: {"percent": _typed(leaf["random"].get("percent"))},
}


# From fields back to a condition.


def _read_trait(
    leaf: Mapping[str, Any], mine: Mapping[str, str], kinds: Mapping[str, str]
) -> dict[str, Any]:
    name = mine.get("name", leaf["trait"])
    kind = kind_of(name, kinds)
    op = mine.get("op", leaf.get("op", "eq"))
    if op not in OPS_OF[kind] and name != leaf["trait"]:
        op = OPS_OF[kind][0]
    if op in _NO_VALUE:
        return {"trait": name, "op": op}
    written = mine.get("value", _typed(leaf.get("value")))
    if op == "between":
        return {
            "trait": name,
            "op": op,
            "value": [_as(kind, written), _as(kind, mine.get("high", "") or written)],
        }
    if op in _LISTS:
        return {"trait": name, "op": op, "value": [_as(kind, one) for one in split(written)]}
    return {"trait": name, "op": op, "value": _as(kind, written)}


def _read_event(
    leaf: Mapping[str, Any], mine: Mapping[str, str], _kinds: Mapping[str, str]
) -> dict[str, Any]:
    kept = {key: leaf[key] for key in ("from", "to", "first", "last") if key in leaf}
    out: dict[str, Any] = {"event": mine.get("name", leaf["event"])}
    others = list(leaf.get("where") or ())[1:]
    if mine.get("where_property"):
        op = mine.get("where_op", "eq")
        first: dict[str, Any] = {"property": mine["where_property"], "op": op}
        written = mine.get("where_value", "")
        if op in _LISTS:
            first["value"] = [_number_or_text(one) for one in split(written)]
        elif op not in _NO_VALUE:
            first["value"] = _number_or_text(written)
        others.insert(0, first)
    if others:
        out["where"] = others
    if mine.get("within"):
        out["within"] = mine["within"]
    count_op, count = mine.get("count_op", "gte"), _number_or_text(mine.get("count", "1"))
    if (count_op, count) != ("gte", 1):
        out["count"] = {count_op: count}
    aggregate = mine.get("aggregate", "")
    if aggregate in AGGREGATES and mine.get("total_value", "").strip():
        out[aggregate] = {
            "property": mine.get("total_property") or "total",
            mine.get("total_op", "gte"): _number_or_text(mine["total_value"]),
        }
    return {**out, **kept}


def _read_sequence(
    leaf: Mapping[str, Any], mine: Mapping[str, str], _kinds: Mapping[str, str]
) -> dict[str, Any]:
    """The steps whose event is named; one more may be named, and a cleared one goes."""
    steps = [*leaf["sequence"], {"event": ""}]
    named = [
        {**step, "event": mine.get(f"step{i}", step["event"]).strip()}
        for i, step in enumerate(steps)
    ]
    within = mine.get("within", leaf.get("within", ""))
    out: dict[str, Any] = {"sequence": [step for step in named if step["event"]]}
    return {**out, "within": within} if within else out


def _read_message(
    leaf: Mapping[str, Any], mine: Mapping[str, str], _kinds: Mapping[str, str]
) -> dict[str, Any]:
    inner = dict(leaf["message"])
    inner["state"] = mine.get("state", inner["state"])
    if "send" not in inner:
        inner["last"] = _number_or_text(mine.get("last", "3"))
    return {"message": inner}


def _read_score(
    leaf: Mapping[str, Any], mine: Mapping[str, str], _kinds: Mapping[str, str]
) -> dict[str, Any]:
    """Points are numbers and grades are letters; who changes from the one to the other begins
    with one that exists."""
    name = mine.get("name", leaf["score"])
    op = mine.get("op", leaf["op"])
    value: Any = split(mine.get("value", _typed(leaf.get("value"))).upper())
    if name != "grade":
        value = [40 if one in GRADES else _number_or_text(one) for one in value]
    elif leaf["score"] != "grade":
        value = [one if one in GRADES else "B" for one in value]
    is_list = op in _LISTS or op == "between"
    return {"score": name, "op": op, "value": value if is_list else (value or [""])[0]}


_READ: Mapping[str, Any] = {
    "trait": _read_trait,
    "event": _read_event,
    "sequence": _read_sequence,
    "tag": lambda leaf, mine, _kinds: {"tag": mine.get("name", leaf["tag"]).strip()},
    "consent": lambda leaf, mine, _kinds: {
        "consent": {
            **leaf["consent"],
            **{k: mine[k] for k in ("channel", "purpose", "state", "topic") if k in mine},
        }
    },
    "message": _read_message,
    "score": _read_score,
    "segment": lambda leaf, mine, _kinds: {"segment": mine.get("id", leaf["segment"])},
    "random": lambda leaf, mine, _kinds: {
        "random": {**leaf["random"], "percent": _number_or_text(mine.get("percent", "10"))}
    },
}


def kind_of(name: str, kinds: Mapping[str, str]) -> str:
    """The kind of a trait; what is not known yet is text."""
    return "text" if name in IDENTITY_TRAITS else kinds.get(name, "text")


def split(written: str) -> list[str]:
    """The values of a list as they were typed, with commas of any kind or line ends between."""
    return [one.strip() for one in re.split(r"[,，、;；\n]", written) if one.strip()]


def _width(text: str) -> int:
    """How many places a field needs to show the text: a Chinese character takes two."""
    return min(24, max(4, sum(2 if letter > "\u2e7f" else 1 for letter in text)))


def _typed(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, list):
        return ", ".join(_typed(one) for one in value)
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)


def _as(kind: str, written: str) -> Any:
    if kind == "number":
        return _number_or_text(written)
    if kind == "boolean":
        return written.strip().lower() not in ("false", "no", "0", "")
    return written.strip()


def _number_or_text(written: str) -> Any:
    """The number that was typed, or the text: what does not fit is told with its place."""
    text = written.strip()
    if re.fullmatch(r"-?\d{1,17}", text) and not re.match(r"-?0\d", text):
        return int(text)
    return float(text) if re.fullmatch(r"-?\d{1,17}\.\d{1,9}", text) else text


# Places in a rule.


def _at(rule: Any, at: str) -> Any:
    found = rule
    for step in at.split("/")[1:]:
        try:
            found = found[int(step)] if isinstance(found, list) else found[step]
        except (KeyError, IndexError, ValueError, TypeError):
            raise _gone() from None
    return found


def _parent(rule: Any, at: str) -> tuple[list[Any], int]:
    above, _slash, last = at.rpartition("/")
    parent = _at(rule, above)
    if not isinstance(parent, list) or not last.isdecimal() or int(last) >= len(parent):
        raise _gone()
    return parent, int(last)


def _drop_empty(rule: dict[str, Any]) -> None:
    """Groups that have nothing in them any more go with their last condition."""
    for group in ("all", "any"):
        parts = rule.get(group, [])
        for part in list(parts):
            inner = part
            while "not" in inner:
                inner = inner["not"]
            _drop_empty(inner)
            if any(inner.get(empty) == [] for empty in ("all", "any")):
                parts.remove(part)


def _gone() -> Refused:
    return Refused(_("This condition is no longer there. Load the page again."), code="gone")
