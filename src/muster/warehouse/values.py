"""How a value compares: numbers as numbers, text as text, dates as moments (PE4).

A comparison gives true, false or nothing; nothing counts as false. Only the opposite operations
(`ne`, `not_in`, `not_contains`, `missing`) hold for what is not there.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import reduce
from operator import and_, or_
from typing import TYPE_CHECKING, TypeGuard

import ibis

from muster.warehouse.functions import from_local, to_local
from muster.warehouse.rules import NEGATIVES, Numbers, Scalar, Value, is_moment
from muster.warehouse.windows import Clock

if TYPE_CHECKING:
    import ibis.expr.types as ir

_OFFSET = r"\d:\d\d.*(Z|[+-]\d\d(:?\d\d)?)$"
"""The end of an ISO moment that says its offset from UTC."""

_ORDER: dict[str, Callable[[ir.Value, object], ir.BooleanValue]] = {
    "eq": lambda column, bound: column == bound,
    "ne": lambda column, bound: column != bound,
    "gt": lambda column, bound: column > bound,
    "gte": lambda column, bound: column >= bound,
    "lt": lambda column, bound: column < bound,
    "lte": lambda column, bound: column <= bound,
}


def matches(column: ir.Value, kind: str, op: str, value: Value, clock: Clock) -> ir.BooleanValue:
    """Whether a column of this kind (text, number, boolean, time) passes the operation."""
    if op in NEGATIVES:
        return opposite(matches(column, kind, NEGATIVES[op], value, clock))
    if op == "exists":
        return column.notnull()
    if op in ("before", "after", "within_last", "not_within_last", "anniversary_within"):
        return _in_time(column, kind, op, str(value), clock)
    if op in ("contains", "starts_with", "ends_with"):
        return _in_text(column if kind == "text" else column.cast("string"), op, str(value))
    if op == "in":
        return _one_of(column, kind, value if isinstance(value, tuple) else (), clock)
    if op == "between":
        low, high = value if isinstance(value, tuple) else (0, 0)
        return _ordered(column, kind, "gte", low, clock) & _ordered(
            column, kind, "lte", high, clock
        )
    return _ordered(column, kind, op, value if not isinstance(value, tuple | None) else "", clock)


def opposite(truth: ir.BooleanValue) -> ir.BooleanValue:
    """True where the other is false or nothing."""
    return ~truth.fill_null(False)


def passes(number: ir.NumericValue, numbers: Numbers) -> ir.BooleanValue:
    """Whether the number passes every comparison."""
    truths: list[ir.BooleanValue] = []
    for op, bound in numbers:
        if isinstance(bound, tuple):
            truths += [number >= bound[0], number <= bound[1]]
        else:
            truths.append(_ORDER[op](number, bound))
    return reduce(and_, truths)


def as_number(text: ir.StringValue) -> ir.FloatingValue:
    """The number that a text says, nothing if it says none."""
    number = text.try_cast("float64")
    return ibis.ifelse(number.isnan(), ibis.null("float64"), number)


def _ordered(column: ir.Value, kind: str, op: str, value: Scalar, clock: Clock) -> ir.BooleanValue:
    comparable = _comparable(column, kind, value, clock)
    return _ORDER[op](*comparable) if comparable is not None else ibis.literal(False)


def _one_of(
    column: ir.Value, kind: str, values: tuple[Scalar, ...], clock: Clock
) -> ir.BooleanValue:
    """One comparison for all the values of the same type, however many they are."""
    truths: list[ir.BooleanValue] = []
    for type_ in (bool, int, float, str):
        some = [_comparable(column, kind, v, clock) for v in values if type(v) is type_]
        sides = [pair for pair in some if pair is not None]
        if sides:
            truths.append(sides[0][0].isin([bound for _, bound in sides]))
    return reduce(or_, truths) if truths else ibis.literal(False)


def _comparable(
    column: ir.Value, kind: str, value: Scalar, clock: Clock
) -> tuple[ir.Value, object] | None:
    """Both sides in a form in which they compare, or None if they never can."""
    if kind == "time":
        return (column, clock.moment(value)) if _says_moment(value) else None
    if isinstance(value, bool):
        if kind == "text":
            return column.lower(), str(value).lower()
        return (column, value) if kind == "boolean" else (column, int(value))
    if isinstance(value, str):
        return _with_text(column, kind, value)
    if kind == "boolean":
        return column.cast("int64"), value
    return (as_number(column) if kind == "text" else column), value


def _with_text(column: ir.Value, kind: str, value: str) -> tuple[ir.Value, object] | None:
    if kind == "text":
        return column, value
    if kind == "boolean":
        return (column, value.lower() == "true") if value.lower() in ("true", "false") else None
    try:
        return column, float(value)
    except ValueError:
        return None


def _says_moment(value: Scalar) -> TypeGuard[str]:
    return isinstance(value, str) and is_moment(value)


def _in_text(column: ir.StringValue, op: str, value: str) -> ir.BooleanValue:
    if op == "contains":
        return column.lower().contains(value.lower())
    return column.startswith(value) if op == "starts_with" else column.endswith(value)


def _in_time(column: ir.Value, kind: str, op: str, value: str, clock: Clock) -> ir.BooleanValue:
    if kind not in ("text", "time"):
        return ibis.literal(False)
    if op == "anniversary_within":
        return _anniversary(_local(column, kind, clock), value, clock)
    moment = _utc(column, kind, clock)
    if op == "before":
        return moment < clock.moment(value)
    if op == "after":
        return moment > clock.moment(value)
    start, end = clock.window(value)
    inside = (moment >= start) & (moment < end if end is not None else moment <= clock.utc_now)
    return inside if op == "within_last" else moment.notnull() & ~inside


def _anniversary(local: ir.TimestampValue, value: str, clock: Clock) -> ir.BooleanValue:
    """Whether the day comes round in the window; 29 February is kept on the 28th in other years."""
    first, last = clock.days(value)
    if (last - first).days >= 365:
        return local.notnull()
    day = local.month() * 100 + local.day()
    start, end = first.month * 100 + first.day, last.month * 100 + last.day
    if end == 228 and (last.year % 4 or (last.year % 100 == 0 and last.year % 400)):
        end = 229
    inside = (day >= start, day <= end)
    return inside[0] & inside[1] if start <= end else inside[0] | inside[1]


def _utc(column: ir.Value, kind: str, clock: Clock) -> ir.TimestampValue:
    if kind == "time":
        return column
    exact = to_local("UTC", column.try_cast("timestamp('UTC')"))
    local = to_local("UTC", from_local(clock.zone.key, column.try_cast("timestamp")))
    return ibis.ifelse(column.re_search(_OFFSET), exact, local)


def _local(column: ir.Value, kind: str, clock: Clock) -> ir.TimestampValue:
    zone = clock.zone.key
    if kind == "time":
        return to_local(zone, from_local("UTC", column))
    exact = to_local(zone, column.try_cast("timestamp('UTC')"))
    return ibis.ifelse(column.re_search(_OFFSET), exact, column.try_cast("timestamp"))
