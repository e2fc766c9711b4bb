"""What a signature is worth, and who has to give which (PL6). Facts in, answer out."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import Any

from muster.kit.days import WorkCalendar

POLICY = ("release",)
"""The steps that have to be signed where nobody made a policy."""
OPENS, CLOSES = time(9), time(18)
"""Working hours: a deadline in hours counts nothing else."""


class Who(StrEnum):
    """How a step names the people who may sign it."""

    PERMISSION = "permission"
    ROLE = "role"
    TEAM = "team"
    PERSON = "person"
    ACCOUNTABLE = "accountable"
    """Whoever has the A of the task that makes the thing."""


@dataclass(frozen=True)
class Step:
    """One signature that a policy asks for."""

    key: str
    name: str = ""
    who: str = Who.PERMISSION.value
    value: str = "approvals.decide"
    """The permission, the role, or the number of the team or person."""
    beside: bool = False
    """Asked at the same time as the step before it."""
    within: int = 0
    """Time to decide; 0: no deadline."""
    unit: str = "days"
    """Working `days` or working `hours`."""
    above: Decimal | None = None
    """Asked only for sums above this one."""


def step_of(raw: str | Mapping[str, Any]) -> Step:
    """A step as it is kept; the oldest requests kept only its key."""
    if isinstance(raw, str):
        return Step(raw)
    above = raw.get("above")
    return Step(
        key=raw["key"],
        name=raw.get("name", ""),
        who=raw.get("who", Who.PERMISSION.value),
        value=raw.get("value", ""),
        beside=bool(raw.get("beside")),
        within=int(raw.get("within") or 0),
        unit=raw.get("unit", "days"),
        above=Decimal(above) if above is not None else None,
    )


def kept(step: Step) -> dict[str, Any]:
    """A step as it is kept."""
    return {
        "key": step.key,
        "name": step.name,
        "who": step.who,
        "value": step.value,
        "beside": step.beside,
        "within": step.within,
        "unit": step.unit,
        "above": str(step.above) if step.above is not None else None,
    }


def needed(steps: Iterable[Step], amount: Decimal | None) -> list[Step]:
    """The steps that a thing of this sum has to pass; without a sum all of them."""
    return [step for step in steps if step.above is None or amount is None or amount > step.above]


def stages(steps: Iterable[Step]) -> list[list[Step]]:
    """Steps that are asked at the same time stand together; the stages follow each other."""
    found: list[list[Step]] = []
    for step in steps:
        if step.beside and found:
            found[-1].append(step)
        else:
            found.append([step])
    return found


def open_now(steps: Iterable[Step], signed: Iterable[str]) -> list[Step]:
    """The steps that may be signed now: those still open in the first unfinished stage."""
    done = set(signed)
    for stage in stages(steps):
        waiting = [step for step in stage if step.key not in done]
        if waiting:
            return waiting
    return []


@dataclass(frozen=True)
class Signature:
    """Someone agreed to the work as it was then."""

    step: str
    fingerprint: str


def open_steps(
    policy: Sequence[str], signatures: Iterable[Signature], fingerprint: str
) -> list[str]:
    """The steps still to sign, in the order of the policy.

    A signature counts only for the work it was given for: any later edit changes the
    fingerprint, and so opens every step again.
    """
    signed = {s.step for s in signatures if s.fingerprint == fingerprint}
    return [step for step in policy if step not in signed]


def due(asked: datetime, within: int, unit: str, calendar: WorkCalendar) -> datetime:
    """When a step has to be decided: so many working hours or days later, in the zone of `asked`.

    What is asked outside working hours counts from the next opening on; a minute that has begun
    is given on top, so that the time on the page is exactly the time meant.
    """
    begun = asked.second or asked.microsecond
    whole = asked.replace(second=0, microsecond=0) + timedelta(minutes=1 if begun else 0)
    moment = _at_work(whole, calendar)
    if unit == "days":
        return datetime.combine(calendar.shift(moment.date(), within), moment.time(), asked.tzinfo)
    left = timedelta(hours=within)
    while True:
        today = datetime.combine(moment.date(), CLOSES, asked.tzinfo) - moment
        if left <= today:
            return moment + left
        left -= today
        moment = datetime.combine(calendar.shift(moment.date(), 1), OPENS, asked.tzinfo)


def _at_work(moment: datetime, calendar: WorkCalendar) -> datetime:
    day = moment.date()
    if calendar.is_working(day) and moment.time() < CLOSES:
        return max(moment, datetime.combine(day, OPENS, moment.tzinfo))
    after = calendar.first_from(day + timedelta(days=1))
    return datetime.combine(after, OPENS, moment.tzinfo)


class No(StrEnum):
    """Why a person may not decide, in the order in which we look."""

    CLOSED = "closed"
    NOT_YOURS = "not_yours"
    CHANGED = "changed"
    NOTE_MISSING = "note_missing"
    WAIVER_NOT_YOURS = "waiver_not_yours"
    OWN_REQUEST = "own_request"
    SIGNED_BEFORE = "signed_before"


@dataclass(frozen=True)
class Attempt:
    """Someone wants to decide on a request."""

    is_open: bool
    is_changed: bool
    """The work is no longer what was shown."""
    approves: bool
    asked_it: bool
    """The person, or the one they stand in for, asked for this approval."""
    is_owner: bool
    waiver: bool
    has_note: bool
    is_decider: bool = True
    """A step that is open now may be signed by this person."""
    signed_before: bool = False
    """The person has signed another step of this request."""


def refusal(attempt: Attempt) -> No | None:
    """Why this decision may not be taken, or None."""
    if not attempt.is_open:
        return No.CLOSED
    if not attempt.is_decider:
        return No.NOT_YOURS
    if attempt.approves and attempt.is_changed:
        return No.CHANGED
    if not attempt.approves and not attempt.has_note:
        return No.NOTE_MISSING
    same_eyes = attempt.asked_it or attempt.signed_before
    if attempt.approves and same_eyes and not (attempt.is_owner and attempt.waiver):
        if attempt.waiver:
            return No.WAIVER_NOT_YOURS
        return No.OWN_REQUEST if attempt.asked_it else No.SIGNED_BEFORE
    return None


@dataclass(frozen=True)
class Difference:
    """One thing that is not as it was in the version approved before."""

    label: str
    before: str
    after: str


def only_changed(before: str, after: str) -> tuple[str, str]:
    """Of two lists, a line for each thing, the lines that the other does not have."""
    old, new = before.splitlines(), after.splitlines()
    if len(old) < 2 and len(new) < 2:
        return before, after
    return (
        "\n".join(line for line in old if line not in new),
        "\n".join(line for line in new if line not in old),
    )


def differences(
    before: Iterable[tuple[str, str]], after: Iterable[tuple[str, str]]
) -> list[Difference]:
    """What differs between two outlines, in the order of the newer one, then what is gone."""
    old, new = dict(before), dict(after)
    labels = [*new, *(label for label in old if label not in new)]
    return [
        Difference(label, old.get(label, ""), new.get(label, ""))
        for label in labels
        if old.get(label, "") != new.get(label, "")
    ]
