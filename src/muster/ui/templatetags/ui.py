"""What templates say: icons, chips, bars, fields, and every number and time in the reader's way."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

from django import template
from django.conf import settings
from django.forms import BoundField
from django.forms.widgets import (
    CheckboxInput,
    CheckboxSelectMultiple,
    FileInput,
    RadioSelect,
    Select,
    Textarea,
)
from django.templatetags.static import static
from django.utils import timezone
from django.utils.formats import localize
from django.utils.html import conditional_escape as escape
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import get_language, gettext

from muster.kit import clock
from muster.kit.money import Money
from muster.ui import charts, formats, middleware

register = template.Library()


def _reader() -> str:
    return get_language() or settings.LANGUAGE_CODE


def _zone() -> ZoneInfo:
    zone = timezone.get_current_timezone()
    return zone if isinstance(zone, ZoneInfo) else ZoneInfo(str(zone))


def _exact(value: Any) -> Decimal | None:
    return None if value is None or value == "" else Decimal(str(value))


@register.filter
def said(kept: str) -> str:
    """What was written down when something went wrong, in the reader's words."""
    return middleware.said(kept)


# Numbers, money, times.


@register.filter
def number(value: Any, digits: int = 3) -> str:
    """1284350.5 → 1,284,350.5, or 128.44万 where the reader chose so."""
    exact = _exact(value)
    if formats.is_shortened(exact):
        return formats.compact(exact, _reader())
    return formats.number(exact, _reader(), digits=digits)


@register.filter
def compact(value: Any) -> str:
    """12840 → 1.28万 or 12.84K."""
    return formats.compact(_exact(value), _reader())


@register.filter
def money(value: Any, how: str | None = "") -> str:
    """Money, or an amount with its currency: `|money`, `|money:"CNY"`, `|money:"CNY short"`.

    Large sums follow the reader's choice; `exact_money` always writes them out.
    """
    return _money(value, how, in_short=True)


@register.filter
def exact_money(value: Any, how: str | None = "") -> str:
    """The same written out, whatever the reader chose: for books, limits and what is signed."""
    return _money(value, how, in_short=False)


def _money(value: Any, how: str | None, *, in_short: bool) -> str:
    words = (how or "").split()
    short = "short" in words
    currency = next((word for word in words if word != "short"), "")
    if isinstance(value, Money):
        return formats.money(value, _reader(), short=short, in_short=in_short)
    return formats.money(_exact(value), _reader(), currency, short=short, in_short=in_short)


@register.filter
def percent(ratio: Any, digits: int = 2) -> str:
    """0.1828 → 18.28%."""
    return formats.percent(_exact(ratio), _reader(), digits=digits)


@register.filter
def points(ratio: Any) -> str:
    """0.021 → +2.1 pp."""
    return formats.points(_exact(ratio), _reader())


@register.filter
def signed(value: Any) -> str:
    """1204 → +1,204."""
    return formats.signed(_exact(value), _reader())


@register.filter
def when(moment: datetime | None) -> str:
    """Short moment in the reader's zone: 11-08 14:05."""
    return formats.when(moment, _reader(), _zone(), now=clock.now())


@register.filter
def full(moment: datetime | None) -> str:
    """Whole moment in the reader's zone: 2026年11月8日 星期日 14:05."""
    return formats.full(moment, _reader(), _zone())


@register.filter
def day(value: date | datetime | None) -> str:
    """Short day: 11-08; a moment counts in the reader's zone."""
    if value is None:
        return formats.NOTHING
    zone = _zone()
    if isinstance(value, datetime):
        value = value.astimezone(zone).date()
    return formats.day(value, _reader(), today=clock.now().astimezone(zone).date())


@register.filter
def ago(moment: datetime | None) -> str:
    """3 hours ago."""
    return formats.ago(moment, _reader(), now=clock.now())


@register.filter
def countdown(value: date | None) -> str:
    """D-12."""
    return formats.countdown(value, today=clock.now().astimezone(_zone()).date())


@register.filter
def listed(items: Sequence[object]) -> str:
    """A, B, and C."""
    return formats.listed(items, _reader())


@register.simple_tag
def moment(value: datetime | None, relative: bool = False) -> SafeString | str:
    """A moment as an element: short (or relative) to read, exact on hover, exact for machines."""
    if value is None:
        return formats.NOTHING
    text = ago(value) if relative else when(value)
    element = "m-ago" if relative else "time"
    return format_html(
        '<{} datetime="{}" title="{}">{}</{}>',
        element,
        value.isoformat(),
        full(value),
        text,
        element,
    )


# Languages.


@register.simple_tag
def html_lang() -> str:
    """The `lang` of the page."""
    return formats.style(_reader()).html


@register.filter
def bcp47(code: str) -> str:
    """The `lang` of a language code."""
    return formats.style(code).html


@register.filter
def language_name(code: str) -> str:
    """The language's own name."""
    return formats.language_name(code)


@register.simple_tag
def language_choices() -> list[tuple[str, str]]:
    """The languages a reader can choose: code and own name."""
    return [(code, formats.language_name(code)) for code, _name in settings.LANGUAGES]


# Small elements.


@register.simple_tag
def icon(name: str, classes: str = "", label: str = "") -> SafeString:
    """One icon of web/icons.json; it needs a label only if no word stands beside it."""
    return _icon(name, classes, str(label), _sheet())


@lru_cache(maxsize=1)
def _sheet() -> str:
    return static("built/icons.svg")


@lru_cache(maxsize=1024)
def _icon(name: str, classes: str, label: str, sheet: str) -> SafeString:
    return format_html(
        '<svg class="icon{}{}" width="18" height="18"{}><use href="{}#{}"/></svg>',
        " " if classes else "",
        classes,
        format_html(' role="img" aria-label="{}"', label)
        if label
        else format_html(' aria-hidden="{}"', "true"),
        sheet,
        name,
    )


@register.simple_tag
def chip(kind: str, text: object, mark: str = "") -> SafeString:
    """A state in a word; kind: good warn bad info brand or ""; `mark`: an icon's name or `dot`."""
    sign: SafeString | str = ""
    if mark == "dot":
        sign = format_html('<span class="{}"></span>', "dot")
    elif mark:
        sign = icon(mark)
    return format_html(
        '<span class="chip{}{}">{}{}</span>', " chip-" if kind else "", kind, sign, text
    )


@register.simple_tag
def face(user: Any, here: bool = False) -> SafeString:
    """A colleague's initials in a circle, the full name on hover."""
    return format_html(
        '<span class="face{}" title="{}"><span aria-hidden="true">{}</span>'
        '<span class="vh">{}</span></span>',
        " is-here" if here else "",
        user,
        user.initials,
        user,
    )


# Bars: widths are SVG attributes, since the content policy forbids inline styles.


def share(value: Any, total: Any) -> float:
    """How many percent of the total, between 0 and 100; 0 if there is no total."""
    part, whole = _exact(value) or Decimal(0), _exact(total) or Decimal(0)
    return float(round(min(max(part / whole * 100, Decimal(0)), Decimal(100)), 2)) if whole else 0.0


def _percentages(*widths: float) -> tuple[str, ...]:
    return tuple(f"{width:g}%" for width in widths)


@register.simple_tag
def bar(value: Any, total: Any, kind: str = "", label: str = "") -> SafeString:
    """How much of a whole. Kind: "" brand, quiet, over. Without a label it is for the eye only."""
    (width,) = _percentages(share(value, total))
    return format_html(
        '<svg class="meter"{}><rect class="{}" width="{}"/></svg>', _named(label), kind, width
    )


@register.simple_tag
def load_bar(value: Any, limit: Any, label: str = "") -> SafeString:
    """A load that may exceed its limit: grey up to the limit, orange beyond, a tick at the limit.

    The whole bar is 125% of the limit.
    """
    whole = (_exact(limit) or Decimal(0)) * Decimal("1.25")
    tick = share(limit, whole)
    reached = share(value, whole)
    at, quiet, over = _percentages(tick, min(reached, tick), max(reached - tick, 0.0))
    return format_html(
        '<svg class="meter"{}><rect class="quiet" width="{}"/>'
        '<rect class="over" x="{}" width="{}"/><rect class="mark" x="{}" width="1"/></svg>',
        _named(label),
        quiet,
        at,
        over,
        at,
    )


@register.simple_tag
def waterfall_bar(start: Any, width: Any, total: Any, final: bool = False) -> SafeString:
    """One step of a waterfall drawn from zero: what is kept up to `start`, then what is lost."""
    kept, lost = share(start, total), share(width, total)
    if _exact(width):
        lost = max(lost, 0.35)  # a step that takes anybody away stays visible
    kept_text, lost_text, at = _percentages(kept, lost, min(kept, 100 - lost))
    return format_html(
        '<svg class="wfbar" aria-hidden="true"><rect class="{}" width="{}"/>'
        '<rect class="lost" x="{}" width="{}"/></svg>',
        "final" if final else "kept",
        kept_text,
        at,
        lost_text,
    )


@register.simple_tag
def budget_bar(
    actual: Any, committed: Any, forecast: Any, total: Any, tall: bool = False, label: str = ""
) -> SafeString:
    """Spent, committed (with spent) and forecast of a budget, one upon the other."""
    actual_width, committed_width, forecast_width = _percentages(
        share(actual, total), share(committed, total), share(forecast, total)
    )
    return format_html(
        '<svg class="budgetbar{}"{}><rect class="st-f" width="{}"/><rect class="st-c" width="{}"/>'
        '<rect class="st-a" width="{}"/></svg>',
        " tall" if tall else "",
        _named(label),
        forecast_width,
        committed_width,
        actual_width,
    )


@register.simple_tag
def goal_ring(value: Any, target: Any, plan: Any = None, label: str = "") -> SafeString:
    """How far a goal is, with a tick where the plan is now."""
    tick: SafeString | str = ""
    if plan is not None and plan != "":
        tick = format_html(
            '<line x1="22" y1="1" x2="22" y2="8" class="ring-p" transform="rotate({} 22 22)"/>',
            f"{share(plan, target) * 3.6:g}",
        )
    return format_html(
        '<svg class="goalring" width="44" height="44" viewBox="0 0 44 44"{}>'
        '<circle cx="22" cy="22" r="18" class="ring-t"/>'
        '<circle cx="22" cy="22" r="18" class="ring-v" pathLength="100" stroke-dasharray="{} 100"'
        ' transform="rotate(-90 22 22)"/>{}</svg>',
        _named(label),
        f"{share(value, target):g}",
        tick,
    )


@register.simple_tag
def sparkline(values: Sequence[Any], label: str = "", tall: bool = False) -> SafeString:
    """A line as large as a word; zoomed to its own band."""
    numbers = [float(value) for value in values if value is not None]
    low, high = min(numbers, default=0.0), max(numbers, default=0.0)
    span, step = (high - low) or 1.0, 100 / max(len(numbers) - 1, 1)
    marks = " ".join(
        f"{index * step:.2f},{22 - (value - low) / span * 20:.2f}"
        for index, value in enumerate(numbers)
    )
    return format_html(
        '<svg class="spark{}" viewBox="0 0 100 24" preserveAspectRatio="none"{}>'
        '<polyline points="{}"/></svg>',
        " tall" if tall else "",
        _named(label),
        marks,
    )


@register.simple_tag
def phase_bar(share_done: Any) -> SafeString:
    """The bar of one phase; `share_done` between 0 and 1."""
    (width,) = _percentages(share(share_done, 1))
    return format_html('<svg class="phase-bar" aria-hidden="true"><rect width="{}"/></svg>', width)


def _named(label: str) -> SafeString:
    if label:
        return format_html(' role="img" aria-label="{}"', label)
    return format_html(' aria-hidden="{}"', "true")


# Charts.


@register.simple_tag
def chart(options: Mapping[str, Any], label: str, size: str = "") -> SafeString:
    """A chart from an option object of `ui.charts`, with its numbers as a table beside it."""
    return charts.render(options, label, size, _reader())


# Forms.


@register.inclusion_tag("ui/components/field.html")
def field(bound: BoundField, label: str = "", classes: str = "") -> dict[str, object]:
    """A field of a form: label, control, help and error, tied together for screen readers."""
    widget = bound.field.widget
    is_group = isinstance(widget, CheckboxSelectMultiple | RadioSelect)
    return {
        "field": bound,
        "label": label or bound.label,
        "control": bound.as_widget(attrs={"class": control_class(bound, classes)}),
        "is_check": isinstance(widget, CheckboxInput),
        "is_group": is_group,
        "is_file": isinstance(widget, FileInput),
    }


@register.simple_tag
def options(optgroups: Iterable[tuple[str | None, Sequence[Mapping[str, Any]], int]]) -> SafeString:
    """The options of a select, by the group that a widget puts them into."""
    # Long lists are common, and a template would take a third of a millisecond for ten of them.
    drawn = []
    for group, listed_here, _index in optgroups:
        inner = "".join(map(_option, listed_here))
        drawn.append(format_html('<optgroup label="{}">', group) if group else "")
        drawn.append(f"{inner}</optgroup>" if group else inner)
    return SafeString("".join(drawn))


def _option(option: Mapping[str, Any]) -> str:
    marks = "".join(
        f" {escape(name)}" if value is True else f' {escape(name)}="{escape(value)}"'
        for name, value in option["attrs"].items()
        if value is not False
    )
    label = option["label"]
    # What Django writes for "nothing chosen yet".
    words = gettext("Please choose") if label == "---------" else label
    return (
        f'<option value="{escape(str(option["value"]))}"{marks}>{escape(localize(words))}</option>'
    )


def control_class(bound: BoundField, classes: str = "") -> str:
    """The class of a control, from what kind it is; the widget's own classes are kept."""
    widget = bound.field.widget
    kind = "input"
    if isinstance(widget, CheckboxInput | CheckboxSelectMultiple):
        kind = "checkbox"
    elif isinstance(widget, RadioSelect):
        kind = "radio"
    elif isinstance(widget, Select):
        kind = "select"
    elif isinstance(widget, Textarea):
        kind = "textarea"
    elif isinstance(widget, FileInput):
        kind = "file"
    return " ".join(filter(None, [kind, widget.attrs.get("class", ""), classes]))


@register.simple_tag
def control(bound: BoundField, classes: str = "") -> SafeString:
    """Only the control of a field, named by its label; for filters and cells."""
    return bound.as_widget(
        attrs={"class": control_class(bound, classes), "aria-label": str(bound.label)}
    )
