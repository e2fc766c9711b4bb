"""The command palette (PF7): one field that finds places, things and actions.

Parts say what they have with `@entries`; the words are matched here, also by pinyin and across
simplified and traditional characters: `ssyyr` finds 双十一预热, 活動 finds 活动.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import Any, Literal, TypeAlias
from urllib.parse import quote

from django.utils.functional import Promise
from django.utils.translation import get_language, gettext
from django.utils.translation import gettext_lazy as _

from muster.ui import formats
from muster.ui.calculator import NoSum, calculate
from muster.ui.menu import FOOT, MENU, address
from muster.ui.middleware import worded

MOST = 30


@dataclass(frozen=True)
class Entry:
    """One thing to go to, to do, or to create under the words that were typed."""

    kind: Literal["go", "do", "ask", "help", "create"]
    title: str | Promise
    url: str
    hint: str | Promise = ""
    icon: str = "arrow-right"
    keywords: Sequence[str] = field(default_factory=tuple)
    """Further words that find it, such as its name in another language."""
    of: str = ""
    """`people` or `campaigns`: what the signs @ and # ask for."""
    is_pinned: bool = False
    opens: str = ""
    """The dialog of the open page that it shows, in place of going anywhere."""


SIGNS = {">": "do", "@": "people", "#": "campaigns", "=": "sum", "?": "help"}
"""First letter of a query → what alone it asks for."""
_WIDE = str.maketrans("＞＠＃＝？", ">@#=?")
"""The signs as a Chinese input method writes them."""

Source: TypeAlias = Callable[[Any, str], Iterable[Entry]]
"""(user, query) → what this user may see. It may narrow the things down by the query, if they are
many; the palette matches and orders what comes."""

_sources: list[Source] = []
_here: list[Source] = []
_answers: list[Source] = []
Help: TypeAlias = tuple[str | Promise, str, str, str | Promise, tuple[str, ...]]
"""One row of a table of help: title, route, right, the answer in a sentence, further words."""
Creator: TypeAlias = Callable[[Any, str, str], Iterable[Entry]]
"""(user, words, path of the page) → what may be created there under these words."""
_creators: list[Creator] = []
_helps: list[Source] = []


def entries(source: Source) -> Source:
    """Register a source of entries."""
    _sources.append(source)
    return source


def here(source: Source) -> Source:
    """Register what can be done on a page: (user, path) → entries, which come before all others."""
    _here.append(source)
    return source


def answers(source: Source) -> Source:
    """Register answers to questions of a fixed form: (user, query) → entries of kind `ask`.

    An answer says how it came about: its address is the trace. What fits no form gets no answer.
    """
    _answers.append(source)
    return source


def creates(source: Creator) -> Creator:
    """Register what can be created with the words that were typed as its name."""
    _creators.append(source)
    return source


def helps(source: Source) -> Source:
    """Register help: (user, path of the page) → entries of kind `help`.

    The title says what it is about, the hint answers in a sentence, and the address leads to the
    page that it is about, with its help open (`#shortcuts`).
    """
    _helps.append(source)
    return source


def acts(user: Any, url: str) -> list[Entry]:
    """What can be done with the thing at this address, without going there first."""
    return [entry for source in _here for entry in source(user, url.partition("?")[0])]


def find(user: Any, query: str, at: str = "", pins: Mapping[str, str] | None = None) -> list[Entry]:
    """The entries that fit, the best first; a sign of SIGNS at the beginning asks for one kind.

    Order: what answers the query; what this person pinned (`pins`: address → title); what can be
    done on the page `at`; then by how the title fits: it begins with the query, holds it, its
    pinyin begins with it, anything else fits; last, what can be created under these words.
    Without a query: actions, then places.
    """
    pins = pins or {}
    query = query.strip()
    sign = SIGNS.get(query[:1].translate(_WIDE), "")
    wanted = query[1:].strip() if sign else query
    if sign == "sum":
        return list(_sum(wanted))
    if sign == "help":
        return _help(user, wanted, at)[:MOST]
    found = [] if sign else [entry for source in _answers for entry in source(user, wanted)]
    made = []
    if wanted and sign in ("", "do"):
        made = [entry for source in _creators for entry in source(user, wanted, at)]
    ranked: list[tuple[bool, int, bool, bool, int, Entry]] = []
    near = [entry for source in _here for entry in source(user, at)] if at else []
    far = (entry for source in _sources for entry in source(user, wanted))
    seen: set[tuple[str, str]] = set()
    unseen = dict(pins)
    for place, entry in enumerate((*near, *far)):
        if sign and sign not in (entry.kind, entry.of):
            continue
        rank = _rank(entry, wanted)
        if rank is None or (str(entry.title), entry.url) in seen:
            continue
        seen.add((str(entry.title), entry.url))
        is_pinned = unseen.pop(entry.url, None) is not None
        if is_pinned:
            entry = replace(entry, is_pinned=True)
        order = (not is_pinned, rank, place >= len(near), entry.kind != "do", place)
        ranked.append((*order, entry))
    ranked.sort(key=lambda one: one[:5])
    # Pinned things of which the sources name only a few, such as people, by the title they had.
    kept = [
        Entry("go", title, url, icon="star", is_pinned=True)
        for url, title in unseen.items()
        if not sign and (not wanted or matches(title, wanted))
    ]
    found += [*kept, *(entry for *_order, entry in ranked)]
    if wanted and not sign and not found:
        found = _help(user, wanted, at)
    return [*found[: MOST - len(made)], *made]


def _sum(text: str) -> Iterable[Entry]:
    address = f"/search?q=%3D{quote(text)}"
    try:
        found = calculate(text)
    except NoSum as why:
        said = gettext("A sum such as 50万*12%% or (8000+1.2k)/3") if not text else why.text
        yield Entry(
            "ask", worded(said, {}), address, text, "alert-circle" if text else "percentage"
        )
        return
    shown = formats.number(found, get_language() or "en", digits=4)
    yield Entry("ask", f"= {shown}", address, text, "percentage")


def _help(user: Any, wanted: str, at: str) -> list[Entry]:
    """The help that fits the words, what is about the open page first."""
    ranked = []
    for place, entry in enumerate(entry for source in _helps for entry in source(user, at)):
        rank = _rank(entry, wanted)
        if rank is not None:
            is_here = re.split(r"[?#]", entry.url)[0] == at
            shown = replace(entry, opens="shortcuts") if is_here else entry
            ranked.append((not is_here, rank, place, shown))
    ranked.sort(key=lambda one: one[:3])
    return [entry for *_order, entry in ranked]


def matches(text: str, query: str) -> bool:
    """Whether a text is found by a query, in any of the ways of writing."""
    return _place(text, query) is not None


def _rank(entry: Entry, query: str) -> int | None:
    if not query:
        return 0
    places = [_place(str(entry.title), query)]
    places += [
        3 if matches(str(word), query) else None for word in (*entry.keywords, str(entry.hint))
    ]
    return min((place for place in places if place is not None), default=None)


def _place(text: str, query: str) -> int | None:
    plain, full, initials = _forms(text)
    wanted, close = _meant(query)
    if plain.startswith(wanted):
        return 0
    if wanted in plain:
        return 1
    if close.isascii() and close:
        if initials.startswith(close) or full.startswith(close):
            return 2
        if close in initials or close in full:
            return 3
    words = wanted.split()
    return 3 if len(words) > 1 and all(word in plain for word in words) else None


@lru_cache(maxsize=256)
def _meant(query: str) -> tuple[str, str]:
    """The query as it is compared: with its gaps, and without."""
    wanted = _folded(query)
    return wanted, re.sub(r"[\s·,，、-]+", "", wanted)


@lru_cache(maxsize=20_000)
def _forms(text: str) -> tuple[str, str, str]:
    from pypinyin import Style, lazy_pinyin

    plain = _folded(text)
    close = re.sub(r"[\s·,，、-]+", "", plain)
    syllables = lazy_pinyin(close)
    initials = lazy_pinyin(close, style=Style.FIRST_LETTER)
    return plain, "".join(syllables), "".join(initials)


@lru_cache(maxsize=20_000)
def _folded(text: str) -> str:
    return _simplified().convert(text.casefold()) if not text.isascii() else text.casefold()


@lru_cache(maxsize=1)
def _simplified() -> Any:
    from opencc import OpenCC

    return OpenCC("t2s")


@entries
def _places(user: Any, query: str) -> Iterable[Entry]:
    for place in (*(entry for group in MENU for entry in group.entries), *FOOT):
        url = address(place.route)
        if url and user.may(place.permission):
            yield Entry("go", place.label, url, _("Page"), place.icon, (place.name,))


@helps
def _of_the_frame(user: Any, at: str) -> Iterable[Entry]:
    if at:
        words = ("help", "shortcuts", "keys", "帮助", "快捷键")
        hint = _("What it is for, and the keys that work on it")
        yield Entry("help", _("Help for this page"), f"{at}#shortcuts", hint, "help-circle", words)
    yield Entry(
        "help",
        _("Search: the signs at the beginning"),
        "/search#shortcuts",
        _("> finds actions, @ people, # campaigns and ? help; = works out a sum."),
        "help-circle",
        ("search", "palette", "搜索", "calculator"),
    )
