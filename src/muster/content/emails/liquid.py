"""Personalisation (CO3): `{{ first_name | default: "friend" }}` in the words of an e-mail.

A small and safe part of Liquid: outputs, `if`, `unless` and `case` over names that we know. There
are no loops, no includes and no looking into values, and what a person's data contain is always
escaped in HTML.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from difflib import get_close_matches
from enum import StrEnum
from html import unescape
from typing import Any, TypeAlias

from liquid import BoundTemplate, Environment
from liquid import Mode as Tolerance
from liquid.exceptions import LiquidError
from markupsafe import escape

from muster.content.emails.rich import LIQUID
from muster.kit.errors import Problem
from muster.kit.words import _

Namespace: TypeAlias = Mapping[str, object]
Fill: TypeAlias = Callable[[Namespace], str]

FILTERS = (
    "default",
    "upcase",
    "downcase",
    "capitalize",
    "strip",
    "truncate",
    "truncatewords",
    "append",
    "prepend",
    "date",
    "round",
    "ceil",
    "floor",
    "abs",
    "plus",
    "minus",
    "times",
    "divided_by",
    "modulo",
    "at_least",
    "at_most",
)
TAGS = ("if", "unless", "case", "comment")
_WIDE = re.compile(r"%[-_0^#]*\d")
"""A width in a date format: one such letter can make a text of a hundred megabytes."""
_SIMPLE = re.compile(
    r"""\{\{\s*([^\W\d]\w*)\s*(?:\|\s*default:\s*(?:"([^"{}]*)"|'([^'{}]*)')\s*)?\}\}"""
)


class _Liquid(Environment):
    """Liquid that can neither load, loop nor grow."""

    context_depth_limit = 10
    block_nesting_limit = 10
    loop_iteration_limit = 0
    local_namespace_limit = 0
    output_stream_limit = 200_000

    def __init__(self, *, autoescape: bool) -> None:
        super().__init__(autoescape=autoescape, tolerance=Tolerance.STRICT, strict_filters=True)
        machinery = ("content", "output", "illegal")
        self.tags = {name: self.tags[name] for name in (*TAGS, *machinery)}
        self.filters = {name: self.filters[name] for name in FILTERS}


_ESCAPED = _Liquid(autoescape=True)
_PLAIN = _Liquid(autoescape=False)


class Mode(StrEnum):
    """How a hole is filled."""

    HTML = "html"
    """Liquid whose outputs are escaped; what stands around them is HTML."""
    PLAIN = "plain"
    """Liquid in plain text."""
    WORDS = "words"
    """Plain text with Liquid, escaped as a whole: safe inside an attribute too."""
    PICTURE = "picture"
    """The counting picture with the address of this name, if there is one."""


@dataclass(frozen=True)
class Hole:
    """A place that is filled for every person."""

    mode: Mode
    source: str
    fill: Fill = field(compare=False, repr=False)


Part: TypeAlias = str | Hole


@dataclass(frozen=True)
class Text:
    """Text with holes, ready to be filled for one person after another."""

    parts: tuple[Part, ...] = ()

    def render(self, values: Namespace) -> str:
        return "".join(
            [part if isinstance(part, str) else part.fill(values) for part in self.parts]
        )

    def to_json(self) -> list[object]:
        """Fixed text as a text, a hole as `[mode, source]`; `from_json` reads it back."""
        return [part if isinstance(part, str) else [part.mode, part.source] for part in self.parts]

    @classmethod
    def from_json(cls, data: Iterable[Any]) -> Text:
        return cls(
            tuple(part if isinstance(part, str) else hole(Mode(part[0]), part[1]) for part in data)
        )

    @property
    def fixed_bytes(self) -> int:
        """The size of what is the same for everybody."""
        return sum(len(part.encode()) for part in self.parts if isinstance(part, str))


def text(source: str, *, escaped: bool) -> Text:
    """The source, compiled; `escaped` says that the outcome is HTML. It was checked before."""
    mode = Mode.HTML if escaped else Mode.PLAIN
    outputs = list(LIQUID.finditer(source))
    if not outputs:
        return Text((source,) if source else ())
    if not all(_SIMPLE.fullmatch(found[0]) for found in outputs):
        return Text((hole(mode, source),))
    parts: list[Part] = []
    place = 0
    for found in outputs:
        if source[place : found.start()]:
            parts.append(source[place : found.start()])
        parts.append(hole(mode, found[0]))
        place = found.end()
    if source[place:]:
        parts.append(source[place:])
    return Text(tuple(parts))


def words(source: str) -> Text:
    """One line of plain text with Liquid, as HTML that is safe also inside an attribute."""
    if not LIQUID.search(source):
        return Text((str(escape(source)),) if source else ())
    return Text((hole(Mode.WORDS, source),))


def hole(mode: Mode, source: str) -> Hole:
    """A hole with what fills it."""
    fills: dict[Mode, Callable[[str], Fill]] = {
        Mode.HTML: lambda s: _output(s, escaped=True),
        Mode.PLAIN: lambda s: _output(s, escaped=False),
        Mode.WORDS: _words,
        Mode.PICTURE: _picture,
    }
    return Hole(mode, source, fills[mode](source))


def _output(source: str, *, escaped: bool) -> Fill:
    simple = _SIMPLE.fullmatch(source)
    return _simple(simple, escaped=escaped) if simple else _template(source, escaped=escaped)


def _words(source: str) -> Fill:
    plain = text(source, escaped=False)
    return lambda values: str(escape(plain.render(values)))


def _picture(name: str) -> Fill:
    def filled(values: Namespace) -> str:
        url = values[name]
        if not url:
            return ""
        style = "display:block;border:0"
        return f'<img src="{escape(str(url))}" width="1" height="1" alt="" style="{style}">'

    return filled


def namespace(values: Mapping[str, object], names: Collection[str]) -> dict[str, object]:
    """What the holes are filled from: a name without a value is nothing, never an error."""
    return {name: _shown(values.get(name)) for name in names}


def is_name(text: str) -> bool:
    """Whether a name can be written between the braces."""
    return bool(re.fullmatch(r"[^\W\d_]\w*", text))


def joined(pieces: Iterable[Text]) -> Text:
    """Several texts one after the other, with what is fixed melted together."""
    parts: list[Part] = []
    for piece in pieces:
        for part in piece.parts:
            if isinstance(part, str) and parts and isinstance(parts[-1], str):
                parts[-1] += part
            else:
                parts.append(part)
    return Text(tuple(parts))


@dataclass(frozen=True)
class Use:
    """One name that a text uses."""

    name: str
    has_default: bool


def check(source: str, names: Collection[str], at: str) -> tuple[list[Problem], list[Use]]:
    """What is wrong with the Liquid of one field, and which names it uses."""
    if "{{" not in source and "{%" not in source:
        return [], []
    try:
        template = _ESCAPED.from_string(source)
        found = template.analyze()
    except LiquidError as error:
        return [_broken(source, error, at)], []
    problems = [
        Problem(
            at,
            "unknown_filter",
            _("There is no filter “%(name)s”. Use one of: %(known)s."),
            {"name": name, "known": ", ".join(FILTERS)},
        )
        for name in found.filters
        if name not in FILTERS
    ]
    uses = []
    for name, places in found.globals.items():
        if any(len(place.segments) > 1 for place in places):
            problems.append(
                Problem(
                    at,
                    "no_lookup",
                    _(
                        "“%(name)s” is one value; nothing can be looked up in it. Write {{ "
                        "%(name)s }}."
                    ),
                    {"name": name},
                )
            )
        elif name not in names:
            problems.append(_undefined(name, names, at))
        else:
            uses.append(Use(name, _has_default(source, name)))
    for output in LIQUID.findall(source):
        if output.startswith("{{") and _WIDE.search(output):
            problems.append(
                Problem(
                    at,
                    "wide_date",
                    _("“%(source)s” pads with a width. Write dates like %%Y-%%m-%%d."),
                    {"source": output[:80]},
                )
            )
        if output.startswith("{{") and any(letter in output for letter in "<>\\"):
            problems.append(
                Problem(
                    at,
                    "markup_in_liquid",
                    _("“%(source)s” contains <, > or \\. Put tags outside of the braces."),
                    {"source": output[:80]},
                )
            )
    return problems, uses


def _template(source: str, *, escaped: bool) -> Fill:
    template: BoundTemplate = (_ESCAPED if escaped else _PLAIN).from_string(source)

    def filled(values: Namespace) -> str:
        try:
            return template.render(values)
        except LiquidError:
            # A sum over something that is no number: this person's text goes without it.
            return ""

    return filled


def _simple(found: re.Match[str], *, escaped: bool) -> Fill:
    name, default = found[1], unescape(found[2] or found[3] or "")
    otherwise = str(escape(default)) if escaped else default

    def filled(values: Namespace) -> str:
        value = values[name]
        if value is None or value is False:
            return otherwise
        written = value if isinstance(value, str) else "true" if value is True else str(value)
        return str(escape(written)) if escaped else written

    return filled


def _shown(value: object) -> object:
    if isinstance(value, str):
        return value if value and not value.isspace() else None
    if isinstance(value, bool | int) or value is None:
        return value
    if isinstance(value, float | Decimal):
        number = float(value)
        return int(number) if number.is_integer() and abs(number) < 1e15 else number
    if isinstance(value, datetime | date):
        return value.isoformat()
    return str(value)


def _has_default(source: str, name: str) -> bool:
    uses = re.findall(r"\{\{[^}]*?\b" + re.escape(name) + r"\b[^}]*\}\}", source)
    guarded = re.search(r"\{%-?\s*(if|unless|case)\b[^%]*\b" + re.escape(name) + r"\b", source)
    return bool(guarded) or all(re.search(r"\|\s*default\s*:", use) for use in uses)


def _undefined(name: str, names: Collection[str], at: str) -> Problem:
    near = get_close_matches(name, [n for n in names if not n.startswith("_")], 1)
    known = sorted(n for n in names if not n.startswith("_"))
    text_ = _("We do not know “%(name)s”. You can use: %(known)s.")
    if near:
        text_ = _("We do not know “%(name)s”. Did you mean “%(near)s”? You can use: %(known)s.")
    return Problem(
        at,
        "undefined_variable",
        text_,
        {"name": name, "near": near[0] if near else "", "known": ", ".join(known[:40])},
    )


def _broken(source: str, error: LiquidError, at: str) -> Problem:
    message = str(error).split("\n")[0]
    tag = re.search(r"\{%-?\s*(\w+)", source)
    if "unexpected tag" in message and tag:
        names = re.findall(r"\{%-?\s*(\w+)", source)
        known = {*TAGS, *(f"end{t}" for t in TAGS), "else", "elsif", "when"}
        unknown = next((n for n in names if n not in known), names[0])
        return Problem(
            at,
            "unknown_tag",
            _(
                "“%(name)s” cannot be used here. Use if, unless or case, and close them with "
                "endif, endunless or endcase."
            ),
            {"name": unknown},
        )
    return Problem(
        at,
        "broken_liquid",
        _(
            "The personalisation cannot be read (%(reason)s)."
            ' Write it like {{ first_name | default: "friend" }}.'
        ),
        {"reason": message[:120]},
    )
