"""A segment as a sentence (PE4): the rule in words, so that everybody sees whom it means."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import TypeAlias

from muster.kit.clock import CALENDAR_WINDOWS, Span
from muster.warehouse import phrases
from muster.warehouse.phrases import SIMPLIFIED, TRADITIONAL, Chinese
from muster.warehouse.rules import (
    AllOf,
    AnyOf,
    Consent,
    Event,
    InOrder,
    Message,
    Moment,
    Not,
    Numbers,
    Random,
    Rule,
    Scalar,
    Score,
    Segment,
    Tag,
    Trait,
    Value,
    Where,
)

Names: TypeAlias = Mapping[str, str]
"""What ids of segments and sends, traits, properties and events are called; others stand as they
are."""

LANGUAGES = ("en", "zh-hans", "zh-hant")
LISTED = {
    "en": "People who were named one by one.",
    "zh-hans": "逐个列出的人。",
    "zh-hant": "逐一列出的人。",
}
"""What stands for a rule where there is none."""
_SHOWN_VALUES = 5
_PLACE = "city"
"""Where people live; of other places the name of the trait is said, so that it is clear which."""
_DATES = ("before", "after", "within_last", "not_within_last")
_OPPOSITE = {
    "ne": "eq",
    "eq": "ne",
    "in": "not_in",
    "not_in": "in",
    "contains": "not_contains",
    "not_contains": "contains",
    "exists": "missing",
    "missing": "exists",
}
_OPPOSITE_COUNT = {"gte": "lt", "lt": "gte", "gt": "lte", "lte": "gt", "eq": "ne", "ne": "eq"}


def sentence(rule: Rule, language: str, names: Names | None = None) -> str:
    """The rule as one whole sentence in `en`, `zh-hans` or `zh-hant`; English for any other."""
    words = {"zh-hans": SIMPLIFIED, "zh-hant": TRADITIONAL}.get(language.lower())
    plain = _plain(rule, positive=True)
    if words is not None:
        return _Mandarin(words, names or {}).sentence(plain)
    return _English(names or {}).sentence(plain)


def phrase(rule: Rule, language: str, names: Names | None = None) -> str:
    """The rule as a part of a sentence, such as `placed an order` or `曾下单`."""
    words = {"zh-hans": SIMPLIFIED, "zh-hant": TRADITIONAL}.get(language.lower())
    plain = _plain(rule, positive=True)
    if words is not None:
        return _Mandarin(words, names or {}).phrase(plain)
    return _English(names or {}).phrase(plain)


def summaries(rule: Rule, names: Names | None = None) -> dict[str, str]:
    """The sentence in every language."""
    return {language: sentence(rule, language, names) for language in LANGUAGES}


def _plain(rule: Rule, *, positive: bool) -> Rule:
    """The same rule with every "not" at a leaf, and groups in groups of their kind dissolved."""
    match rule:
        case Not(part):
            return _plain(part, positive=not positive)
        case AllOf(parts) | AnyOf(parts):
            kind = AllOf if isinstance(rule, AllOf) == positive else AnyOf
            inside: list[Rule] = []
            for part in parts:
                plain = _plain(part, positive=positive)
                inside += plain.rules if isinstance(plain, kind) else [plain]
            return kind(tuple(inside)) if len(inside) > 1 else inside[0]
        case _:
            return rule if positive else _denied(rule)


def _denied(leaf: Rule) -> Rule:
    """The opposite as a condition without "not" where there is one."""
    if isinstance(leaf, Trait) and leaf.op in _OPPOSITE:
        return Trait(leaf.name, _OPPOSITE[leaf.op], leaf.value)
    if isinstance(leaf, Event) and not leaf.totals and not leaf.moments and len(leaf.count) == 1:
        op, bound = leaf.count[0]
        if op in _OPPOSITE_COUNT:
            return replace(leaf, count=((_OPPOSITE_COUNT[op], bound),))
    return Not(leaf)


def _count(event: Event) -> tuple[tuple[str, float | tuple[float, float]], ...]:
    """The comparisons of the count in whole numbers; nothing for "once or more"."""
    out: list[tuple[str, float | tuple[float, float]]] = []
    for op, bound in event.count:
        if op == "gt" and isinstance(bound, int):
            op, bound = "gte", bound + 1
        if op == "lt" and isinstance(bound, int) and bound == 1:
            op, bound = "eq", 0
        if op == "lte" and bound == 0:
            op = "eq"
        if op == "ne" and bound == 0:
            op, bound = "gte", 1
        if (op, bound) != ("gte", 1):
            out.append((op, bound))
    return tuple(out)


def _is_never(event: Event) -> bool:
    """Whether "did not" says it all; with amounts it would deny these instead."""
    return _count(event) == (("eq", 0),) and not event.totals and not event.moments


def _is_timed(rule: Rule) -> bool:
    event = rule.rule if isinstance(rule, Not) else rule
    return isinstance(event, Event) and bool(event.within or event.start or event.end)


_WORDS_OF_SENTENCES = re.compile(
    r"[,，、;；。()（）“”「」\"\[\]<>=≥≤≠]|\.$|^\s|\s$|\s\s|^$"
    r"|[\u4e00-\u9fff]\s*[A-Za-z0-9¥$]|[A-Za-z0-9%]\s*[\u4e00-\u9fff]|[\u4e00-\u9fff]\s"
    r"|[或且等的]|最近|近期|过去|過去|没有|沒有|从未|從未|并非|並非|同意|标签|標籤|至少|以上|包含|住在"
    r"|下单|下單|不少于|不少於|超过|超過|少于|少於|最多|正好|之间|之間"
    r"|(?:^|\s)(?:and|or|at|of|to|than|that|but|in|from|before|after|with|for|most|exactly|more|less"
    r"|other|this|last|today|yesterday|yes|no|one|not|either|people|who)(?:\s|$)",
    re.IGNORECASE,
)


def needs_marks(value: str) -> bool:
    """Whether a value would be taken for words of the sentence, or changed by its spaces."""
    return _WORDS_OF_SENTENCES.search(value) is not None


def _number(value: float) -> str:
    if isinstance(value, float) and not value.is_integer():
        return f"{value:,}"
    return f"{int(value):,}"


def _compared(
    numbers: Numbers, words: Mapping[str, str], show: Callable[[float], str]
) -> list[str]:
    out = []
    for op, bound in numbers:
        shown = tuple(map(show, bound)) if isinstance(bound, tuple) else (show(bound),)
        out.append(words[op] % shown)
    return out


def _all_of_several(message: Message) -> bool:
    """Whether "not all of them" says the opposite; it is not that none became so."""
    return message.last is not None and message.last > 1 and not message.state.startswith("not_")


def _channel_of(event: Event) -> tuple[str, tuple[Where, ...]]:
    """The channel of a message that the event is about, and the conditions besides."""
    if event.name.startswith("Message "):
        for where in event.where:
            if where.property == "channel" and where.op == "eq" and isinstance(where.value, str):
                return where.value, tuple(w for w in event.where if w is not where)
    return "", event.where


class _English:
    """Verbs after "People who": in the past for what they did, in the present for what they are."""

    def __init__(self, names: Names) -> None:
        self.names = names

    def sentence(self, rule: Rule) -> str:
        return f"People who {self.phrase(rule)}."

    def phrase(self, rule: Rule) -> str:
        return self._phrase(rule, depth=0)

    def _phrase(self, rule: Rule, depth: int, *, ever: bool = False) -> str:
        """With `ever` an event without a time says so."""
        if isinstance(rule, Event) and ever and not _is_timed(rule):
            return self._event(rule, denied=False, ever=True)
        if not isinstance(rule, AllOf | AnyOf):
            return self._leaf(rule)
        # The time of one would be taken for that of all: "bought and signed in in the last week".
        is_timed = any(map(_is_timed, rule.rules))
        parts = [self._phrase(part, depth + 1, ever=is_timed) for part in rule.rules]
        if isinstance(rule, AllOf):
            text = _listed(parts, "and", oxford=True)
            return text if depth == 0 else f"({text})"
        text = "either " + (", or ".join(parts) if len(parts) > 2 else " or ".join(parts))
        return text if depth == 0 else f"({text})"

    def _leaf(self, leaf: Rule) -> str:
        denied = isinstance(leaf, Not)
        inner = leaf.rule if isinstance(leaf, Not) else leaf
        match inner:
            case Trait():
                return self._trait(inner, denied=denied)
            case Event():
                return self._event(inner, denied=denied)
            case InOrder():
                return self._in_order(inner, denied=denied)
            case Tag(name):
                return f"{'do not ' if denied else ''}carry the tag “{name}”"
            case Segment(id_):
                return f"are {'not ' if denied else ''}in “{self._named(id_)}”"
            case Consent():
                return self._consent(inner, denied=denied)
            case Random(percent, _salt):
                share = _number(percent)
                return f"are {'not ' if denied else ''}among {share}% drawn at random"
            case Message():
                return self._message(inner, denied=denied)
            case Score():
                return self._score(inner, denied=denied)
            case _:
                raise TypeError(inner)

    def _score(self, score: Score, *, denied: bool) -> str:
        have = "do not have" if denied else "have"
        noun = phrases.ENGLISH_SCORES[score.name]
        if score.name == "grade":
            return f"{have} {noun} {_listed(sorted(score.grades), 'or') or '–'}"
        return f"{have} {_with_article(noun)} {self._comparison(score.op, score.value)}"

    def _trait(self, trait: Trait, *, denied: bool) -> str:
        name, value = trait.name, trait.value
        if name == _PLACE and trait.op in ("eq", "ne", "in", "not_in"):
            negative = "do not " if trait.op in ("ne", "not_in") else ""
            return f"{negative}live in {self._values(value)}"
        if trait.op == "anniversary_within":
            what = (
                "their birthday" if name == "birthday" else f"the day of their {self._label(name)}"
            )
            return f"{'do not ' if denied else ''}have {what} {self._ahead(str(value))}"
        noun = self._label(name)
        if trait.op == "missing":
            return f"have no {noun}"
        if isinstance(value, bool):
            have = "have" if trait.op == "eq" else "do not have"
            return f"{have} “{noun}” set to {self._value(value)}"
        if name in ("first_seen", "last_seen") and trait.op in _DATES:
            had = f"{'did not have' if denied else 'had'} their {noun}"
            return f"{had} {self._comparison(trait.op, value)}"
        have = f"{'do not ' if denied else ''}have {_with_article(noun)}"
        return have if trait.op == "exists" else f"{have} {self._comparison(trait.op, value)}"

    def _comparison(self, op: str, value: Value) -> str:
        """What follows a noun."""
        if isinstance(value, tuple) and op == "between":
            return f"from {self._value(value[0])} to {self._value(value[1])}"
        shown = self._values(value)
        text = str(value)
        match op:
            case "eq" | "in":
                return f"of {shown}"
            case "ne" | "not_in":
                return f"other than {shown}"
            case "gt" | "gte" | "lt" | "lte":
                return "of " + phrases.ENGLISH_NUMBERS[op] % shown
            case "contains":
                return f"that contains “{text}”"
            case "not_contains":
                return f"that does not contain “{text}”"
            case "starts_with":
                return f"that starts with “{text}”"
            case "ends_with":
                return f"that ends with “{text}”"
            case "before" | "after":
                return f"{op} {_english_moment(text)}"
            case "within_last":
                return self._window(text)
            case "not_within_last":
                return f"but not {self._window(text)}"
            case "exists":
                return "that is given"
            case "missing":
                return "that is not given"
            case _:
                return f"with a day {self._ahead(text)}"

    def _event(self, event: Event, *, denied: bool, ever: bool = False) -> str:
        did, do, where = self._done(event)
        never = _is_never(event)
        if ever:
            parts = [f"{'never' if never else 'ever'} {did}", where]
        else:
            parts = [f"did not {do}" if never or denied else did, where]
        if not never and (counts := _count(event)):
            times = " and ".join(_compared(counts, phrases.ENGLISH_COUNTS, _number))
            parts.append(re.sub(r"(?<!to )\b1 times", "once", times))
        parts += self._during(event)
        extra = [self._total(t.aggregate, t.property, t.numbers) for t in event.totals]
        extra += [self._moment(moment) for moment in event.moments]
        return " ".join(filter(None, [*parts, " and ".join(extra)]))

    def _done(self, event: Event) -> tuple[str, str, str]:
        """What people did, the same after "did not", and with what."""
        channel, where = _channel_of(event)
        did, do = phrases.ENGLISH_EVENTS.get(
            event.name, (f"did “{self._named(event.name)}”", f"do “{self._named(event.name)}”")
        )
        message = phrases.ENGLISH_MESSAGES.get(channel)
        if channel and message is None:
            message = f"a message by {channel}"
        if message is not None:
            did, do = did.replace("a message", message), do.replace("a message", message)
        conditions = [self._where(w) for w in where]
        return did, do, f"({_listed(conditions, 'and')})" if conditions else ""

    def _in_order(self, rule: InOrder, *, denied: bool) -> str:
        steps = []
        for step in rule.steps:
            did, do, where = self._done(step)
            parts = [do if denied else did, where, *self._during(step)]
            steps.append(" ".join(filter(None, parts)))
        text = ("did not " if denied else "") + "first " + ", then ".join(steps)
        return f"{text}, all within {_english_length(rule.within)}" if rule.within else text

    def _where(self, where: Where) -> str:
        noun = self._label(where.property)
        if where.op == "missing":
            return f"without {noun}"
        if where.op == "exists":
            return f"with some {noun}"
        if where.op in ("eq", "in"):
            return f"{noun} {self._values(where.value)}"
        return f"{noun} {self._comparison(where.op, where.value)}"

    def _total(self, aggregate: str, name: str, numbers: Numbers) -> str:
        kind = {"sum": "total", "avg": "average", "min": "lowest", "max": "highest"}[aggregate]
        compared = _compared(numbers, phrases.ENGLISH_NUMBERS, _number)
        noun = _with_article(f"{kind} {self._label(name)}")
        return f"with {noun} of {' and '.join(compared)}"

    def _moment(self, moment: Moment) -> str:
        which = "for the first time" if moment.which == "first" else "most recently"
        if moment.relation == "within":
            return f"{which} {self._window(moment.value)}"
        return f"{which} {moment.relation} {_english_moment(moment.value)}"

    def _during(self, event: Event) -> list[str]:
        if event.within:
            return [self._window(event.within)]
        start = f"from {_english_moment(event.start)}" if event.start else ""
        if start and event.end:
            return [f"{start} until {_english_moment(event.end)} (not included)"]
        return (
            [f"{start} on"]
            if start
            else [f"before {_english_moment(event.end)}"]
            if event.end
            else []
        )

    def _consent(self, consent: Consent, *, denied: bool) -> str:
        channel = phrases.ENGLISH_CHANNELS.get(consent.channel, consent.channel)
        purpose = phrases.ENGLISH_PURPOSES.get(consent.purpose, consent.purpose)
        what = f"{channel} {purpose}" if purpose == "marketing" else f"{purpose} by {channel}"
        if consent.topic:
            what += f" about “{self.names.get(consent.topic, consent.topic)}”"
        match consent.state, denied:
            case "granted", False:
                return f"agreed to {what}"
            case "granted", True:
                return f"did not agree to {what}"
            case "withdrawn", False:
                return f"withdrew their consent to {what}"
            case "withdrawn", True:
                return f"did not withdraw a consent to {what}"
            case _, False:
                return f"never said whether they agree to {what}"
            case _:
                return f"said whether they agree to {what}"

    def _message(self, message: Message, *, denied: bool) -> str:
        state = message.state.removeprefix("not_")
        if denied and not _all_of_several(message):
            return f"are not among those who {self._message(message, denied=False)}"
        negative = (state != message.state) != denied
        if message.send is not None:
            what = f"the message “{self._named(message.send)}”"
        elif message.state.startswith("not_") and not denied:
            what, negative = f"any of their last {message.last} messages", True
        else:
            what = f"every one of their last {message.last} messages"
            negative = denied
        if message.last == 1:
            what = "their last message"
        if state in ("bounced", "failed"):
            noun = "have " + what
            verb = "bounce" if state == "bounced" else "fail"
            return f"did not {noun} {verb}" if negative else f"had {what} {verb}"
        did, do = phrases.ENGLISH_STATES[state]
        return f"did not {do} {what}" if negative else f"{did} {what}"

    def _window(self, text: str) -> str:
        if text in CALENDAR_WINDOWS:
            return text.replace("_", " ")
        return f"in the last {_english_span(text)}"

    def _ahead(self, text: str) -> str:
        if text in CALENDAR_WINDOWS:
            return text.replace("_", " ")
        return f"in the next {_english_span(text)}"

    def _values(self, value: Value) -> str:
        if not isinstance(value, tuple):
            return self._value(value if value is not None else "")
        shown = [self._value(v) for v in value[:_SHOWN_VALUES]]
        more = len(value) - len(shown)
        if more:
            return f"{', '.join(shown)} or one of {more} more"
        return _listed(shown, "or")

    def _value(self, value: Scalar) -> str:
        if isinstance(value, bool):
            return "yes" if value else "no"
        if not isinstance(value, str):
            return _number(value)
        return f"“{value}”" if needs_marks(value) else value

    def _named(self, id_: str) -> str:
        return self.names.get(id_, id_)

    def _label(self, name: str) -> str:
        return self.names.get(name) or phrases.ENGLISH_TRAITS.get(name) or name.replace("_", " ")


def _listed(parts: Sequence[str], last: str, *, oxford: bool = False) -> str:
    """`a, b and c`; with `oxford` a comma before the last of three."""
    if len(parts) < 2:
        return "".join(parts)
    comma = "," if oxford and len(parts) > 2 else ""
    return f"{', '.join(parts[:-1])}{comma} {last} {parts[-1]}"


def _with_article(noun: str) -> str:
    """`a level`, `an age`; words in the plural stand alone."""
    if noun.endswith("s") and not noun.endswith("ss"):
        return noun
    return f"an {noun}" if noun[:1].lower() in "aeiou" else f"a {noun}"


def _english_span(text: str) -> str:
    span = Span.parse(text)
    if span is None:
        raise ValueError(text)
    if (span.count, span.unit) == (1, "y"):
        return "12 months"  # "last year" is the one before this
    unit = phrases.ENGLISH_UNITS[span.unit]
    return unit if span.count == 1 else f"{span.count} {unit}s"


def _english_length(text: str) -> str:
    """A length of time that stands alone: "1 day", not "the last day"."""
    span = Span.parse(text)
    if span is None:
        raise ValueError(text)
    unit = phrases.ENGLISH_UNITS[span.unit]
    return f"{span.count} {unit}" + ("" if span.count == 1 else "s")


def _english_moment(text: str) -> str:
    moment = datetime.fromisoformat(text)
    day = f"{moment.day} {phrases.MONTHS[moment.month - 1]} {moment.year}"
    return day + _time_of(text, moment)


def _time_of(text: str, moment: datetime) -> str:
    if len(text) <= 10:
        return ""
    offset = moment.utcoffset()
    zone = "" if offset is None else " UTC" if not offset else moment.strftime(" %z")
    return f" {moment:%H:%M}{zone}"


class _Mandarin:
    """Phrases before 的人: the time first, then what was done, then how often."""

    def __init__(self, words: Chinese, names: Names) -> None:
        self.w = words
        self.names = names

    def sentence(self, rule: Rule) -> str:
        return _spaced(self.w.people % self._phrase(rule, depth=0))

    def phrase(self, rule: Rule) -> str:
        return _spaced(self._phrase(rule, depth=0))

    def _phrase(self, rule: Rule, depth: int) -> str:
        if not isinstance(rule, AllOf | AnyOf):
            return self._leaf(rule)
        parts = [self._phrase(part, depth + 1) for part in rule.rules]
        if isinstance(rule, AllOf):
            text = "、".join(parts[:-1]) + "，且" + parts[-1]
        else:
            text = f"，{self.w.or_}".join(parts)
        return text if depth == 0 else f"（{text}）"

    def _leaf(self, leaf: Rule) -> str:
        w = self.w
        denied = isinstance(leaf, Not)
        inner = leaf.rule if isinstance(leaf, Not) else leaf
        match inner:
            case Trait():
                return self._trait(inner, denied=denied)
            case Event():
                return self._event(inner, denied=denied)
            case InOrder():
                return self._in_order(inner, denied=denied)
            case Tag(name):
                return (w.no_tag if denied else w.tag) % name
            case Segment(id_):
                return (w.no_segment if denied else w.segment) % self._named(id_)
            case Consent():
                return self._consent(inner, denied=denied)
            case Random(percent, _salt):
                return (w.no_random if denied else w.random) % _number(percent)
            case Message():
                return self._message(inner, denied=denied)
            case Score():
                return self._score(inner, denied=denied)
            case _:
                raise TypeError(inner)

    def _score(self, score: Score, *, denied: bool) -> str:
        noun = self.w.scores[score.name]
        if score.name == "grade":
            said = self.w.is_ % (noun, self.w.or_.join(sorted(score.grades)) or "–")
        else:
            said = self._comparison(noun, score.op, score.value)
        return self.w.not_so % said if denied else said

    def _trait(self, trait: Trait, *, denied: bool) -> str:
        w = self.w
        if trait.name == _PLACE and trait.op in ("eq", "in"):
            return w.lives_in % self._values(trait.value)
        if trait.name == _PLACE and trait.op in ("ne", "not_in"):
            return w.lives_not_in % self._values(trait.value)
        if trait.op == "anniversary_within":
            when = self._ahead(str(trait.value))
            if trait.name == "birthday":
                return (w.not_birthday if denied else w.birthday) % when
            form = w.not_anniversary if denied else w.anniversary
            return form % (self._label(trait.name), when)
        said = self._comparison(self._label(trait.name), trait.op, trait.value)
        return w.not_so % said if denied else said

    def _comparison(self, noun: str, op: str, value: Value) -> str:
        w = self.w
        text = str(value)
        match op:
            case "exists":
                return w.exists % noun
            case "missing":
                return w.missing % noun
            case "eq" if isinstance(value, bool):
                return w.is_set % (noun, self._value(value))
            case "eq" | "in":
                return w.is_ % (noun, self._values(value))
            case "ne" | "not_in":
                return w.is_not % (noun, self._values(value))
            case "contains":
                return w.contains % (noun, text)
            case "not_contains":
                return w.not_contains % (noun, text)
            case "starts_with":
                return w.starts_with % (noun, text)
            case "ends_with":
                return w.ends_with % (noun, text)
            case "before":
                return noun + w.before % _chinese_moment(text)
            case "after":
                return noun + w.after % _chinese_moment(text)
            case "within_last":
                return w.in_span % (noun, self._window(text))
            case "not_within_last":
                return w.not_in_span % (noun, self._window(text))
            case "anniversary_within":
                return w.anniversary % (noun, self._ahead(text))
            case "between" if isinstance(value, tuple):
                return noun + w.numbers[op] % (self._value(value[0]), self._value(value[1]))
            case _:
                return noun + w.numbers[op] % self._values(value)

    def _verb(self, event: Event) -> str:
        w = self.w
        channel, where = _channel_of(event)
        verb = w.events.get(event.name) or w.happened % self._named(event.name)
        if event.name in w.events and "%s" in verb:
            verb %= w.messages.get(channel) or f"{channel} {w.messages['']}"
        if where:
            conditions = [self._comparison(self._label(c.property), c.op, c.value) for c in where]
            verb += f"（{'、'.join(conditions)}）"
        return verb

    def _in_order(self, rule: InOrder, *, denied: bool) -> str:
        w = self.w
        steps = [self._during(step) + self._verb(step) for step in rule.steps]
        said = w.first_step % steps[0] + "".join(w.next_step % step for step in steps[1:])
        if rule.within:
            said = w.all_within % self._span(rule.within) + said
        return w.not_so % f"（{said}）" if denied else said

    def _event(self, event: Event, *, denied: bool) -> str:
        w, verb = self.w, self._verb(event)
        when = self._during(event)
        counts = _count(event)
        if _is_never(event):
            return when + w.did_not % verb if when else w.never % verb
        if counts:
            often = "、".join(_compared(counts, w.counts, _number))
            said = when + verb + often if when else w.in_all % (verb + often)
        else:
            said = when + verb if when else w.ever % verb
        extra = [self._total(t.aggregate, t.property, t.numbers) for t in event.totals]
        extra += [self._moment(moment) for moment in event.moments]
        said = "且".join([said, *extra])
        return w.not_so % f"（{said}）" if denied else said

    def _total(self, aggregate: str, name: str, numbers: Numbers) -> str:
        form = {"sum": self.w.sum, "avg": self.w.avg, "min": self.w.min, "max": self.w.max}
        compared = _compared(numbers, self.w.numbers, _number)
        return form[aggregate] % self._label(name) + "且".join(compared)

    def _moment(self, moment: Moment) -> str:
        form = self.w.first_time if moment.which == "first" else self.w.last_time
        if moment.relation == "within":
            return form % self._window(moment.value)
        shown = _chinese_moment(moment.value)
        return form % ((self.w.until if moment.relation == "before" else self.w.later) % shown)

    def _during(self, event: Event) -> str:
        if event.within:
            return self._window(event.within)
        start = _chinese_moment(event.start) if event.start else ""
        end = _chinese_moment(event.end) if event.end else ""
        if start and end:
            return self.w.between % (start, end)
        return self.w.since % start if start else self.w.until % end if end else ""

    def _consent(self, consent: Consent, *, denied: bool) -> str:
        w = self.w
        channel = w.channels.get(consent.channel, consent.channel)
        what = channel + w.purposes.get(consent.purpose, consent.purpose)
        if consent.topic:
            what += f"“{self.names.get(consent.topic, consent.topic)}”"
        forms = {
            "granted": (w.granted, w.not_granted),
            "withdrawn": (w.withdrawn, w.not_withdrawn),
            "unknown": (w.unknown, w.not_unknown),
        }
        return forms[consent.state][denied] % what

    def _message(self, message: Message, *, denied: bool) -> str:
        w = self.w
        if denied and not _all_of_several(message):
            return w.not_so % self._message(message, denied=False)
        state = message.state.removeprefix("not_")
        verb = w.states[state]
        negative = state != message.state
        if message.send is not None:
            verb = w.did_not % verb if negative != denied else verb
            name = f"「{self._named(message.send)}」"
            return name + verb if state in ("bounced", "failed") else verb + name
        if message.last == 1:
            return w.last_message + (w.did_not % verb if negative != denied else verb)
        messages = w.last_messages % message.last
        if denied:
            return w.not_all_of_them % (messages, w.did_not % verb if negative else verb)
        return (w.none_of_them if negative else w.all_of_them) % (messages, verb)

    def _window(self, text: str) -> str:
        if text in CALENDAR_WINDOWS:
            return self.w.windows[text]
        return self.w.last_span % self._span(text)

    def _ahead(self, text: str) -> str:
        if text in CALENDAR_WINDOWS:
            return self.w.windows[text]
        return self.w.next_span % self._span(text)

    def _span(self, text: str) -> str:
        span = Span.parse(text)
        if span is None:
            raise ValueError(text)
        return f"{span.count} {self.w.units[span.unit]}"

    def _values(self, value: Value) -> str:
        if not isinstance(value, tuple):
            return self._value(value if value is not None else "")
        shown = [self._value(v) for v in value[:_SHOWN_VALUES]]
        if len(value) > len(shown):
            return self.w.and_so_on % ("、".join(shown), len(value))
        return "、".join(shown[:-2]) + ("、" if shown[:-2] else "") + self.w.or_.join(shown[-2:])

    def _value(self, value: Scalar) -> str:
        if isinstance(value, bool):
            return self.w.yes if value else self.w.no
        if not isinstance(value, str):
            return _number(value)
        return f"「{value}」" if needs_marks(value) else value

    def _named(self, id_: str) -> str:
        return self.names.get(id_, id_)

    def _label(self, name: str) -> str:
        return self.names.get(name) or self.w.traits.get(name) or name


def _chinese_moment(text: str) -> str:
    moment = datetime.fromisoformat(text)
    return f"{moment.year} 年 {moment.month} 月 {moment.day} 日" + _time_of(text, moment)


_HAN_LATIN = re.compile(
    r"(?<=[\u4e00-\u9fff])(?=[A-Za-z0-9¥$])|(?<=[A-Za-z0-9%])(?=[\u4e00-\u9fff])"
)


def _spaced(text: str) -> str:
    """A space between Chinese and Latin letters or digits, but not inside what people named."""
    pieces = re.split(r"(「[^」]*」)", text)
    return "".join(
        p if p.startswith("「") else _HAN_LATIN.sub(" ", p).replace("  ", " ") for p in pieces
    )
