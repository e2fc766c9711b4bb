from __future__ import annotations

import pytest

from muster.kit.errors import Refused
from muster.people.segments import builder, presets
from muster.warehouse.rules import parse, to_json

KINDS = {"orders": "number", "vip": "boolean", "joined": "time", "city": "text"}
LEAVES = [
    {"trait": "city", "op": "in", "value": ["上海", "杭州"]},
    {"trait": "city", "op": "missing"},
    {"trait": "orders", "op": "between", "value": [2, 5]},
    {"trait": "orders", "op": "gte", "value": 2.5},
    {"trait": "vip", "op": "eq", "value": True},
    {"trait": "joined", "op": "within_last", "value": "30d"},
    {"event": "Order Completed"},
    {"event": "Order Completed", "within": "90d", "count": {"eq": 0}},
    {
        "event": "Order Completed",
        "where": [{"property": "coupon", "op": "eq", "value": "TEA"}],
        "within": "this_month",
        "count": {"gte": 3},
        "sum": {"property": "total", "gte": 100},
        "first": {"within": "7d"},
    },
    {
        "sequence": [
            {"event": "Product Added", "where": [{"property": "price", "op": "gt", "value": 9}]},
            {"event": "Order Completed", "within": "30d"},
        ],
        "within": "3d",
    },
    {"sequence": [{"event": "Visit"}, {"event": "Visit"}]},
    {"tag": "vip"},
    {"consent": {"channel": "sms", "purpose": "service", "state": "withdrawn"}},
    {"message": {"last": 3, "state": "not_opened"}},
    {"message": {"send": "snd_00000001", "state": "clicked"}},
    {"segment": "seg_00000001"},
    {"random": {"percent": 12.5, "salt": "a"}},
]


def fields(node):
    """What a browser would post for the rows of this node."""
    if node.is_group:
        found = {f"{node.inner}#group": node.family}
        for part in node.parts:
            found |= fields(part)
        return found
    shown = {name: value for name, value in node.values.items() if isinstance(value, str)}
    return {f"{node.inner}#{name}": value for name, value in shown.items()}


@pytest.mark.parametrize("leaf", LEAVES)
def test_a_row_that_is_not_touched_keeps_its_meaning(leaf):
    rule = {"all": [leaf, {"not": leaf}, {"any": [leaf, {"tag": "x"}]}]}
    posted = fields(builder.tree(rule, KINDS))
    again = builder.with_fields(rule, posted, KINDS)
    assert parse(again) == parse(rule)


class TestTyping:
    @pytest.mark.parametrize(
        ("leaf", "typed", "outcome"),
        [
            (LEAVES[0], {"value": "北京，广州 、成都"}, ["北京", "广州", "成都"]),
            (LEAVES[3], {"value": "7"}, 7),
            (LEAVES[3], {"value": "many"}, "many"),
            (LEAVES[4], {"value": "false"}, False),
            ({"trait": "city", "op": "eq", "value": "x"}, {"value": "007"}, "007"),
        ],
    )
    def test_becomes_the_value_of_its_kind(self, leaf, typed, outcome):
        posted = fields(builder.tree({"all": [leaf]}, KINDS))
        posted |= {f"/all/0#{name}": value for name, value in typed.items()}
        assert builder.with_fields({"all": [leaf]}, posted, KINDS)["all"][0]["value"] == outcome

    def test_names_one_more_step_or_takes_one_away(self):
        rule = {
            "all": [next(leaf for leaf in LEAVES if "sequence" in leaf and "within" not in leaf)]
        }
        posted = fields(builder.tree(rule, KINDS)) | {"/all/0#step2": "Order Completed"}
        longer = builder.with_fields(rule, posted, KINDS)["all"][0]
        assert [step["event"] for step in longer["sequence"]] == [
            "Visit",
            "Visit",
            "Order Completed",
        ]
        posted = fields(builder.tree({"all": [longer]}, KINDS)) | {"/all/0#step0": ""}
        shorter = builder.with_fields({"all": [longer]}, posted, KINDS)["all"][0]
        assert [step["event"] for step in shorter["sequence"]] == ["Visit", "Order Completed"]

    def test_another_trait_gets_an_operation_that_fits(self):
        rule = {"all": [{"trait": "city", "op": "contains", "value": "海"}]}
        posted = fields(builder.tree(rule, KINDS)) | {"/all/0#name": "orders"}
        assert builder.with_fields(rule, posted, KINDS)["all"][0]["op"] == "eq"

    def test_a_lone_condition_is_shown_in_a_group(self):
        assert builder.rooted({"tag": "vip"}) == {"all": [{"tag": "vip"}]}


class TestArranging:
    RULE = {"all": [{"tag": "a"}, {"any": [{"tag": "b"}, {"tag": "c"}]}, {"not": {"tag": "d"}}]}

    def did(self, did, at, family="trait"):
        return builder.arranged(self.RULE, did, at, family, {"salt": "s"})["all"]

    def test_adds_at_the_end_of_its_group(self):
        assert self.did("add", "", "tag")[-1] == {"tag": "vip"}
        assert self.did("add", "/all/1", "tag")[1]["any"][-1] == {"tag": "vip"}

    def test_moves_a_row(self):
        assert [*self.did("up", "/all/1")[0]] == ["any"]
        assert self.did("down", "/all/1/any/0")[1] == {"any": [{"tag": "c"}, {"tag": "b"}]}
        assert self.did("up", "/all/0") == self.RULE["all"]

    def test_excludes_and_includes_again(self):
        assert self.did("not", "/all/0")[0] == {"not": {"tag": "a"}}
        assert self.did("not", "/all/2")[2] == {"tag": "d"}

    def test_removes_the_group_with_its_last_condition(self):
        once = builder.arranged(self.RULE, "remove", "/all/1/any/0", "", {})
        twice = builder.arranged(once, "remove", "/all/1/any/0", "", {})
        assert twice == {"all": [{"tag": "a"}, {"not": {"tag": "d"}}]}

    @pytest.mark.parametrize("leaf", LEAVES)
    def test_leaves_the_other_rows_as_they_are(self, leaf):
        rule = {"all": [{"tag": "a"}, leaf, {"any": [leaf, {"not": leaf}]}]}
        left = builder.arranged(rule, "remove", "/all/0", "", {})
        assert left == {"all": rule["all"][1:]}

    def test_keeps_the_last_condition(self):
        with pytest.raises(Refused):
            builder.arranged({"all": [{"tag": "a"}]}, "remove", "/all/0", "", {})

    @pytest.mark.parametrize("at", ["/all/9", "/nowhere", "/all/x", "all", "/all/0/tag/0"])
    def test_a_place_that_is_gone_is_told(self, at):
        with pytest.raises(Refused):
            self.did("remove", at)

    @pytest.mark.parametrize("family", [f for f in builder.FAMILIES if f != "segment"])
    def test_every_new_row_can_be_read(self, family):
        parse(builder.fresh(family, {"salt": "s"}))


@pytest.mark.django_db
@pytest.mark.parametrize("preset", [*presets.PRESETS, presets.OWN], ids=lambda one: one.key)
def test_presets_are_rules_and_survive_the_builder(preset):
    rule = to_json(parse(preset.rule()))
    posted = fields(builder.tree(rule, KINDS))
    assert parse(builder.with_fields(rule, posted, KINDS)) == parse(preset.rule())
