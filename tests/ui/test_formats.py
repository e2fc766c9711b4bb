"""Numbers, money and times: the examples are those of the interface guide, §4.6."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from django.utils import translation

from muster.kit.money import Money
from muster.ui import formats
from muster.ui.templatetags import ui as tags

SHANGHAI = ZoneInfo("Asia/Shanghai")
TAIPEI = ZoneInfo("Asia/Taipei")
NOON = datetime(2026, 11, 8, 6, 5, tzinfo=UTC)
"""14:05 in Shanghai, a Sunday."""
LANGUAGES = ["zh-hans", "zh-hant", "zh-hk", "en"]


@pytest.mark.parametrize("language", LANGUAGES)
class TestNumbers:
    def test_have_commas_and_a_point(self, language):
        assert formats.number(Decimal("1284350.5"), language) == "1,284,350.5"

    def test_below_zero_have_a_true_minus(self, language):
        assert formats.number(-412, language) == "−412"

    def test_that_are_not_known_are_a_dash(self, language):
        assert formats.number(None, language) == "–"

    def test_are_rounded_half_up(self, language):
        assert formats.number(Decimal("2.345"), language, digits=2) == "2.35"

    def test_show_their_sign_when_they_are_changes(self, language):
        assert formats.signed(1204, language) == "+1,204"
        assert formats.signed(0, language) == "0"


@pytest.mark.parametrize(
    ("value", "language", "text"),
    [
        (12_840, "zh-hans", "1.28万"),
        (1_284_000_000, "zh-hans", "12.84亿"),
        (12_840, "zh-hant", "1.28萬"),
        (1_284_000_000, "zh-hant", "12.84億"),
        (12_840, "zh-hk", "1.28萬"),
        (1_284_000_000, "zh-hk", "12.84億"),
        (12_840, "en", "12.84K"),
        (1_284_000_000, "en", "1.28B"),
        (9_999, "zh-hans", "9,999"),
        (99_999_999, "zh-hans", "1亿"),
        (999_999, "en", "1M"),
        (-12_840, "zh-hans", "−1.28万"),
        (0, "en", "0"),
    ],
)
def test_compact_numbers(value, language, text):
    assert formats.compact(value, language) == text


@pytest.mark.parametrize(
    ("amount", "currency", "language", "text"),
    [
        ("1234.50", "CNY", "zh-hans", "¥1,234.50"),
        ("-1234.50", "CNY", "zh-hans", "−¥1,234.50"),
        ("1234.50", "TWD", "zh-hant", "NT$1,235"),
        ("1234.50", "HKD", "zh-hk", "HK$1,234.50"),
        ("1234.50", "USD", "en", "$1,234.50"),
        ("1234.50", "CNY", "en", "CN¥1,234.50"),
        ("1234.50", "CNY", "zh-hant", "CN¥1,234.50"),
        ("0", "CNY", "zh-hans", "¥0.00"),
    ],
)
def test_money(amount, currency, language, text):
    assert formats.money(Money(Decimal(amount), currency), language) == text
    assert formats.money(Decimal(amount), language, currency) == text


@pytest.mark.parametrize(
    ("amount", "text"), [("8818.3", "8,818.30"), ("-48.3", "−48.30"), ("13860.00", "13,860")]
)
def test_money_under_a_head_that_names_the_currency(amount, text):
    assert formats.money(Decimal(amount), "zh-hans") == text


class TestShortMoney:
    def test_leaves_out_cents_that_are_zero(self):
        assert formats.money(Decimal(69_200), "zh-hans", "CNY", short=True) == "¥69,200"

    def test_keeps_cents_that_are_not(self):
        assert formats.money(Decimal("47.50"), "zh-hans", "CNY", short=True) == "¥47.50"


@pytest.mark.parametrize(
    ("language", "percent", "points"),
    [
        ("zh-hans", "23.5%", "+2.1 个百分点"),
        ("zh-hant", "23.5%", "+2.1 個百分點"),
        ("zh-hk", "23.5%", "+2.1 個百分點"),
        ("en", "23.5%", "+2.1 pp"),
    ],
)
def test_shares_and_points(language, percent, points):
    assert formats.percent(Decimal("0.235"), language) == percent
    assert formats.points(Decimal("0.021"), language) == points


@pytest.mark.parametrize(
    ("language", "zone", "short", "full"),
    [
        ("zh-hans", SHANGHAI, "11-08 14:05", "2026年11月8日 星期日 14:05"),
        ("zh-hant", TAIPEI, "11/08 14:05", "2026年11月8日 星期日 14:05"),
        ("zh-hk", SHANGHAI, "11/08 14:05", "2026年11月8日 星期日 14:05"),
        ("en", SHANGHAI, "Nov 8 14:05", "Nov 8, 2026, 14:05"),
    ],
)
def test_moments(language, zone, short, full):
    assert formats.when(NOON, language, zone, now=NOON) == short
    assert formats.full(NOON, language, zone) == full


class TestDays:
    @pytest.mark.parametrize(
        ("language", "text"),
        [("zh-hans", "2025-03-18"), ("zh-hant", "2025/03/18"), ("en", "Mar 18, 2025")],
    )
    def test_of_another_year_say_the_year(self, language, text):
        assert formats.day(date(2025, 3, 18), language, today=date(2026, 11, 8)) == text

    def test_are_those_of_the_reader(self):
        late = datetime(2026, 12, 31, 17, 0, tzinfo=UTC)
        assert formats.when(late, "zh-hans", SHANGHAI, now=late) == "01-01 01:00"

    @pytest.mark.parametrize(("day", "text"), [(20, "D-12"), (8, "D-0"), (5, "D+3")])
    def test_count_down(self, day, text):
        assert formats.countdown(date(2026, 11, day), today=date(2026, 11, 8)) == text


@pytest.mark.parametrize(
    ("language", "text"),
    [("zh-hans", "3小时前"), ("zh-hant", "3 小時前"), ("zh-hk", "3 小時前"), ("en", "3 hours ago")],
)
def test_distances(language, text):
    assert formats.ago(datetime(2026, 11, 8, 3, 5, tzinfo=UTC), language, now=NOON) == text


@pytest.mark.parametrize(
    ("language", "text"),
    [("zh-hans", "A、B和C"), ("zh-hant", "A、B和C"), ("zh-hk", "A、B及C"), ("en", "A, B, and C")],
)
def test_lists(language, text):
    assert formats.listed(["A", "B", "C"], language) == text


@pytest.mark.parametrize(
    ("code", "html", "own_name"),
    [
        ("zh-hans", "zh-Hans", "简体中文"),
        ("zh-hant", "zh-Hant-TW", "繁體中文"),
        ("en", "en", "English"),
        ("en-gb", "en", "English"),
        (None, "en", "English"),
    ],
)
def test_languages_name_themselves(code, html, own_name):
    assert formats.style(code).html == html
    assert formats.language_name(code or "en") == own_name


class TestLargeNumbers:
    """A reader may want them in short, in either way, whatever their language is."""

    @pytest.mark.parametrize(
        ("chosen", "language", "text"),
        [
            ("full", "zh-hans", "1,284,350.5"),
            ("myriad", "zh-hans", "128.44万"),
            ("myriad", "zh-hant", "128.44萬"),
            ("myriad", "en", "128.44万"),
            ("thousand", "en", "1.28M"),
            ("thousand", "zh-hans", "1.28M"),
        ],
    )
    def test_are_written_as_chosen(self, chosen, language, text):
        token = formats.NUMBERS.set(chosen)
        with translation.override(language):
            assert tags.number(1284350.5) == text
        formats.NUMBERS.reset(token)

    @pytest.mark.parametrize(
        ("chosen", "value", "text"),
        [
            ("full", "421234.50", "¥421,234.50"),
            ("myriad", "421234.50", "¥42.12万"),
            ("myriad", "-421234.50", "−¥42.12万"),
            ("thousand", "421234.50", "¥421.23K"),
            ("thousand", "9999.99", "¥9,999.99"),
        ],
    )
    def test_of_money_keep_their_sign_and_small_ones_their_cents(self, chosen, value, text):
        token = formats.NUMBERS.set(chosen)
        with translation.override("zh-hans"):
            assert tags.money(Decimal(value), "CNY") == text
            assert tags.exact_money(Decimal(value), "CNY").endswith(value.split(".")[1])
        formats.NUMBERS.reset(token)

    def test_of_dollars_in_taiwan_keep_their_sign(self):
        token = formats.NUMBERS.set("myriad")
        with translation.override("zh-hant"):
            assert tags.money(Decimal(128000), "TWD") == "NT$12.8萬"
        formats.NUMBERS.reset(token)


def test_minus_zero_is_not_remembered_for_zero():
    assert formats.money(Decimal(0) * -1, "en") == "0"
    assert formats.money(Decimal(0), "en") == "0"
    assert formats.money(Decimal(0) * -1, "en", "CNY", short=True) == "CN¥0"
    assert formats.money(Decimal(0), "en", "CNY", short=True) == "CN¥0"
