from __future__ import annotations

import pytest

from muster.kit.errors import Invalid
from muster.warehouse.rules import AllOf, Event, Tag, Trait, parse, to_json

EVERY_KIND = {
    "all": [
        {"any": [{"tag": "vip"}, {"not": {"segment": "seg_1"}}]},
        {"trait": "city", "op": "in", "value": ["上海", "杭州"]},
        {"trait": "age", "op": "between", "value": [18, 35]},
        {"trait": "email", "op": "exists"},
        {"consent": {"channel": "email", "purpose": "marketing", "state": "granted"}},
        {"random": {"percent": 10, "salt": "x"}},
        {"message": {"send": "snd_1", "state": "opened"}},
        {"message": {"last": 3, "state": "not_opened"}},
        {
            "event": "Order Completed",
            "where": [{"property": "currency", "op": "eq", "value": "CNY"}],
            "from": "2026-01-01",
            "to": "2026-02-01T00:00:00Z",
            "count": {"gte": 2, "lt": 10},
            "sum": {"property": "revenue", "gte": 100},
            "first": {"after": "2025-01-01"},
            "last": {"within": "7d"},
        },
        {
            "sequence": [
                {"event": "Product Added", "within": "30d"},
                {
                    "event": "Order Completed",
                    "where": [{"property": "total", "op": "gte", "value": 100}],
                },
            ],
            "within": "7d",
        },
        {"sequence": [{"event": "Visit"}, {"event": "Visit", "from": "2026-01-01"}]},
    ]
}


def problems(data: object) -> dict[str, str]:
    """Where → code, of everything that is wrong."""
    with pytest.raises(Invalid) as caught:
        parse(data)
    return {problem.at: problem.code for problem in caught.value.errors}


class TestAGoodRule:
    def test_comes_back_as_it_was(self):
        assert to_json(parse(EVERY_KIND)) == EVERY_KIND

    def test_means_once_or_more_without_a_count(self):
        assert parse({"event": "Visit"}) == Event("Visit", count=(("gte", 1),))

    def test_takes_marketing_that_is_granted_when_the_consent_says_no_more(self):
        assert to_json(parse({"consent": {"channel": "sms"}})) == {
            "consent": {"channel": "sms", "purpose": "marketing", "state": "granted"}
        }

    def test_takes_the_first_and_the_last_moment_and_number_that_can_be_counted(self):
        rule = {"event": "A", "from": "1900-01-01T00:00:00Z", "to": "2200-12-31T23:59:59Z"}
        assert to_json(parse(rule)) == rule
        rule = {"trait": "a", "op": "in", "value": [10**18 - 1, 1 - 10**18]}
        assert to_json(parse(rule)) == rule

    def test_is_equal_to_the_same_rule(self):
        assert parse({"all": [{"tag": "a"}]}) == AllOf((Tag("a"),))
        assert parse({"trait": "a", "op": "missing"}) == Trait("a", "missing")


class TestABadRule:
    @pytest.mark.parametrize(
        ("rule", "at", "code"),
        [
            ([], "", "not_a_rule"),
            (None, "", "not_a_rule"),
            ({}, "", "unknown_condition"),
            ({"colour": "red"}, "", "unknown_condition"),
            ({"all": []}, "/all", "empty_group"),
            ({"any": {"tag": "a"}}, "/any", "wrong_type"),
            ({"not": []}, "/not", "not_a_rule"),
            ({"tag": ""}, "/tag", "wrong_type"),
            ({"tag": "x" * 1001}, "/tag", "too_long"),
            ({"tag": "a", "colour/x": 1}, "/colour~1x", "unknown_key"),
            ({"trait": "a", "op": "is", "value": 1}, "/op", "unknown_value"),
            ({"trait": "a", "op": "eq"}, "/value", "wrong_type"),
            ({"trait": "a", "op": "gt", "value": True}, "/value", "wrong_type"),
            ({"trait": "a", "op": "gt", "value": float("nan")}, "/value", "wrong_type"),
            ({"trait": "a", "op": "in", "value": []}, "/value", "wrong_type"),
            ({"trait": "a", "op": "in", "value": [1, None]}, "/value/1", "wrong_type"),
            ({"trait": "a", "op": "in", "value": [1] * 10_001}, "/value", "too_many_values"),
            ({"trait": "a", "op": "between", "value": [5, 1]}, "/value", "wrong_order"),
            ({"trait": "a", "op": "between", "value": [1, "b"]}, "/value", "wrong_type"),
            ({"trait": "a", "op": "contains", "value": 5}, "/value", "wrong_type"),
            # No engine takes a zero byte in a statement.
            ({"trait": "a", "op": "eq", "value": "b\0"}, "/value", "wrong_type"),
            ({"trait": "a", "op": "in", "value": ["b", "\0"]}, "/value/1", "wrong_type"),
            ({"trait": "a", "op": "between", "value": ["\0", "b"]}, "/value", "wrong_type"),
            ({"trait": "a", "op": "before", "value": "soon"}, "/value", "bad_moment"),
            ({"trait": "a", "op": "before", "value": "2026-02-30"}, "/value", "bad_moment"),
            ({"trait": "a", "op": "within_last", "value": "30 days"}, "/value", "bad_duration"),
            ({"trait": "a", "op": "exists", "value": 5}, "/value", "wrong_value"),
            ({"event": "A", "within": "never"}, "/within", "bad_duration"),
            ({"event": "A", "within": "999999y"}, "/within", "bad_duration"),
            ({"event": "A", "within": "7d", "from": "2026-01-01"}, "/within", "two_windows"),
            ({"event": "A", "count": 3}, "/count", "wrong_type"),
            ({"event": "A", "count": {}}, "/count", "no_comparison"),
            ({"event": "A", "count": {"gte": "3"}}, "/count/gte", "wrong_type"),
            ({"event": "A", "sum": {"gte": 3}}, "/sum/property", "wrong_type"),
            ({"event": "A", "sum": {"property": "p"}}, "/sum", "no_comparison"),
            ({"event": "A", "first": {}}, "/first", "wrong_value"),
            ({"event": "A", "where": [{"property": "p"}]}, "/where/0/op", "unknown_value"),
            ({"event": "A", "where": "p"}, "/where", "wrong_type"),
            ({"consent": {"purpose": "marketing"}}, "/consent/channel", "wrong_type"),
            ({"consent": "email"}, "/consent", "wrong_type"),
            ({"random": {"percent": 101}}, "/random/percent", "wrong_value"),
            ({"message": {"state": "opened"}}, "/message", "send_or_last"),
            ({"message": {"last": 0, "state": "opened"}}, "/message/last", "wrong_value"),
            ({"message": {"send": "s", "state": "read"}}, "/message/state", "unknown_value"),
            ({"sequence": [{"event": "A"}], "within": "7d"}, "/sequence", "wrong_value"),
            ({"sequence": "AB"}, "/sequence", "wrong_value"),
            ({"sequence": [{"event": "A"}] * 11}, "/sequence", "wrong_value"),
            ({"sequence": [{"event": "A"}, {"tag": "b"}]}, "/sequence/1/tag", "unknown_key"),
            ({"sequence": [{"event": "A"}, {"where": []}]}, "/sequence/1/event", "wrong_type"),
            ({"sequence": [{"event": "A"}, 5]}, "/sequence/1", "wrong_type"),
            (
                {"sequence": [{"event": "A"}, {"event": "B", "count": {"gte": 2}}]},
                "/sequence/1/count",
                "unknown_key",
            ),
            (
                {"sequence": [{"event": "A"}, {"event": "B"}], "within": "this_month"},
                "/within",
                "bad_duration",
            ),
            ({"event": "A", "from": "0001-01-01T00:00:00+14:00"}, "/from", "moment_out_of_range"),
            ({"event": "A", "to": "1899-12-31"}, "/to", "moment_out_of_range"),
            (
                {"event": "A", "last": {"after": "9999-12-31T23:59:59-12:00"}},
                "/last/after",
                "moment_out_of_range",
            ),
            ({"trait": "a", "op": "after", "value": "2201-01-01"}, "/value", "moment_out_of_range"),
            (
                # It is 2201 already where the clock stands at UTC.
                {"trait": "a", "op": "after", "value": "2200-12-31T23:30:00-01:00"},
                "/value",
                "moment_out_of_range",
            ),
            ({"trait": "a", "op": "eq", "value": 10**400}, "/value", "too_large"),
            ({"trait": "a", "op": "eq", "value": -(10**18)}, "/value", "too_large"),
            ({"trait": "a", "op": "eq", "value": 1e300}, "/value", "too_large"),
            ({"trait": "a", "op": "eq", "value": float("inf")}, "/value", "too_large"),
            ({"trait": "a", "op": "in", "value": [1, 10**400]}, "/value/1", "too_large"),
            ({"trait": "a", "op": "between", "value": [1, 10**400]}, "/value", "too_large"),
            ({"event": "A", "count": {"gte": 10**30}}, "/count/gte", "too_large"),
            ({"event": "A", "count": {"gte": float("nan")}}, "/count/gte", "wrong_type"),
            ({"event": "A", "count": {"between": [1, 10**400]}}, "/count/between", "too_large"),
            ({"event": "A", "sum": {"property": "p", "gt": 1e300}}, "/sum/gt", "too_large"),
            ({"event": "A", "within": "99999999999d"}, "/within", "bad_duration"),
            ({"random": {"percent": 10**400}}, "/random/percent", "wrong_value"),
            ({"message": {"last": 10**400, "state": "opened"}}, "/message/last", "wrong_value"),
            ({"score": "lead", "op": "gt", "value": 10**400}, "/value", "too_large"),
            ({"score": "x", "op": "gt", "value": 5}, "/score", "unknown_value"),
            ({"journey": "j", "state": "in"}, "/journey", "not_available"),
        ],
    )
    def test_says_where_and_what(self, rule, at, code):
        assert problems(rule) == {at: code}

    def test_names_everything_at_once(self):
        rule = {
            "all": [
                {"tag": 5},
                {"any": [{"trait": "a", "op": "near", "value": 1}, {"event": "A", "within": "x"}]},
            ]
        }
        assert problems(rule) == {
            "/all/0/tag": "wrong_type",
            "/all/1/any/0/op": "unknown_value",
            "/all/1/any/1/within": "bad_duration",
        }

    def test_says_how_to_mend_it(self):
        with pytest.raises(Invalid) as caught:
            parse({"event": "A", "within": "a month"})
        problem = caught.value.errors[0]
        assert problem.text % problem.params == (
            "“within” needs a duration such as 15m, 12h, 30d, 8w, 6mo or 1y, or one of today, "
            "yesterday, this_week, last_week, this_month, last_month, this_year, last_year; "
            "not “a month”."
        )

    def test_may_be_nested_twenty_deep_but_no_deeper(self):
        rule: dict[str, object] = {"tag": "a"}
        for _ in range(19):
            rule = {"not": rule}
        parse(rule)
        assert list(problems({"not": rule}).values()) == ["too_deep"]
        for _ in range(5000):
            rule = {"not": rule}
        assert list(problems(rule).values()) == ["too_deep"]

    def test_may_have_two_hundred_conditions_but_no_more(self):
        parse({"any": [{"tag": str(n)} for n in range(200)]})
        assert problems({"any": [{"tag": str(n)} for n in range(201)]}) == {
            "": "too_many_conditions"
        }
