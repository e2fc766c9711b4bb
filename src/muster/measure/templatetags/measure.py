"""What pages of numbers say: a metric in its unit, a lift in words, an interval as a drawing."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import get_language, gettext

from muster.experiment.significance import Lift
from muster.kit.words import _
from muster.measure.reports.rules import Row
from muster.measure.results import words
from muster.measure.results.numbers import Figure, Group
from muster.measure.web.drawing import LAYERS
from muster.people.directory.words import EVENTS
from muster.ui import formats
from muster.warehouse.metrics import METRICS, Unit
from muster.warehouse.sources import GROUPS

register = template.Library()


def in_unit(value: Any, key: str, currency: str, language: str) -> str:
    """The value of a metric as its unit is written."""
    if value is None:
        return formats.NOTHING
    exact = Decimal(str(value))
    unit = METRICS[key].unit
    if key == "orders_per_person":
        return formats.number(exact, language, digits=4)
    if unit is Unit.RATIO:
        return formats.percent(exact, language, digits=2)
    if unit is Unit.MONEY:
        return formats.money(exact, language, currency, short=True)
    if unit is Unit.MEAN:
        return formats.number(exact, language, digits=1)
    return formats.number(exact, language, digits=0)


def _reader() -> str:
    return get_language() or "en"


@register.simple_tag
def figure(value: Any, key: str, currency: str = "") -> str:
    """A metric's value: `18.28%`, `¥1.42`, `2,186`."""
    return in_unit(value, key, currency, _reader())


@register.filter
def metric_name(key: str) -> str:
    """The name of a metric in the reader's language."""
    return words.metric_name(key)


DEVICES = {
    "phone": _("Phones"),
    "tablet": _("Tablets"),
    "desktop": _("Computers"),
    "": _("Not said"),
}
_CHANNELS = {
    "email": _("E-mail"),
    "(none)": _("No touch before"),
    "(not set)": _("Not said"),
    "(discounts)": _("Discounts given"),
    "(refunds)": _("Paid back"),
    "before": _("Before the start"),
    "during": _("During the campaign"),
    "after": _("The week after"),
}


@register.filter
def event_name(name: str) -> str:
    """What an event is called; one without words of ours keeps its name."""
    return gettext(EVENTS.get(name, name))


@register.filter
def step_name(key: str) -> str:
    """The name of a step of a campaign's funnel."""
    return words.step_name(key)


@register.filter
def part_name(key: str) -> str:
    """The name of a channel or another part of a report, as far as we have a word for it."""
    return gettext(_CHANNELS[key]) if key in _CHANNELS else key


@register.filter
def web_name(key: str, kind: str) -> str:
    """What a part of the site is called: a channel group, a device; others keep their own name."""
    if kind == "group":
        return gettext(GROUPS[key])
    return gettext(DEVICES[key]) if kind == "device" and key in DEVICES else key


@register.simple_tag
def layer_name(key: str) -> str:
    """The name of a layer of a heat map."""
    return gettext(LAYERS[key])


@register.filter
def metric_formula(key: str) -> str:
    """The formula of a metric in words."""
    return gettext(METRICS[key].explanation) if key in METRICS else ""


@register.simple_tag
def difference(figure: Figure, currency: str = "") -> str:
    """What the message added: points for a share, money for money."""
    if figure.lift is None:
        return formats.NOTHING
    value = figure.lift.absolute
    if METRICS[figure.key].unit is Unit.RATIO:
        sign = "+" if value > 0 else ""
        points = formats.number(Decimal(str(value)) * 100, _reader(), digits=2)
        return sign + points + formats.style(_reader()).points
    return ("+" if value > 0 else "") + in_unit(value, figure.key, currency, _reader())


@register.filter
def range_of(ends: tuple[float, float] | None) -> str:
    """An interval of ratios: `+60.4% … +83.9%`."""
    if ends is None:
        return formats.NOTHING
    return " … ".join(_signed_percent(end) for end in ends)


@register.filter
def signed_percent(ratio: float | None) -> str:
    """`+72.1%`: a relative change."""
    return formats.NOTHING if ratio is None else _signed_percent(ratio)


def _signed_percent(ratio: float) -> str:
    return ("+" if ratio > 0 else "") + formats.percent(ratio, _reader(), digits=1)


@register.filter
def chance(p: float | None) -> str:
    """A p-value as people read it: `0.0016`, `< 0.0001`."""
    if p is None:
        return formats.NOTHING
    return "< 0.0001" if p < 0.0001 else f"{p:.4f}"


@register.simple_tag
def reach_of(groups: Sequence[Group], key: str) -> tuple[float, float]:
    """The common scale of the intervals of one metric: the lowest and the highest end, 0 within."""
    ends = [
        end
        for group in groups
        if (lift := group.figures[key].lift) is not None
        for end in (lift.interval or ())
    ]
    return min([0.0, *ends]), max([0.0, *ends])


@register.simple_tag
def interval_bar(
    lift: Lift | None, scale: tuple[float, float], label: str = ""
) -> SafeString | str:
    """The 95 % interval of a lift as a line, the lift as a dot, no gain as a thin upright."""
    if lift is None or lift.interval is None or lift.relative is None:
        return ""
    low, high = scale
    span = (high - low) or 1.0

    def place(value: float) -> str:
        return f"{2 + (value - low) / span * 96:.2f}%"

    kind = "better" if lift.is_significant and lift.relative > 0 else "muted"
    kind = "worse" if lift.is_significant and lift.relative < 0 else kind
    return format_html(
        '<svg class="{}" width="100%" height="16" role="img" aria-label="{}">'
        '<line x1="{}" x2="{}" y1="1" y2="15" stroke="currentColor" stroke-opacity="0.35"/>'
        '<line x1="{}" x2="{}" y1="8" y2="8" stroke="currentColor" stroke-width="3"/>'
        '<circle cx="{}" cy="8" r="4" fill="currentColor"/></svg>',
        kind,
        label,
        place(0),
        place(0),
        place(lift.interval[0]),
        place(lift.interval[1]),
        place(lift.relative),
    )


@register.simple_tag
def roi_cell(row: Row | None, currency: str) -> SafeString | str:
    """The return of one cell, blue for gain, orange for loss; without cost or orders the sum."""
    if row is None:
        return formats.NOTHING
    language = _reader()
    if row.roi is None:
        return formats.money(row.revenue, language, currency, short=True)
    if not row.revenue:
        return formats.MINUS + formats.money(row.cost, language, currency, short=True)
    kind = "better" if row.roi > 0 else "worse" if row.roi < 0 else "muted"
    return format_html(
        '<span class="{}">{}</span>', kind, formats.percent(row.roi, language, digits=0)
    )
