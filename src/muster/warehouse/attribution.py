"""Attribution (ME2): which touches get the credit for a conversion.

A touch is an event that carries a channel or a campaign and was not found to be the work of a
machine; the conversion event itself is none, and neither is a message that never arrived. A touch
at the same instant as the conversion counts. Every conversion hands out a credit of exactly 1: to
its touches, or to `(none)` when it has none, so the credits of each model add up to all
conversions and to their whole value.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING

import ibis

from muster.events import names
from muster.kit.clock import Span
from muster.kit.errors import Invalid
from muster.kit.words import _
from muster.warehouse.metrics import chosen_people, naive
from muster.warehouse.tables import EVENTS, answer, human, who
from muster.warehouse.windows import earlier

if TYPE_CHECKING:
    import ibis.expr.types as ir
    import pyarrow as pa
    from ibis.backends.duckdb import Backend

NONE = "(none)"
"""The key of conversions without a touch."""
NOT_SET = "(not set)"
"""The key of touches that do not say what is asked for."""
GROUPS = ("channel", "campaign", "content")
_HALF_LIFE_DAYS = 7.0
NEVER_ARRIVED = (names.MESSAGE_QUEUED, names.MESSAGE_BOUNCED, names.MESSAGE_FAILED)
_DIGITS = 9


@dataclass(frozen=True)
class Credit:
    """What one channel, campaign or content gets."""

    key: str
    conversions: float
    value: float


@dataclass(frozen=True)
class Attribution:
    """Who gets the credit, by model."""

    models: dict[str, list[Credit]]
    conversions: int
    value: Decimal
    paths: int
    """The conversions that have at least one touch."""
    currency: str | None
    """That of the value; None if the conversions say none."""
    apart: dict[str, Decimal] = field(default_factory=dict)
    """The value of conversions in other currencies, which `value` leaves out."""

    def as_json(self) -> dict[str, object]:
        """The form in which the API answers."""
        return {
            "models": {
                model: [
                    {"key": c.key, "conversions": c.conversions, "value": c.value} for c in credits
                ]
                for model, credits in self.models.items()
            },
            "conversions": self.conversions,
            "value": float(self.value),
            "paths": self.paths,
        }


def _position(t: ir.Table) -> ir.FloatingValue:
    """Two fifths for the first and for the last, the rest shared by those between."""
    is_end = (t.place == 0) | (t.place == t.touches - 1)
    return ibis.cases(
        (t.touches == 1, 1.0),
        (t.touches == 2, 0.5),
        (is_end, 0.4),
        else_=0.2 / (t.touches - 2).nullif(0),
    )


def _decay(t: ir.Table) -> ir.FloatingValue:
    """Half the weight for each week before the conversion."""
    return t.freshness / t.freshness_of_all


_TO_ONE: dict[str, Callable[[ir.Table], ir.BooleanValue]] = {
    "first": lambda t: t.place == 0,
    "last": lambda t: t.place == t.touches - 1,
}
"""Model → the one touch that gets all of a conversion."""
MODELS: dict[str, Callable[[ir.Table], ir.FloatingValue]] = {
    "first": lambda t: _TO_ONE["first"](t).cast("float64"),
    "last": lambda t: _TO_ONE["last"](t).cast("float64"),
    "linear": lambda t: 1.0 / t.touches,
    "position": _position,
    "time_decay": _decay,
}
"""Model → the share of a conversion that one of its touches gets."""


def attribution(
    db: Backend,
    conversion: str,
    *,
    start: datetime | None = None,
    end: datetime | None = None,
    window: str | None = None,
    reset: bool = False,
    models: Sequence[str] = ("first", "last", "linear"),
    group_by: str = "channel",
    currency: str | None = None,
    people: Sequence[int] | pa.Array | None = None,
) -> Attribution:
    """Credit for the conversions in [start, end), by model; of these people only, if any are given.

    `window` is how long before a conversion a touch may be (`30d`); with `reset` a conversion
    starts a new path, so touches before the previous one do not count. The value is that of the
    given currency, or else of the one that most conversions have. Raises `Invalid`.
    """
    _check(window, models, group_by)
    if people is not None:
        with chosen_people(db, people) as chosen:
            return _counted(
                db, conversion, start, end, window, reset, models, group_by, currency, chosen
            )
    return _counted(db, conversion, start, end, window, reset, models, group_by, currency, None)


def _counted(
    db: Backend,
    conversion: str,
    start: datetime | None,
    end: datetime | None,
    window: str | None,
    reset: bool,
    models: Sequence[str],
    group_by: str,
    currency: str | None,
    chosen: ir.Table | None,
) -> Attribution:
    currency, apart = _currencies(db, conversion, start, end, currency, chosen)
    conversions = _conversions(conversion, currency, chosen).filter(
        lambda c: (
            ibis.and_(
                *([c.at >= naive(start)] if start else []), *([c.at < naive(end)] if end else [])
            )
            if start or end
            else ibis.literal(True)
        )
    )
    touched = _touched(conversions, conversion, window, reset, group_by)
    totals = answer(
        db,
        conversions.agg(conversions=conversions.count(), value=conversions.value.sum()),
    ).to_pylist()[0]
    columns = {}
    for model in models:
        share = MODELS[model](touched)
        columns[f"{model}_conversions"] = share.sum()
        # Whole values are added up exactly; a third of a price is no decimal.
        columns[f"{model}_value"] = (
            touched.value.sum(where=_TO_ONE[model](touched))
            if model in _TO_ONE
            else (share * touched.value.cast("float64")).sum()
        )
    paths = (touched.place == 0).sum()
    rows = answer(db, touched.group_by("key").agg(paths=paths, **columns)).to_pylist()
    n, value = totals["conversions"], totals["value"] or Decimal(0)
    return Attribution(
        {model: _credits(model, rows, n, value) for model in models},
        n,
        value,
        int(sum(row["paths"] for row in rows)),
        currency,
        apart,
    )


def _check(window: str | None, models: Sequence[str], group_by: str) -> None:
    if window is not None and Span.parse(window) is None:
        raise Invalid.at(
            "/window",
            "bad_duration",
            _("“%(found)s” is no duration; write it like 12h, 30d, 8w, 6mo or 1y."),
            found=window,
        )
    for model in models:
        if model not in MODELS:
            raise Invalid.at(
                "/models",
                "unknown_model",
                _("There is no model “%(model)s”; possible are: %(models)s."),
                model=model,
                models=", ".join(MODELS),
            )
    if group_by not in GROUPS:
        raise Invalid.at(
            "/group_by",
            "unknown_group",
            _("Results cannot be grouped by “%(group)s”; possible are: %(groups)s."),
            group=group_by,
            groups=", ".join(GROUPS),
        )


def _of(conversion: str, chosen: ir.Table | None) -> ir.Table:
    found = EVENTS.filter(EVENTS.name == conversion, human(EVENTS))
    return found if chosen is None else found.semi_join(chosen, "person_id")


def _currencies(
    db: Backend,
    conversion: str,
    start: datetime | None,
    end: datetime | None,
    wanted: str | None,
    chosen: ir.Table | None,
) -> tuple[str | None, dict[str, Decimal]]:
    """The currency of the value, and what was earned in the others."""
    c = _of(conversion, chosen)
    if start:
        c = c.filter(c.at >= naive(start))
    if end:
        c = c.filter(c.at < naive(end))
    c = c.filter(c.currency.notnull())
    sums = c.group_by(code=c.currency.upper()).agg(n=c.count(), value=c.revenue.sum())
    rows = answer(db, sums.order_by(sums.n.desc(), sums.code)).to_pylist()
    code = wanted.upper() if wanted else next((row["code"] for row in rows), None)
    return code, {row["code"]: row["value"] or Decimal(0) for row in rows if row["code"] != code}


def _conversions(conversion: str, currency: str | None, chosen: ir.Table | None) -> ir.Table:
    """Every conversion with the one before it; `start` and `end` narrow it only afterwards."""
    c = _of(conversion, chosen).mutate(who=who)
    value = c.revenue.fill_null(0)
    if currency is not None:
        here = c.currency.fill_null(currency).upper() == currency
        value = ibis.ifelse(here, value, 0)
    in_order = ibis.window(group_by=c.who, order_by=[c.at, c.event_id])
    return c.select(
        "who",
        "at",
        value=value,
        number=ibis.row_number().over(order_by=[c.at, c.event_id]),
        before=c.at.lag().over(in_order),
    )


def touches(group_by: str, *, but: str = "") -> ir.Table:
    """touch_who, touch_at, touch_id and key of every touch; `but` is no touch: the conversion."""
    t = EVENTS.filter(
        human(EVENTS),
        EVENTS.name != but,
        EVENTS.name.notin(NEVER_ARRIVED),
        EVENTS.channel.notnull() | EVENTS.campaign.notnull() | EVENTS.campaign_id.notnull(),
    )
    key = t.campaign.coalesce(t.campaign_id) if group_by == "campaign" else t[group_by]
    return t.select(
        touch_who=who(t), touch_at=t.at, touch_id=t.event_id, key=key.fill_null(NOT_SET)
    )


def _touched(
    conversions: ir.Table, conversion: str, window: str | None, reset: bool, group_by: str
) -> ir.Table:
    """Each touch beside each conversion that it led to: its place, and how many there are."""
    t = touches(group_by, but=conversion)
    matching = [conversions.who == t.touch_who, t.touch_at <= conversions.at]
    pairs = conversions.inner_join(t, matching)
    if reset:
        pairs = pairs.filter(pairs.before.isnull() | (pairs.touch_at > pairs.before))
    if window is not None:
        pairs = pairs.filter(pairs.touch_at > earlier(pairs.at, window))
    age = (pairs.at.epoch_seconds() - pairs.touch_at.epoch_seconds()) / 86_400
    pairs = pairs.mutate(freshness=ibis.literal(2.0) ** (-age / _HALF_LIFE_DAYS))
    path = ibis.window(group_by=pairs.number)
    in_order = ibis.window(group_by=pairs.number, order_by=[pairs.touch_at, pairs.touch_id])
    return pairs.mutate(
        place=ibis.row_number().over(in_order),
        touches=pairs.count().over(path),
        freshness_of_all=pairs.freshness.sum().over(path),
    )


def _credits(model: str, rows: Sequence[dict[str, object]], n: int, value: Decimal) -> list[Credit]:
    """The keys with most conversions first; what no touch gets goes to `(none)`."""
    credits = [
        Credit(
            str(row["key"]),
            round(float(row[f"{model}_conversions"]), _DIGITS),  # type: ignore[arg-type]
            round(float(row[f"{model}_value"]), _DIGITS),  # type: ignore[arg-type]
        )
        for row in rows
        if row[f"{model}_conversions"]
    ]
    left = Credit(
        NONE,
        round(n - sum(c.conversions for c in credits), 6),
        round(float(value) - sum(c.value for c in credits), 6),
    )
    if left.conversions:
        credits.append(left)
    return sorted(credits, key=lambda c: (-c.conversions, c.key))
