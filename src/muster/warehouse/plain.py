"""A slow and obvious reading of segment rules, person by person, to compare with (PE4).

It shares nothing with the compiler: rules are read from their JSON and answered from lists of what
somebody did. Tests hold the compiler against it, and so does the nightly check of the members.
"""

from __future__ import annotations

import calendar
import hashlib
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any
from zoneinfo import ZoneInfo

from muster.events.names import OF_MESSAGES
from muster.warehouse.rules import IDENTITY_TRAITS


@dataclass
class Someone:
    """All that is known of a person."""

    id: int
    traits: dict[str, Any] = field(default_factory=dict)
    events: list[dict[str, Any]] = field(default_factory=list)
    """name, at (aware), props, human; those of messages also message, send, vouched, actor"""
    tags: set[str] = field(default_factory=set)
    consents: dict[tuple[str, str, str], str] = field(default_factory=dict)


class Plain:
    """Reads rules at a moment, in a place."""

    def __init__(
        self,
        now: datetime,
        zone: ZoneInfo,
        segments: Mapping[str, Any] | None = None,
        identities: Callable[[dict[str, Any], Someone], bool] | None = None,
        card: Mapping[str, Any] | None = None,
    ) -> None:
        self.now, self.zone = now, zone
        self.segments = segments or {}
        """Id → its rule, or the people of a fixed list."""
        self.identities = identities
        """Answers conditions on names and addresses, which stand elsewhere."""
        self.card = card
        """The scorecard as JSON, for conditions on scores."""

    def holds(self, rule: dict[str, Any], who: Someone) -> bool:
        """Whether the rule means the person."""
        if "all" in rule:
            return all(self.holds(part, who) for part in rule["all"])
        if "any" in rule:
            return any(self.holds(part, who) for part in rule["any"])
        if "not" in rule:
            return not self.holds(rule["not"], who)
        if "trait" in rule and self.identities and rule["trait"] in IDENTITY_TRAITS:
            return self.identities(rule, who)
        if "trait" in rule:
            return self.passes(who.traits.get(rule["trait"]), rule["op"], rule.get("value"))
        if "tag" in rule:
            return rule["tag"] in who.tags
        if "consent" in rule:
            asked = rule["consent"]
            key = (asked["channel"], asked["purpose"], asked.get("topic", ""))
            state = who.consents.get(key, "unknown")
            return bool(state == asked["state"])
        if "random" in rule:
            asked = rule["random"]
            digest = hashlib.md5(f"{asked['salt']}:{who.id}".encode(), usedforsecurity=False)
            drawn = int.from_bytes(digest.digest()[:8], "little") % 1_000_000
            return bool(drawn < asked["percent"] * 10_000)
        if "message" in rule:
            return self.message(rule["message"], who)
        if "segment" in rule:
            meant = self.segments[rule["segment"]]
            return who.id in meant if isinstance(meant, list) else self.holds(meant, who)
        if "sequence" in rule:
            return self.sequence(rule, who)
        if "score" in rule:
            return self.scored(rule, who)
        return self.event(rule, who)

    def scored(self, rule: dict[str, Any], who: Someone) -> bool:
        lead, fit, grade = self.score(who)
        if rule["score"] != "grade":
            has = lead if rule["score"] == "lead" else fit
            return self.passes(has, rule["op"], rule["value"])
        # A is the best, so "at least B" turns the order of the letters round.
        turned = {"gt": "lt", "gte": "lte", "lt": "gt", "lte": "gte"}
        return self.passes(grade, turned.get(rule["op"], rule["op"]), rule["value"])

    def score(self, who: Someone) -> tuple[float, int, str]:
        """Points of behaviour and of fit, and the grade, event by event."""
        card = self.card or {}
        total = 0.0
        for one in card.get("behaviour", []):
            given = 0.0
            for event in who.events:
                is_ours = event["name"] not in OF_MESSAGES or event.get("vouched")
                if event["name"] != one["event"] or not event["human"] or not is_ours:
                    continue
                age = (self.now - event["at"]).total_seconds() / 86_400
                if age < 0 or not self.counts(one, event):
                    continue
                half_life = one.get("half_life")
                given += one["points"] * (0.5 ** (age / half_life) if half_life else 1)
            if one.get("cap"):
                given = min(given, one["cap"]) if one["points"] > 0 else max(given, -one["cap"])
            total += given
        fit = sum(one["points"] for one in card.get("fit", []) if self.holds(one, who))
        steps = {"A": 60, "B": 40, "C": 20, **card.get("grades", {})}
        grade = next((grade for grade in "ABC" if fit >= steps[grade]), "D")
        return round(max(total, 0.0), 1), fit, grade

    def passes(self, has: Any, op: str, value: Any) -> bool:
        opposites = {"ne": "eq", "not_in": "in", "not_contains": "contains", "missing": "exists"}
        if op in opposites:
            return not self.passes(has, opposites[op], value)
        if has is None:
            return False
        if op == "exists":
            return True
        if op == "in":
            return any(self.passes(has, "eq", one) for one in value)
        if op == "between":
            return self.passes(has, "gte", value[0]) and self.passes(has, "lte", value[1])
        if op == "contains":
            return str(value).lower() in _text(has).lower()
        if op == "starts_with":
            return _text(has).startswith(value)
        if op == "ends_with":
            return _text(has).endswith(value)
        if op in ("before", "after", "within_last", "not_within_last", "anniversary_within"):
            return self.in_time(has, op, value)
        return self.ordered(has, op, value)

    def ordered(self, has: Any, op: str, value: Any) -> bool:
        left: Any
        right: Any
        if isinstance(has, bool):
            if isinstance(value, str):
                if value.lower() not in ("true", "false"):
                    return False
                value = value.lower() == "true"
            left, right = int(has), value
        elif isinstance(has, str) and isinstance(value, bool):
            left, right = has.lower(), str(value).lower()
        elif isinstance(has, str) and not isinstance(value, str):
            number = _number(has)
            if number is None:
                return False
            left, right = number, value
        elif not isinstance(has, str) and isinstance(value, str):
            number = _number(value)
            if number is None:
                return False
            left, right = has, number
        else:
            left, right = has, value
        answers: dict[str, bool] = {
            "eq": left == right,
            "gt": left > right,
            "gte": left >= right,
            "lt": left < right,
            "lte": left <= right,
        }
        return answers[op]

    def moment(self, text: str) -> datetime:
        moment = datetime.fromisoformat(text)
        return moment if moment.tzinfo else moment.replace(tzinfo=self.zone)

    def read_moment(self, text: Any) -> datetime | None:
        """The moment that a value says, if it says one."""
        if isinstance(text, datetime):
            return text
        try:
            return self.moment(text) if isinstance(text, str) else None
        except ValueError:
            return None

    def in_time(self, has: Any, op: str, value: str) -> bool:
        moment = self.read_moment(has)
        if moment is None:
            return False
        if op == "before":
            return moment < self.moment(value)
        if op == "after":
            return moment > self.moment(value)
        if op == "anniversary_within":
            return self.comes_round(moment.astimezone(self.zone).date(), value)
        start, end = self.window(value)
        inside = start <= moment and (moment < end if end else moment <= self.now)
        return inside == (op == "within_last")

    def comes_round(self, day: date, value: str) -> bool:
        """Look at every day of the window."""
        start, end = self.days(value)
        one = start
        while one <= end:
            leap = calendar.isleap(one.year)
            kept = (2, 28) if (day.month, day.day) == (2, 29) and not leap else (day.month, day.day)
            if (one.month, one.day) == kept:
                return True
            one += timedelta(days=1)
        return False

    def days(self, text: str) -> tuple[date, date]:
        if "_" in text or text in ("today", "yesterday"):
            start, end = self.window(text)
            last = (end or start).astimezone(self.zone) - timedelta(seconds=1)
            return start.astimezone(self.zone).date(), last.date()
        today = self.now.astimezone(self.zone)
        return today.date(), _moved(today, text, 1).date()

    def window(self, text: str) -> tuple[datetime, datetime | None]:
        day = self.now.astimezone(self.zone).date()
        monday = day - timedelta(days=day.weekday())
        month = day.replace(day=1)
        before = (month - timedelta(days=1)).replace(day=1)
        week, one = timedelta(days=7), timedelta(days=1)
        bounds = {
            "today": (day, day + one),
            "yesterday": (day - one, day),
            "this_week": (monday, monday + week),
            "last_week": (monday - week, monday),
            "this_month": (month, (month + timedelta(days=31)).replace(day=1)),
            "last_month": (before, month),
            "this_year": (date(day.year, 1, 1), date(day.year + 1, 1, 1)),
            "last_year": (date(day.year - 1, 1, 1), date(day.year, 1, 1)),
        }.get(text)
        if bounds is None:
            return _moved(self.now, text, -1), None
        start, end = bounds
        return (
            datetime(start.year, start.month, start.day, tzinfo=self.zone),
            datetime(end.year, end.month, end.day, tzinfo=self.zone),
        )

    def event(self, rule: dict[str, Any], who: Someone) -> bool:
        found = [
            event
            for event in who.events
            if event["name"] == rule["event"] and event["human"] and self.counts(rule, event)
        ]
        if not _compare(len(found), rule.get("count", {"gte": 1})):
            return False
        for name in ("sum", "avg", "min", "max"):
            if name in rule and not self.total(name, rule[name], found):
                return False
        return all(self.at(rule[key], key, found) for key in ("first", "last") if key in rule)

    def sequence(self, rule: dict[str, Any], who: Someone) -> bool:
        """Try every way to walk through the events."""
        steps = rule["sequence"]

        def follows(i: int, first: datetime | None, before: dict[str, Any] | None) -> bool:
            if i == len(steps):
                return True
            for event in who.events:
                if event["name"] != steps[i]["event"] or not event["human"]:
                    continue
                if not self.counts(steps[i], event):
                    continue
                if before is not None:
                    if event["at"] < before["at"]:
                        continue
                    if event["name"] == before["name"] and event["at"] == before["at"]:
                        continue
                start = first or event["at"]
                if rule.get("within") and start < _moved(event["at"], rule["within"], -1):
                    continue
                if follows(i + 1, start, event):
                    return True
            return False

        return follows(0, None, None)

    def message(self, asked: dict[str, Any], who: Someone) -> bool:
        """What became of one send, or of each of the last messages, the newest first."""
        state = asked["state"]
        messages: dict[str, list[dict[str, Any]]] = {}
        for event in who.events:
            if event.get("vouched") and event.get("message"):
                messages.setdefault(event["message"], []).append(event)
        if "send" in asked:
            mine = [e for e in who.events if e.get("vouched") and e.get("send") == asked["send"]]
            return _became(mine, state)
        went = {
            id_: [e["at"] for e in all_ if e["name"] in _WENT] for id_, all_ in messages.items()
        }
        order = sorted(((min(at), id_) for id_, at in went.items() if at), reverse=True)
        last = [messages[id_] for _at, id_ in order[: asked["last"]]]
        return len(last) == asked["last"] and all(_became(one, state) for one in last)

    def counts(self, rule: dict[str, Any], event: dict[str, Any]) -> bool:
        if "within" in rule:
            start, end = self.window(rule["within"])
            if event["at"] < start or (end and event["at"] >= end):
                return False
        if "from" in rule and event["at"] < self.moment(rule["from"]):
            return False
        if "to" in rule and event["at"] >= self.moment(rule["to"]):
            return False
        return all(
            self.passes(_said(event["props"].get(w["property"])), w["op"], w.get("value"))
            for w in rule.get("where", [])
        )

    def total(self, name: str, asked: dict[str, Any], found: list[dict[str, Any]]) -> bool:
        values = []
        for event in found:
            value = event["props"].get(asked["property"])
            try:
                number = Decimal(str(value))
            except InvalidOperation:
                continue
            if number.is_finite():
                values.append(number)
        bounds = {op: bound for op, bound in asked.items() if op != "property"}
        if not values and name != "sum":
            return False
        result = {
            "sum": lambda: sum(values, Decimal(0)),
            "avg": lambda: sum(values, Decimal(0)) / len(values),
            "min": lambda: min(values),
            "max": lambda: max(values),
        }[name]()
        return _compare(float(result), bounds)

    def at(self, asked: dict[str, str], which: str, found: list[dict[str, Any]]) -> bool:
        if not found:
            return False
        pick = min if which == "first" else max
        moment: datetime = pick(event["at"] for event in found)
        if "before" in asked:
            return moment < self.moment(asked["before"])
        if "after" in asked:
            return moment > self.moment(asked["after"])
        start, end = self.window(asked["within"])
        return moment >= start and (end is None or moment < end)


_WENT = ("Message Sent", "Message Delivered", "Message Bounced")


def _became(events: list[dict[str, Any]], state: str) -> bool:
    """Whether these events show that a message got there; "not" only of one that went out."""
    if state.startswith("not_"):
        return _became(events, "sent") and not _became(events, state.removeprefix("not_"))
    if state == "sent":
        return any(event["name"] in _WENT for event in events)
    name = "Unsubscribed" if state == "unsubscribed" else f"Message {state.capitalize()}"
    sure = state in ("opened", "clicked")
    return any(e["name"] == name and (e["actor"] == "human" or not sure) for e in events)


def _said(value: Any) -> Any:
    """A property as text, for that is how the log keeps it."""
    if value is None:
        return None
    return str(value).lower() if isinstance(value, bool) else str(value)


def _text(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _number(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        return None


def _compare(number: float, bounds: dict[str, Any]) -> bool:
    tests = {
        "eq": lambda b: number == b,
        "ne": lambda b: number != b,
        "gt": lambda b: number > b,
        "gte": lambda b: number >= b,
        "lt": lambda b: number < b,
        "lte": lambda b: number <= b,
        "between": lambda b: b[0] <= number <= b[1],
    }
    return all(tests[op](bound) for op, bound in bounds.items())


def _moved(moment: datetime, span: str, sign: int) -> datetime:
    found = re.fullmatch(r"(\d+)([a-z]+)", span)
    if found is None:
        raise ValueError(span)
    count, unit = found.groups()
    if unit in ("mo", "y"):
        months = (
            moment.year * 12 + moment.month - 1 + sign * int(count) * (12 if unit == "y" else 1)
        )
        year, month = divmod(months, 12)
        day = min(moment.day, calendar.monthrange(year, month + 1)[1])
        return moment.replace(year=year, month=month + 1, day=day)
    seconds = {"m": 60, "h": 3600, "d": 86400, "w": 604800}[unit]
    return (moment.astimezone(UTC) + timedelta(seconds=sign * int(count) * seconds)).astimezone(
        moment.tzinfo
    )
