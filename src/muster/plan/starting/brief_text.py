"""A brief in running text read for what a new campaign needs (S06): fixed patterns, no guesses.

Every field that is proposed comes with the phrase it was read from, so that people can judge it;
what fits no pattern stays empty.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from muster.kit.days import far_away
from muster.plan.campaigns.fields import read_number


@dataclass(frozen=True)
class Found:
    """One field, what is proposed for it, and the words that say so."""

    field: str
    value: str
    phrase: str


_TEMPLATES = {
    "b2b_webinar": r"研讨会|研討會|webinar|seminar|线上分享会|線上分享會",
    "offline_event": r"展会|展會|线下活动|線下活動|快闪|快閃|路演|\bfair\b|pop-up|offline event",
    "win_back": r"沉睡|唤醒|喚醒|召回|win[- ]?back|dormant|lapsed",
    "member_day": r"会员日|會員日|member day",
    "product_launch": r"新品|首发|首發|上市|launch",
    "big_sale": r"大促|双\s?11|雙\s?11|双十一|雙十一|618|年货|年貨|黑五|big sale|black friday",
}
_YEAR_DAY = r"(\d{4})\s*[-/.年]\s*(\d{1,2})\s*[-/.月]\s*(\d{1,2})\s*[日号號]?"
_MONTH_DAY = r"(?<!年)()(\d{1,2})\s*月\s*(\d{1,2})\s*[日号號]?"
_SHORT_DAY = r"()(\d{1,2})[./](\d{1,2})(?![\d./])"
_UNTIL = r"\s*(?:至|到|—|–|~|～|-|to|until)+\s*"
_TO = rf"(?:{_UNTIL}(?:{_YEAR_DAY}|{_MONTH_DAY}|{_SHORT_DAY}))?"
_DAYS = (
    re.compile(_YEAR_DAY + _TO),
    re.compile(_MONTH_DAY + _TO),
    # Short as in 11.1-11.11: one such number alone might be anything.
    re.compile(
        r"()(\d{1,2})[./](\d{1,2})\s*[-–~～至到]\s*()()()()()()()(\d{1,2})[./](\d{1,2})(?![\d.])"
    ),
)
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
# In capitals, for “may 5” is no day.
_MONTH = (
    r"\b(?P<{0}>Jan(?:uary)?|Feb(?:ruary)?|Mar(?:ch)?|Apr(?:il)?|May|June?|July?|Aug(?:ust)?"
    r"|Sept?(?:ember)?|Oct(?:ober)?|Nov(?:ember)?|Dec(?:ember)?)\b\.?"
)
_DAY = r"\b(?P<{0}>\d{{1,2}})(?:st|nd|rd|th)?\b"
_YEAR = r"(?:,?\s+(?P<{0}>\d{{4}})\b)?"


def _english(*parts: str) -> re.Pattern[str]:
    return re.compile("".join(parts))


_ENGLISH = (
    # 1 March 2027 to 12 March 2027, and shorter 1–12 March 2027.
    _english(
        _DAY.format("d0"), rf"(?:\s+(?:of\s+)?{_MONTH.format('m0')}{_YEAR.format('y0')})?",
        _UNTIL,
        _DAY.format("d1"), rf"\s+(?:of\s+)?{_MONTH.format('m1')}{_YEAR.format('y1')}",
    ),
    # March 1 - March 12, 2027, and shorter March 1–12, 2027.
    _english(
        _MONTH.format("m0"), r"\s+", _DAY.format("d0"), _YEAR.format("y0"),
        rf"(?:{_UNTIL}(?:{_MONTH.format('m1')}\s+)?{_DAY.format('d1')}{_YEAR.format('y1')})?",
    ),
    _english(_DAY.format("d0"), rf"\s+(?:of\s+)?{_MONTH.format('m0')}{_YEAR.format('y0')}"),
)  # fmt: skip
_LASTS = re.compile(
    r"(?:为期|為期|持续|持續|历时|歷時|for)\s*(\d{1,3})\s*(天|日|周|週|days?|weeks?)"
)
_MONEY = re.compile(
    r"(?:预算|預算|经费|經費|budget)[^\d¥$€£\n]{0,12}([¥$€£]?\s?[\d,，.]+\s*(?:万|萬|亿|億|k|m|w(?![a-z]))?)",
    re.IGNORECASE,
)
_NUMBER = r"([\d,，.]+\s*(?:万|萬|亿|億|k|m|w(?![a-z]))?)"
_GOALS = {
    "first_time_buyers": _NUMBER
    + r"\s*(?:名|位|个|個)?\s*(?:首购|首購|新客|first[- ]time|new buyers)",
    "leads": _NUMBER
    + r"\s*(?:名|位|个|個|条|條)?\s*(?:报名|報名|线索|線索|留资|留資|leads|sign-ups)",
    "orders": _NUMBER + r"\s*(?:笔|筆|单|單|个|個)?\s*(?:订单|訂單|orders)",
    "revenue": r"(?:GMV|销售额|銷售額|成交额|成交額|营收|營收|revenue)[^\d\n]{0,10}" + _NUMBER,
    "buyers": _NUMBER + r"\s*(?:名|位|个|個)?\s*(?:购买者|購買者|买家|買家|buyers)",
}
_LABELS = {
    "name": r"(?:活动名称|活動名稱|活动名|名称|name|title|(?m:^)[\s#*]*(?:campaign|活动|活動))",
    "audience": r"(?:目标人群|目標族群|目标受众|目標受眾|受众|受眾|人群|audience|for whom)",
    "message": r"(?:核心信息|核心訊息|主张|主張|口号|口號|slogan|core message|message)",
}


def read(text: str, today: date) -> list[Found]:
    """What the text says, in the order of the form."""
    found = [*_labelled(text), *_kind(text), *_days(text, today), *_money(text), *_goal(text)]
    if not any(one.field == "name" for one in found):
        first = next((line.strip(" #*\t") for line in text.splitlines() if line.strip(" #*\t")), "")
        if 0 < len(first) <= 40:
            found.insert(0, Found("name", first, first))
    return found


def _labelled(text: str) -> Iterator[Found]:
    for name, label in _LABELS.items():
        match = re.search(rf"{label}\s*[:：]\s*(.+)", text, re.IGNORECASE)
        if match:
            yield Found(name, match[1].strip()[:500], match[0].strip())


def _kind(text: str) -> Iterator[Found]:
    for key, pattern in _TEMPLATES.items():
        match = re.search(pattern, text, re.IGNORECASE)
        if match:
            yield Found("template", key, match[0])
            return


def _days(text: str, today: date) -> Iterator[Found]:
    for starts, ends, phrase in (*_in_numbers(text, today), *_in_english(text, today)):
        yield Found("starts", starts.isoformat(), phrase)
        if ends is not None and 0 <= (ends - starts).days < 366:
            yield Found("length", str((ends - starts).days + 1), phrase)
        else:
            yield from _lasting(text)
        return
    yield from _lasting(text)


def _in_numbers(text: str, today: date) -> Iterator[tuple[date, date | None, str]]:
    for pattern in _DAYS:
        for match in pattern.finditer(text):
            starts = _date(match[1], match[2], match[3], today)
            if starts is None:
                continue
            year, month, day = (match[n] or match[n + 3] or match[n + 6] for n in (4, 5, 6))
            ends = _last(year, month, day, starts) if month else None
            yield starts, ends, match[0].strip()


def _in_english(text: str, today: date) -> Iterator[tuple[date, date | None, str]]:
    for pattern in _ENGLISH:
        for match in pattern.finditer(text):
            found = match.groupdict()
            last_month = _month(found.get("m1"))
            month = _month(found["m0"]) or last_month
            year, last_year = found["y0"], found.get("y1")
            if not year and last_year:
                over = bool(last_month) and int(month) > int(last_month)
                year = str(int(last_year) - over)
            starts = _date(year, month, found["d0"], today)
            if starts is None:
                continue
            day = found.get("d1")
            ends = _last(last_year, last_month or month, day, starts) if day else None
            yield starts, ends, match[0].strip()


def _month(name: str | None) -> str:
    return str(_MONTHS.index(name[:3]) + 1) if name else ""


def _last(year: str | None, month: str, day: str, starts: date) -> date | None:
    """The last day; without a year it is the first such day after the first one."""
    ends = _date(year or str(starts.year), month, day, starts)
    if ends is not None and ends < starts and not year:
        return _date(str(starts.year + 1), month, day, starts)
    return ends


def _lasting(text: str) -> Iterator[Found]:
    lasts = _LASTS.search(text)
    if lasts:
        weeks = lasts[2].startswith(("周", "週", "week"))
        yield Found("length", str(int(lasts[1]) * (7 if weeks else 1)), lasts[0])


def _date(year: str | None, month: str, day: str, today: date) -> date | None:
    """The day; without a year the next one that is to come. Nobody plans centuries ahead."""
    try:
        found = date(int(year or today.year), int(month), int(day))
        past = not year and found < today - timedelta(days=30)
        found = found.replace(year=found.year + 1) if past else found
    except ValueError:
        return None
    return None if far_away({"": found}) else found


def _money(text: str) -> Iterator[Found]:
    match = _MONEY.search(text)
    amount = _amount(match[1]) if match else None
    if match and amount is not None:
        yield Found("total_budget", f"{amount:f}", match[0].strip())


def _goal(text: str) -> Iterator[Found]:
    for metric, pattern in _GOALS.items():
        match = re.search(pattern, text, re.IGNORECASE)
        target = _amount(match[1]) if match else None
        if match and target is not None:
            yield Found("metric", metric, match[0])
            yield Found("target", f"{target:f}", match[0])
            return


def _amount(text: str) -> Decimal | None:
    found = read_number(text.strip().rstrip(".,，"))
    return found.quantize(Decimal(1)) if found is not None and found == int(found) else found
