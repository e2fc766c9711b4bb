"""Days in people's words, read on Thursday 26 November 2026."""

from __future__ import annotations

from datetime import date

import pytest

from muster.kit.days import WorkCalendar
from muster.kit.when import Line, due_day, read_line

THURSDAY = date(2026, 11, 26)
CHINA = WorkCalendar("CN")


@pytest.mark.parametrize(
    ("words", "day"),
    [
        ("今天", date(2026, 11, 26)),
        ("明天下班前", date(2026, 11, 27)),
        ("後天交", date(2026, 11, 28)),
        ("大后天", date(2026, 11, 29)),
        ("tomorrow", date(2026, 11, 27)),
        ("the day after tomorrow", date(2026, 11, 28)),
        ("周四", date(2026, 11, 26)),  # today is one
        ("周三", date(2026, 12, 2)),  # the next to come
        ("本周三", date(2026, 11, 25)),  # said of this week, though it is over
        ("下周三", date(2026, 12, 2)),
        ("下下星期一", date(2026, 12, 7)),
        ("週日", date(2026, 11, 29)),
        ("礼拜天", date(2026, 11, 29)),
        ("Friday", date(2026, 11, 27)),
        ("next Friday", date(2026, 12, 4)),
        ("by Wed", date(2026, 12, 2)),
        ("3天后", date(2026, 11, 29)),
        ("两周内", date(2026, 12, 10)),
        ("十五天後", date(2026, 12, 11)),
        ("3个工作日后", date(2026, 12, 1)),
        ("in 3 working days", date(2026, 12, 1)),
        ("+2 weeks", date(2026, 12, 10)),
        ("一个月后", date(2026, 12, 26)),
        ("12月1日", date(2026, 12, 1)),
        ("11-25", date(2027, 11, 25)),  # yesterday's date comes again in a year
        ("12/24", date(2026, 12, 24)),
        ("28号", date(2026, 11, 28)),
        ("5號", date(2026, 12, 5)),
        ("2027-01-04", date(2027, 1, 4)),
        ("2027年2月8日", date(2027, 2, 8)),
        ("Nov 28", date(2026, 11, 28)),
        ("3rd December", date(2026, 12, 3)),
        ("本周内", date(2026, 11, 27)),
        ("next week", date(2026, 12, 4)),
        ("月底", date(2026, 11, 30)),
        ("下个月底", date(2026, 12, 31)),
        ("end of month", date(2026, 11, 30)),
    ],
)
def test_reads_a_day(words, day):
    assert due_day(words, THURSDAY, CHINA) == day


@pytest.mark.parametrize(
    "words",
    [
        "",
        "定稿文案",
        "预算提高 20%",
        "13-45",
        "版本 1.2.3",
        "2号线海报",
        "monitor the sunset",
        "2026-02-30",
    ],
)
def test_does_not_see_days_where_none_are(words):
    assert due_day(words, THURSDAY, CHINA) is None


def test_the_week_of_the_national_holiday_ends_on_its_last_working_day():
    # 2026: 1–7 October are off, Saturday the 10th is worked instead.
    assert due_day("本周", date(2026, 10, 8), CHINA) == date(2026, 10, 10)
    assert due_day("2个工作日后", date(2026, 9, 30), CHINA) == date(2026, 10, 9)


NAMES = ["李娜", "李娜娜", "Wang Min"]


@pytest.mark.parametrize(
    ("typed", "line"),
    [
        ("@李娜 明天 定稿海报", Line("定稿海报", ("李娜",), date(2026, 11, 27))),
        ("定稿海报@李娜娜明天", Line("定稿海报", ("李娜娜",), date(2026, 11, 27))),
        (
            "- Brief the agency @wang min by Friday",
            Line("Brief the agency", ("wang min",), date(2026, 11, 27)),
        ),
        ("补货 @陈晨，@李娜 下周一前", Line("补货", ("李娜", "陈晨"), date(2026, 11, 30))),
        ("只是一句话", Line("只是一句话")),
        ("@李娜", Line("", ("李娜",))),
    ],
)
def test_takes_who_and_when_out_of_a_line(typed, line):
    assert read_line(typed, THURSDAY, CHINA, NAMES) == line
