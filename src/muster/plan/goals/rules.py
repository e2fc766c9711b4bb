"""When a goal is SMART (PL2): each letter passes, warns or fails, and says how to mend it.

S specific: a metric, of whom, through what, and no vague wish instead of a number.
M measurable: the metric is in the catalogue and its events reach us.
A attainable: between P10 and P90 of at least five comparable campaigns, or a reason, or a baseline.
R relevant: it is linked to an objective of the company.
T timed: a first day, a last day, and at least one checkpoint between them.

False alarms and what is let through on purpose: docs/algorithms/smart-goals.md.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from enum import StrEnum

from muster.kit.words import _
from muster.plan.goals.percentiles import percentile
from muster.plan.goals.reading.sentence import Reading
from muster.plan.goals.rewrites import Rewrite, rewrites

ENOUGH_CAMPAIGNS = 5
FRESH = timedelta(hours=24)
LEAP = 3
"""Beyond so many times the last value a goal says why, while there is no history to ask."""


class Verdict(StrEnum):
    """What one letter says."""

    PASS = "pass"  # noqa: S105
    WARN = "warn"
    FAIL = "fail"


@dataclass(frozen=True)
class Letter:
    """One letter of SMART: its verdict, the reason, and where to mend it."""

    letter: str
    verdict: Verdict
    text: str
    params: Mapping[str, object] = field(default_factory=dict)
    fix: str = ""
    """The field that mends it; empty when there is nothing to mend."""
    value: Decimal | str | None = None
    """A value for that field that would pass."""
    rewrites: tuple[Rewrite, ...] = ()


@dataclass(frozen=True)
class GoalFacts:
    """A goal, and what is known of its metric and of past campaigns."""

    metric: str
    metric_name: str
    """In the reader's words; empty when the catalogue has no such metric."""
    target: Decimal | None
    baseline: Decimal | None = None
    change: Decimal | None = None
    """A target said only as a change, 0.2 for 20 % more, while the baseline is not known."""
    more: Decimal | None = None
    """The same in the metric's own unit."""
    statement: str = ""
    said: Reading | None = None
    """What the statement says, read."""
    population: str = ""
    channel: str = ""
    reason: str = ""
    objective: str = ""
    """The name of the objective to which it is linked."""
    supports: str = ""
    """Words about what it supports, of a goal that is linked to none."""
    starts: date | None = None
    due: date | None = None
    checkpoints: Sequence[date] = ()
    falls: bool = False
    """A lower number is better."""
    needs: frozenset[str] = frozenset()
    """Events from outside without which the metric cannot be known."""
    seen: Mapping[str, datetime | None] = field(default_factory=dict)
    """Event → when it was last received; None: never."""
    comparable: Sequence[Decimal] = ()
    """What the metric reached in past campaigns of this kind."""
    names: Mapping[str, str] = field(default_factory=dict)
    """Metric → its name in the reader's words, for sentences that are proposed."""

    @property
    def says_how_much(self) -> bool:
        return any(one is not None for one in (self.target, self.change, self.more))


def smart(goal: GoalFacts, now: datetime) -> list[Letter]:
    """The five letters, in order."""
    return [
        _specific(goal),
        _measurable(goal, now),
        _attainable(goal),
        _relevant(goal),
        _timed(goal),
    ]


def score(letters: Sequence[Letter]) -> int:
    """How many letters pass."""
    return sum(letter.verdict is Verdict.PASS for letter in letters)


def pace(starts: date, due: date, today: date) -> Decimal:
    """The share of the target that an even pace has reached at the end of `today`, 0 to 1."""
    days = (due - starts).days + 1
    passed = (today - starts).days + 1
    return min(max(Decimal(passed) / Decimal(days), Decimal(0)), Decimal(1))


def reached(value: Decimal, target: Decimal, *, falls: bool) -> Decimal:
    """The share of the target that is reached, 0 and up; 1 means reached."""
    over, under = (target, value) if falls else (value, target)
    if under == 0:
        return Decimal(1) if over >= 0 else Decimal(0)
    return max(over / under, Decimal(0))


def holds(value: Decimal, op: str, limit: Decimal) -> bool:
    """Whether a guardrail holds: `gte` at least, `lte` at most."""
    return value >= limit if op == "gte" else value <= limit


def even_checkpoints(starts: date, due: date) -> list[date]:
    """Up to three days between the first and the last on which to look at progress."""
    days = (due - starts).days
    return sorted({starts + timedelta(days=days * n // 4) for n in (1, 2, 3)} - {starts, due})


def _specific(goal: GoalFacts) -> Letter:
    said = goal.said
    if said is not None and said.is_vague:
        return Letter(
            "S",
            Verdict.FAIL,
            _("“%(statement)s” names a wish, not a number. Take one of these, or write your own."),
            {"statement": goal.statement},
            fix="statement",
            rewrites=_proposals(goal),
        )
    if not goal.metric_name and not (said is not None and said.uncounted):
        return Letter(
            "S",
            Verdict.FAIL,
            _("No metric yet. Choose the number that this goal is about."),
            fix="metric",
            rewrites=_proposals(goal) if goal.statement else (),
        )
    if said is not None and not said.has_number and not goal.says_how_much:
        return Letter(
            "S",
            Verdict.FAIL,
            _("It does not say how much. Take one of these, or write your own."),
            fix="statement",
            rewrites=_proposals(goal),
        )
    if said is not None and goal.target is not None and _disagrees(said, goal):
        return Letter(
            "S",
            Verdict.WARN,
            _("The sentence says %(said)s, the target %(target)s. Which one holds?"),
            {"said": said.target, "target": goal.target},
            fix="target",
            value=said.target,
        )
    if not goal.population:
        return Letter(
            "S",
            Verdict.WARN,
            _("It does not say of whom. Name the people it is about."),
            fix="population",
        )
    if not goal.channel:
        return Letter(
            "S", Verdict.WARN, _("It does not say through what. Name the channel."), fix="channel"
        )
    return Letter("S", Verdict.PASS, _("People, channel and number are clear."))


def _disagrees(said: Reading, goal: GoalFacts) -> bool:
    return said.metric == goal.metric and said.target is not None and said.target != goal.target


def _proposals(goal: GoalFacts) -> tuple[Rewrite, ...]:
    known = goal.metric if goal.metric_name else ""
    topic = goal.said.topic if goal.said is not None else ""
    return rewrites(known, topic, goal.names, goal.target, goal.baseline, falls=goal.falls)


def _measurable(goal: GoalFacts, now: datetime) -> Letter:
    if not goal.metric_name and goal.said is not None and goal.said.uncounted:
        return Letter(
            "M",
            Verdict.FAIL,
            _("Nothing that reaches us counts “%(wish)s”. Choose a number that would show it."),
            {"wish": goal.said.uncounted},
            fix="metric",
        )
    if not goal.metric_name:
        return Letter(
            "M",
            Verdict.FAIL,
            _("“%(metric)s” is not in the catalogue, so nothing could count it.")
            if goal.metric
            else _("Without a metric nothing can be counted."),
            {"metric": goal.metric} if goal.metric else {},
            fix="metric",
        )
    never = sorted(name for name in goal.needs if goal.seen.get(name) is None)
    if never:
        return Letter(
            "M",
            Verdict.FAIL,
            _("We never received “%(event)s”, which this number needs. Connect its source first."),
            {"event": never[0]},
            fix="metric",
        )
    stale = sorted(
        name for name in goal.needs if (at := goal.seen.get(name)) is not None and now - at > FRESH
    )
    if stale:
        return Letter(
            "M",
            Verdict.WARN,
            _(
                "“%(event)s” was last received more than a day ago. See whether its source still "
                "works."
            ),
            {"event": stale[0]},
            fix="metric",
        )
    return Letter("M", Verdict.PASS, _("The number is defined, and its events arrive."))


def _attainable(goal: GoalFacts) -> Letter:
    if goal.target is None and goal.change is not None:
        return Letter(
            "A",
            Verdict.WARN,
            _("A change of %(change)s %% – of what? Give the number of the last period."),
            {"change": f"{(goal.change * 100).normalize():f}"},
            fix="baseline",
        )
    if goal.target is None and goal.more is not None:
        return Letter(
            "A",
            Verdict.WARN,
            _("A change of %(more)s – from what? Give the number of the last period."),
            {"more": goal.more},
            fix="baseline",
        )
    if goal.target is None:
        return Letter(
            "A", Verdict.FAIL, _("No target yet. Say which value counts as reached."), fix="target"
        )
    if goal.baseline is not None and _is_kept(goal, goal.target, goal.baseline):
        return Letter(
            "A",
            Verdict.PASS,
            _("Today's %(baseline)s keeps the limit of %(target)s; the goal is that it stays so."),
            {"target": goal.target, "baseline": goal.baseline},
        )
    if goal.baseline is not None:
        backwards = goal.target > goal.baseline if goal.falls else goal.target < goal.baseline
        if backwards:
            return Letter(
                "A",
                Verdict.FAIL,
                _(
                    "The target %(target)s is worse than today's %(baseline)s. See which one is "
                    "wrong."
                ),
                {"target": goal.target, "baseline": goal.baseline},
                fix="target",
            )
    if len(goal.comparable) >= ENOUGH_CAMPAIGNS:
        return _against_history(goal, goal.target)
    if goal.baseline is None and not goal.reason:
        return Letter(
            "A",
            Verdict.WARN,
            _(
                "Nothing shows that this is possible. Give today's number, or write down the "
                "reason."
            ),
            fix="baseline",
        )
    if goal.baseline is not None and not goal.reason and _leaps(goal.target, goal.baseline, goal):
        return Letter(
            "A",
            Verdict.WARN,
            _(
                "From %(baseline)s to %(target)s is a leap. Write down why this is possible, or "
                "aim lower."
            ),
            {"baseline": goal.baseline, "target": goal.target},
            fix="reason",
        )
    return Letter("A", Verdict.PASS, _("It starts from a known number or says why it is possible."))


def _is_kept(goal: GoalFacts, target: Decimal, baseline: Decimal) -> bool:
    """Whether the goal is a limit that holds today: to keep it is no step back.

    Of what should be low and is nothing today, every target can only be such a limit.
    """
    said = goal.said.bound if goal.said is not None and goal.said.metric == goal.metric else ""
    if goal.falls:
        return baseline <= target and (said == "lte" or baseline == 0)
    return said == "gte" and baseline >= target


def _leaps(target: Decimal, baseline: Decimal, goal: GoalFacts) -> bool:
    """From nothing, to over three times the last value, or below a third of what is to fall."""
    if baseline == 0 and target > 0 and not goal.falls:
        return True
    if baseline <= 0 or target <= 0:
        return False
    return baseline / target > LEAP if goal.falls else target / baseline > LEAP


def _against_history(goal: GoalFacts, target: Decimal) -> Letter:
    low = percentile(goal.comparable, Decimal("0.1"))
    high = percentile(goal.comparable, Decimal("0.9"))
    facts = {"count": len(goal.comparable), "low": low, "high": high, "target": target}
    if low <= target <= high:
        return Letter(
            "A",
            Verdict.PASS,
            _(
                "Eight of ten comparable campaigns ended between %(low)s and %(high)s (%(count)s "
                "of them)."
            ),
            facts,
        )
    if goal.reason:
        return Letter("A", Verdict.PASS, _("It is unusual, and you say why it is possible."), facts)
    hard = target < low if goal.falls else target > high
    best = low if goal.falls else high
    if hard:
        return Letter(
            "A",
            Verdict.WARN,
            _(
                "Nine of ten comparable campaigns stayed behind %(target)s. Write down why this "
                "one will not, or take %(best)s."
            ),
            facts | {"best": best},
            fix="reason",
            value=best,
        )
    return Letter(
        "A",
        Verdict.WARN,
        _(
            "Nine of ten comparable campaigns did better than %(target)s. Aim higher, or write "
            "down why not."
        ),
        facts,
        fix="reason",
    )


def _relevant(goal: GoalFacts) -> Letter:
    if goal.objective:
        return Letter(
            "R", Verdict.PASS, _("It supports “%(objective)s”."), {"objective": goal.objective}
        )
    if goal.supports:
        return Letter(
            "R",
            Verdict.WARN,
            _("“%(supports)s” is no objective yet. Choose one, or make it one."),
            {"supports": goal.supports},
            fix="objective",
            value=goal.supports,
        )
    return Letter(
        "R",
        Verdict.WARN,
        _("It does not say which objective of the company it supports."),
        fix="objective",
    )


def _timed(goal: GoalFacts) -> Letter:
    if goal.said is not None and goal.said.unclear and goal.due is None:
        return Letter(
            "T",
            Verdict.FAIL,
            _("“%(words)s” is no date. Say by which day."),
            {"words": goal.said.unclear},
            fix="due",
        )
    if goal.starts is None or goal.due is None:
        missing = "starts" if goal.starts is None and goal.due is not None else "due"
        return Letter("T", Verdict.FAIL, _("It needs a first and a last day."), fix=missing)
    if goal.due < goal.starts:
        return Letter("T", Verdict.FAIL, _("It ends before it begins."), fix="due")
    between = [day for day in goal.checkpoints if goal.starts <= day <= goal.due]
    if not between:
        return Letter(
            "T",
            Verdict.WARN,
            _("Nobody looks at it before the end. Set at least one checkpoint."),
            fix="checkpoints",
        )
    return Letter(
        "T",
        Verdict.PASS,
        _("First day, last day and %(count)s checkpoints are set."),
        {"count": len(between)},
    )
