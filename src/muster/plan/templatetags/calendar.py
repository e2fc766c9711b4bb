"""Days, weeks and months as the reader writes them, for the calendar (S15)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from functools import lru_cache
from typing import Any

from babel import Locale
from babel.dates import format_date, format_skeleton, get_day_names
from django import template
from django.utils.translation import get_language

from muster.kit import clock
from muster.kit.words import _
from muster.plan.calendar.board import Asked
from muster.plan.calendar.rules import Span, View
from muster.ui.formats import day as short_day
from muster.ui.formats import style
from muster.ui.middleware import worded as in_words

register = template.Library()


_SHORT = {"HK": _("Hong Kong"), "MO": _("Macao"), "TW": _("Taiwan")}


def _locale() -> str:
    return style(get_language()).locale


@register.filter
def worded(text: str) -> str:
    """A marked English sentence in the reader's language."""
    return in_words(text, {})


@register.filter
def whole_day(day: date) -> str:
    """2026年11月11日 星期三, Wed, Nov 11, 2026."""
    return _whole_day(day, _locale())


@lru_cache(maxsize=2000)
def _whole_day(day: date, locale: str) -> str:
    if locale.startswith("zh"):
        weekday = get_day_names("wide", locale=locale)[day.weekday()]
        return f"{day.year}年{day.month}月{day.day}日 {weekday}"
    return str(format_skeleton("yMMMEd", day, locale=locale))


@register.filter
def weekday_name(day: date) -> str:
    """周三, Wed."""
    return str(get_day_names("abbreviated", locale=_locale())[day.weekday()])


@register.filter
def weekday_letter(day: date) -> str:
    """三, W."""
    return str(get_day_names("narrow", context="stand-alone", locale=_locale())[day.weekday()])


@register.filter
def month_name(day: date) -> str:
    """11月, November."""
    return str(format_date(day, "LLLL", locale=_locale()))


@register.filter
def span_name(span: Span) -> str:
    """The title of a view: 2026年11月, Nov 9 – Nov 15, 2026."""
    locale, language = _locale(), get_language() or "en"
    if span.view is View.MONTH:
        return str(format_skeleton("yMMMM", span.first, locale=locale))
    if span.view is View.QUARTER:
        return str(format_skeleton("yQQQQ", span.first, locale=locale))
    if span.view is View.YEAR:
        return str(format_skeleton("y", span.first, locale=locale))
    now = clock.now().date()
    return " – ".join(short_day(day, language, today=now) for day in (span.first, span.last))


@register.filter
def country_name(code: str) -> str:
    """台湾, Hong Kong: as it is called in daily life."""
    if code in _SHORT:
        return in_words(_SHORT[code], {})
    return str(Locale.parse(_locale()).territories.get(code, code))


@register.filter
def week_url(asked: Asked, day: date) -> str:
    """The address of the week that holds this day."""
    return asked.query(view=View.WEEK, day=day)


@register.filter
def month_url(asked: Asked, day: date) -> str:
    """The address of the month that holds this day."""
    return asked.query(view=View.MONTH, day=day)


@register.filter
def at_key(values: Mapping[str, Any], key: str) -> Any:
    """The value under a key; that of a returning day stands under the id without its date."""
    return values.get(key.partition("-")[0])


@register.filter
def from_top(level: int) -> int:
    """Where a bar of this level begins, in a box of eight."""
    return 8 - 2 * level
