"""A goal's sentence, read: metric, from where to where, of whom, through what, until when (PL2)."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from itertools import pairwise

from muster.kit.words import _
from muster.plan.goals.reading.festivals import Festival, festivals
from muster.plan.goals.reading.lexicon import Mention, Sort, mentions
from muster.plan.goals.reading.text import Kind, Number, fold, numbers
from muster.plan.goals.reading.windows import UNCLEAR, Window, impossible, windows


@dataclass(frozen=True)
class Rail:
    """What must not get worse: metric, `gte` or `lte`, value."""

    metric: str
    op: str
    value: Decimal


@dataclass(frozen=True)
class Remark:
    """What its writer should know of how a piece was read: a sentence, and what fills it."""

    text: str
    params: Mapping[str, str]


@dataclass(frozen=True)
class Reading:
    """What a sentence says; what it does not say is None or empty."""

    sentence: str
    metric: str = ""
    target: Decimal | None = None
    baseline: Decimal | None = None
    change: Decimal | None = None
    """The target against the baseline, as part of it: 0.2 for 20 % more."""
    more: Decimal | None = None
    """How much above the baseline, in the metric's own unit."""
    population: str = ""
    channel: str = ""
    """A key such as `email`, or `online`."""
    window: Window | None = None
    bound: str = ""
    """`lte` where the target is a ceiling, as in 控制在 0.3% 以内, `gte` where it is a floor."""
    rails: tuple[Rail, ...] = ()
    objective: str = ""
    uncounted: str = ""
    """What it wants that no event shows, in its own words, such as brand awareness."""
    topic: str = ""
    """Which sort of wish that is."""
    wish: str = ""
    """A verb that wants more or better, such as 提升."""
    unclear: str = ""
    """A time that is none, such as soon."""
    has_number: bool = False
    """Whether there is a number at all, beside those of the time."""
    unread: tuple[str, ...] = ()
    """Pieces of the sentence that could not be read."""
    remarks: tuple[Remark, ...] = ()
    words: Mapping[str, str] = field(default_factory=dict)
    """Field → the words it was read from."""

    @property
    def is_measured(self) -> bool:
        """Whether it says how much."""
        return any(one is not None for one in (self.target, self.change, self.more))

    @property
    def is_vague(self) -> bool:
        """Whether it wishes for something without saying how much."""
        return bool(self.wish or self.uncounted) and not self.has_number


@dataclass(frozen=True)
class Catalogue:
    """What the reader has to know of the metrics: which are shares, money, people; which fall."""

    shares: frozenset[str]
    money: frozenset[str]
    people: frozenset[str]
    falling: frozenset[str]


_WISH = re.compile(
    r"提升|提高|加强|优化|改善|增强|扩大|推动|促进|增加|拉动|做大|做强|打造|加大|加快|争取|刺激|"
    r"激活|唤醒|带动|强化|深化|提振|拓展|引爆"
    r"|更多|更好|更高|显著|大幅|尽可能|增长"
    r"|\b(?:rais|improv|boost|increas|enhanc|strengthen|optimi[sz]|grow|better|maximi[sz]|more|"
    r"driv|accelerat"
    r"|expand|elevat|delight|leverag|engag|build|higher|stronger|deepen|push|lift|"
    r"get the word out|spread)\w*\b"
)
_UP = re.compile(
    r"提升|提高|增加|增长|上升|上涨|拉升|高出|多|涨|扩大|加"
    r"|\b(?:rais|increas|grow|boost|lift|improv|up\b|higher|more|above|over last|enhanc|expand|"
    r"driv)\w*"
)
_DOWN = re.compile(
    r"降低|下降|减少|缩短|压降|压缩|削减|降|减"
    r"|\b(?:cut|reduc|lower|decreas|drop|shrink|less|fewer|down\b|below last|bring down)\w*"
)
_TO = re.compile(
    r"(?:到|至|达到|达|为|成为|破|突破|完成|=|\bto|\breach\w*|\bat|\bof|\bhit|\bis)\s*$"
)
_AT_LEAST = (
    r"≥|>=|=>|>|不(?:[得能可应会要]|应该)?(?:低于|少于|小于|低过|少过)|至少|高于|超过|大于|突破|"
    r"at least|no less than|not less than|no fewer than|not below|(?:not|n't|never) fall below|"
    r"above|over"
    r"|more than|minimum|no lower than|a minimum of"
)
_AT_MOST = (
    r"≤|<=|<|[不别勿莫](?:[得能可应会要]|应该)?(?:超过|超出|高于|大于|多于|高过|多过)|至多|最多|"
    r"低于|小于|少于|控制在|压在|under|below|beneath|at most|no more than|not more than|less than"
    r"|fewer than|up to|maximum|not above|(?:not|n't|never) exceed(?:ing)?|without exceeding"
    r"|no higher than|not higher than|no greater than|within|a maximum of|stays? under"
    r"|(?:limit|cap)(?:ped|ed)?\b[^,;]{0,30}?\b(?:to|at)"
)
_OP_BEFORE = re.compile(rf"(?:(?P<gte>{_AT_LEAST})|(?P<lte>{_AT_MOST}))\s*$")
_OP_AFTER = re.compile(
    r"\s*(?:(?P<gte>以上|or more|or better|起)|(?P<lte>以内|以下|之内|之下|封顶|内(?![容部外])|"
    r"or less|or fewer|or lower|max\b|at most\b))"
)
_RAIL = re.compile(
    r"前提|保持|维持|不低于|不高于|不超过|守住|不能|without|while|keep\w*|provided|as long as|"
    r"maintain\w*|subject to"
)
_OF_BEFORE = re.compile(r"的\s*$")
_NOT = re.compile(r"without|\bnot?\b|\bnever\b|不能|不要|避免")
_TODAY = re.compile(
    r"(?:当前|目前|现在|如今|现状|现|基线|基准|\bcurrently|\bnow|\btoday|\bbaseline|\bat present)"
    r"\s*(?:为|是|只有|仅|约|在|:|\bis|\bat|\bof|\babout|\bonly)*\s*$"
)
_CLAUSE = re.compile(
    r"[,;。、()!?:]|\.(?:\s|$)|且|并且|并|同时|以及|\band\b|\bwhile\b|\bwith\b|\bwithout\b|"
    r"\bbut\b|\bprovided\b"
)
_FROM_TO = re.compile(r"从|由|自|\bfrom\b")
_OBJECTIVE = re.compile(
    r"(?:支撑|支持|服务于?|助力)\s*(?:公司|企业|年度)?(?:目标)?\s*\"(?P<han>[^\"]+)\""
    r"|(?:in support of|to support|supporting|supports)\s+(?:our |the )?\"(?P<latin>[^\"]+)\""
)
_OF = re.compile(r"(?:\b(?:from|of|among|by|for|with)\s+(?:our |the )?|对|给|面向|针对|向)\s*$")
_FILLER = re.compile(
    r"[\s\"'.,;:。、!?()\[\]\-~/·*]+|至少|至多|获取|获得|取得|拿下|拿到|实现|达成|完成|通过|透过|借助|经由|"
    r"经|利用|让|使|把|将|在|从|由|到|至|达到"
    r"|达|为|成|个|名|位|人|元|的|笔|单|条|份|新增|增加|增长|增量|提升|提高|降低|下降|减少|缩短|"
    r"控制|压|守|保持|维持|前提|下|且|并|同时|以及|不低于|不超过|不少于"
    r"|不高于|至少|以上|以内|以下|≥|≤|>|<|=|比|较|上期|上次|同期|去年|去年同期|上一期|环比|同比|"
    r"基线|目标|我们|本次|活动|期间|完|要|想|希望"
    r"|争取|做到|破|突破|高于|低于|超过|左右|约|大约|共|总|累计|渠道|通路|里|上|中|和|与|了|数|"
    r"率|量|推动|促进|拉|招募|吸引|带来|产生|贡献"
    r"|\b(?:the|a|an|our|of|to|in|on|at|by|through|via|from|with|and|for|per|than|is|are|be|as|"
    r"we|want|will|get|win|gain"
    r"|reach|achieve|acquire|attract|bring|generate|make|raise|increase|grow|boost|lift|improve|"
    r"cut|reduce|lower|decrease"
    r"|keep|keeping|while|without|least|most|more|less|no|above|below|under|over|last|period|"
    r"campaign|this|that|it|its|end"
    r"|hit|sell|collect|up|down|higher|better|goal|target|least|compared|versus|vs|year|using|"
    r"among|rate|rates|who|not"
    r"|exceeding|exceed|must|should|shall|hold|fall|never|dont|staying|stays|stay|drive|deliver|place|placed|have|has|come|people|"
    r"customers)\b"
)


_NO_DATE = _("“%(words)s” is no date: the calendar has no such day. Write the day that is meant.")
_DAYS_DIFFER = _("The days of “%(words)s” differ from shop to shop. Write the dates.")
_LOWER_END = _("“%(words)s” is a range: its lower end counts as the goal.")
_TIMES = _(
    "“%(words)s” is read in two ways, as so many times as much or as so many times more. Write the"
    " number that is to be reached."
)
_SO_MANY_TIMES = re.compile(
    r"(?:\d[\d.]*|[一二两三四五六七八九十百千半]+)(?:\s*[-~]\s*\d[\d.]*)?\s*倍"
    r"|\b\d[\d.]*\s*-?fold\b"
)


def read(sentence: str, today: date, catalogue: Catalogue, near: date | None = None) -> Reading:
    """Read a goal. The same sentence gives the same reading, on every day but for its dates.

    A day without a year is the first one from `near` on, or else from today.
    """
    return _Reader(sentence, today, catalogue, near or today).reading()


class _Reader:
    """Takes a sentence apart, piece by piece; what is understood is blanked out."""

    def __init__(self, sentence: str, today: date, catalogue: Catalogue, near: date) -> None:
        self.sentence = sentence
        self.catalogue = catalogue
        self.folded = fold(sentence)
        self.left = self.folded
        self.today = today
        self.near = near
        self.remarks: list[Remark] = []
        self.words: dict[str, str] = {}

    def reading(self) -> Reading:
        objective = self._objective()
        self._impossible()
        named = festivals(self.left, self.near)
        for festival in named:
            self._blank(festival.start, festival.end)
        window, named = self._window(named)
        unclear = self._first(UNCLEAR, "unclear")
        found = mentions(self.left)
        metrics, people, channel, uncounted = self._roles(found)
        for one in found:
            self._blank(one.start, one.end)
        wish = _WISH.search(self.folded)
        counted = numbers(self.left)
        self._remark_numbers(counted)
        if uncounted is not None:
            metrics = [uncounted]
        standing = [one for one in counted if _TODAY.search(self.folded[: one.start])]
        measures = self._measures(metrics, [one for one in counted if one not in standing])
        main, rails = self._main_and_rails(measures)
        self._start_from(main, standing)
        mention = main.mention if main else metrics[0] if metrics else None
        if mention is not None and mention is not uncounted:
            self.words["metric"] = self._said(mention.start, mention.end)
        population = self._population(people, mention)
        if channel is not None:
            self.words["channel"] = self._said(channel.start, channel.end)
        return Reading(
            sentence=self.sentence,
            metric=mention.key if mention and mention is not uncounted else "",
            target=main.target if main else None,
            baseline=main.baseline if main else None,
            change=main.change if main else None,
            more=main.more if main else None,
            population=population,
            channel=channel.key if channel else "",
            window=window,
            bound=main.op if main else "",
            rails=tuple(rails),
            objective=objective,
            uncounted=self._said(uncounted.start, uncounted.end) if uncounted else "",
            topic=uncounted.key if uncounted else "",
            wish=self._said(wish.start(), wish.end()) if wish else "",
            unclear=unclear,
            has_number=bool(counted),
            unread=self._unread(named),
            remarks=tuple(self.remarks),
            words=self.words,
        )

    def _said(self, start: int, end: int) -> str:
        return self.sentence[start:end].strip()

    def _blank(self, start: int, end: int) -> None:
        self.left = self.left[:start] + "\0" * (end - start) + self.left[end:]

    def _first(self, pattern: re.Pattern[str], name: str) -> str:
        hit = pattern.search(self.left)
        if hit is None:
            return ""
        self._blank(hit.start(), hit.end())
        self.words[name] = self._said(hit.start(), hit.end())
        return self.words[name]

    def _objective(self) -> str:
        hit = _OBJECTIVE.search(self.left)
        if hit is None:
            return ""
        name = "han" if hit["han"] else "latin"
        self.words["objective"] = self._said(*hit.span(name))
        self._blank(hit.start(), hit.end())
        return self.words["objective"]

    def _remark(self, text: str, start: int, end: int) -> None:
        self.remarks.append(Remark(text, {"words": self._said(start, end)}))

    def _impossible(self) -> None:
        for start, end in impossible(self.left, self.today):
            self._remark(_NO_DATE, start, end)
            self._blank(start, end)

    def _remark_numbers(self, counted: Sequence[Number]) -> None:
        for one in counted:
            if one.upto is not None:
                self._remark(_LOWER_END, one.start, one.end)
        for hit in _SO_MANY_TIMES.finditer(self.left):
            if any(one.start < hit.end() and hit.start() < one.end for one in counted):
                continue
            self._remark(_TIMES, hit.start(), hit.end())

    def _window(self, named: Sequence[Festival]) -> tuple[Window | None, list[Festival]]:
        """The days that are said, and the festivals that say nothing of them."""
        found = windows(self.left, self.today, self.near)
        best = next((one for one in found if one.last), found[0] if found else None)
        for one in found:
            if one is best or (one.days or one.months):
                self._blank(one.start, one.end)
        dated = [one.window for one in named if one.window is not None]
        if best is None and dated:
            best = dated[0]
        for festival in named:
            if festival.window is None and best is None:
                self._remark(_DAYS_DIFFER, festival.start, festival.end)
        if best is not None:
            self.words["window"] = self._said(best.start, best.end)
        return best, [one for one in named if one.window is None or one.window is not best]

    def _roles(
        self, found: Sequence[Mention]
    ) -> tuple[list[Mention], list[Mention], Mention | None, Mention | None]:
        """Metrics, people, the channel, and what nobody counts.

        Right before another metric, or after "of" or 面向, a name of people says whose it is:
        新客复购率, orders from new customers.
        """
        countable = [one for one in found if one.sort in (Sort.METRIC, Sort.UNCOUNTED)]
        metrics, people = [], [one for one in found if one.sort is Sort.PEOPLE]
        for one in countable:
            names_people = one.key in self.catalogue.people
            after = next((m for m in found if m.start == one.end or self._near(one, m)), None)
            heads = after is not None and after.sort in (Sort.METRIC, Sort.UNCOUNTED)
            of = len(countable) > 1 and _OF.search(self.folded[: one.start])
            if names_people and (heads or (of and not self._counted_before(one))):
                people.append(one)
            elif one.sort is Sort.METRIC:
                metrics.append(one)
        uncounted = next((one for one in countable if one.sort is Sort.UNCOUNTED), None)
        channel = next((one for one in found if one.sort is Sort.CHANNEL), None)
        return metrics, people, channel, None if metrics else uncounted

    def _near(self, one: Mention, other: Mention) -> bool:
        return 0 <= other.start - one.end <= 1 and self.folded[one.end : other.start] in (" ", "的")

    def _counted_before(self, one: Mention) -> bool:
        before = self.folded[: one.start]
        of = _OF.search(before)
        if of is not None and not of[0].startswith("of"):
            return False  # 80% of new customers counts them; cut by 15% for new customers does not
        return bool(re.search(r"[\d%]\s*\S{0,6}\s*$", before))

    def _population(self, people: Sequence[Mention], metric: Mention | None) -> str:
        if people:
            one = people[0]
            self.words["population"] = self._said(one.start, one.end)
        elif metric is not None and metric.key in self.catalogue.people:
            self.words["population"] = self._said(metric.start, metric.end)
        return self.words.get("population", "")

    def _measures(self, metrics: Sequence[Mention], found: Sequence[Number]) -> list[_Measure]:
        """Each number goes to the metric of its clause; else to one beside it that has none."""
        measures: list[_Measure] = []
        waiting: list[Number] = []
        pairs = self._pairs(found)
        taken: set[int] = set()
        clauses = self._clauses()
        for first, second in pairs:
            number = second or first
            clause = next(c for c in clauses if c[0] <= number.start < c[1])
            near = [m for m in metrics if clause[0] <= m.start < clause[1] and m.start not in taken]
            fitting = [m for m in near if self._fits(m.key, number.kind)]
            if fitting:
                chosen = min(fitting, key=lambda m: self._distance(m, first, number))
                taken.add(chosen.start)
                measures.append(self._measure(chosen, first, second, clause))
            elif not near:
                waiting.append(number)
        for number in waiting:
            pair = next(p for p in pairs if (p[1] or p[0]) is number)
            free = [m for m in metrics if m.start not in taken and self._fits(m.key, number.kind)]
            clause = next(c for c in clauses if c[0] <= number.start < c[1])
            if free:
                chosen = min(free, key=lambda m: self._distance(m, pair[0], number))
                taken.add(chosen.start)
                measures.append(self._measure(chosen, *pair, clause))
            elif number.counts in ("单", "笔") and not metrics:
                implied = Mention(Sort.METRIC, "orders", number.start, number.end)
                measures.append(self._measure(implied, *pair, clause))
        return sorted(measures, key=lambda one: one.start)

    def _clauses(self) -> list[tuple[int, int]]:
        cuts = [0, *(hit.start() for hit in _CLAUSE.finditer(self.folded)), len(self.folded) + 1]
        # A comma inside 1,200 is no end of a clause.
        cuts = [cut for cut in cuts if not re.match(r"(?<=\d),\d{3}", self.folded[cut:])
                or not re.search(r"\d$", self.folded[:cut])]  # fmt: skip
        return list(pairwise(cuts))

    def _pairs(self, found: Sequence[Number]) -> list[tuple[Number, Number | None]]:
        """Numbers, with "from a to b" as one."""
        pairs: list[tuple[Number, Number | None]] = []
        rest = list(found)
        while rest:
            one = rest.pop(0)
            before = self.folded[max(one.start - 24, 0) : one.start]
            if rest and _FROM_TO.search(before):
                between = self.folded[one.end : rest[0].start]
                if len(between) <= 24 and re.search(r"到|至|-|\bto\b", between):
                    pairs.append((one, rest.pop(0)))
                    continue
            pairs.append((one, None))
        return pairs

    @staticmethod
    def _distance(mention: Mention, first: Number, number: Number) -> int:
        if mention.start >= number.end:
            return mention.start - number.end
        return first.start - mention.end

    def _fits(self, metric: str, kind: Kind) -> bool:
        if kind is Kind.MONEY:
            return metric in self.catalogue.money
        if kind is Kind.RATIO:
            return metric == "roi"
        if kind is Kind.PEOPLE:
            return metric not in self.catalogue.shares and metric not in self.catalogue.money
        if kind is Kind.POINTS:
            return metric in self.catalogue.shares
        if kind is Kind.PLAIN:
            return metric not in self.catalogue.shares or metric in ("roi", "orders_per_person")
        return True

    def _measure(
        self, mention: Mention, first: Number, second: Number | None, clause: tuple[int, int]
    ) -> _Measure:
        number = second or first
        head = self.folded[clause[0] : number.start]
        tail = self.folded[number.end : clause[1]]
        before, after = _OP_BEFORE.search(head), _OP_AFTER.match(tail)
        hit = before or after
        op = "" if hit is None else "gte" if hit["gte"] else "lte"
        if op == "gte" and before and _NOT.search(head[: before.start()]):
            op = "lte"
        self._blank(first.start, number.end)
        if before:
            self._blank(clause[0] + before.start(), clause[0] + before.end())
        if after:
            self._blank(number.end + after.start(), number.end + after.end())
        if second is not None:
            self.words.setdefault("target", self._said(number.start, number.end))
            self.words.setdefault("baseline", self._said(first.start, first.end))
            return _Measure(
                mention, min(mention.start, first.start), number.value, first.value, op=op
            )
        around = head + " " + tail
        falls = number.sign < 0 or (number.sign == 0 and bool(_DOWN.search(around)))
        sign = -1 if falls else 1
        absolute = bool(_TO.search(head)) or bool(op)
        rises = bool(number.sign or falls or _UP.search(around))
        made = _Measure(mention, min(mention.start, number.start), op=op)
        made.guards = bool(_RAIL.search(self.folded[clause[0] : clause[1]]))
        self._say_how_much(made, number, absolute=absolute, rises=rises, sign=sign, head=head)
        made.said = self._said(number.start, number.end)
        return made

    def _say_how_much(
        self, made: _Measure, number: Number, *, absolute: bool, rises: bool, sign: int, head: str
    ) -> None:
        is_share = made.mention.key in self.catalogue.shares
        if number.kind is Kind.CHANGE:
            made.change = number.value
        elif number.kind is Kind.TIMES and (made.mention.key != "roi" or _OF_BEFORE.search(head)):
            made.change = number.value - 1
        elif number.kind in (Kind.RATIO, Kind.TIMES):
            # ROI 4 倍 is what comes out for one that goes in, unless it is 去年的 4 倍.
            made.target = number.value
        elif number.kind is Kind.POINTS:
            made.more = sign * number.value
        elif number.kind is Kind.PERCENT and not is_share:
            made.change = None if absolute and not rises else sign * number.value
        elif number.kind is Kind.PERCENT and rises and not absolute:
            made.change = sign * number.value
        elif rises and not absolute and self._adds_to_a_level(made.mention.key, number, head):
            made.more = sign * number.value
        else:
            made.target = number.value

    def _adds_to_a_level(self, metric: str, number: Number, head: str) -> bool:
        """New people are counted from zero: 增加 500 名新客 aims at 500, not at 500 more."""
        return bool(number.sign) or not (
            metric in self.catalogue.people
            or (metric == "orders" and not re.search(r"\bby\s*$", head))
        )

    def _main_and_rails(self, measures: Sequence[_Measure]) -> tuple[_Measure | None, list[Rail]]:
        free = [one for one in measures if not one.guards and not one.op]
        loose = free or [one for one in measures if not one.guards] or list(measures)
        main = loose[0] if loose else None
        if main is not None:
            if main.said:
                self.words["target"] = main.said
            falling = main.mention.key in self.catalogue.falling
            if main.op and main.op != ("lte" if falling else "gte") and len(measures) == 1:
                self.words["op"] = main.op
        rails = []
        for one in measures:
            if one is main:
                continue
            if one.target is None:
                self._give_back(one)
                continue
            falling = one.mention.key in self.catalogue.falling
            op = one.op or ("lte" if falling else "gte")
            rails.append(Rail(one.mention.key, op, one.target))
            self.words.setdefault("rails", self._said(one.start, one.end))
        return main, rails

    def _start_from(self, main: _Measure | None, standing: Sequence[Number]) -> None:
        """目前 18%, currently 18 %: where the main number starts from."""
        for one in standing:
            fits = main is not None and (one.value == 0 or self._fits(main.mention.key, one.kind))
            if main is not None and main.baseline is None and fits:
                main.baseline = one.value
                word = _TODAY.search(self.folded[: one.start])
                self._blank(word.start() if word else one.start, one.end)
                self.words["baseline"] = self._said(one.start, one.end)

    def _give_back(self, one: _Measure) -> None:
        """A second number that is no guardrail: shown as not read."""
        start, end = one.start, max(one.mention.end, one.start + 1)
        self.left = self.left[:start] + self.folded[start:end] + self.left[end:]

    def _unread(self, named: Sequence[Festival]) -> tuple[str, ...]:
        # The comma within a number parts nothing.
        rest = re.sub(r"(?<=\d),(?=\d{3})", "0", self.left)
        for hit in _CLAUSE.finditer(rest):
            rest = rest[: hit.start()] + "\0" * len(hit[0]) + rest[hit.end() :]
        rest = _WISH.sub(lambda hit: "\0" * len(hit[0]), rest)
        rest = _FILLER.sub(lambda hit: ("\1" if hit[0].isspace() else "\0") * len(hit[0]), rest)
        pieces = [
            self._said(hit.start(), hit.end())
            for hit in re.finditer(r"[^\0\1](?:[^\0]*[^\0\1])?", rest)
        ]
        pieces += [self._said(one.start, one.end) for one in named]
        return tuple(dict.fromkeys(piece for piece in pieces if piece))


@dataclass
class _Measure:
    """A number bound to a metric."""

    mention: Mention
    start: int
    target: Decimal | None = None
    baseline: Decimal | None = None
    change: Decimal | None = None
    more: Decimal | None = None
    op: str = ""
    guards: bool = False
    said: str = ""

    @property
    def end(self) -> int:
        return max(self.mention.end, self.start + 1)
