"""The palette: found by words, pinyin and either kind of Chinese character."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
from django.utils import translation

from muster.ui import palette
from muster.ui.calculator import NoSum, calculate
from muster.ui.palette import Entry


@pytest.mark.parametrize(
    ("text", "query", "found"),
    [
        ("双十一预热", "ssyyr", True),
        ("营销日历", "yxrl", True),
        ("营销日历", "yingxiao", True),
        ("营销日历", "rili", True),
        ("活动", "活動", True),
        ("活動", "活动", True),
        ("Singles' Day warm-up", "warm", True),
        ("Singles' Day warm-up", "DAY", True),
        ("Singles' Day warm-up", "warm singles", True),
        ("营销日历", "预算", False),
        ("Budget", "people", False),
    ],
)
def test_words_find(text, query, found):
    assert palette.matches(text, query) is found


@pytest.fixture(autouse=True)
def nothing_new(monkeypatch):
    """What the parts offer to create needs their tables; it is tested with the team's search."""
    monkeypatch.setattr(palette, "_creators", [])


@pytest.fixture
def user():
    return SimpleNamespace(may=lambda permission: True)


@pytest.fixture
def campaigns(monkeypatch):
    """A palette that knows three things."""
    monkeypatch.setattr(palette, "_sources", [])

    @palette.entries
    def known(user, query):
        yield Entry("go", "会员日预热", "/c/1", keywords=["Member day"])
        yield Entry("go", "双11 首购季", "/c/2")
        yield Entry("do", "新建分群", "/segments/new", hint="受众")


class TestFinding:
    def test_without_a_word_offers_actions_before_places(self, campaigns, user):
        assert [entry.url for entry in palette.find(user, "")] == ["/segments/new", "/c/1", "/c/2"]

    def test_puts_what_begins_so_before_what_holds_it(self, campaigns, user):
        @palette.entries
        def more(user, query):
            yield Entry("go", "预热名单", "/lists/1")

        assert [entry.url for entry in palette.find(user, "预热")] == ["/lists/1", "/c/1"]

    def test_looks_at_keywords_and_hints(self, campaigns, user):
        assert [entry.url for entry in palette.find(user, "member")] == ["/c/1"]
        assert [entry.url for entry in palette.find(user, "受众")] == ["/segments/new"]

    def test_asks_for_actions_only_after_a_pointer(self, campaigns, user):
        assert [entry.url for entry in palette.find(user, "> ")] == ["/segments/new"]

    def test_shows_nobody_what_a_source_keeps_from_them(self, monkeypatch, user):
        monkeypatch.setattr(palette, "_sources", [])

        @palette.entries
        def secret(user, query):
            if user.may("secrets.see"):
                yield Entry("go", "Secret", "/secret")

        assert len(palette.find(user, "secret")) == 1
        assert palette.find(SimpleNamespace(may=lambda permission: False), "secret") == []


class TestSigns:
    def test_ask_for_one_kind(self, monkeypatch, user):
        monkeypatch.setattr(palette, "_sources", [])

        @palette.entries
        def known(user, query):
            yield Entry("go", "Lin", "/people/1", of="people")
            yield Entry("go", "Lin tea", "/c/1", of="campaigns")
            yield Entry("do", "Lin up", "/do")

        assert [one.url for one in palette.find(user, "@lin")] == ["/people/1"]
        assert [one.url for one in palette.find(user, "# lin")] == ["/c/1"]
        assert [one.url for one in palette.find(user, ">lin")] == ["/do"]
        # As a Chinese input method writes them.
        assert [one.url for one in palette.find(user, "＠lin")] == ["/people/1"]
        assert [one.url for one in palette.find(user, "＃lin")] == ["/c/1"]
        assert [one.url for one in palette.find(user, "＞lin")] == ["/do"]
        assert len(palette.find(user, "lin")) == 3

    def test_put_what_can_be_done_here_first(self, monkeypatch, user):
        monkeypatch.setattr(palette, "_sources", [lambda user, q: [Entry("do", "New", "/new")]])
        monkeypatch.setattr(palette, "_here", [lambda user, at: [Entry("do", "Pause", at)]])
        assert [one.url for one in palette.find(user, "", "/c/1")] == ["/c/1", "/new"]
        assert [one.url for one in palette.find(user, "")] == ["/new"]


class TestTheCalculator:
    @pytest.mark.parametrize(
        ("text", "expected"),
        [
            ("1+2*3", "7"),
            ("(1+2)*3", "9"),
            ("50万*12%", "60000"),
            ("15% of 500,000", "75000"),
            ("8000/3k", "2.666666666666666666666666667"),
            ("-5--3", "-2"),
            ("0.1+0.2", "0.3"),
            ("１+1", "2"),
            ("1.2亿÷4", "30000000"),
            ("2**8", None),
            ("1/0", None),
            ("(1", None),
            ("__import__('os')", None),
            ("9" * 30, None),
            ("(" * 60 + "1" + ")" * 60, None),
            ("", None),
        ],
    )
    def test_works_out_sums_and_nothing_else(self, text, expected):
        if expected is None:
            with pytest.raises(NoSum):
                calculate(text)
        else:
            assert str(calculate(text)) == expected

    def test_answers_in_the_palette(self, user):
        with translation.override("en"):
            (entry,) = palette.find(user, "=50万*12%")
            assert entry.title == "= 60,000"

    @pytest.mark.parametrize(
        ("text", "why"),
        [
            ("=1/0", "Nothing can be divided by zero."),
            ("=0/0", "Nothing can be divided by zero."),
            ("＝1÷0", "Nothing can be divided by zero."),
            ("=2+", "This is no sum. Use numbers, + − × ÷, brackets and %."),
            ("=hello", "This is no sum. Use numbers, + − × ÷, brackets and %."),
            ("=" + "9" * 30, "This is too large to work out here."),
            ("=", "A sum such as 50万*12% or (8000+1.2k)/3"),
        ],
    )
    def test_says_why_it_has_no_answer(self, user, text, why):
        with translation.override("en"):
            (entry,) = palette.find(user, text)
        assert entry.title == why


class TestHelp:
    @pytest.fixture(autouse=True)
    def known(self, monkeypatch, campaigns):
        monkeypatch.setattr(palette, "_helps", [palette._of_the_frame])

        @palette.helps
        def known(user, at):
            hint = "A stage without a word is a gap."
            yield Entry("help", "Touchpoint map", "/c/1/map#shortcuts", hint, keywords=["触点"])

    def found(self, query, at=""):
        with translation.override("en"):
            user = SimpleNamespace(may=lambda permission: True)
            return [(str(one.title), one.opens) for one in palette.find(user, query, at)]

    @pytest.mark.parametrize("query", ["?gap", "? gap", "？触点", "?TOUCH", "?cd"])
    def test_is_found_by_its_title_answer_and_further_words(self, query):
        assert self.found(query) == [("Touchpoint map", "")]

    def test_of_the_open_page_comes_first_and_opens_there(self):
        (first, *_rest) = self.found("?", at="/calendar")
        assert first == ("Help for this page", "shortcuts")
        assert ("Touchpoint map", "shortcuts") in self.found("?", at="/c/1/map")

    def test_is_kept_out_of_what_is_found_and_stands_in_where_nothing_is(self):
        assert ("Touchpoint map", "") not in self.found("")
        assert self.found("stage without") == [("Touchpoint map", "")]
        assert self.found("?nothing like it") == []
