from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from muster.warehouse.lint import TEXTS, Hint, Known, lint
from muster.warehouse.rules import parse

NOW = datetime(2026, 6, 15, 12, tzinfo=UTC)
KNOWN = Known(
    NOW,
    ZoneInfo("Asia/Shanghai"),
    events={"Order Completed", "Visit"},
    traits={"city": "text", "points": "number", "vip": "boolean", "joined": "time"},
)
ORDER = "Order Completed"
SMS = {"consent": {"channel": "sms", "purpose": "marketing", "state": "granted"}}


def city(*names, op="eq"):
    return {"trait": "city", "op": op, "value": names[0] if op in ("eq", "ne") else list(names)}


def points(op, value):
    return {"trait": "points", "op": op, "value": value}


def joined(op, value):
    return {"trait": "joined", "op": op, "value": value}


def ordered(**more):
    return {"event": ORDER, **more}


def found(rule, known=KNOWN):
    return [(hint.at, hint.code) for hint in lint(parse(rule), known)]


class TestConditionsThatContradictEachOther:
    @pytest.mark.parametrize(
        ("one", "two"),
        [
            (city("A"), city("B")),
            (city("A", "B", op="in"), city("C", op="in")),
            (city("A"), city("A", op="ne")),
            (city("A"), {"not": city("A", "B", op="in")}),
            (city("A"), {"trait": "city", "op": "missing"}),
            ({"trait": "city", "op": "contains", "value": "A"}, {"trait": "city", "op": "missing"}),
            (points("gte", 5), points("lt", 3)),
            (points("gt", 5), points("lte", 5)),
            (points("between", [1, 4]), points("eq", 7)),
            (
                {"trait": "vip", "op": "eq", "value": True},
                {"trait": "vip", "op": "eq", "value": False},
            ),
            (
                {"trait": "joined", "op": "before", "value": "2026-01-01"},
                {"trait": "joined", "op": "after", "value": "2026-02-01"},
            ),
            (
                {"trait": "joined", "op": "before", "value": "2020-01-01"},
                {"trait": "joined", "op": "within_last", "value": "30d"},
            ),
            (
                {"trait": "joined", "op": "not_within_last", "value": "60d"},
                {"trait": "joined", "op": "within_last", "value": "30d"},
            ),
            (ordered(within="90d", count={"gte": 5}), ordered(within="90d", count={"lt": 3})),
            (ordered(), ordered(count={"eq": 0})),
            (ordered(within="30d"), {"not": ordered()}),
            (ordered(within="7d", count={"gte": 4}), ordered(within="30d", count={"lte": 3})),
            (ordered(within="today"), ordered(within="this_year", count={"eq": 0})),
            (
                ordered(where=[{"property": "coupon", "op": "exists"}]),
                ordered(count={"eq": 0}),
            ),
            (ordered(sum={"property": "total", "gte": 100}, within="7d"), ordered(count={"eq": 0})),
            ({"tag": "vip"}, {"not": {"tag": "vip"}}),
            (SMS, {"consent": {**SMS["consent"], "state": "withdrawn"}}),
            (
                {"message": {"last": 3, "state": "opened"}},
                {"message": {"last": 3, "state": "not_opened"}},
            ),
            (
                {"score": "grade", "op": "eq", "value": "A"},
                {"score": "grade", "op": "lte", "value": "B"},
            ),
            (
                {"score": "lead", "op": "gte", "value": 40},
                {"score": "lead", "op": "lt", "value": 40},
            ),
            (
                {"random": {"percent": 10, "salt": "x"}},
                {"not": {"random": {"percent": 20, "salt": "x"}}},
            ),
            ({"segment": "seg_1"}, {"not": {"segment": "seg_1"}}),
        ],
    )
    def test_make_the_segment_empty_and_are_said_so(self, one, two):
        said = found({"all": [one, two]})
        assert ("/all/1", "contradiction") in said, said
        assert ("", "always_empty") in said
        # One of the two is enough for "any", and who is in none of the two is somebody.
        assert not {"contradiction", "always_empty"} & {
            code for _at, code in found({"any": [one, two]})
        }

    @pytest.mark.parametrize(
        ("one", "two"),
        [
            (city("A", "B", op="in"), city("B", "C", op="in")),
            (city("A", op="ne"), city("B", op="ne")),
            ({"trait": "city", "op": "starts_with", "value": "A"}, city("B", op="ne")),
            (points("gte", 3), points("lte", 3)),
            (points("gt", 3), points("lt", 3.5)),
            (
                {"trait": "joined", "op": "after", "value": "2027-01-01"},
                {"trait": "joined", "op": "within_last", "value": "30d"},
            ),  # nobody yet, but somebody next year
            (ordered(within="7d", count={"lte": 3}), ordered(within="30d", count={"gte": 4})),
            (ordered(count={"gte": 3}), ordered(within="7d", count={"eq": 0})),
            (
                ordered(count={"eq": 0}, where=[{"property": "coupon", "op": "exists"}]),
                ordered(),
            ),
            (ordered(within="last_month"), ordered(within="this_month", count={"eq": 0})),
            # The first days of a month may be of a week that began in the month before.
            (joined("within_last", "this_week"), joined("within_last", "last_month")),
            (joined("within_last", "last_week"), joined("not_within_last", "this_month")),
            (joined("within_last", "this_week"), joined("within_last", "last_year")),
            (joined("within_last", "30d"), joined("within_last", "1mo")),  # 28 days in March
            # An hour of January was an hour ago once.
            (joined("after", "2026-07-01"), joined("within_last", "1h")),
            (points("eq", 10**17), points("eq", 10**17 + 1)),  # alike as floating-point numbers
            (
                {"random": {"percent": 10, "salt": "x"}},
                {"not": {"random": {"percent": 20, "salt": "y"}}},
            ),
            (
                {"message": {"last": 3, "state": "opened"}},
                {"message": {"last": 2, "state": "not_opened"}},
            ),  # certain, but not looked into
            (
                {"trait": "email", "op": "eq", "value": "a@b.c"},
                {"trait": "email", "op": "eq", "value": "d@e.f"},
            ),
        ],
    )
    def test_others_do_not(self, one, two):
        assert {code for _at, code in found({"all": [one, two]})} <= {"never_did"}

    def test_three_do_where_no_two_do(self):
        rule = {"all": [city("A", "B", op="in"), city("A", op="ne"), city("B", op="ne")]}
        assert found(rule) == [("", "always_empty"), ("/all/2", "contradiction")]

    def test_the_moment_of_asking_is_not_the_only_one(self):
        # At noon of 1 July somebody may have joined within the hour and in these ten minutes.
        inside = [
            joined("after", "2026-07-01T12:00:00"),
            joined("before", "2026-07-01T12:10:00"),
            joined("within_last", "1h"),
        ]
        assert found({"all": inside}) == []
        past = [{**one, "value": one["value"].replace("-07-", "-05-")} for one in inside]
        assert ("", "always_empty") in found({"all": past})

    def test_long_lists_are_compared_as_sets(self):
        left_out = [city(*(f"{i}-{j}" for j in range(200)), op="not_in") for i in range(12)]
        assert found({"all": left_out}) == []
        rule = {"all": [*left_out, city("7-0", "7-199", op="in")]}
        assert {("", "always_empty"), ("/all/12", "contradiction")} <= set(found(rule))

    def test_of_very_many_conditions_not_all_are_compared(self):
        rule = {"all": [ordered(within=f"{days}d") for days in range(1, 201)]}
        assert {code for _at, code in found(rule)} <= {"implied"}
        far = {"all": [city(str(i), op="ne") for i in range(200)]}
        assert found(far) == []

    def test_names_the_other(self):
        hints = lint(parse({"all": [city("A"), city("B")]}), KNOWN)
        assert hints[1] == Hint("/all/1", "contradiction", parse(city("A")))

    def test_within_a_group_of_alternatives_only_that_one_is_empty(self):
        rule = {"all": [city("A"), {"any": [city("B"), {"tag": "x"}]}]}
        assert found(rule) == [("/all/1/any/0", "contradiction")]
        rule = {"all": [city("A"), {"any": [city("B"), city("C")]}]}
        assert found(rule) == [
            ("", "always_empty"),
            ("/all/1/any/0", "contradiction"),
            ("/all/1/any/1", "contradiction"),
        ]

    def test_a_denied_group_is_read_as_what_it_means(self):
        rule = {"not": {"any": [{"tag": "a"}, {"not": {"tag": "a"}}]}}
        assert found(rule) == [("", "always_empty"), ("/not/any/1", "contradiction")]


class TestConditionsThatSayNothingNew:
    @pytest.mark.parametrize(
        ("rule", "said"),
        [
            ({"all": [{"tag": "a"}, {"tag": "a"}]}, [("/all/1", "twice")]),
            ({"all": [city("A"), city("A", op="in")]}, [("/all/1", "twice")]),
            ({"any": [{"tag": "a"}, {"tag": "a"}]}, [("/any/1", "twice")]),
            ({"all": [points("gte", 5), points("gte", 3)]}, [("/all/1", "implied")]),
            ({"all": [points("gte", 3), points("gte", 5)]}, [("/all/0", "implied")]),
            ({"any": [points("gte", 5), points("gte", 3)]}, [("/any/0", "adds_nobody")]),
            ({"all": [city("A"), {"trait": "city", "op": "exists"}]}, [("/all/1", "implied")]),
            ({"all": [ordered(within="7d"), ordered(within="30d")]}, [("/all/1", "implied")]),
            ({"all": [ordered(within="2mo"), ordered(within="60d")]}, []),  # 59 days at times
            ({"all": [ordered(within="1mo"), ordered(within="31d")]}, [("/all/1", "implied")]),
            ({"all": [city("A"), {"not": city("B")}]}, [("/all/1", "excluded_already")]),
            (
                {"all": [city("A"), {"any": [city("A", op="in"), {"tag": "x"}]}]},
                [],  # the other alternative says something
            ),
            ({"all": [{"tag": "x"}, {"random": {"percent": 100}}]}, [("/all/1", "always")]),
            ({"all": [{"tag": "x"}, {"not": {"random": {"percent": 0}}}]}, [("/all/1", "excludes_nobody")]),
            ({"all": [{"tag": "x"}, ordered(within="7d", count={"gte": 0})]}, [("/all/1", "always")]),
            ({"any": [{"tag": "a"}, {"not": {"tag": "a"}}]}, [("/any/1", "covers_all")]),
        ],
    )  # fmt: skip
    def test_are_told(self, rule, said):
        assert found(rule) == said

    def test_a_condition_that_never_holds_is_told_alone(self):
        rule = ordered(within="7d", count={"gte": 5, "lt": 3})
        assert found({"all": [{"tag": "x"}, rule]}) == [("", "always_empty"), ("/all/1", "never")]
        assert found({"any": [{"tag": "x"}, rule]}) == [("/any/1", "never")]


class TestWhatIsNotThere:
    def test_an_event_that_was_never_recorded(self):
        assert found({"event": "Ordre Completed"}) == [("", "unknown_event")]
        steps = {"sequence": [{"event": ORDER}, {"event": "Vist"}]}
        assert found({"all": [{"tag": "x"}, steps]}) == [("/all/1", "unknown_event")]

    def test_a_trait_that_nobody_has(self):
        rule = {"trait": "citty", "op": "eq", "value": "A"}
        assert found(rule) == [("", "unknown_trait")]
        assert found({"trait": "citty", "op": "ne", "value": "A"}) == [("", "unknown_trait")]
        for there in ("email", "last_seen"):
            assert found({"trait": there, "op": "exists"}) == []

    def test_nothing_is_said_of_what_is_not_known(self):
        bare = Known(NOW, ZoneInfo("UTC"))
        assert found({"event": "Ordre Completed"}, bare) == []
        assert found({"trait": "citty", "op": "eq", "value": "A"}, bare) == []

    def test_a_window_that_begins_in_the_future(self):
        assert found(ordered(**{"from": "2026-06-16"})) == [("", "not_yet")]
        # In Shanghai it is 20:00 of the 15th.
        assert found(ordered(**{"from": "2026-06-15T19:59:00"})) == []
        assert found(ordered(**{"from": "2026-06-15T20:01:00"})) == [("", "not_yet")]

    @pytest.mark.parametrize(
        ("rule", "is_said"),
        [
            ({"not": ordered()}, True),
            (ordered(count={"eq": 0}), True),
            (ordered(count={"lt": 1}), True),
            (ordered(count={"eq": 0}, within="90d"), False),
            (ordered(count={"eq": 0}, **{"from": "2026-01-01"}), False),
            (ordered(count={"lt": 3}), False),
            (ordered(), False),
        ],
    )
    def test_never_done_without_a_time(self, rule, is_said):
        assert ("never_did" in [code for _at, code in found(rule)]) == is_said


class TestConsent:
    @pytest.mark.parametrize(
        ("rule", "said"),
        [
            ({"tag": "x"}, ["email", "sms"]),
            ({"all": [{"tag": "x"}, SMS]}, ["email"]),
            ({"all": [{"tag": "x"}, {"all": [SMS]}]}, ["email"]),
            ({"any": [{"tag": "x"}, SMS]}, ["email", "sms"]),
            ({"any": [SMS, {"consent": {**SMS["consent"], "purpose": "service"}}]}, ["email"]),
            ({"any": [SMS, {"all": [{"tag": "x"}, SMS]}]}, ["email"]),
            ({"any": [SMS, {"consent": {**SMS["consent"], "channel": "email"}}]}, ["email", "sms"]),
            ({"not": {"all": [{"not": SMS}, {"not": SMS}]}}, ["email"]),
            ({"any": [SMS, {"segment": "seg_1"}]}, ["email"]),
            ({"not": {"segment": "seg_1"}}, []),  # it may be those who did not agree
            ({"all": [{"tag": "x"}, {"not": SMS}]}, ["email", "sms"]),
            ({"all": [{"tag": "x"}, {"segment": "seg_1"}]}, []),
        ],
    )
    def test_is_missed_where_the_segment_is_used_on_a_channel(self, rule, said):
        known = Known(NOW, ZoneInfo("UTC"), channels=("sms", "email"))
        hints = [one for one in lint(parse(rule), known) if one.code == "no_consent"]
        assert [one.channel for one in hints] == said
        assert all(one.at == "" for one in hints)


def test_every_code_has_a_text():
    assert set(TEXTS) >= {"contradiction", "no_consent", "always_empty"}
