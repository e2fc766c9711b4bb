"""Reads Chinese sentences, simplified and traditional, in the product's words and common ones."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from functools import cached_property
from math import inf

from muster.kit.numerals import chinese
from muster.warehouse.hearing.words import (
    MARK,
    Bound,
    Ear,
    InsideEvents,
    Piece,
    Vocabulary,
    about_channel,
    closing,
    in_brackets,
    is_never,
    is_timed,
    labels,
    longest_first,
    moment_of,
    never,
    pair,
    span_of,
    verbs_of_messages,
    whole,
)
from muster.warehouse.phrases import SIMPLIFIED, TRADITIONAL
from muster.warehouse.rules import (
    GRADES,
    IDENTITY_TRAITS,
    MESSAGE_STATES,
    Consent,
    Event,
    InOrder,
    Message,
    Moment,
    Not,
    Numbers,
    Random,
    Rule,
    Score,
    Segment,
    Tag,
    Total,
    Trait,
    Value,
)
from muster.warehouse.tables import BUILT_IN

BOTH = (SIMPLIFIED, TRADITIONAL)
_HAN = "\u4e00-\u9fff"
_SPACES = re.compile(rf"\s*([{_HAN}，、；。（）：≥≤＞＜≠{MARK}])\s*")
_END = re.compile(r"(?:的(?:人|会员|會員|客户|客戶|用户|使用者|顾客|顧客))?[。.！!]?$")
_LIST = re.compile(r"、|，|,(?!\d{3}(?!\d))\s*|或者|或")
_NUMERAL = (
    r"(?:-?\d[\d,]*(?:\.\d+)?[万萬千百亿億]?"
    r"|[零〇一二两兩三四五六七八九十百千万萬亿億半]+)"
)
_SIGN = r"[¥￥$]?"
_OF = r"(?:元|块|塊|岁|歲|分)?"
_OPS = {
    "gte": "至少 不少于 不少於 不低于 不低於 大于等于 大於等於 大于或等于 ≥ >=",
    "lte": "最多 至多 不超过 不超過 不多于 不多於 不高于 不高於 小于等于 小於等於 ≤ <=",
    "gt": "超过 超過 大于 大於 多于 多於 高于 高於 > ＞",
    "lt": "少于 少於 小于 小於 低于 低於 不足 不到 < ＜",
    "ne": "不等于 不等於 ≠ !=",
    "eq": "正好 恰好 刚好 剛好 等于 等於 = ＝",
}
_OP_OF = {word: op for op, words in _OPS.items() for word in words.split()}
_OP = longest_first(_OP_OF)
_UNITS = {
    **{unit: key for words in BOTH for key, unit in words.units.items()},
    **dict.fromkeys(("日",), "d"),
    **dict.fromkeys(("星期", "礼拜", "禮拜", "周", "週"), "w"),
    **dict.fromkeys(("小时", "小時", "钟头"), "h"),
    **dict.fromkeys(("月",), "mo"),
}
_UNIT = longest_first(_UNITS)
_LENGTH = rf"({_NUMERAL})个?個?({_UNIT})"
_INSIDE = r"(?:以内|以內|之内|之內|内|內|里|裡)"
_CALENDAR = {
    **{text: key for words in BOTH for key, text in words.windows.items()},
    "今日": "today", "昨日": "yesterday", "这周": "this_week", "這週": "this_week",
    "上一周": "last_week", "这个月": "this_month", "這個月": "this_month", "本月": "this_month",
    "上个月": "last_month", "上個月": "last_month", "本年": "this_year", "去年": "last_year",
}  # fmt: skip
_WINDOW = re.compile(
    rf"(?:(?:最近|近|过去|過去)的?{_LENGTH}{_INSIDE}?|{_LENGTH}{_INSIDE}|({longest_first(_CALENDAR)}))"
)
_AHEAD = re.compile(rf"(?:(?:未来|未來){_LENGTH}{_INSIDE}?|({longest_first(_CALENDAR)}))")
_DAY = r"(\d{4})年(\d{1,2})月(\d{1,2})日(?:(\d\d:\d\d)(\s?UTC|\s?[+-]\d{4})?)?"
_ISO = r"(\d{4})-(\d{2})-(\d{2})"
_NEVER = re.compile(
    r"(?:从未|從未|从来没有?|從來沒有?|从没有?|從沒有?|没有|沒有|未曾|不曾|未|没|沒)"
)
_VERBS: dict[str, tuple[str, str]] = {
    **{text: of for words in BOTH for text, of in verbs_of_messages(words).items()},
    **dict.fromkeys(
        (
            "下过单",
            "下過單",
            "下订单",
            "下訂單",
            "购买",
            "購買",
            "购物",
            "購物",
            "买",
            "買",
            "成交",
        ),
        ("Order Completed", ""),
    ),
    **dict.fromkeys(("加购", "加購", "加入购物车", "加入購物車"), ("Product Added", "")),
    **dict.fromkeys(("领券", "領券", "领取优惠券", "領取優惠券"), ("Coupon Issued", "")),
    **dict.fromkeys(("用券", "使用优惠券", "使用優惠券"), ("Coupon Redeemed", "")),
    **dict.fromkeys(("登陆",), ("Signed In", "")),
}
_VERB = re.compile(rf"({longest_first(_VERBS)})[过過了]?")
_OTHER_CHANNEL = [
    (name, re.compile(verb % r"([A-Za-z][\w-]*)(?:消息|訊息)"))
    for words in BOTH
    for name, verb in words.events.items()
    if "%s" in verb
]
_DID = re.compile(rf"(?:发生|發生)([{MARK}])")
_TIMES = re.compile(
    rf"(?:({_OP}|不是)?({_NUMERAL})(?:次|回)(以上|及以上)?|({_NUMERAL})(?:到|至|-)({_NUMERAL})(?:次|回))"
)
_AMOUNT = re.compile(
    rf"(?:({_OP}){_SIGN}({_NUMERAL}){_OF}|在?{_SIGN}({_NUMERAL}){_OF}(?:到|至){_SIGN}({_NUMERAL}){_OF}(?:之间|之間)"
    rf"|{_SIGN}({_NUMERAL}){_OF}及?以上)"
)
_GOES_ON = re.compile(rf"{_OP}|{_NUMERAL}|[(（且]")
_AGGREGATES = {
    **{words.sum.replace("%s", ""): "sum" for words in BOTH},
    **{words.avg.replace("%s", ""): "avg" for words in BOTH},
    **{words.min.replace("%s", ""): "min" for words in BOTH},
    **{words.max.replace("%s", ""): "max" for words in BOTH},
    "总": "sum", "總": "sum", "累计": "sum", "累計": "sum", "共": "sum",
}  # fmt: skip
_SCORES = {label: name for words in BOTH for name, label in words.scores.items()}
_STATES = {label: state for words in BOTH for state, label in words.states.items()}
_STATE = longest_first(_STATES)
_MESSAGES = r"(?:条消息|則訊息|个消息)"
_CHANNELS = {label: name for words in BOTH for name, label in words.channels.items()}
_PURPOSES = {label: name for words in BOTH for name, label in words.purposes.items()}
_ABOUT = re.compile(
    rf"(?:接收)?({longest_first([*_CHANNELS, *SIMPLIFIED.channels])})"
    rf"({longest_first([*_PURPOSES, *SIMPLIFIED.purposes])})?([{MARK}])?"
)
_ASKED = (
    (r"(?:没有|沒有)撤回(?:了)?(?:对|對)(.+)的同意", "withdrawn", False),
    (r"撤回了?(?:对|對)(.+)的同意", "withdrawn", True),
    (r"尚未表示是否同意(.+)", "unknown", True),
    (r"已表示是否同意(.+)", "unknown", False),
    (r"(?:未|没有|沒有|没)同意(.+)", "granted", False),
    (r"已?同意了?(.+)", "granted", True),
)


_NO_NAME = re.compile(
    r"(?:任何|任意|随便|隨便|某|所有|全部|一些|有些|其他|其它|别的|別的|这|這|那|哪|什么|什麼|多|几|幾"
    rf"|{_NUMERAL}(?=[个個种種类類]))(?:些|个|個|种|種|类|類|一|的)*"
)
"""Which tag is meant is not said."""
_DENIED = ("并非", "並非")
_FOR_ITSELF = re.compile(
    r"[(（]|曾|从未|從未|从来|從來|从没|從沒|累计|累計|一共|总共|總共|并非|並非"
)
"""A piece that begins so says itself whether and when."""


class ChineseEar(Ear):
    """The time first, then what was done, then how often."""

    splits = re.compile(
        r"[，,]?\s*(?:并且|並且|而且|以及|且)|[，,]\s*(?:或者|或)|、|，|,(?!\d{3}(?!\d))|；|;|或者|或"
    )
    all_between = re.compile(r"[，,]?\s*(?:并且|並且|而且|以及|且)|、|，|,|；|;")
    any_between = re.compile(r"[，,]?\s*(?:或者|或)")

    def __init__(self, known: Vocabulary) -> None:
        super().__init__(known)
        tables = [words.traits for words in BOTH]
        named = {*known.kinds, *IDENTITY_TRAITS, *BUILT_IN}
        self.traits = labels(named, tables, _squeezed)
        self.properties = labels({*known.properties, *SIMPLIFIED.traits}, tables, _squeezed)
        self.events = labels(known.events, [], _squeezed)

    @cached_property
    def inside_events(self) -> Ear:
        return _Wheres(self)

    def bare(self, text: str) -> str:
        squeezed = _SPACES.sub(r"\1", " ".join(text.split())).strip()
        squeezed = re.sub(r"^(?:找出|选出|所有|全部)", "", squeezed)
        return _END.sub("", squeezed, count=1)

    def number(self, text: str) -> float | None:
        text = text.strip().lstrip("¥￥$")
        found = re.fullmatch(r"(-?\d[\d,]*(?:\.\d+)?)([万萬千百亿億])?", text)
        if found is None:
            said = chinese(text) if _is_exact(text) else None
            return _plain(float(said)) if said is not None else None
        factor = float(chinese("一" + found[2]) or 1) if found[2] else 1
        return _plain(float(found[1].replace(",", "")) * factor)

    def leaf(self, text: str) -> Rule | None:
        if text.startswith(_DENIED):
            inner = text[2:]
            bracketed = in_brackets(inner)
            rule = self._leaf(bracketed if bracketed is not None else inner)
            return Not(rule) if rule is not None else None
        return self._leaf(text)

    def _leaf(self, text: str) -> Rule | None:
        for read in (
            self._tag, self._segment, self._consent, self._random, self._message, self._score,
            self._in_order, self._trait, self._event,
        ):  # fmt: skip
            rule = read(text)
            if rule is not None:
                return rule
        return None

    def is_begun(self, text: str) -> bool:
        head, window = self._during(text)
        denied = _NEVER.match(head)
        done = self._done(head[denied.end() :] if denied else head)
        if done is None:
            return False
        return bool(window.within or denied or not done[1] or _GOES_ON.match(done[1]))

    def shares(self, pieces: Sequence[Piece]) -> list[bool]:
        """Time and "not" stand before what was done, and may hold for all that follows."""
        is_open, found = False, []
        for piece in pieces:
            rule, text = piece.rule, piece.text.strip()
            is_event = isinstance(rule, Event)
            by_itself = _FOR_ITSELF.match(text) is not None
            found.append(is_open and is_event and not by_itself and not is_timed(rule))
            if rule is None:
                begins = _WINDOW.match(text) or _NEVER.match(text)
                is_open = is_open or begins is not None
            elif not text.startswith(("(", "（", *_DENIED)):
                is_not = isinstance(rule, Event) and is_never(rule)
                is_open = is_open or is_timed(rule) or is_not
        return found

    def _tag(self, text: str) -> Rule | None:
        found = re.fullmatch(
            rf"(不带|不帶|没有|沒有|带有|帶有|带|帶|有)([{MARK}]|[^、，]{{1,40}}?)(?:标签|標籤)",
            text,
        ) or re.fullmatch(
            r"(?:标签|標籤)(不包含|不含|没有|沒有|不是|包含|含有|含|有|是|为|為)(.+)", text
        )
        name = self.text_of(found[2]) if found and not _NO_NAME.fullmatch(found[2]) else None
        if found is None or not name:
            return None
        return Not(Tag(name)) if found[1][0] in "不没沒" else Tag(name)

    def _segment(self, text: str) -> Rule | None:
        group = r"(?:分群|客群|人群)?"
        found = re.fullmatch(
            rf"(不在|排除在|在){group}(.+?){group}(?:里|裡|内|內|中)", text
        ) or re.fullmatch(r"(不属于|不屬於|属于|屬於|排除)(?:分群|客群|人群)(.+)", text)
        id_ = self.id_of(found[2], self.known.segments) if found else None
        if found is None or id_ is None:
            return None
        return Not(Segment(id_)) if found[1][0] in "不排" else Segment(id_)

    def _consent(self, text: str) -> Rule | None:
        for form, state, positive in _ASKED:
            found = re.fullmatch(form, text)
            about = _ABOUT.fullmatch(found[1]) if found else None
            if about is None:
                continue
            topic = self.id_of(about[3], self.known.topics) if about[3] else ""
            if topic is None:
                return None
            purpose = _PURPOSES.get(about[2] or "", about[2] or "marketing")
            consent = Consent(_CHANNELS.get(about[1], about[1]), purpose, state, topic)
            return consent if positive else Not(consent)
        return None

    def _random(self, text: str) -> Rule | None:
        found = re.fullmatch(
            rf"(不属于|不屬於|属于|屬於)?(?:随机|隨機)(?:抽取)?的?({_NUMERAL})[%％]", text
        )
        share = self.number(found[2]) if found else None
        if found is None or share is None or not 0 <= share <= 100:
            return None
        drawn = Random(share, self.known.salt)
        return Not(drawn) if (found[1] or "").startswith("不") else drawn

    def _message(self, text: str) -> Rule | None:
        found = re.fullmatch(rf"(没有|沒有)?({_STATE})([{MARK}])", text)
        if found:
            return self._of_send(found[3], found[2], bool(found[1]))
        found = re.fullmatch(rf"([{MARK}])(没有|沒有)?({_STATE})", text)
        if found:
            return self._of_send(found[1], found[3], bool(found[2]))
        found = re.fullmatch(rf"最近({_NUMERAL}){_MESSAGES}(.*)", text)
        count = self.number(found[1]) if found else None
        if found is None or count is None or not (1 <= count <= 100 and count == int(count)):
            return None
        last, rest = int(count), found[2]
        form = r"(没有|沒有)?" if last == 1 else r"(都没有|都沒有|都|并非都|並非都)"
        became = re.fullmatch(rf"{form}({_STATE})", rest)
        if became is None:
            return None
        how, state = became[1] or "", _STATES[became[2]]
        if how.startswith(("并", "並")):
            return Not(Message(state, last=last))
        state = f"not_{state}" if how.endswith(("没有", "沒有")) else state
        return Message(state, last=last) if state in MESSAGE_STATES else None

    def _of_send(self, mark: str, label: str, is_not: bool) -> Rule | None:
        send = self.id_of(mark, self.known.sends)
        state = ("not_" if is_not else "") + _STATES[label]
        return Message(state, send=send) if send and state in MESSAGE_STATES else None

    def _score(self, text: str) -> Rule | None:
        found = re.fullmatch(rf"({longest_first(_SCORES)})(.+)", text)
        if found is None:
            return None
        name, rest = _SCORES[found[1]], found[2]
        if name == "grade":
            return self._grade(rest)
        said = re.fullmatch(rf"(不是|是)({_NUMERAL})分?", rest)
        if said and (number := self.number(said[2])) is not None:
            return Score(name, "eq" if said[1] == "是" else "ne", number)
        amount = self._amount(rest)
        return Score(name, *amount) if amount else None

    def _grade(self, text: str) -> Rule | None:
        if text == "是–":
            return Score("grade", "gt", "A")
        found = re.fullmatch(r"是([A-D](?:[或、][A-D])*)", text)
        if found:
            grades = tuple(re.findall("[A-D]", found[1]))
            return (
                Score("grade", "in", grades) if len(grades) > 1 else Score("grade", "eq", *grades)
            )
        found = re.fullmatch(rf"({_OP})([{''.join(GRADES)}])", text)
        return Score("grade", _OP_OF[found[1]], found[2]) if found else None

    # Traits.

    def _trait(self, text: str) -> Rule | None:
        lives = re.fullmatch(r"(不)?住在(.+)", text)
        if lives:
            return self._compared("city", ("不是" if lives[1] else "是") + lives[2])
        day = re.fullmatch(r"(.+?)(不)?(?:过|過)生日", text)
        if day and (ahead := self._ahead(day[1])):
            born = Trait("birthday", "anniversary_within", ahead)
            return Not(born) if day[2] else born
        there = re.fullmatch(r"(没有|沒有|无|無|缺少|有)(.+)", text)
        if there and (name := self.traits.get(there[2])):
            return Trait(name, "exists" if there[1] == "有" else "missing")
        for label, name in self.traits.items():
            if text.startswith(label) and (rule := self._compared(name, text[len(label) :])):
                return rule
        return None

    def _compared(self, name: str, text: str) -> Rule | None:
        kind = (
            "text" if name in IDENTITY_TRAITS else BUILT_IN.get(name) or self.known.kinds.get(name)
        )
        turned = re.fullmatch(r"的(?:周年|週年)(不)?在(.+)", text)
        if turned and (ahead := self._ahead(turned[2])):
            day = Trait(name, "anniversary_within", ahead)
            return Not(day) if turned[1] else day
        found = self._comparison(text, kind or "text")
        return Trait(name, *found) if found else None

    def _comparison(self, text: str, kind: str) -> tuple[str, Value] | None:
        """What is said of a trait or a property, after its name."""
        found = re.fullmatch(r"(不是|不属于|不屬於|≠|!=|是|属于|屬於|=|＝|为|為)(.+)", text)
        if found:
            denied = found[1][0] in "不≠!"
            if kind == "boolean" or found[1] in ("为", "為"):
                said = self.said(found[2]) or found[2]
                if said in ("是", "否") and kind in ("boolean", "any"):
                    return ("ne" if denied else "eq"), said == "是"
            value = self.values_of(found[2], kind, _LIST)
            if value is None:
                return None
            several = isinstance(value, tuple)
            return (("not_in" if several else "ne") if denied else "in" if several else "eq"), value
        found = re.fullmatch(r"(不包含|不含|包含|包括|含有|含)(.+)", text)
        if found and (part := self.text_of(found[2])):
            return ("not_contains" if found[1][0] == "不" else "contains"), part
        found = re.fullmatch(r"以(.+?)(开头|開頭|结尾|結尾)", text)
        if found and (part := self.text_of(found[1])):
            return ("starts_with" if found[2] in ("开头", "開頭") else "ends_with"), part
        found = re.fullmatch(r"(早于|早於|晚于|晚於)(.+)", text)
        if found and (moment := _moment(found[2])):
            return ("before" if found[1][0] == "早" else "after"), moment
        found = re.fullmatch(r"(不)?在(.+?)(?:内|內)?", text)
        if found and (window := self._window_of(found[2])):
            return ("not_within_last" if found[1] else "within_last"), window
        amount = self._amount(text)
        return amount if amount and kind in ("number", "any") else None

    def _amount(self, text: str) -> tuple[str, Bound] | None:
        found = _AMOUNT.fullmatch(text)
        if found is None:
            return None
        op = _OP_OF[found[1]] if found[1] else "between" if found[3] else "gte"
        bounds = [self.number(one) for one in (found[2], found[3], found[4], found[5]) if one]
        kept = [one for one in bounds if one is not None]
        return pair(op, kept) if kept and len(kept) == len(bounds) else None

    # Behaviour.

    def _event(self, text: str) -> Rule | None:
        head, *extras = _parts(text, "且")
        times = None
        if (counted := re.fullmatch(r"(?:累计|累計|一共|总共|總共)(.+)", head)) is not None:
            head, window = counted[1], Event("")
        else:
            head, window = self._during(head)
            ever = re.match(r"(?:曾经|曾經|曾)", head)
            head = head[ever.end() :] if ever else head
        denied = _NEVER.match(head)
        done = self._done(head[denied.end() :]) if denied else None
        if denied and done is None:
            denied = None
        done = done or self._done(head)
        if done is None:
            return None
        event, rest = done
        event = replace(window, name=event.name, where=event.where)
        if rest:
            times = self._often(rest)
            if times is None:
                return None
            event = replace(event, count=times)
        for extra in extras:
            more = self._extra(event, extra)
            if more is None:
                return None
            event = more
        if denied is None:
            return event
        return never(event) if times is None and not extras else None

    def _during(self, text: str) -> tuple[str, Event]:
        """What follows the time, and an event at this time."""
        found = re.match(rf"{_DAY}至{_DAY}[（(]不含[）)]", text)
        if found:
            start, end = moment_of(*found.groups()[:5]), moment_of(*found.groups()[5:])
            if start and end:
                return text[found.end() :], Event("", start=start, end=end)
        found = re.match(rf"{_DAY}(起|之前)", text)
        if found and (moment := moment_of(*found.groups()[:5])):
            since = found[6] == "起"
            bound = Event("", start=moment) if since else Event("", end=moment)
            return text[found.end() :], bound
        window = _WINDOW.match(text)
        within = self._span(window) if window else None
        if window is None or within is None:
            return text, Event("")
        return text[window.end() :], Event("", within=within)

    def _done(self, text: str) -> tuple[Event, str] | None:
        """What was done, with what, and what is said after it."""
        name, channel, rest = "", "", ""
        if (found := _DID.match(text)) is not None:
            name, rest = self._called(self.said(found[1]) or ""), text[found.end() :]
        if not name and (found := _VERB.match(text)) is not None:
            (name, channel), rest = _VERBS[found[1]], text[found.end() :]
        if not name:
            for event, pattern in _OTHER_CHANNEL:
                if (found := pattern.match(text)) is not None:
                    name, channel, rest = event, found[1], text[found.end() :]
                    break
        if not name:
            return None
        name, where = about_channel(name, channel)
        if rest.startswith(("（", "(")):
            end = closing(rest, "(（", ")）")
            more = self.wheres(rest[1:end]) if end else None
            if more is None:
                return None
            where, rest = (*where, *more), rest[end + 1 :]
        return Event(name, where), rest

    def _called(self, said: str) -> str:
        known = {*self.known.events}
        return said if said in known else self.events.get(_squeezed(said), "")

    def where(self, text: str) -> Trait | None:
        """A condition on a property, written down as one on a trait."""
        there = re.fullmatch(r"(没有|沒有|有)(.+)", text)
        if there and (name := self.properties.get(there[2])):
            return Trait(name, "exists" if there[1] == "有" else "missing")
        for label, name in self.properties.items():
            if not text.startswith(label):
                continue
            rest = text[len(label) :]
            turned = re.fullmatch(r"的(?:周年|週年)在(.+)", rest)
            if turned and (ahead := self._ahead(turned[1])):
                return Trait(name, "anniversary_within", ahead)
            if (found := self._comparison(rest, "any")) is not None:
                return Trait(name, *found)
        return None

    def _often(self, text: str) -> Numbers | None:
        numbers: list[tuple[str, Bound]] = []
        for part in re.split("、", text):
            found = _TIMES.fullmatch(part)
            if found is None:
                return None
            if found[4]:
                low, high = self.number(found[4]), self.number(found[5])
                one = pair("between", [low, high]) if low is not None and high is not None else None
            else:
                count = self.number(found[2])
                op = "ne" if found[1] == "不是" else _OP_OF.get(found[1] or "", "")
                op = "gte" if found[3] and not op else op if not found[3] else ""
                # "Three times" alone is exactly as often or at least.
                one = (op, count) if op and count is not None else None
            if one is None:
                return None
            numbers.append(one)
        return whole(tuple(numbers))

    def _extra(self, event: Event, text: str) -> Event | None:
        """The event with a condition on its amounts or on its first or last time."""
        for which, start in (("first", "首次在"), ("last", "最近一次在")):
            if text.startswith(start):
                moment = self._when(which, text[len(start) :])
                return replace(event, moments=(*event.moments, moment)) if moment else None
        found = re.match(longest_first(_AGGREGATES), text)
        if found:
            rest = text[found.end() :]
            for label, name in self.properties.items():
                amount = self._amount(rest[len(label) :]) if rest.startswith(label) else None
                if amount:
                    total = Total(_AGGREGATES[found[0]], name, (amount,))
                    return replace(event, totals=(*event.totals, total))
            return None
        amount = self._amount(text)
        if amount is None or not event.totals:
            return None
        *others, last = event.totals
        return replace(event, totals=(*others, replace(last, numbers=(*last.numbers, amount))))

    def _when(self, which: str, text: str) -> Moment | None:
        if window := self._window_of(text):
            return Moment(which, "within", window)
        found = re.fullmatch(r"(.+?)(之前|以前|以后|以後|之后|之後)", text)
        moment = _moment(found[1]) if found else None
        if found is None or moment is None:
            return None
        return Moment(which, "before" if found[2][1] == "前" else "after", moment)

    def _in_order(self, text: str) -> Rule | None:
        within = None
        found = re.match(rf"在?{_LENGTH}{_INSIDE}(?=先)", text)
        if found:
            within = span_of(self.number(found[1]), _UNITS[found[2]])
            if within is None:
                return None
            text = text[found.end() :]
        if not text.startswith("先"):
            return None
        steps: list[Event] = []
        for part in re.split(r"[，,]?(?:再|然后|然後)(?=[^次])", text[1:]):
            rest, window = self._during(part)
            done = self._done(rest)
            if done is None or done[1]:
                return None
            steps.append(replace(window, name=done[0].name, where=done[0].where))
        return InOrder(tuple(steps), within) if 2 <= len(steps) <= 10 else None

    # Time.

    def _window_of(self, text: str) -> str | None:
        found = _WINDOW.fullmatch(text)
        return self._span(found) if found else None

    def _span(self, found: re.Match[str]) -> str | None:
        *lengths, calendar = found.groups()
        if calendar:
            return _CALENDAR[calendar]
        count, unit = [one for one in lengths if one is not None]
        # Between the numeral and a month stands a measure word, or the month of a year is meant.
        if unit == "月" and re.search(r"[个個]月", found[0]) is None and count != "半":
            return None
        return span_of(self.number(count), _UNITS[unit])

    def _ahead(self, text: str) -> str | None:
        found = _AHEAD.fullmatch(text)
        return self._span(found) if found else None


class _Wheres(InsideEvents, ChineseEar):
    """Takes apart what stands in brackets after an event."""


def _is_exact(numeral: str) -> bool:
    """Whether it is one number: 两三 is two or three, and 三十四十 is from thirty to forty."""
    if _NEIGHBOURS.search(numeral):
        return False
    last, myriads = inf, set()
    for letter in numeral:
        if letter in _MYRIADS:
            if _MYRIADS[letter] in myriads:
                return False
            myriads.add(_MYRIADS[letter])
            last = inf
        elif letter in _PLACES:
            if _PLACES[letter] >= last:
                return False
            last = _PLACES[letter]
    return True


_NEIGHBOURS = re.compile(r"[一二两兩三四五六七八九]{2}|^[零〇一二两兩三四五六七八九]{2,}$")
_PLACES = {"十": 10, "百": 100, "千": 1000}
_MYRIADS = {"万": 4, "萬": 4, "亿": 8, "億": 8}


def _squeezed(name: str) -> str:
    """A name as it stands in a sentence whose spaces beside Chinese letters are gone."""
    return _SPACES.sub(r"\1", name)


def _plain(number: float) -> float:
    return int(number) if number == int(number) else number


def _moment(text: str) -> str | None:
    found = re.fullmatch(_DAY, text)
    if found:
        return moment_of(*found.groups())
    found = re.fullmatch(_ISO, text)
    return moment_of(*found.groups()) if found else None


def _parts(text: str, mark: str) -> list[str]:
    """The text at this mark outside of brackets."""
    parts, depth, begins = [], 0, 0
    for at, letter in enumerate(text):
        depth += (letter in "(（") - (letter in ")）")
        if depth == 0 and letter == mark:
            parts.append(text[begins:at])
            begins = at + 1
    return [*parts, text[begins:]]
