"""What a template means for given days, money and people (PL1): plain facts in, a plan out.

A template counts in working days: `D-5` is the fifth working day before the first day of the
campaign, `D` that day itself, `E+2` the second working day after its last day. A task is laid
backwards from the day on which it has to be finished; where it waits for another task, the later
of the two decides.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from decimal import ROUND_FLOOR, Decimal
from typing import Any, TypeAlias

from muster.kit.days import WorkCalendar

Text: TypeAlias = Mapping[str, str]
"""Language (`en`, `zh-hans`, `zh-hant`) → words."""
LANGUAGES = ("en", "zh-hans", "zh-hant")
STAGES = ("awareness", "interest", "consideration", "purchase", "service", "loyalty")

_OFFSET = re.compile(r"^([DE])(?:([+-]\d+))?$")
_LINK = re.compile(r"^(\S+?)(?: (FS|SS|FF)([+-]\d+)?)?$")


class BadTemplate(ValueError):
    """A template that does not hold together; a fault of its writer, found by the tests."""


@dataclass(frozen=True)
class Offset:
    """A day told from the first (`D`) or the last day (`E`) of the campaign."""

    anchor: str
    days: int = 0

    @classmethod
    def parse(cls, text: str) -> Offset:
        """Read `D-5`, `D` or `E+2`."""
        found = _OFFSET.match(text)
        if not found:
            raise BadTemplate(f"{text!r} is no day such as D-5 or E+2")
        return cls(found[1], int(found[2] or 0))

    def __str__(self) -> str:
        return f"{self.anchor}{self.days:+d}" if self.days else self.anchor

    def day(self, first: date, last: date, calendar: WorkCalendar) -> date:
        """The day that it means; `D` and `E` themselves may be days off."""
        anchor = first if self.anchor == "D" else last
        if self.days == 0:
            return anchor
        one = timedelta(days=1)
        if self.days > 0:
            return calendar.shift(anchor + one, self.days - 1)
        return calendar.shift(calendar.last_until(anchor - one), self.days + 1)

    @classmethod
    def between(cls, day: date, first: date, last: date, calendar: WorkCalendar) -> Offset:
        """How a day of a past campaign is told from the nearer end of that campaign."""
        one = timedelta(days=1)
        if day < first:
            return cls("D", -max(calendar.count(day, first - one), 1))
        if day in (first, last):
            return cls("D" if day == first else "E")
        if day < last and day - first <= last - day:
            return cls("D", max(calendar.count(first + one, day), 1))
        if day < last:
            return cls("E", -max(calendar.count(day, last - one), 1))
        return cls("E", max(calendar.count(last + one, day), 1))


@dataclass(frozen=True)
class Link:
    """A task waits for another one."""

    key: str
    kind: str = "FS"
    lag: int = 0

    @classmethod
    def parse(cls, text: str) -> Link:
        """Read `brief` or `design SS+2`."""
        found = _LINK.match(text)
        if not found:
            raise BadTemplate(f"{text!r} is no task such as “brief” or “brief SS+2”")
        return cls(found[1], found[2] or "FS", int(found[3] or 0))


@dataclass(frozen=True)
class Work:
    """A task or, with no days, a milestone."""

    key: str
    title: Text
    phase: str
    days: int
    ends: Offset
    after: tuple[Link, ...] = ()
    who: tuple[tuple[str, str], ...] = ()
    """(letter of RACI, role)"""
    checks: tuple[Text, ...] = ()
    note: str = ""
    skill: str = ""

    @property
    def is_milestone(self) -> bool:
        return self.days == 0


@dataclass(frozen=True)
class Aim:
    """A goal; `target` is fixed, or `typical` times the number it starts from."""

    metric: str
    statement: Text
    population: Text
    channel: Text
    objective: Text
    reason: Text
    target: Decimal | None = None
    typical: Decimal | None = None
    guardrails: tuple[Mapping[str, str], ...] = ()
    """Its own, of a goal that was copied; those of a template stand by the main goal."""

    def after(self, last: Decimal | None, *, falls: bool) -> Aim:
        """The same goal once the last value is known: nobody plans to do worse than last time."""
        target = self.target_from(last)
        if last is not None and target is not None and (target > last if falls else target < last):
            # The sentence names the number that is not aimed at any more.
            return replace(self, target=last, statement={})
        return replace(self, target=target)

    def target_from(self, baseline: Decimal | None) -> Decimal | None:
        """What to aim at from this number; None where nothing can be said."""
        if self.typical is not None and baseline is not None:
            return (baseline * self.typical).quantize(Decimal("0.0001")).normalize() + 0
        return self.target


@dataclass(frozen=True)
class Rail:
    """What must not get worse: a fixed limit, or `times` the number of the last time."""

    metric: str
    op: str
    value: Decimal | None = None
    times: Decimal | None = None
    currency: str = ""
    """The money in which a fixed limit is meant; it says nothing in another one."""

    def limit(self, last: Decimal | None, currency: str) -> Decimal | None:
        """The threshold; None where nothing can be said."""
        if self.times is not None and last:
            return (last * self.times).quantize(Decimal("0.0001")).normalize() + 0
        return self.value if self.currency in ("", currency) else None


@dataclass(frozen=True)
class Part:
    """A line of the budget as a share of the total, in percent."""

    category: str
    label: Text
    share: Decimal
    channel: str = ""
    core: bool = False
    vendor: str = ""


@dataclass(frozen=True)
class Touch:
    """What a channel says in a stage; `task` makes it."""

    stage: str
    channel: str
    text: Text
    task: str = ""


@dataclass(frozen=True)
class Danger:
    """A risk with the plan for the day on which it comes true."""

    title: Text
    category: str
    likelihood: int
    impact: int
    owner: str
    sign: Text
    response: Text
    plan: tuple[Text, ...] = ()
    trigger: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Template:
    """Everything that a campaign of one kind needs, free of days, sums and names."""

    key: str
    name: Text
    days: int = 14
    place: int = 0
    icon: str = "template"
    strategy: str = ""
    channels: tuple[str, ...] = ()
    summary: Text = field(default_factory=dict)
    when: Text = field(default_factory=dict)
    avoid: Text = field(default_factory=dict)
    texts: Mapping[str, Text] = field(default_factory=dict)
    """Field of the brief → words."""
    goals: tuple[Aim, ...] = ()
    rails: tuple[Rail, ...] = ()
    """What must not get worse while the main goal is followed, whichever that is."""
    tasks: tuple[Work, ...] = ()
    lines: tuple[Part, ...] = ()
    cells: tuple[Touch, ...] = ()
    risks: tuple[Danger, ...] = ()

    @property
    def roles(self) -> list[str]:
        """Every role that has a duty, in the order of first use."""
        used = [role for task in self.tasks for _letter, role in task.who]
        return list(dict.fromkeys([*used, *(risk.owner for risk in self.risks if risk.owner)]))

    def only(self, taken: frozenset[str]) -> Template:
        """What is left when only these things are taken, such as `task:brief` or `risk:0`.

        A goal that waits for the inputs' numbers is always kept: it is the words of the main goal.
        """

        def kept(kind: str, things: Sequence[Any]) -> tuple[Any, ...]:
            return tuple(one for n, one in enumerate(things) if f"{kind}:{n}" in taken)

        tasks = tuple(task for task in self.tasks if f"task:{task.key}" in taken)
        keys = {task.key for task in tasks}
        return replace(
            self,
            tasks=tuple(
                replace(task, after=tuple(link for link in task.after if link.key in keys))
                for task in tasks
            ),
            goals=tuple(
                aim
                for n, aim in enumerate(self.goals)
                if aim.target is None or f"goal:{n}" in taken
            ),
            rails=kept("rail", self.rails),
            lines=kept("line", self.lines),
            cells=tuple(
                replace(cell, task=cell.task if cell.task in keys else "")
                for cell in kept("cell", self.cells)
            ),
            risks=kept("risk", self.risks),
        )


_BRIEF = {
    "message": "message",
    "value": "value_proposition",
    "audience": "audience",
    "not_doing": "not_doing",
    "holdout": "holdout",
}
"""Word in the file → field of the brief."""


def template(written: Mapping[str, Any]) -> Template:
    """Read a template as its file writes it. Raises BadTemplate where it does not hold together."""
    read = Template(
        key=written["key"],
        name=_text(written["name"]),
        days=written["days"],
        place=written["place"],
        icon=written["icon"],
        strategy=written["strategy"],
        channels=tuple(written["channels"]),
        summary=_text(written["summary"]),
        when=_text(written["when"]),
        avoid=_text(written["avoid"]),
        texts={name: _text(written[word]) for word, name in _BRIEF.items()},
        goals=tuple(_aim(one) for one in written["goals"]),
        rails=tuple(_rail(one) for one in written["guardrails"]),
        tasks=tuple(_work(one) for one in written["tasks"]),
        lines=tuple(
            Part(
                one["category"],
                _text(one["label"]),
                Decimal(one["share"]),
                one.get("channel", ""),
                one.get("core", False),
            )
            for one in written["lines"]
        ),
        cells=tuple(
            Touch(one["stage"], one["channel"], _text(one["text"]), one.get("task", ""))
            for one in written["cells"]
        ),
        risks=tuple(
            Danger(
                _text(one["title"]),
                one["category"],
                one["likelihood"],
                one["impact"],
                one["owner"],
                _text(one["sign"]),
                _text(one["response"]),
                tuple(_text(step) for step in one["plan"]),
                one.get("trigger", {}),
            )
            for one in written["risks"]
        ),
    )
    _hold_together(read)
    return read


def _text(written: Mapping[str, str]) -> Text:
    missing = [language for language in LANGUAGES if not written.get(language, "").strip()]
    if missing:
        raise BadTemplate(f"{written.get('en', written)!r} is not written in {missing[0]}")
    return dict(written)


def _aim(one: Mapping[str, Any]) -> Aim:
    return Aim(
        one["metric"],
        statement=_text(one["statement"]),
        population=_text(one["population"]),
        channel=_text(one["channel"]),
        objective=_text(one["objective"]),
        reason=_text(one["reason"]),
        target=Decimal(one["target"]) if "target" in one else None,
        typical=Decimal(one["typical"]) if "typical" in one else None,
    )


def _rail(one: Mapping[str, str]) -> Rail:
    value, times = (Decimal(one[name]) if name in one else None for name in ("value", "times"))
    if value is None and times is None:
        raise BadTemplate(f"The guardrail {one['metric']!r} has no limit")
    return Rail(one["metric"], one["op"], value, times, one.get("currency", ""))


def _work(one: Mapping[str, Any]) -> Work:
    who = one["who"]
    letters = [("A", who["A"]), *(("R", role) for role in who["R"])]
    letters += [(letter, role) for letter in ("C", "I") for role in who.get(letter, ())]
    return Work(
        one["key"],
        _text(one["title"]),
        one["phase"],
        one["days"],
        Offset.parse(one["ends"]),
        tuple(Link.parse(link) for link in one.get("after", ())),
        tuple(letters),
        tuple(_text(check) for check in one.get("checks", ())),
    )


def _hold_together(read: Template) -> None:
    seen: set[str] = set()
    for task in read.tasks:
        for link in task.after:
            if link.key not in seen:
                raise BadTemplate(f"{task.key!r} waits for {link.key!r}, which is not above it")
        if task.key in seen:
            raise BadTemplate(f"There are two tasks {task.key!r}")
        seen.add(task.key)
    for cell in read.cells:
        if cell.task and cell.task not in seen:
            raise BadTemplate(f"{cell.text['en']!r} is made by {cell.task!r}, which is no task")
    if read.lines and sum(line.share for line in read.lines) != 100:
        raise BadTemplate(f"The lines of {read.key!r} do not add up to 100")


@dataclass(frozen=True)
class Slot:
    """First and last day of a task."""

    start: date
    end: date


def schedule(
    tasks: Iterable[Work], first: date, last: date, calendar: WorkCalendar
) -> dict[str, Slot]:
    """When each task begins and ends; tasks stand after those that they wait for."""
    slots: dict[str, Slot] = {}
    for task in tasks:
        end = task.ends.day(first, last, calendar)
        if task.is_milestone:
            start = end
        else:
            end = calendar.last_until(end)
            start = calendar.shift(end, 1 - task.days)
        earliest = [_earliest(task, link, slots, calendar) for link in task.after]
        pushed = max([start, *(day for day in earliest if day is not None)])
        if pushed > start:
            start = pushed
            end = start if task.is_milestone else calendar.shift(start, task.days - 1)
        slots[task.key] = Slot(start, end)
    return slots


def _earliest(
    task: Work, link: Link, slots: Mapping[str, Slot], calendar: WorkCalendar
) -> date | None:
    """The first day on which a task may start because of one that it waits for."""
    before = slots.get(link.key)
    if before is None:
        return None
    if link.kind == "SS":
        day = before.start
    elif link.kind == "FF":
        day = before.end if task.is_milestone else calendar.shift(before.end, 1 - task.days)
    elif task.is_milestone:
        day = before.end
    else:
        day = calendar.first_from(before.end + timedelta(days=1))
    return calendar.shift(day, link.lag) if link.lag else day


def in_order(tasks: Sequence[Work]) -> tuple[Work, ...]:
    """The tasks so that each stands after those that it waits for; circles are cut."""
    waiting, placed, ordered = list(tasks), set[str](), list[Work]()
    known = {task.key for task in tasks}
    while waiting:
        ready = next(
            (t for t in waiting if all(a.key in placed or a.key not in known for a in t.after)),
            None,
        )
        task = ready or replace(waiting[0], after=())
        waiting.remove(ready or waiting[0])
        ordered.append(task)
        placed.add(task.key)
    return tuple(ordered)


def sums(total: Decimal, lines: Sequence[Part]) -> list[Decimal]:
    """The total as the lines share it, in whole units (in cents below 100).

    Every part is rounded down; the rest goes to the first core line, so that the core never falls
    short and lines that were left out leave no hole.
    """
    if not lines:
        return []
    coin = Decimal(1) if total >= 100 else Decimal("0.01")
    parts = [(total * line.share / 100).quantize(coin, ROUND_FLOOR) for line in lines]
    core = next((n for n, line in enumerate(lines) if line.core), 0)
    rest = total - sum(parts, Decimal(0))
    parts[core] += rest
    return [part.quantize(Decimal("0.01")) for part in parts]


def words(text: Text, language: str) -> str:
    """The text in a language, or in the closest one that there is."""
    for one in (language.lower(), *LANGUAGES):
        if text.get(one):
            return text[one]
    return next(iter(text.values()), "")


def same(text: str) -> Text:
    """A text that people wrote: the same in every language."""
    return dict.fromkeys(LANGUAGES, text)
