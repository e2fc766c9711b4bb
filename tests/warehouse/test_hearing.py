from __future__ import annotations

import os
from dataclasses import replace
from datetime import date, datetime

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from muster.kit.errors import Invalid
from muster.warehouse.hearing.sentence import hear
from muster.warehouse.hearing.words import Vocabulary
from muster.warehouse.rules import (
    AllOf,
    AnyOf,
    Event,
    InOrder,
    Not,
    Random,
    Score,
    Trait,
    parse,
    to_json,
)
from muster.warehouse.sentence import LANGUAGES, sentence
from tests.warehouse.test_sentence import CASES

EVENTS = [
    "Order Completed", "Product Viewed", "Product Added", "Page Viewed", "Visit", "Session Started",
    "Message Delivered", "Message Opened", "Unsubscribed", "Coupon Issued", "Form Submitted", "Quiz",
    "Quiz Finished", "测验 A",
]  # fmt: skip
NAMES = {"seg_A": "投诉 30 天", "seg_B": "Old friends", "snd_1": "双11 预热", "top_1": "新品"}
KNOWN = Vocabulary(
    kinds={
        "city": "text", "province": "text", "level": "text", "age": "number", "points": "number",
        "subscribed": "boolean", "vip": "boolean", "birthday": "time", "joined_at": "time",
        "favourite_colour": "text", "email": "text", "phone": "text",
    },
    events=EVENTS,
    properties=["category", "price", "total", "coupon", "items_bought", "channel"],
    segments={"seg_A": NAMES["seg_A"], "seg_B": NAMES["seg_B"]},
    topics={"top_1": NAMES["top_1"]},
    sends={"snd_1": NAMES["snd_1"], "snd_2": "snd_2"},
    salt="s",
)  # fmt: skip


def canonical(rule):
    """The rule in the one form that a sentence tells apart from others."""
    match rule:
        case Not(Not(inner)):
            return canonical(inner)
        case Not(AllOf(parts)):
            return canonical(AnyOf(tuple(Not(part) for part in parts)))
        case Not(AnyOf(parts)):
            return canonical(AllOf(tuple(Not(part) for part in parts)))
        case AllOf(parts) | AnyOf(parts):
            kind = type(rule)
            flat = []
            for part in map(canonical, parts):
                flat += part.rules if isinstance(part, kind) else [part]
            return kind(tuple(flat)) if len(flat) > 1 else flat[0]
        case Not(Trait(name, op, value)) if op in OPPOSITE:
            return canonical(Trait(name, OPPOSITE[op], value))
        case Not(Event() as event) if (
            not event.totals and not event.moments and len(event.count) == 1
        ):
            ((op, bound),) = event.count
            return (
                canonical(replace(event, count=((COUNTS[op], bound),)))
                if op in COUNTS
                else Not(told(event))
            )
        case Not(inner):
            return Not(canonical(inner))
        case Trait(name, op, value):
            return Trait(name, *alike(op, value))
        case Event():
            return told(rule)
        case InOrder(steps, within):
            return InOrder(tuple(map(told, steps)), span(within))
        case Random(percent, _):
            return Random(percent, "s")
        case Score("grade") if not rule.grades:
            return Score("grade", "gt", "A")
        case Score("grade"):
            return Score("grade", *alike("in", tuple(sorted(rule.grades))))
        case _:
            return rule


OPPOSITE = {
    "eq": "ne", "ne": "eq", "in": "not_in", "not_in": "in", "contains": "not_contains",
    "not_contains": "contains", "exists": "missing", "missing": "exists",
}  # fmt: skip
COUNTS = {"gte": "lt", "lt": "gte", "gt": "lte", "lte": "gt", "eq": "ne", "ne": "eq"}


def alike(op, value):
    if op in ("in", "not_in") and len(value) == 1:
        return {"in": "eq", "not_in": "ne"}[op], value[0]
    if op in ("within_last", "not_within_last", "anniversary_within"):
        return op, span(value)
    return op, moment(value) if op in ("before", "after") else value


def told(event):
    counts = []
    for op, bound in event.count:
        if op == "gt":
            op, bound = "gte", bound + 1
        if (op, bound) in (("lt", 1), ("lte", 0)):
            op, bound = "eq", 0
        counts.append(("gte", 1) if (op, bound) == ("ne", 0) else (op, bound))
    return replace(
        event,
        where=tuple(replace(w, op=alike(w.op, w.value)[0], value=alike(w.op, w.value)[1]) for w in event.where),
        within=span(event.within),
        start=moment(event.start),
        end=moment(event.end),
        count=tuple(counts),
        moments=tuple(replace(m, value=span(m.value) if m.relation == "within" else moment(m.value)) for m in event.moments),
    )  # fmt: skip


def span(text):
    return {"12mo": "1y"}.get(text, text)


def moment(text):
    """Moments are told to the minute."""
    return text and (text if len(text) == 10 else datetime.fromisoformat(text).isoformat())


# What the builder can make.

_number = st.one_of(st.integers(-5, 5_000_000), st.sampled_from([0.5, 2.25, 1234.75]))
_word = st.one_of(
    st.sampled_from(
        ["上海", "杭州", "New York", "gold", "呼和浩特", "Köln", "a-b_c", "100", "007"]
    ),
    st.text("ab 上海或且、,的and()“”.1天最近", min_size=1, max_size=9).filter(
        lambda text: text.strip() and not set(text) & set("“”")
    ),
)
_span = st.one_of(
    st.builds("{}{}".format, st.integers(1, 150), st.sampled_from(["m", "h", "d", "w", "mo", "y"])),
    st.sampled_from(["today", "yesterday", "this_week", "last_month", "this_year", "last_year"]),
)
_day = st.dates(date(1990, 1, 1), date(2090, 1, 1)).map(str)
_moment = st.one_of(_day, _day.map("{}T08:30:00Z".format), _day.map("{}T23:05:00+08:00".format))


def _compared(numbers, words):
    return st.one_of(
        st.builds(lambda op, v: {"op": op, "value": v}, st.sampled_from(["eq", "ne"]), st.one_of(numbers, words)),
        st.builds(
            lambda op, v: {"op": op, "value": v},
            st.sampled_from(["in", "not_in"]),
            st.lists(st.one_of(numbers, words), min_size=1, max_size=5, unique=True),
        ),
        st.sampled_from([{"op": "exists"}, {"op": "missing"}]),
    )  # fmt: skip


_texts = st.one_of(
    _compared(_word, _word),
    st.builds(
        lambda op, v: {"op": op, "value": v},
        st.sampled_from(["contains", "not_contains", "starts_with", "ends_with"]),
        _word,
    ),
)
_numbers = st.one_of(
    _compared(_number, _number),
    st.builds(lambda op, v: {"op": op, "value": v}, st.sampled_from(["gt", "gte", "lt", "lte"]), _number),
    st.lists(_number, min_size=2, max_size=2).map(lambda two: {"op": "between", "value": sorted(two)}),
)  # fmt: skip
_times = st.one_of(
    st.builds(lambda op, v: {"op": op, "value": v}, st.sampled_from(["before", "after"]), _moment),
    st.builds(
        lambda op, v: {"op": op, "value": v},
        st.sampled_from(["within_last", "not_within_last", "anniversary_within"]),
        _span,
    ),
    st.sampled_from([{"op": "exists"}, {"op": "missing"}]),
)
_trait = st.one_of(
    st.builds(lambda n, c: {"trait": n, **c}, st.sampled_from(["city", "province", "level", "favourite_colour"]), _texts),
    st.builds(lambda n, c: {"trait": n, **c}, st.sampled_from(["age", "points"]), _numbers),
    st.builds(lambda n, v: {"trait": n, "op": "eq", "value": v}, st.sampled_from(["subscribed", "vip"]), st.booleans()),
    st.builds(lambda n, c: {"trait": n, **c}, st.sampled_from(["birthday", "joined_at", "first_seen", "last_seen"]), _times),
    st.builds(lambda n, c: {"trait": n, **c}, st.sampled_from(["email", "phone", "first_name"]), _texts),
)  # fmt: skip
_bound = st.one_of(
    st.builds(lambda op, n: {op: n}, st.sampled_from(["eq", "gt", "gte", "lt", "lte"]), st.integers(1, 12)),
    st.just({"between": [2, 5]}),
    st.just({"gte": 2, "lt": 9}),
)  # fmt: skip
_where = st.builds(
    lambda n, c: {"property": n, **c},
    st.sampled_from(["category", "price", "coupon", "items_bought"]),
    # The builder makes numbers of what looks like one.
    st.one_of(_texts, _numbers).filter(
        lambda c: (
            not any(
                str(v).lstrip("-").replace(".", "").isdigit() and isinstance(v, str)
                for v in (c.get("value") if isinstance(c.get("value"), list) else [c.get("value")])
            )
        )
    ),
)


@st.composite
def _event(draw, *, step=False):
    rule = {"event": draw(st.sampled_from(EVENTS))}
    if draw(st.booleans()):
        rule["where"] = draw(st.lists(_where, min_size=1, max_size=2))
    elif rule["event"].startswith("Message") and draw(st.booleans()):
        channel = draw(st.sampled_from(["email", "sms", "wecom", "app"]))
        rule["where"] = [{"property": "channel", "op": "eq", "value": channel}]
    match draw(st.integers(0, 4)):
        case 0 | 1:
            rule["within"] = draw(_span)
        case 2:
            rule["from"] = draw(_moment)
        case 3:
            rule["to"] = draw(_moment)
    if step:
        return rule
    if draw(st.booleans()):
        rule["count"] = draw(_bound)
    if draw(st.integers(0, 2)) == 0:
        kind = draw(st.sampled_from(["sum", "avg", "min", "max"]))
        rule[kind] = {
            "property": draw(st.sampled_from(["total", "price", "items_bought"])),
            **draw(_bound),
        }
    if draw(st.integers(0, 3)) == 0:
        how = st.one_of(
            st.builds(lambda w: {"within": w}, _span),
            st.builds(lambda k, m: {k: m}, st.sampled_from(["before", "after"]), _moment),
        )
        rule[draw(st.sampled_from(["first", "last"]))] = draw(how)
    if (
        "count" not in rule
        and not set(rule) & {"sum", "avg", "min", "max", "first", "last"}
        and draw(st.booleans())
    ):
        rule["count"] = {"eq": 0}
    return rule  # fmt: skip


_STATES = [
    "sent", "delivered", "not_delivered", "opened", "not_opened", "clicked", "not_clicked",
    "bounced", "complained", "unsubscribed", "failed",
]  # fmt: skip
_leaf = st.one_of(
    _trait,
    _event(),
    st.builds(
        lambda steps, within: {"sequence": steps, **({"within": within} if within else {})},
        st.lists(_event(step=True), min_size=2, max_size=3),
        st.sampled_from(["", "1h", "3d", "2w", "6mo", "1y"]),
    ),
    st.builds(lambda t: {"tag": t}, _word),
    st.builds(
        lambda c, p, s, t: {"consent": {"channel": c, "purpose": p, "state": s, **t}},
        st.sampled_from(["email", "sms", "wecom", "phone", "push"]),
        st.sampled_from(["marketing", "service", "personalisation"]),
        st.sampled_from(["granted", "withdrawn", "unknown"]),
        st.sampled_from([{}, {}, {"topic": "top_1"}]),
    ),
    st.builds(
        lambda which, state: {"message": {**which, "state": state}},
        st.sampled_from([{"last": 1}, {"last": 2}, {"last": 30}, {"send": "snd_1"}, {"send": "snd_2"}]),
        st.sampled_from(_STATES),
    ),
    st.builds(lambda s: {"segment": s}, st.sampled_from(["seg_A", "seg_B"])),
    st.builds(
        lambda n, c: {"score": n, **c}, st.sampled_from(["lead", "fit"]), _numbers.filter(lambda c: ("value" in c and not isinstance(c["value"], list)) or c["op"] == "between")
    ),
    st.builds(
        lambda op, v: {"score": "grade", "op": op, "value": v},
        st.sampled_from(["eq", "ne", "gte", "gt", "lte", "lt"]),
        st.sampled_from("ABCD"),
    ),
    st.builds(lambda p: {"random": {"percent": p, "salt": "s"}}, st.sampled_from([0, 10, 12.5, 100])),
)  # fmt: skip
_rule = st.recursive(
    st.one_of(_leaf, st.builds(lambda r: {"not": r}, _leaf)),
    lambda inner: st.one_of(
        st.builds(lambda r: {"all": r}, st.lists(inner, min_size=1, max_size=4)),
        st.builds(lambda r: {"any": r}, st.lists(inner, min_size=1, max_size=3)),
    ),
    max_leaves=5,
)
MANY = int(os.environ.get("MANY", "150"))
# The same examples in every run, unless more are asked for: a change is not refused by chance.
_checks = {
    "deadline": None,
    "suppress_health_check": list(HealthCheck),
    "derandomize": "MANY" not in os.environ,
}


class TestTheWayBack:
    @pytest.mark.parametrize("language", LANGUAGES)
    @settings(max_examples=MANY, **_checks)
    @given(written=_rule)
    def test_finds_the_rule_that_the_sentence_was_made_of(self, language, written):
        rule = parse(written)
        said = sentence(rule, language, NAMES)
        heard = hear(said, KNOWN)
        assert heard.rule is not None, said
        assert heard.unknown == 0, (said, [p for p in heard.pieces if p.rule is None])
        assert canonical(heard.rule) == canonical(rule), said

    @pytest.mark.parametrize("language", LANGUAGES)
    @settings(max_examples=MANY, **_checks)
    @given(written=_leaf, denied=st.booleans())
    def test_finds_every_kind_of_condition(self, language, written, denied):
        rule = parse({"not": written} if denied else written)
        said = sentence(rule, language, NAMES)
        heard = hear(said, KNOWN)
        assert heard.rule is not None, said
        assert canonical(heard.rule) == canonical(rule), said


def found(text):
    heard = hear(text, KNOWN)
    assert not heard.unknown, [piece.text for piece in heard.pieces if piece.rule is None]
    return to_json(heard.rule)


ORDERED = {"event": "Order Completed"}
SMS = {"consent": {"channel": "sms", "purpose": "marketing", "state": "granted"}}
SIGNED_IN = {"event": "Signed In"}
CATEGORY_A = {"property": "category", "op": "eq", "value": "A"}
IN_SHANGHAI = {"trait": "city", "op": "eq", "value": "上海"}
SHANGHAI = {"trait": "city", "op": "in", "value": ["上海", "杭州"]}


class TestCommonWords:
    @pytest.mark.parametrize(
        ("text", "rule"),
        [
            ("近90天下单≥3次", {**ORDERED, "within": "90d", "count": {"gte": 3}}),
            ("最近 90 天购买不少于 3 次的会员", {**ORDERED, "within": "90d", "count": {"gte": 3}}),
            ("90天内下单3次以上", {**ORDERED, "within": "90d", "count": {"gte": 3}}),
            ("過去三十天下單至少兩次", {**ORDERED, "within": "30d", "count": {"gte": 2}}),
            ("近半年购买超过五次", {**ORDERED, "within": "6mo", "count": {"gt": 5}}),
            ("最近一年没有下单", {**ORDERED, "within": "1y", "count": {"eq": 0}}),
            ("近30天未下单", {**ORDERED, "within": "30d", "count": {"eq": 0}}),
            ("买过", ORDERED),
            ("从来没有买过", {**ORDERED, "count": {"eq": 0}}),
            ("本月下单", {**ORDERED, "within": "this_month"}),
            ("城市是上海或杭州", SHANGHAI),
            ("住在上海、杭州", SHANGHAI),
            ("城市不是上海", {"trait": "city", "op": "ne", "value": "上海"}),
            ("年龄≥18", {"trait": "age", "op": "gte", "value": 18}),
            ("积分在1千到2万之间", {"trait": "points", "op": "between", "value": [1000, 20000]}),
            ("同意短信", SMS),
            ("已同意接收短信营销", SMS),
            ("没有同意短信", {"not": SMS}),
            ("标签含门店会员", {"tag": "门店会员"}),
            ("不带「门店会员」标签", {"not": {"tag": "门店会员"}}),
            ("在分群「Old friends」里", {"segment": "seg_B"}),
            ("排除分群「投诉 30 天」", {"not": {"segment": "seg_A"}}),
            ("随机抽取 10%", {"random": {"percent": 10, "salt": "s"}}),
            (
                "近90天下单≥3次，并且城市是上海或杭州且同意短信的人",
                {"all": [{**ORDERED, "within": "90d", "count": {"gte": 3}}, SHANGHAI, SMS]},
            ),
            ("住在上海或带「VIP」标签", {"any": [{"trait": "city", "op": "eq", "value": "上海"}, {"tag": "VIP"}]}),
            ("bought at least three times in the past 90 days", {**ORDERED, "count": {"gte": 3}, "within": "90d"}),
            ("placed an order 3 times or more in the last 90 days", {**ORDERED, "count": {"gte": 3}, "within": "90d"}),
            ("did not buy in the last 2 weeks", {**ORDERED, "within": "2w", "count": {"eq": 0}}),
            ("city is 上海 or 杭州", SHANGHAI),
            ("age ≥ 18", {"trait": "age", "op": "gte", "value": 18}),
            ("agreed to SMS", SMS),
            ("tagged vip", {"tag": "vip"}),
            ("are not in “Old friends”", {"not": {"segment": "seg_B"}}),
            ("购买（（category是A，coupon是B））", {**ORDERED, "where": [CATEGORY_A, {**CATEGORY_A, "property": "coupon", "value": "B"}]}),
            ("bought (category A, (price over 5 and coupon B))", {**ORDERED, "where": [CATEGORY_A, {"property": "price", "op": "gt", "value": 5}, {**CATEGORY_A, "property": "coupon", "value": "B"}]}),
            ("bought (category A or B)", {**ORDERED, "where": [{**CATEGORY_A, "op": "in", "value": ["A", "B"]}]}),
            ("city is 上海 or bought", {"any": [IN_SHANGHAI, ORDERED]}),
            ("住在上海或者购买过", {"any": [IN_SHANGHAI, ORDERED]}),
            ("level is gold or tagged vip", {"any": [{"trait": "level", "op": "eq", "value": "gold"}, {"tag": "vip"}]}),
            ("level is gold or “tagged vip”", {"trait": "level", "op": "in", "value": ["gold", "tagged vip"]}),
            ("购买二十五次以上", {**ORDERED, "count": {"gte": 25}}),
            ("购买一百零五次以上", {**ORDERED, "count": {"gte": 105}}),
            ("购买过，最近30天没有登录", {"all": [ORDERED, {**SIGNED_IN, "within": "30d", "count": {"eq": 0}}]}),
            ("最近30天没有购买，或曾登录", {"any": [{**ORDERED, "within": "30d", "count": {"eq": 0}}, SIGNED_IN]}),
            ("最近30天没有购买，或最近30天登录", {"any": [{**ORDERED, "within": "30d", "count": {"eq": 0}}, {**SIGNED_IN, "within": "30d"}]}),
            ("ever bought and signed in in the last 30 days", {"all": [ORDERED, {**SIGNED_IN, "within": "30d"}]}),
            ("never bought and signed in in the last 30 days", {"all": [{**ORDERED, "count": {"eq": 0}}, {**SIGNED_IN, "within": "30d"}]}),
            ("最近3条消息都没有打开", {"message": {"last": 3, "state": "not_opened"}}),
            ("带「任何」标签", {"tag": "任何"}),
            ("（（（（购买））））", ORDERED),
            (
                "people who bought in the last week; agreed to text messages and live in 上海",
                {"all": [{**ORDERED, "within": "1w"}, SMS, {"trait": "city", "op": "eq", "value": "上海"}]},
            ),
        ],
    )  # fmt: skip
    def test_are_understood(self, text, rule):
        assert canonical(parse(found(text))) == canonical(parse(rule))


class TestWhatIsNotUnderstood:
    @pytest.mark.parametrize(
        ("text", "unknown"),
        [
            ("最近30天买过两次以上、没领券的上海女性", ["没领券的上海女性"]),
            ("年龄≥18、喜欢猫", ["喜欢猫"]),
            ("下单3次", ["下单3次"]),  # exactly or at least?
            ("城市是上海的女性", ["城市是上海的女性"]),
            ("身高至少180", ["身高至少180"]),  # no such trait
            ("发生「Nothing」", ["发生「Nothing」"]),
            ("在「Nobody」里", ["在「Nobody」里"]),
            ("3月下单", ["3月下单"]),  # March, or three months?
            ("age ≥ 18, like cats", ["like cats"]),
            ("bought 3 times", ["bought 3 times"]),
            ("have a level of gold and silver shoes", ["silver shoes"]),
            ("did “Nothing”", ["did “Nothing”"]),
            ("", []),
            ("购买（（category是A或coupon是B））", ["购买（（category是A或coupon是B））"]),
            ("bought ((category A or coupon B))", ["bought ((category A or coupon B))"]),
            ("city is 上海 or bought 3 times", ["bought 3 times"]),
            ("住在上海或下单3次", ["下单3次"]),
            ("最近两三个月购买", ["最近两三个月购买"]),  # two or three
            ("最近三五天购买", ["最近三五天购买"]),
            ("购买三四次以上", ["购买三四次以上"]),
            ("购买二三十次以上", ["购买二三十次以上"]),
            ("购买三十四十次以上", ["购买三十四十次以上"]),
            ("购买两三万次以上", ["购买两三万次以上"]),
            ("购买三万四万次以上", ["购买三万四万次以上"]),
            # Is the time, or the "not", meant for the other too?
            ("最近30天没有购买或登录", ["登录"]),
            ("最近30天购买并且登录", ["登录"]),
            ("从未购买或登录", ["登录"]),
            ("最近30天没有跳舞或登录", ["最近30天没有跳舞", "登录"]),
            ("bought and signed in in the last 30 days", ["bought"]),
            ("either bought or signed in in the last 30 days", ["bought"]),
            ("bought in the last 30 days and signed in", ["signed in"]),
            ("never bought or signed in", ["signed in"]),
            ("bought and danced in the last 30 days", ["bought", "danced in the last 30 days"]),
            ("（最近30天没有购买或登录）且同意短信", ["（最近30天没有购买或登录）"]),
            ("最近3条短信都没有打开", ["最近3条短信都没有打开"]),  # of any channel can be said
            ("最近3封邮件都没有打开", ["最近3封邮件都没有打开"]),
            ("有任何标签", ["有任何标签"]),
            ("没有任何标签", ["没有任何标签"]),
            ("有两个标签", ["有两个标签"]),
            ("tagged any", ["tagged any"]),
            ("（（（（（购买）））））", ["（（（（（购买）））））"]),
            ("并非并非带「a」标签", ["并非并非带「a」标签"]),
        ],
    )
    def test_is_shown_and_never_guessed(self, text, unknown):
        heard = hear(text, KNOWN)
        assert [piece.text for piece in heard.pieces if piece.rule is None] == unknown

    def test_says_that_the_time_may_be_meant_for_it(self):
        heard = hear("最近30天没有购买或登录", KNOWN)
        assert [piece.is_shared for piece in heard.pieces] == [False, True]

    def test_a_text_that_is_longer_than_a_sentence_is_refused_whole(self):
        assert hear("喜欢猫、" * 500, KNOWN).unknown == 2_000
        with pytest.raises(Invalid) as refused:
            hear("喜欢猫、" * 500 + "猫", KNOWN)
        assert refused.value.errors[0].at == "/text"

    @pytest.mark.parametrize("depth", [9, 400, 900])
    def test_brackets_without_end_are_not_looked_into(self, depth):
        said = "（" * depth + "购买" + "）" * depth
        assert [piece.text for piece in hear(said, KNOWN).pieces] == [said]
        assert hear(said, KNOWN).rule is None
        assert hear("并非" * depth + "购买", KNOWN).rule is None

    def test_keeps_the_rest(self):
        heard = hear("年龄≥18、喜欢猫、同意短信", KNOWN)
        assert to_json(heard.rule) == {
            "all": [{"trait": "age", "op": "gte", "value": 18}, SMS],
        }

    def test_and_beside_or_needs_brackets(self):
        heard = hear("有邮箱、年龄≥18，或同意短信", KNOWN)
        assert any(piece.is_mixed for piece in heard.pieces)
        inside = hear("（有邮箱、年龄≥18），或同意短信", KNOWN)
        assert inside.is_any
        assert not inside.unknown

    @settings(max_examples=200, **_checks)
    @given(
        text=st.text(
            "最近天下单次或且、，（）「」不是在城市 上海的人1两≥age is not and or (),“”.in live",
            max_size=60,
        )
    )
    def test_any_text_can_be_read_and_nothing_of_it_is_lost(self, text):
        heard = hear(text, KNOWN)
        kept = "".join(piece.text for piece in heard.pieces)
        letters = set("天单次城市上海1两")
        assert sum(letter in letters for letter in kept) == sum(
            letter in letters for letter in text
        )

    def test_two_segments_of_one_name_are_not_chosen_from(self):
        twins = replace(KNOWN, segments={"seg_A": "VIP", "seg_B": "VIP"})
        assert hear("在「VIP」里", twins).rule is None


@pytest.mark.parametrize("case", CASES, ids=[case[1] for case in CASES])
def test_the_sentences_of_the_house_are_understood(case):
    rule, *sentences = case
    known = replace(
        KNOWN,
        kinds={**KNOWN.kinds, "revenue": "number"},
        properties=[*KNOWN.properties, "revenue", "currency"],
    )
    if isinstance(rule.get("value"), list) and len(rule["value"]) > 5:
        assert all(hear(one, known).unknown for one in sentences)  # it was shortened
        return
    for one in sentences:
        heard = hear(one, known)
        assert heard.rule is not None, one
        assert canonical(heard.rule) == canonical(parse(rule)), one
