"""When a goal is due, as people write it: 两周内, in three months, by 31 March, 11月1日至14日."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from muster.plan.goals.reading.text import CHINESE, ENGLISH, value_of

_MONTHS = {
    name: number
    for number, names in enumerate(
        (
            "january jan", "february feb", "march mar", "april apr", "may", "june jun",
            "july jul", "august aug", "september sept sep", "october oct", "november nov",
            "december dec",
        ),
        start=1,
    )
    for name in names.split()
}  # fmt: skip
_MONTH = "|".join(sorted(_MONTHS, key=len, reverse=True))
_ORDINAL = r"(?:st|nd|rd|th)?"
_N = rf"(?:\d{{1,3}}|{CHINESE}{{1,4}})"
_DAY = (
    r"(?:(?P<y{n}>\d{{4}})\s*[-/.年]\s*(?P<m{n}>\d{{1,2}})\s*[-/.月]\s*(?P<d{n}>\d{{1,2}})(?!\d)\s*[日号]?"
    rf"|(?P<cm{{n}}>\d{{{{1,2}}}}|{CHINESE}{{{{1,2}}}})\s*月\s*(?P<cd{{n}}>\d{{{{1,2}}}}|{CHINESE}{{{{1,3}}}})\s*[日号]?"
    rf"|(?P<ed{{n}}>\d{{{{1,2}}}}){_ORDINAL}\s+(?:of\s+)?(?P<em{{n}}>{_MONTH})\b\.?(?:,?\s+(?P<ey{{n}}>20\d{{{{2}}}}))?"
    rf"|(?P<fm{{n}}>{_MONTH})\b\.?\s+(?P<fd{{n}}>\d{{{{1,2}}}}){_ORDINAL}\b(?:,?\s+(?P<fy{{n}}>20\d{{{{2}}}}))?)"
)
_SHORT = r"(?<!\d)(?P<cm{n}>\d{{1,2}})[-/](?P<cd{n}>\d{{1,2}})(?![\d%])"
_TO = r"\s*(?:-|~|至|到|to|and|until|through)\s*"
_UNTIL = r"(?:by|until|till|through|no later than|on|到|至|截至|截止到?|于|在)\s*"
_CALENDAR_UNIT = {
    "天": "day", "日": "day", "day": "day", "周": "week", "星期": "week", "礼拜": "week",
    "week": "week", "月": "month", "month": "month", "季度": "quarter", "季": "quarter",
    "quarter": "quarter", "年": "year", "year": "year", "fortnight": "fortnight",
    "小时": "hour", "hour": "hour",
}  # fmt: skip


@dataclass(frozen=True)
class Window:
    """The days of a goal: two of the calendar, or how long from whenever it starts."""

    start: int
    end: int
    """Where it stands in the sentence."""
    first: date | None = None
    last: date | None = None
    days: int = 0
    months: int = 0

    def on(self, starts: date) -> tuple[date, date]:
        """First and last day, for a goal that starts on this day unless it says otherwise."""
        first = self.first or starts
        if self.last is not None:
            return first, self.last
        if self.months:
            return first, _later(first, self.months) - timedelta(days=1)
        return first, first + timedelta(days=self.days - 1)


UNCLEAR = re.compile(
    r"尽快|近期|短期内|长期|早日|不久|\bsoon\b|\basap\b|as soon as possible|\bshortly\b"
    r"|in the near future|\beventually\b|long[- ]term|going forward|over time"
)
"""Words that sound like a time and are none."""


def windows(folded: str, today: date, near: date | None = None) -> list[Window]:
    """Every window that the sentence names, in the order of certainty: ranges, dates, lengths.

    A day without a year is the first one from `near` on, as that of a campaign that is yet to come.
    """
    found: list[Window] = []
    text = folded
    for pattern, made in _PATTERNS:
        since = today if made in _FROM_TODAY or near is None else near
        for hit in pattern.finditer(text):
            window = made(hit, since)
            if window is not None:
                found.append(window)
                text = text[: hit.start()] + "\0" * len(hit[0]) + text[hit.end() :]
    return found


def impossible(folded: str, today: date) -> list[tuple[int, int]]:
    """Where days stand that no calendar has, such as 2月30日."""
    return [
        hit.span()
        for hit in _A_DAY.finditer(folded)
        if _is_meant(hit) and _day(hit, 1, today) is None
    ]


def _is_meant(hit: re.Match[str]) -> bool:
    """Whether it is written as a day: “in May 50 customers” is none."""
    got = hit.groupdict()
    number = next((got[key] for key in ("d1", "cd1", "ed1", "fd1") if got[key]), "")
    marked = bool(got["y1"]) or bool(re.search(r"[日号]", hit[0]))
    return marked or (not got["cd1"] and 1 <= _int(number) <= 31)


def _later(day: date, months: int) -> date:
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    last = _last_of(year, month + 1).day
    return date(year, month + 1, min(day.day, last))


def _last_of(year: int, month: int) -> date:
    return date(year + month // 12, month % 12 + 1, 1) - timedelta(days=1)


def _day(hit: re.Match[str], n: int, today: date, year: int | None = None) -> date | None:
    got = hit.groupdict()
    for y, m, d in (
        (f"y{n}", f"m{n}", f"d{n}"), (None, f"cm{n}", f"cd{n}"),
        (f"ey{n}", f"em{n}", f"ed{n}"), (f"fy{n}", f"fm{n}", f"fd{n}"),
    ):  # fmt: skip
        month, day = got.get(m), got.get(d)
        if month and day:
            own = int(got[y]) if y and got.get(y) else year
            return _dated(own, _MONTHS.get(month) or _int(month), _int(day), today)
    return None


def _int(text: str) -> int:
    value = value_of(text)
    return int(value) if value is not None else 0


def _dated(year: int | None, month: int, day: int, today: date) -> date | None:
    try:
        if year is not None:
            return date(year, month, day)
        found = date(today.year, month, day)
        return found if found >= today else date(today.year + 1, month, day)
    except ValueError:
        return None


def _range(hit: re.Match[str], today: date) -> Window | None:
    last = _day(hit, 2, today)
    if last is None:
        return None
    first = _day(hit, 1, today, last.year)
    if first is None:
        return None
    if first > last:
        first = first.replace(year=first.year - 1)
    return Window(hit.start(), hit.end(), first, last)


def _days_of_month(hit: re.Match[str], today: date) -> Window | None:
    month = _MONTHS.get(hit["month"]) or _int(hit["month"])
    year = int(hit["year"]) if hit.groupdict().get("year") else None
    last = _dated(year, month, _int(hit["b"]), today)
    first = _dated(last.year if last else None, month, _int(hit["a"]), today)
    if first is None or last is None or first > last:
        return None
    return Window(hit.start(), hit.end(), first, last)


def _until(hit: re.Match[str], today: date) -> Window | None:
    last = _day(hit, 1, today)
    if last is None:
        return None
    if hit[0].startswith("before"):
        last -= timedelta(days=1)
    return Window(hit.start(), hit.end(), None, last)


def _month_end(hit: re.Match[str], today: date) -> Window | None:
    got = hit.groupdict()
    name = next(got[key] for key in ("ma", "mb") if got.get(key))
    number = _MONTHS.get(name) or _int(name)
    if not 1 <= number <= 12:
        return None
    year = int(got["year"]) if got.get("year") else today.year
    last = _last_of(year, number)
    if not got.get("year") and last < today:
        last = _last_of(year + 1, number)
    whole = not re.search(r"end|底|末", hit[0])
    return Window(hit.start(), hit.end(), last.replace(day=1) if whole else None, last)


def _quarter(hit: re.Match[str], today: date) -> Window | None:
    got = hit.groupdict()
    said = got.get("qa") or got["qb"]
    number = "一二三四".find(said) + 1 or int(said)
    year = next((int(got[key]) for key in ("ya", "yb") if got.get(key)), None)
    last = _last_of(year or today.year, number * 3)
    if year is None and last < today:
        last = _last_of(today.year + 1, number * 3)
    by = re.match(r"by|until|before|到", hit[0])
    return Window(hit.start(), hit.end(), None if by else date(last.year, last.month - 2, 1), last)


def _year(hit: re.Match[str], today: date) -> Window | None:
    year = int(hit["year"])
    if not today.year <= year <= today.year + 10 or not re.search(r"年|in |by |during ", hit[0]):
        return None
    first = date(year, 1, 1)
    return Window(hit.start(), hit.end(), first if first > today else None, date(year, 12, 31))


def _half(hit: re.Match[str], today: date) -> Window | None:
    first_half = re.search(r"上半年|first|h1", hit[0])
    year = today.year + (1 if first_half and today.month > 6 else 0)
    if first_half:
        return Window(hit.start(), hit.end(), date(year, 1, 1), date(year, 6, 30))
    return Window(hit.start(), hit.end(), date(year, 7, 1), date(year, 12, 31))


def _current(hit: re.Match[str], today: date) -> Window | None:
    word = hit[0]
    step = 1 if re.search(r"下|next|明", word) else 0
    ends_only = bool(re.search(r"底|末|end", word))
    if re.search(r"年|year", word):
        first, last = date(today.year + step, 1, 1), date(today.year + step, 12, 31)
    elif re.search(r"季|quarter", word):
        start = date(today.year, (today.month - 1) // 3 * 3 + 1, 1)
        first = _later(start, 3 * step)
        last = _later(first, 3) - timedelta(days=1)
    elif re.search(r"月|month", word):
        first = _later(today.replace(day=1), step)
        last = _last_of(first.year, first.month)
    else:
        first = today + timedelta(days=7 * step - today.weekday())
        last = first + timedelta(days=6)
    return Window(hit.start(), hit.end(), None if ends_only or first < today else first, last)


def _length(hit: re.Match[str], _today: date) -> Window | None:
    got = hit.groupdict()
    unit = _CALENDAR_UNIT[got["unit"]]
    if unit == "fortnight":
        return Window(hit.start(), hit.end(), days=14 * int(value_of(got["n"]) or 1))
    half = bool(got.get("half"))
    count = Decimal("0.5") if half else value_of(got["n"] or "")
    if not count:
        return None
    if unit == "hour":
        return Window(hit.start(), hit.end(), days=max(-(-int(count) // 24), 1))
    if unit in ("day", "week"):
        return Window(hit.start(), hit.end(), days=int(count * (7 if unit == "week" else 1)))
    months = count * {"month": 1, "quarter": 3, "year": 12}[unit]
    if months != int(months):
        return Window(hit.start(), hit.end(), days=int(months * 30))
    return Window(hit.start(), hit.end(), months=int(months)) if months <= 60 else None


_HAN_MONTH = r"(?<!\d)(?P<mb>1[0-2]|[1-9]|十[一二]?|[一二三四五六七八九])月份?"
_BEFORE = r"(?:之前|以前|前|截止|为止)"
_WITHIN = r"(?:之内|以内|内|期间|之间|里)"
_FROM = r"(?:between\s+|from\s+|自|从|由)?"
_YEAR = r"(?:,?\s+(?P<year>20\d{2}))?"
_ONE, _TWO = _DAY.format(n=1), _DAY.format(n=2)
_SHORT_ONE, _SHORT_TWO = _SHORT.format(n=1), _SHORT.format(n=2)
_A_DAY = re.compile(rf"(?:{_UNTIL}|before\s+)?{_ONE}\s*{_BEFORE}?")
_FROM_TODAY = (_current, _half, _year, _length)
"""Ways to say a time that start from the day on which it is said."""
_PATTERNS: list[tuple[re.Pattern[str], Callable[[re.Match[str], date], Window | None]]] = [
    (re.compile(f"{_FROM}{_ONE}{_TO}{_TWO}{_WITHIN}?"), _range),
    (
        re.compile(
            rf"{_FROM}(?P<a>\d{{1,2}}){_ORDINAL}{_TO}(?P<b>\d{{1,2}}){_ORDINAL}"
            rf"\s+(?P<month>{_MONTH})\b{_YEAR}"
        ),
        _days_of_month,
    ),
    (
        re.compile(
            rf"{_FROM}(?P<month>\d{{1,2}})\s*月\s*(?P<a>\d{{1,2}})\s*[日号]?{_TO}"
            rf"(?P<b>\d{{1,2}})\s*[日号]{_WITHIN}?"
        ),
        _days_of_month,
    ),
    (re.compile(f"{_FROM}{_SHORT_ONE}{_TO}{_SHORT_TWO}{_WITHIN}?"), _range),
    (_A_DAY, _until),
    (re.compile(f"(?:{_UNTIL}|before\\s+){_SHORT_ONE}{_BEFORE}?"), _until),
    (re.compile(f"{_SHORT_ONE}\\s*{_BEFORE}"), _until),
    (
        re.compile(
            rf"(?:by |until |before |at )?(?:the )?end of (?P<ma>{_MONTH})\b{_YEAR}"
            rf"|(?:到|至|在)?{_HAN_MONTH}(?:底|末)(?:{_BEFORE}|内)?"
        ),
        _month_end,
    ),
    (
        re.compile(
            rf"\b(?:in|during|throughout) (?P<ma>{_MONTH})\b{_YEAR}"
            rf"|在?{_HAN_MONTH}{_WITHIN}?(?!\s*\d)"
        ),
        _month_end,
    ),
    (
        re.compile(
            r"(?:by |until |before |in |during |到)?(?:(?:the )?end of )?"
            r"(?:(?P<ya>20\d{2})\s*年?\s*的?)?(?:第?(?P<qa>[一二三四1-4])\s*季度?"
            r"|(?<![a-z\d])q(?P<qb>[1-4])(?!\d)(?:\s+(?P<yb>20\d{2}))?)"
            rf"(?:底|末|{_BEFORE}|{_WITHIN})?"
        ),
        _quarter,
    ),
    (
        re.compile(
            r"(?:in |during |by the end of |by )?(?<!\d)(?P<year>20\d{2})"
            r"(?:\s*年(?:内|底)?|(?![\d%.,]))"
        ),
        _year,
    ),
    (
        re.compile(
            r"(?:in |during )?(?:the )?(?:(?:first|second) half(?: of the year)?|\bh[12]\b)"
            r"|[上下]半年内?"
        ),
        _half,
    ),
    (
        re.compile(
            r"(?:by |until |before |at |in |during |within )?(?:the )?(?:end of )?"
            r"(?:the |this |next )(?:year|quarter|month|week)\b"
            r"|\b(?:by |before )?(?:the )?(?:year|quarter|month)[- ]end\b"
            r"|[到在于]?(?:本|这个?|今|当|下个?|明)(?:年|季度?|月|周|星期)(?:底|末)?"
            rf"(?:{_BEFORE}|{_WITHIN})?|[到在于]?(?:年|月|季度?)(?:底|末){_BEFORE}?|(?<![半个\d一二两三四五六七八九十])年内"
        ),
        _current,
    ),
    (
        re.compile(
            rf"(?:未来|接下来|今后|在)?(?:(?P<half>半)个?|(?<!\d)(?P<n>{_N})\s*个?\s*)"
            r"(?P<unit>(?<=个)月|(?<=个)季度?|天|日|周|星期|礼拜|年|小时)(?:的时间)?"
            rf"(?:{_WITHIN}|间|后)?"
        ),
        _length,
    ),
    (
        re.compile(
            r"\b(?:within |in |over |during |for |inside )?(?:the )?"
            r"(?:next |coming |following )?"
            rf"(?:(?P<half>half) (?:a |an )?|(?P<n>\d{{1,3}}|{ENGLISH})[ -])"
            r"(?P<unit>day|week|month|quarter|year|fortnight|hour)s?\b(?:' time)?"
        ),
        _length,
    ),
    (
        re.compile(
            r"\b(?:within|in|over) (?P<n>a|an|one) "
            r"(?P<unit>day|week|month|quarter|year|fortnight)\b"
        ),
        _length,
    ),
]
"""How windows are written, the surest form first."""
