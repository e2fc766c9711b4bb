"""Where a visit came from (TR3): source, medium and channel group, and every reason for saying so.

All of it follows from one table, `sources.toml`. Pages, reports and the explanation ask the same
function, so what is said of one visit is what was counted.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib import resources
from urllib.parse import parse_qsl, urlsplit

from muster.kit.words import _

KINDS = ("site", "email", "paid", "search", "social", "assistant")
"""What a host can be known as."""

GROUPS: Mapping[str, str] = {
    "direct": _("Direct"),
    "search": _("Organic search"),
    "paid_search": _("Paid search"),
    "social": _("Organic social"),
    "paid_social": _("Paid social"),
    "email": _("E-mail"),
    "sms": _("SMS"),
    "wecom": _("WeCom"),
    "push": _("Push"),
    "display": _("Display ads"),
    "paid_other": _("Other ads"),
    "affiliate": _("Affiliates and KOL"),
    "video": _("Video"),
    "assistant": _("AI assistants"),
    "offline": _("QR and offline"),
    "referral": _("Links on other sites"),
    "other": _("Not classified"),
}
"""The channel groups, in the order in which people read them."""


@dataclass(frozen=True)
class Landing:
    """What is known of how a visit began, as far as it matters for its source."""

    host: str = ""
    """The site that was visited."""
    referrer_host: str = ""
    referrer_path: str = ""
    utm_source: str = ""
    utm_medium: str = ""
    click_id: str = ""
    """The name of the first parameter that an advertising system put on the address."""


@dataclass(frozen=True)
class Reason:
    """A step of the decision, as a sentence with places."""

    text: str
    params: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Origin:
    """Where a visit came from."""

    source: str
    medium: str
    group: str
    kind: str
    reasons: tuple[Reason, ...] = ()


@dataclass(frozen=True)
class _Known:
    name: str
    kind: str
    terms: tuple[str, ...] = ()


@dataclass(frozen=True)
class _Group:
    key: str
    medium: re.Pattern[str] | None
    source: re.Pattern[str] | None
    kind: str

    def fits(self, source: str, medium: str, kind: str) -> bool:
        return (
            (self.medium is None or bool(self.medium.search(medium)))
            and (self.source is None or bool(self.source.search(source)))
            and (not self.kind or self.kind == kind)
        )


@dataclass(frozen=True)
class _Table:
    hosts: Mapping[str, _Known]
    names: Mapping[str, _Known]
    click_ids: Mapping[str, Mapping[str, str]]
    groups: tuple[_Group, ...]


def landing(url: str, referrer: str = "") -> Landing:
    """What an address and the address before it say."""
    here, before = _parts(url), _parts(referrer)
    said = {name.lower(): value for name, value in parse_qsl(here[2])}
    return Landing(
        host=here[0],
        referrer_host=before[0],
        referrer_path=before[1],
        utm_source=said.get("utm_source", "").strip(),
        utm_medium=said.get("utm_medium", "").strip(),
        click_id=next((name for name in said if name in _table().click_ids), ""),
    )


def origin(of: Landing) -> Origin:
    """Where the visit came from: tags of the address before click ids before the page before."""
    if of.utm_source or of.utm_medium:
        return _of_tags(of)
    if of.click_id:
        said = _table().click_ids[of.click_id]
        known = _by_name(said["source"])
        why = Reason(
            _("The address carries %(parameter)s, which the adverts of %(source)s add."),
            {"parameter": of.click_id, "source": said["source"]},
        )
        return _grouped(said["source"], said["medium"], known.kind if known else "paid", (why,))
    if not of.referrer_host:
        why = Reason(_("No page before is known and the address carries no tags."))
        return _grouped("(direct)", "(none)", "none", (why,))
    if same_site(of.host, of.referrer_host):
        why = Reason(
            _("The page before, %(host)s, belongs to the same site."), {"host": of.referrer_host}
        )
        return _grouped("(direct)", "(none)", "none", (why,))
    return _of_page_before(of)


def search_term(referrer: str) -> str:
    """What was searched for, as far as the search engine tells it."""
    host, path, query = _parts(referrer)
    known = _by_host(host, path)
    if known is None or known[1].kind != "search":
        return ""
    said = dict(parse_qsl(query))
    return next((said[name] for name in known[1].terms if said.get(name)), "")


def same_site(host: str, other: str) -> bool:
    """Whether two hosts are one site: the same, but for www and subdomains of one another."""
    one, two = host.removeprefix("www."), other.removeprefix("www.")
    return bool(one) and (one == two or one.endswith("." + two) or two.endswith("." + one))


def click_ids() -> tuple[str, ...]:
    """The parameters by which adverts are recognised."""
    return tuple(_table().click_ids)


def kind_of_source(utm_source: str) -> str:
    """What a utm_source is known as: search, social …; "" if it is not known."""
    known = _by_name(utm_source)
    return known.kind if known else ""


def _of_tags(of: Landing) -> Origin:
    source, medium = of.utm_source or "(not set)", of.utm_medium or "(not set)"
    known = _by_name(of.utm_source)
    reasons = [
        Reason(
            _("The address says utm_source=%(source)s and utm_medium=%(medium)s."),
            {"source": source, "medium": medium},
        )
    ]
    if known is not None:
        reasons.append(Reason(*_is_known(of.utm_source, known)))
    return _grouped(source, medium.lower(), known.kind if known else "", tuple(reasons))


def _of_page_before(of: Landing) -> Origin:
    found = _by_host(of.referrer_host, of.referrer_path)
    if found is None:
        why = Reason(
            _("The page before lies on %(host)s, no known source: a link on another site."),
            {"host": of.referrer_host},
        )
        return _grouped(of.referrer_host.removeprefix("www."), "referral", "site", (why,))
    pattern, known = found
    why = Reason(*_is_known(of.referrer_host, known, pattern))
    medium = {"search": "organic", "paid": "cpc", "site": "referral"}.get(known.kind, known.kind)
    return _grouped(known.name, medium, known.kind, (why,))


_KIND_SENTENCES = {
    "search": _("%(given)s is the search engine %(name)s (entry “%(entry)s” of the table)."),
    "social": _("%(given)s is the social network %(name)s (entry “%(entry)s” of the table)."),
    "email": _("%(given)s is the mail program %(name)s (entry “%(entry)s” of the table)."),
    "paid": _("%(given)s is the advertising network %(name)s (entry “%(entry)s” of the table)."),
    "assistant": _("%(given)s is the AI assistant %(name)s (entry “%(entry)s” of the table)."),
    "site": _("%(given)s belongs to %(name)s, but is no search (entry “%(entry)s” of the table)."),
}


def _is_known(given: str, known: _Known, entry: str = "") -> tuple[str, Mapping[str, str]]:
    said = {"given": given, "name": known.name, "entry": entry or known.name}
    return _KIND_SENTENCES[known.kind], said


def _grouped(source: str, medium: str, kind: str, reasons: tuple[Reason, ...]) -> Origin:
    for group in _table().groups:
        if group.fits(source.lower(), medium.lower(), kind):
            return Origin(source, medium, group.key, kind, reasons)
    why = Reason(_("No channel group of the table fits it."))
    return Origin(source, medium, "other", kind, (*reasons, why))


def _by_name(name: str) -> _Known | None:
    said = name.strip().lower()
    found = _table().names.get(said)
    if found is None and "." in said:
        by_host = _by_host(said, "")
        return by_host[1] if by_host else None
    return found


def _by_host(host: str, path: str) -> tuple[str, _Known] | None:
    """The most exact entry of the table for a host, and how it is written there."""
    if not host:
        return None
    hosts = _table().hosts
    labels = host.removeprefix("www.").split(".")
    for at in range(len(labels)):
        rest = labels[at:]
        # As it is, then with any ending of one or two labels: google.de, google.com.hk.
        candidates = [".".join(rest)]
        candidates += [".".join(rest[:-n]) + ".*" for n in (1, 2) if len(rest) > n]
        for candidate in candidates:
            steps = path.strip("/").split("/") if path.strip("/") else []
            for deep in range(min(len(steps), 3), -1, -1):
                entry = "/".join([candidate, *steps[:deep]])
                if entry in hosts:
                    return entry, hosts[entry]
    return None


def _parts(url: str) -> tuple[str, str, str]:
    try:
        parts = urlsplit(url.strip())
        return (parts.hostname or "").lower(), parts.path, parts.query
    except ValueError:
        return "", "", ""


@cache
def _table() -> _Table:
    text = resources.files("muster.warehouse").joinpath("sources.toml").read_text("utf-8")
    data = tomllib.loads(text)
    hosts: dict[str, _Known] = {}
    names: dict[str, _Known] = {}
    for kind in KINDS:
        for name, entry in data[kind].items():
            written = entry if isinstance(entry, str) else entry["hosts"]
            terms = () if isinstance(entry, str) else tuple(entry["terms"].split())
            known = _Known(name, kind, terms)
            for host in written.split():
                hosts.setdefault(host, known)
            # Who advertises everywhere is known by what else they are.
            if kind == "paid":
                names.setdefault(name.lower(), known)
            elif kind != "site":
                names[name.lower()] = known
    for alias, name in data["alias"].items():
        names[alias.lower()] = names[name.lower()]
    groups = tuple(
        _Group(
            entry["key"],
            re.compile(entry["medium"]) if "medium" in entry else None,
            re.compile(entry["source"]) if "source" in entry else None,
            entry.get("kind", ""),
        )
        for entry in data["group"]
    )
    return _Table(hosts, names, data["click_id"], groups)
