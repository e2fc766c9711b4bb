"""Reads English sentences, in the product's words and common ones."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import cached_property

from muster.kit.clock import CALENDAR_WINDOWS
from muster.warehouse import phrases
from muster.warehouse.hearing.words import (
    MARK,
    Bound,
    Ear,
    Heard,
    InsideEvents,
    Piece,
    Vocabulary,
    about_channel,
    closing,
    is_timed,
    labels,
    longest_first,
    moment_of,
    never,
    pair,
    span_of,
    whole,
)
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

_LIST = re.compile(r",?\s+or\s+|,\s+")
_SMALL = (
    *("one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"),
    *("eleven", "twelve"),
)
_NUMBER = rf"(?:-?\d[\d,]*(?:\.\d+)?|{'|'.join(_SMALL)})"
_UNITS = {
    **{f"{unit}{s}": key for key, unit in phrases.ENGLISH_UNITS.items() for s in ("", "s")},
    "hrs": "h",
}
_UNIT = longest_first(_UNITS)
_WINDOWS = {name.replace("_", " "): name for name in CALENDAR_WINDOWS}
_WINDOW = (
    rf"(?:(?:in|within|over|during)\s+)?(?:the\s+)?(?:last|past)\s+(?:({_NUMBER})\s+)?({_UNIT})\b"
)
_WINDOW = rf"(?:({longest_first(_WINDOWS)})\b|{_WINDOW})"
_AHEAD = (
    rf"(?:in|within)\s+the\s+next\s+(?:({_NUMBER})\s+)?({_UNIT})\b|({longest_first(_WINDOWS)})\b"
)
_DAY = (
    rf"(?:(\d{{1,2}}) ({'|'.join(phrases.MONTHS)}) (\d{{4}})(?: (\d\d:\d\d)( UTC| [+-]\d{{4}})?)?"
    r"|(\d{4})-(\d{2})-(\d{2}))"
)
_OPS = {
    "gte": ("at least", "no less than", "not less than", "no fewer than", ">=", "≥"),
    "lte": ("at most", "no more than", "not more than", "up to", "<=", "≤"),
    "gt": ("more than", "over", "above", ">"),
    "lt": ("fewer than", "less than", "under", "below", "<"),
    "ne": ("not exactly", "other than", "!=", "≠"),
    "eq": ("exactly", "="),
}
_OP_OF = {word: op for op, words in _OPS.items() for word in words}
_OP = longest_first(_OP_OF)
_BOUND = rf"(?:({_OP})\s*({_NUMBER})|from\s+({_NUMBER})\s+to\s+({_NUMBER}))"
_TIMES = (
    rf"(?:(?:({_OP})\s*)?(?:({_NUMBER})\s+times|(once|twice))(?:\s+(or more))?"
    rf"|({_NUMBER})\s+to\s+({_NUMBER})\s+times)"
)
_OFTEN = {"once": 1, "twice": 2}


def _verbs() -> tuple[dict[str, tuple[str, str]], dict[str, tuple[str, str]]]:
    """What people did, and the same after "did not" → event and channel."""
    did: dict[str, tuple[str, str]] = {}
    do: dict[str, tuple[str, str]] = {}
    messages = {"": "a message", **phrases.ENGLISH_MESSAGES}
    for name, forms in phrases.ENGLISH_EVENTS.items():
        is_about = "a message" in forms[0]
        for channel, message in messages.items() if is_about else [("", "a message")]:
            for form, table in zip(forms, (did, do), strict=True):
                table[form.replace("a message", message)] = (name, channel)
    order = ("Order Completed", "")
    did |= dict.fromkeys(("bought", "ordered", "purchased", "bought something"), order)
    do |= dict.fromkeys(("buy", "order", "purchase", "buy anything", "buy something"), order)
    return did, do


_DID, _DO = _verbs()
_OTHER = {
    form: [
        (name, re.compile(re.escape(forms[at]).replace(r"a\ message", r"a\ message\ by\ ([\w-]+)")))
        for name, forms in phrases.ENGLISH_EVENTS.items()
        if "a message" in forms[0]
    ]
    for at, form in enumerate(("did", "do"))
}
_AGGREGATES = {"total": "sum", "average": "avg", "lowest": "min", "highest": "max"}
_SCORES = {label: name for name, label in phrases.ENGLISH_SCORES.items() if name != "grade"}
_CHANNELS = {
    **{label: name for name, label in phrases.ENGLISH_CHANNELS.items()},
    **{name: name for name in phrases.ENGLISH_CHANNELS},
    "text messages": "sms", "SMS": "sms", "e-mails": "email", "emails": "email",
}  # fmt: skip
_CHANNEL = longest_first(_CHANNELS)
_PURPOSES = {
    **{label: name for name, label in phrases.ENGLISH_PURPOSES.items()},
    **{name: name for name in phrases.ENGLISH_PURPOSES},
}
_ABOUT = re.compile(
    rf"(?:({_CHANNEL})(?: marketing)?|({longest_first(_PURPOSES)}) by ({_CHANNEL}))"
    rf"(?: about ([{MARK}]))?"
)
_ASKED = (
    (r"(?:have |has )?agreed to (.+)", "granted", True),
    (r"(?:did|do|have) not agreed? to (.+)", "granted", False),
    (r"withdrew their consent to (.+)", "withdrawn", True),
    (r"did not withdraw a consent to (.+)", "withdrawn", False),
    (r"never said whether they agree to (.+)", "unknown", True),
    (r"said whether they agree to (.+)", "unknown", False),
)
_STATES = {did: state for state, (did, _do) in phrases.ENGLISH_STATES.items()}
_NOT_STATES = {do: state for state, (_did, do) in phrases.ENGLISH_STATES.items()}


_NOT_DONE = re.compile(r"(?:did not|have not|never) ")
_NO_NAME = re.compile(r"(?:any|some|every|all|another|something|anything|nothing)(?: tags?)?", re.I)
"""Which tag is meant is not said."""


class EnglishEar(Ear):
    """Verbs after "People who": in the past for what they did, in the present for what they are."""

    splits = re.compile(r",?\s+(?:and|or)\s+|;\s+|,\s+")
    all_between = re.compile(r",?\s+and\s+|;\s+|,\s+")
    any_between = re.compile(r",?\s+or\s+")

    def __init__(self, known: Vocabulary) -> None:
        super().__init__(known)
        named = {*known.kinds, *IDENTITY_TRAITS, *BUILT_IN}
        self.traits = labels(named, [phrases.ENGLISH_TRAITS], _spaced)
        self.properties = labels(
            {*known.properties, *phrases.ENGLISH_TRAITS}, [phrases.ENGLISH_TRAITS], _spaced
        )

    @cached_property
    def inside_events(self) -> Ear:
        return _Wheres(self)

    def bare(self, text: str) -> str:
        text = " ".join(text.split())
        text = re.sub(
            r"^(?:(?:all |the )?(?:people|those|everybody|everyone|customers) )?who ",
            "",
            text,
            flags=re.I,
        )
        return text.removesuffix(".").strip()

    def group(self, text: str) -> Heard:
        if text.startswith("either "):
            heard = self.cut(text.removeprefix("either "), is_any=True)
            return self.finished(heard.pieces, is_any=True)
        return super().group(text)

    def number(self, text: str) -> float | None:
        text = text.strip().lstrip("$¥￥€")
        if text.lower() in _SMALL:
            return _SMALL.index(text.lower()) + 1
        if not re.fullmatch(r"-?\d[\d,]*(?:\.\d+)?", text):
            return None
        value = float(text.replace(",", ""))
        return int(value) if value == int(value) else value

    def leaf(self, text: str) -> Rule | None:
        for read in (
            self._tag, self._segment, self._consent, self._random, self._message, self._score,
            self._in_order, self._trait, self._event,
        ):  # fmt: skip
            rule = read(text)
            if rule is not None:
                return rule
        return None

    def is_begun(self, text: str) -> bool:
        head = re.sub(r"^ever ", "", text)
        denied = _NOT_DONE.match(head)
        done = self._done(head[denied.end() :], _DO, "do") if denied else None
        return done is not None or self._done(head, _DID, "did") is not None

    def shares(self, pieces: Sequence[Piece]) -> list[bool]:
        """A time stands after what was done, and may hold for all of it; "never" before it."""
        is_timed_ = any(
            is_timed(one.rule) if one.rule else re.search(_WINDOW, one.text) is not None
            for one in pieces
            if not one.text.strip().startswith("(")
        )
        is_denied, found = False, []
        for piece in pieces:
            rule, text = piece.rule, piece.text.strip()
            by_itself = re.match(r"[(]|ever |never ", text) is not None
            is_bare = isinstance(rule, Event) and not is_timed(rule)
            found.append(is_bare and not by_itself and (is_timed_ or is_denied))
            # After "did not" and "do" the next one would be in the same form.
            is_denied = is_denied or text.startswith(("never ", "have not "))
        return found

    def _tag(self, text: str) -> Rule | None:
        found = re.fullmatch(r"(do not )?(?:carry|have) the tag (.+)", text) or re.fullmatch(
            r"(?:are )?(not )?tagged (?:as |with )?(.+)", text
        )
        name = self.text_of(found[2]) if found and not _NO_NAME.fullmatch(found[2]) else None
        if found is None or not name:
            return None
        return Not(Tag(name)) if found[1] else Tag(name)

    def _segment(self, text: str) -> Rule | None:
        found = re.fullmatch(r"are (not )?in (?:the segment )?(.+)", text)
        id_ = self.id_of(found[2], self.known.segments) if found else None
        if found is None or id_ is None:
            return None
        return Not(Segment(id_)) if found[1] else Segment(id_)

    def _consent(self, text: str) -> Rule | None:
        for form, state, positive in _ASKED:
            found = re.fullmatch(form, text)
            about = _ABOUT.fullmatch(found[1]) if found else None
            if about is None:
                continue
            topic = self.id_of(about[4], self.known.topics) if about[4] else ""
            if topic is None:
                return None
            channel = _CHANNELS[about[1] or about[3]]
            purpose = _PURPOSES[about[2]] if about[2] else "marketing"
            consent = Consent(channel, purpose, state, topic)
            return consent if positive else Not(consent)
        return None

    def _random(self, text: str) -> Rule | None:
        found = re.fullmatch(rf"are (not )?among ({_NUMBER})% drawn at random", text)
        share = self.number(found[2]) if found else None
        if found is None or share is None or not 0 <= share <= 100:
            return None
        drawn = Random(share, self.known.salt)
        return Not(drawn) if found[1] else drawn

    def _message(self, text: str) -> Rule | None:
        among = re.fullmatch(r"are not among those who (.+)", text)
        if among:
            rule = self._message(among[1])
            return Not(rule) if rule is not None else None
        found = re.fullmatch(r"(did not have|had) (.+?) (bounce|fail)", text)
        if found:
            state = {"bounce": "bounced", "fail": "failed"}[found[3]]
            return self._of_messages(found[2], state, is_not=found[1] != "had")
        found = re.fullmatch(rf"did not ({longest_first(_NOT_STATES)}) (.+)", text)
        if found:
            return self._of_messages(found[2], _NOT_STATES[found[1]], is_not=True)
        found = re.fullmatch(rf"({longest_first(_STATES)}) (.+)", text)
        return self._of_messages(found[2], _STATES[found[1]], is_not=False) if found else None

    def _of_messages(self, which: str, state: str, *, is_not: bool) -> Rule | None:
        not_state = f"not_{state}" if is_not else state
        one = re.fullmatch(rf"the message ([{MARK}])", which)
        if one or which == "their last message":
            send = self.id_of(one[1], self.known.sends) if one else None
            if not_state not in MESSAGE_STATES or (one and send is None):
                return None
            return Message(not_state, send=send) if one else Message(not_state, last=1)
        found = re.fullmatch(rf"(every one|all|any) of their last ({_NUMBER}) messages", which)
        last = self.number(found[2]) if found else None
        if found is None or last is None or not (1 < last <= 100 and last == int(last)):
            return None
        if found[1] == "any":
            is_known = is_not and not_state in MESSAGE_STATES
            return Message(not_state, last=int(last)) if is_known else None
        every = Message(state, last=int(last))
        return Not(every) if is_not else every

    def _score(self, text: str) -> Rule | None:
        found = re.fullmatch(r"(do not )?have grade ((?:[A-D]|–)(?:(?:,| or) ?[A-D])*)", text)
        if found:
            grades = tuple(re.findall(f"[{''.join(GRADES)}]", found[2]))
            score = Score("grade", "in", grades) if len(grades) > 1 else None
            score = score or (
                Score("grade", "eq", *grades) if grades else Score("grade", "gt", "A")
            )
            return Not(score) if found[1] else score
        found = re.fullmatch(rf"(do not )?have (?:an? )?({longest_first(_SCORES)}) (.+)", text)
        if found is None:
            return None
        said = re.fullmatch(rf"(of|other than) ({_NUMBER})", found[3])
        number = self.number(said[2]) if said else None
        amount: tuple[str, Bound] | None = None
        if said and number is not None:
            amount = ("eq" if said[1] == "of" else "ne"), number
        else:
            amount = self._amount(found[3].removeprefix("of "))
        if amount is None:
            return None
        score = Score(_SCORES[found[2]], *amount)
        return Not(score) if found[1] else score

    # Traits.

    def _trait(self, text: str) -> Rule | None:
        found = re.fullmatch(r"(do not )?live in (.+)", text)
        if found:
            return self._equal("city", found[2], denied=bool(found[1]))
        found = re.fullmatch(r"(do not )?have their birthday (.+)", text)
        if found and (ahead := self._ahead(found[2])):
            born = Trait("birthday", "anniversary_within", ahead)
            return Not(born) if found[1] else born
        found = re.fullmatch(
            rf"(do not )?have the day of their (.+?) ({_AHEAD})",
            text,
        )
        if found and (name := self.traits.get(found[2])) and (ahead := self._ahead(found[3])):
            day = Trait(name, "anniversary_within", ahead)
            return Not(day) if found[1] else day
        found = re.fullmatch(rf"(do not )?have ([{MARK}]) set to (yes|no)", text)
        if found and (name := self.traits.get(self.said(found[2]) or "")):
            return Trait(name, "ne" if found[1] else "eq", found[3] == "yes")
        found = re.fullmatch(r"have no (.+)", text)
        if found and (name := self.traits.get(found[1])):
            return Trait(name, "missing")
        found = re.match(r"(did not have|had) their ", text) or re.match(
            r"(do not )?have (?:an? )?", text
        )
        if found:
            denied = (found[1] or "").endswith("not ") or (found[1] or "") == "did not have"
            rule = self._named(text[found.end() :])
            return Not(rule) if denied and rule is not None else rule
        return self._short(text)

    def _named(self, text: str) -> Rule | None:
        for label, name in self.traits.items():
            if text == label:
                return Trait(name, "exists")
            if not text.startswith(f"{label} "):
                continue
            kind = self._kind(name)
            found = self._comparison(text[len(label) + 1 :], kind)
            if found is not None:
                return Trait(name, *found)
        return None

    def _short(self, text: str) -> Rule | None:
        """`city is A or B`, `age ≥ 18`."""
        for label, name in self.traits.items():
            if not text.startswith(f"{label} "):
                continue
            rest, kind = text[len(label) + 1 :], self._kind(name)
            found = re.fullmatch(r"(?:is|are|=)( not)? (.+)", rest)
            if found and (rule := self._equal(name, found[2], denied=bool(found[1]))):
                return rule
            found = re.fullmatch(r"(contains|does not contain|starts with|ends with) (.+)", rest)
            part = self.text_of(found[2]) if found else None
            if found and part:
                return Trait(name, _PATTERNS[found[1]], part)
            amount = self._amount(rest.removeprefix("is "))
            if amount and kind == "number":
                return Trait(name, *amount)
        return None

    def _kind(self, name: str) -> str:
        if name in IDENTITY_TRAITS:
            return "text"
        return BUILT_IN.get(name) or self.known.kinds.get(name) or "text"

    def _equal(self, name: str, text: str, *, denied: bool) -> Rule | None:
        value = self.values_of(text, self._kind(name), _LIST)
        return Trait(name, *_same(value, denied=denied)) if value is not None else None

    def _comparison(self, text: str, kind: str) -> tuple[str, Value] | None:
        """What is said of a trait, after its name."""
        found = re.fullmatch(r"that (contains|does not contain|starts with|ends with) (.+)", text)
        if found and (part := self.text_of(found[2])):
            return _PATTERNS[found[1]], part
        if text == "that is given":
            return "exists", None
        if text == "that is not given":
            return "missing", None
        found = re.fullmatch(rf"(before|after) ({_DAY})", text)
        if found and (moment := _moment(found[2])):
            return found[1], moment
        found = re.fullmatch(rf"(but not )?({_WINDOW})", text)
        if found and (window := self._window(found[2])):
            return ("not_within_last" if found[1] else "within_last"), window
        found = re.fullmatch(r"with a day (.+)", text)
        if found and (ahead := self._ahead(found[1])):
            return "anniversary_within", ahead
        amount = self._amount(text.removeprefix("of "))
        if amount and kind in ("number", "any"):
            return amount
        found = re.fullmatch(r"(of|other than) (.+)", text)
        value = self.values_of(found[2], kind, _LIST) if found else None
        return _same(value, denied=found[1] != "of") if found and value is not None else None

    def _amount(self, text: str) -> tuple[str, Bound] | None:
        found = re.fullmatch(_BOUND, text)
        if found is None or _OP_OF.get(found[1] or "") == "ne":
            return None
        bounds = [self.number(one) for one in found.groups()[1:] if one]
        kept = [one for one in bounds if one is not None]
        return pair(_OP_OF[found[1]] if found[1] else "between", kept)

    # Behaviour.

    def _event(self, text: str) -> Rule | None:
        text = re.sub(r"^ever ", "", text)
        denied = _NOT_DONE.match(text)
        rest = text[denied.end() :] if denied else text
        done = self._done(rest, _DO, "do") if denied else None
        done = done or self._done(rest, _DID, "did")
        if done is None:
            return None
        event, rest = done
        rest = rest.strip()
        said: list[tuple[str, Bound]] = []
        while (found := re.match(rf"(?:and )?{_TIMES}(?=\s|$)", rest)) is not None:
            one = self._often(found)
            if one is None:
                return None
            said.append(one)
            rest = rest[found.end() :].strip()
        rest, event = self._during(rest, event)
        if said:
            numbers = whole(tuple(said))
            if numbers is None:
                return None
            event = replace(event, count=numbers)
        more = self._extras(rest, event)
        if more is None:
            return None
        if not denied:
            return more
        has_more = bool(said or more.totals or more.moments)
        return Not(more) if has_more else never(more)

    def _done(
        self, text: str, verbs: Mapping[str, tuple[str, str]], form: str
    ) -> tuple[Event, str] | None:
        name, channel, rest = "", "", ""
        custom = re.match(rf"{form} ([{MARK}])", text)
        if custom and (self.said(custom[1]) or "") in self.known.events:
            name, rest = self.said(custom[1]) or "", text[custom.end() :]
        if not name:
            for other, pattern in _OTHER[form]:
                if (found := pattern.match(text)) is not None:
                    name, channel, rest = other, found[1], text[found.end() :]
                    break
        if not name:
            found = re.match(rf"({longest_first(verbs)})(?= |$)", text)
            if found is None:
                return None
            (name, channel), rest = verbs[found[1]], text[found.end() :]
        name, where = about_channel(name, channel)
        rest = rest.strip()
        if rest.startswith("("):
            end = closing(rest, "(", ")")
            more = self.wheres(rest[1:end]) if end else None
            if more is None:
                return None
            where, rest = (*where, *more), rest[end + 1 :]
        return Event(name, where), rest

    def where(self, text: str) -> Trait | None:
        """A condition on a property, written down as one on a trait."""
        there = re.fullmatch(r"(without|with some) (.+)", text)
        if there and (name := self.properties.get(there[2])):
            return Trait(name, "missing" if there[1] == "without" else "exists")
        for label, name in self.properties.items():
            if not text.startswith(f"{label} "):
                continue
            rest = text[len(label) + 1 :]
            if (found := self._comparison(rest, "any")) is not None:
                return Trait(name, *found)
            value = (rest == "yes") if rest in ("yes", "no") else self.values_of(rest, "any", _LIST)
            if value is not None:
                return Trait(name, *_same(value, denied=False))
        return None

    def _often(self, found: re.Match[str]) -> tuple[str, Bound] | None:
        op, written, word, or_more, low, high = found.groups()[:6]
        if low:
            first, last = self.number(low), self.number(high)
            return (
                pair("between", [first, last]) if first is not None and last is not None else None
            )
        count = _OFTEN[word] if word else self.number(written)
        # "Three times" alone is exactly as often or at least.
        kind = _OP_OF[op] if op else "gte" if or_more else ""
        return (kind, count) if kind and count is not None else None

    def _during(self, text: str, event: Event) -> tuple[str, Event]:
        found = re.match(rf"from ({_DAY}) until ({_DAY}) \(not included\)", text)
        if found:
            start, end = _moment(found[1]), _moment(found[10])
            if start and end:
                return text[found.end() :].strip(), replace(event, start=start, end=end)
        found = re.match(rf"(?:from|since) ({_DAY})(?: on)?(?= |$)", text)
        if found and (moment := _moment(found[1])):
            return text[found.end() :].strip(), replace(event, start=moment)
        found = re.match(rf"before ({_DAY})(?= |$)", text)
        if found and (moment := _moment(found[1])):
            return text[found.end() :].strip(), replace(event, end=moment)
        found = re.match(_WINDOW, text)
        window = self._window(found[0]) if found else None
        if found and window:
            return text[found.end() :].strip(), replace(event, within=window)
        return text, event

    def _extras(self, text: str, event: Event) -> Event | None:
        """The event with all the conditions on its amounts and on its first and last time."""
        while text:
            text = text.removeprefix("and ")
            found = re.match(
                rf"with (?:an? )?({'|'.join(_AGGREGATES)}) ({longest_first(self.properties)}) of ",
                text,
            )
            if found:
                total = Total(_AGGREGATES[found[1]], self.properties[found[2]], ())
                event = replace(event, totals=(*event.totals, total))
                text = text[found.end() :]
                bound = re.match(_BOUND, text)
                if bound is None:
                    return None
            elif (bound := re.match(_BOUND, text)) is None or not event.totals:
                bound = None
            if bound is not None:
                bounds = [self.number(one) for one in bound.groups()[1:] if one]
                kept = [one for one in bounds if one is not None]
                one = pair(_OP_OF[bound[1]] if bound[1] else "between", kept)
                if one is None:
                    return None
                *others, last = event.totals
                event = replace(
                    event, totals=(*others, replace(last, numbers=(*last.numbers, one)))
                )
                text = text[bound.end() :].strip()
                continue
            when = rf"(?:(before|after) ({_DAY})|({_WINDOW}))(?= |$)"
            found = re.match(rf"(for the first time|most recently) {when}", text)
            if found is None:
                return None
            value = (
                _moment(found[3])
                if found[2]
                else self._window(found[0].removeprefix(found[1]).strip())
            )
            if value is None:
                return None
            which = "first" if found[1].startswith("for") else "last"
            event = replace(
                event, moments=(*event.moments, Moment(which, found[2] or "within", value))
            )
            text = text[found.end() :].strip()
        return event

    def _in_order(self, text: str) -> Rule | None:
        found = re.match(r"(did not )?first ", text)
        if found is None:
            return None
        verbs, form = (_DO, "do") if found[1] else (_DID, "did")
        rest, within = text[found.end() :], None
        ends = re.search(rf", all within ({_NUMBER}) ({_UNIT})$", rest)
        if ends:
            within = span_of(self.number(ends[1]), _UNITS[ends[2]])
            if within is None:
                return None
            rest = rest[: ends.start()]
        steps: list[Event] = []
        for part in rest.split(", then "):
            done = self._done(part, verbs, form)
            left, step = self._during(done[1].strip(), done[0]) if done else ("?", Event(""))
            if left:
                return None
            steps.append(step)
        if not 2 <= len(steps) <= 10:
            return None
        order = InOrder(tuple(steps), within)
        return Not(order) if found[1] else order

    # Time.

    def _window(self, text: str) -> str | None:
        found = re.fullmatch(_WINDOW, text)
        if found is None:
            return None
        if found[1]:
            return _WINDOWS[found[1]]
        return span_of(self.number(found[2]) if found[2] else 1, _UNITS[found[3]])

    def _ahead(self, text: str) -> str | None:
        found = re.fullmatch(_AHEAD, text)
        if found is None:
            return None
        if found[3]:
            return _WINDOWS[found[3]]
        return span_of(self.number(found[1]) if found[1] else 1, _UNITS[found[2]])


class _Wheres(InsideEvents, EnglishEar):
    """Takes apart what stands in brackets after an event."""


_PATTERNS = {
    "contains": "contains",
    "does not contain": "not_contains",
    "starts with": "starts_with",
    "ends with": "ends_with",
}


def _same(value: Value, *, denied: bool) -> tuple[str, Value]:
    several = isinstance(value, tuple)
    return ("not_in" if several else "ne") if denied else "in" if several else "eq", value


def _spaced(name: str) -> str:
    return name.replace("_", " ")


def _moment(text: str) -> str | None:
    found = re.fullmatch(_DAY, text)
    if found is None:
        return None
    if found[6]:
        return moment_of(found[6], found[7], found[8])
    month = phrases.MONTHS.index(found[2]) + 1
    return moment_of(found[3], str(month), found[1], found[4], found[5])
