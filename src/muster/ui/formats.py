"""Numbers, money and times as a reader writes them (PF7): one table of formats for every page.

CLDR by way of Babel, with overrides where it is ambiguous ($ for NT$), shows what nobody writes
(12.84K in Hong Kong), or writes twelve hours.
Every function takes the language of the reader and returns text; None is shown as a dash.
"""

from __future__ import annotations

from collections.abc import Iterable
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from functools import lru_cache
from zoneinfo import ZoneInfo

from babel import Locale
from babel.dates import format_skeleton, format_timedelta, get_day_names
from babel.lists import format_list
from babel.numbers import format_currency, format_decimal

from muster.kit.money import Money

NOTHING = "–"
NUMBERS: ContextVar[str] = ContextVar("numbers", default="full")
"""How the reader wants large numbers: in full, in `myriad` (万, 亿) or in `thousand` (K, M)."""
MINUS = "\N{MINUS SIGN}"
_MYRIAD, _YI = Decimal(10_000), Decimal(100_000_000)


@dataclass(frozen=True)
class Style:
    """How one kind of reader writes."""

    locale: str
    html: str
    """The value of `lang` in pages."""
    units: tuple[tuple[Decimal, str], ...]
    """Compact units, the greatest first."""
    date_mark: str
    points: str
    symbols: tuple[tuple[str, str], ...] = ()
    """Currency → symbol, where CLDR's would mislead."""


_WESTERN = ((Decimal(10**9), "B"), (Decimal(10**6), "M"), (Decimal(10**3), "K"))
STYLES = {
    "zh-hans": Style("zh_Hans_CN", "zh-Hans", ((_YI, "亿"), (_MYRIAD, "万")), "-", " 个百分点"),
    "zh-hant": Style(
        "zh_Hant_TW",
        "zh-Hant-TW",
        ((_YI, "億"), (_MYRIAD, "萬")),
        "/",
        " 個百分點",
        (("TWD", "NT$"),),
    ),
    "zh-hk": Style("zh_Hant_HK", "zh-Hant-HK", ((_YI, "億"), (_MYRIAD, "萬")), "/", " 個百分點"),
    "en": Style("en_US", "en", _WESTERN, "", " pp"),
}
_NO_CENTS = frozenset({"TWD"})
"""Currencies whose cents nobody writes, although they exist."""


def style(language: str | None) -> Style:
    """The style of a language code such as `zh-hans` or `en-gb`; English if it is unknown."""
    code = (language or "en").lower()
    return STYLES.get(code) or STYLES.get(code.split("-")[0]) or STYLES["en"]


def number(value: Decimal | float | None, language: str, *, digits: int = 3) -> str:
    """`1,284,350.5`: at most `digits` decimals, a true minus."""
    if value is None:
        return NOTHING
    # A minus before zero says nothing.
    return _number(_rounded(value, digits) + 0, style(language).locale, digits)


@lru_cache(maxsize=4096)
def _number(rounded: Decimal, locale: str, digits: int) -> str:
    pattern = "#,##0." + "#" * digits if digits else "#,##0"
    return _minus(format_decimal(rounded, format=pattern, locale=locale))


def whole(value: object) -> object:
    """The value as it was said: 250.0 as 250, everything else as it is."""
    return int(value) if isinstance(value, float) and value.is_integer() else value


def compact(value: Decimal | float | None, language: str) -> str:
    """`1.28万`, `12.84亿`, `12.84K`: for figures that are read at a glance."""
    if value is None:
        return NOTHING
    exact = Decimal(str(value))
    units = _units(language)
    for unit, mark in units:
        # 99,999,999 rounds to 10,000万, which is written 1亿; but 9,999 needs no unit.
        is_least = unit == units[-1][0]
        if abs(exact / unit if is_least else _rounded(exact / unit, 2)) >= 1:
            return number(exact / unit, language, digits=2) + mark
    return number(exact, language, digits=2)


def _units(language: str) -> tuple[tuple[Decimal, str], ...]:
    own = style(language).units
    if NUMBERS.get() == "thousand":
        return _WESTERN
    if NUMBERS.get() == "myriad" and own == _WESTERN:
        return STYLES["zh-hans"].units
    return own


def is_shortened(value: Decimal | float | None) -> bool:
    """Whether the reader wants this number in short: from ten thousand on, if they chose so."""
    return NUMBERS.get() != "full" and value is not None and abs(Decimal(str(value))) >= _MYRIAD


def money(
    value: Money | Decimal | float | None,
    language: str,
    currency: str = "",
    *,
    short: bool = False,
    in_short: bool = False,
) -> str:
    """`¥1,234.50`, `−¥1,234.50`, `NT$1,235`; `short` leaves out cents that are zero.

    `in_short` follows the reader's choice for large numbers: `¥42.12万`.
    """
    if value is None:
        return NOTHING
    amount = value.amount if isinstance(value, Money) else Decimal(str(value))
    if isinstance(value, Money):
        currency = value.currency
    # Minus zero equals zero, so that one of them would be remembered for both.
    amount = amount + 0
    if not currency:
        return _amount(amount, style(language).locale)
    no_cents = currency in _NO_CENTS or (short and amount == amount.to_integral_value())
    if no_cents:
        amount = _rounded(amount, 0)
    found = style(language)
    if in_short and is_shortened(amount):
        figures = compact(abs(amount), language)
        text = format_currency(0, currency, format="¤", locale=found.locale).strip("0")
        sign = dict(found.symbols).get(currency, text.strip())
        return (MINUS if amount < 0 else "") + sign + figures
    return (MINUS if amount < 0 else "") + _sum(abs(amount), currency, found, no_cents)


@lru_cache(maxsize=4096)
def _amount(amount: Decimal, locale: str) -> str:
    """In a table whose head names the currency: whole, or with both digits of the cents."""
    whole = amount == amount.to_integral_value()
    rounded = _rounded(amount, 0 if whole else 2)
    return _minus(format_decimal(rounded, format="#,##0" if whole else "#,##0.00", locale=locale))


@lru_cache(maxsize=4096)
def _sum(amount: Decimal, currency: str, style: Style, no_cents: bool) -> str:
    text = format_currency(
        amount,
        currency,
        format="¤#,##0" if no_cents else "¤#,##0.00",
        locale=style.locale,
        currency_digits=not no_cents,
    )
    symbol = dict(style.symbols).get(currency)
    if symbol:
        text = symbol + "".join(letter for letter in text if letter.isdigit() or letter in ".,")
    return text.replace("\xa0", "")


def percent(ratio: Decimal | float | None, language: str, *, digits: int = 2) -> str:
    """`18.28%` for 0.1828."""
    if ratio is None:
        return NOTHING
    return number(Decimal(str(ratio)) * 100, language, digits=digits) + "%"


def points(ratio: Decimal | float | None, language: str) -> str:
    """`+2.1 pp` for a difference of 0.021 between two ratios."""
    if ratio is None:
        return NOTHING
    difference = _rounded(Decimal(str(ratio)) * 100, 1)
    sign = "+" if difference > 0 else ""
    return sign + number(difference, language, digits=1) + style(language).points


def signed(value: Decimal | float | None, language: str) -> str:
    """`+1,204` or `−412`: a change, with its sign."""
    if value is None:
        return NOTHING
    return ("+" if value > 0 else "") + number(value, language)


def when(moment: datetime | None, language: str, zone: ZoneInfo, *, now: datetime) -> str:
    """`11-08 14:05`, `11/08 14:05`, `Nov 8 14:05`: short, for tables; the year only if another."""
    if moment is None:
        return NOTHING
    local = moment.astimezone(zone)
    return f"{day(local.date(), language, today=now.astimezone(zone).date())} {local:%H:%M}"


def day(value: date | None, language: str, *, today: date) -> str:
    """`11-08`, `11/08`, `Nov 8`: short; the year only if it is another one."""
    return NOTHING if value is None else _day(value, language, value.year == today.year)


@lru_cache(maxsize=4096)
def _day(value: date, language: str, is_this_year: bool) -> str:
    found = style(language)
    if not found.date_mark:
        skeleton = "MMMd" if is_this_year else "yMMMd"
        return format_skeleton(skeleton, value, locale=found.locale)
    mark = found.date_mark
    return value.strftime(f"%m{mark}%d" if is_this_year else f"%Y{mark}%m{mark}%d")


def month(value: date, language: str) -> str:
    """`2026年11月`, `Nov 2026`."""
    return format_skeleton("yMMM", value, locale=style(language).locale)


def full(moment: datetime | None, language: str, zone: ZoneInfo) -> str:
    """`2026年11月8日 星期日 14:05`, `Nov 8, 2026, 14:05`: nothing left to guess."""
    if moment is None:
        return NOTHING
    local = moment.astimezone(zone)
    found = style(language)
    if found.date_mark:
        weekday = get_day_names("wide", locale=found.locale)[local.weekday()]
        return f"{local.year}年{local.month}月{local.day}日 {weekday} {local:%H:%M}"
    return f"{format_skeleton('yMMMd', local, locale=found.locale)}, {local:%H:%M}"


def ago(moment: datetime | None, language: str, *, now: datetime) -> str:
    """`3小时前`, `3 小時前`, `3 hours ago`; also `in 2 days`."""
    if moment is None:
        return NOTHING
    distance = moment - now
    if abs(distance) < timedelta(seconds=1):
        distance = timedelta(seconds=-1)
    return format_timedelta(distance, add_direction=True, locale=style(language).locale)


def countdown(value: date | None, *, today: date) -> str:
    """`D-12`, `D-0`, `D+3`: days to a day."""
    if value is None:
        return NOTHING
    left = (value - today).days
    return f"D-{left}" if left >= 0 else f"D+{-left}"


def listed(items: Iterable[object], language: str) -> str:
    """`A、B和C`, `A、B及C`, `A, B, and C`."""
    return format_list([str(item) for item in items], locale=style(language).locale)


def language_name(code: str) -> str:
    """The language's own name for itself: `简体中文`, `繁體中文`, `English`."""
    locale = Locale.parse(style(code).locale)
    script = {"zh_Hans_CN": "简体中文", "zh_Hant_TW": "繁體中文", "zh_Hant_HK": "繁體中文（香港）"}
    return script.get(str(locale)) or str(locale.get_language_name())


def _rounded(value: Decimal | float, digits: int) -> Decimal:
    return Decimal(str(value)).quantize(Decimal(1).scaleb(-digits), ROUND_HALF_UP)


def _minus(text: str) -> str:
    return text.replace("-", MINUS)
