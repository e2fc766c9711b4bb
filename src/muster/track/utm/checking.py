"""What is wrong with the tags of a link, and the same link mended (TR2, CH6)."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches
from urllib.parse import quote, unquote_plus, urlsplit

from muster.kit import ids
from muster.kit.words import _
from muster.track.utm.rules import SCHEMES, Naming
from muster.warehouse import sources

NAMES = ("utm_source", "utm_medium", "utm_campaign", "utm_content", "utm_term", "utm_id")
_PERSONAL = re.compile(r"[^@\s]+@[^@\s]+\.[a-z]{2,}|(?<!\d)1[3-9]\d{9}(?!\d)", re.IGNORECASE)


@dataclass(frozen=True)
class Finding:
    """Something that is wrong."""

    code: str
    at: str
    """The parameter, or "" for the address as a whole."""
    text: str
    params: Mapping[str, str] = field(default_factory=dict)
    is_mended: bool = True
    """Whether the mended link is free of it; else a person has to decide."""


@dataclass(frozen=True)
class Checked:
    """A link, what is wrong with it, and how it should be."""

    url: str
    mended: str
    findings: tuple[Finding, ...]
    group: str = ""
    """The channel group under which its visits will count."""

    @property
    def is_good(self) -> bool:
        return not self.findings


def check(url: str, naming: Naming) -> Checked:
    """The link as it is and as it should be."""
    url = url.strip()
    try:
        parts = urlsplit(url)
        host = parts.hostname
    except ValueError:
        parts, host = urlsplit(""), None
    if parts.scheme.lower() not in SCHEMES or not host:
        text = _("This is no address of the web. Write it in full, such as https://example.com/.")
        return Checked(url, url, (Finding("bad_address", "", text, is_mended=False),))
    findings: list[Finding] = []
    before, _sign, query = url.partition("#")[0].partition("?")
    fragment = url.partition("#")[2]
    fragment, found = _out_of_fragment(fragment, findings)
    kept: list[str] = []
    said: dict[str, str] = {}
    for piece in [*filter(None, query.split("&")), *found]:
        name, _equals, value = piece.partition("=")
        right = _right_name(unquote_plus(name), findings)
        if right is None:
            kept.append(piece)
            continue
        if right in said:
            text = _("%(name)s stands there twice. The first one stays.")
            findings.append(Finding("twice", right, text, {"name": right}))
            continue
        said[right] = _right_value(right, unquote_plus(value), naming, findings)
    for name in naming.must_have:
        if not said.get(name):
            text = _("%(name)s is missing: without it nobody knows where the visit came from.")
            findings.append(Finding("missing", name, text, {"name": name}, is_mended=False))
    tags = [f"{n}={quote(said[n], safe='')}" for n in NAMES if said.get(n)]
    mended = before + ("?" + "&".join([*kept, *tags]) if kept or tags else "")
    mended += "#" + fragment if fragment else ""
    group = sources.origin(sources.landing(mended)).group if said else ""
    if group == "other":
        text = _("“%(medium)s” belongs to no channel group: its visits will not be classified.")
        medium = {"medium": said.get("utm_medium", "")}
        findings.append(Finding("no_group", "utm_medium", text, medium, is_mended=False))
    return Checked(url, mended, tuple(findings), group)


def check_all(urls: Sequence[str], naming: Naming) -> list[Checked]:
    """Every link by itself, and what does not agree between them."""
    checked = [check(url, naming) for url in urls]
    spelled: dict[str, set[str]] = defaultdict(set)
    for one in checked:
        for name, value in _tags(one.mended):
            spelled[f"{name} {re.sub(r'[-_.]', '', value)}"].add(value)
    out = []
    for one in checked:
        unlike = [
            Finding(
                "unlike",
                name,
                _("%(name)s is spelled in more than one way here: %(values)s. Choose one."),
                {"name": name, "values": ", ".join(sorted(ways))},
                is_mended=False,
            )
            for name, value in _tags(one.mended)
            if len(ways := spelled[f"{name} {re.sub(r'[-_.]', '', value)}"]) > 1
        ]
        out.append(Checked(one.url, one.mended, (*one.findings, *unlike), one.group))
    return out


def _tags(url: str) -> Iterable[tuple[str, str]]:
    query = url.partition("#")[0].partition("?")[2]
    for piece in query.split("&"):
        name, _equals, value = piece.partition("=")
        if name in NAMES:
            yield name, unquote_plus(value)


def _out_of_fragment(fragment: str, findings: list[Finding]) -> tuple[str, list[str]]:
    """Tags after the number sign are never sent to a server."""
    if "utm_" not in fragment.lower():
        return fragment, []
    place, _sign, query = fragment.rpartition("?")
    if not _sign:
        place, query = ("", fragment) if "=" in fragment.partition("&")[0] else (fragment, "")
    text = _("Tags stand behind “#”, where they are not read. They belong before it.")
    findings.append(Finding("after_fragment", "", text))
    return place, [piece for piece in query.split("&") if piece]


def _right_name(name: str, findings: list[Finding]) -> str | None:
    """The tag that is meant; None for a parameter that is none."""
    if name in NAMES:
        return name
    plain = re.sub(r"[^a-z]", "", name.lower())
    if not plain.startswith("ut"):
        return None
    known = {known.replace("_", ""): known for known in NAMES}
    near = get_close_matches(plain, known, n=1, cutoff=0.85)
    if not near:
        return None
    right = known[near[0]]
    text = _("“%(wrong)s” is not read; %(right)s is meant.")
    findings.append(Finding("misspelled", right, text, {"wrong": name, "right": right}))
    return right


def _right_value(name: str, value: str, naming: Naming, findings: list[Finding]) -> str:
    if _PERSONAL.search(value):
        text = _("%(name)s holds an address or a phone number. Personal data do not belong here.")
        findings.append(Finding("personal", name, text, {"name": name}))
        return ""
    right = right_value(name, value, naming)
    if right != value:
        text = _("%(name)s is “%(value)s”; by the rules of names it is “%(right)s”.")
        said = {"name": name, "value": value, "right": right}
        findings.append(Finding("spelling", name, text, said))
    return right


def right_value(name: str, value: str, naming: Naming) -> str:
    """What the tag of this name says by the rules of names."""
    # By our own id of a campaign its visits are found: its letters stay as they are.
    if name == "utm_campaign" and ids.number("campaign", value) is not None:
        return value
    right = re.sub(r"[\s/+&=?#%]+", "-", value.strip().lower()).strip("-")
    right = naming.synonyms.get(name, {}).get(right, right)
    if not naming.allowed.fullmatch(right):
        right = re.sub(r"[^a-z0-9._\u4e00-\u9fff-]+", "-", right).strip("-._")
    return right[: naming.longest]
