"""What the records of a sending domain are worth: SPF (RFC 7208), DKIM (6376), DMARC (7489).

Texts in, verdict out: no network here. None in place of texts means that nobody answered.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from enum import StrEnum

USUAL_SELECTORS = (
    "default", "dkim", "mail", "s1", "s2", "k1", "k2", "key1", "selector1", "selector2", "google",
    "mx", "smtp", "fm1", "pm", "scph0", "everlytickey1", "muster",
)  # fmt: skip
"""Under which names providers keep their keys; asked when nobody said which one is ours."""


class Verdict(StrEnum):
    """What became of one kind of record."""

    PASS = "pass"  # noqa: S105  (no password)
    MISSING = "missing"
    TWICE = "twice"
    OPEN = "open"
    """It lets everybody send in our name."""
    REVOKED = "revoked"
    BROKEN = "broken"
    NOT_FOUND = "not_found"
    """Under none of the usual names; it may be under another."""
    UNANSWERED = "unanswered"


def spf(texts: Sequence[str] | None) -> Verdict:
    """Of the records at the domain itself."""
    if texts is None:
        return Verdict.UNANSWERED
    found = [text.strip() for text in texts if re.match(r"v=spf1(\s|$)", text.strip(), re.I)]
    if not found:
        return Verdict.MISSING
    if len(found) > 1:
        return Verdict.TWICE
    terms = found[0].lower().split()[1:]
    if "all" in terms or "+all" in terms:
        return Verdict.OPEN
    return Verdict.PASS


def dkim(texts: Mapping[str, Sequence[str] | None], *, is_told: bool) -> Verdict:
    """Of the records by selector; `is_told` when somebody said which selector is ours."""
    keys = [
        tags
        for answers in texts.values()
        for answer in answers or ()
        if "p" in (tags := _tags(answer)) and tags.get("v", "DKIM1") == "DKIM1"
    ]
    if any(tags["p"] for tags in keys):
        return Verdict.PASS
    if keys and is_told:
        return Verdict.REVOKED
    if any(answers is None for answers in texts.values()):
        return Verdict.UNANSWERED
    return Verdict.MISSING if is_told else Verdict.NOT_FOUND


def dmarc(texts: Sequence[str] | None) -> Verdict:
    """Of the records at `_dmarc.` of the domain, or of the one above it."""
    if texts is None:
        return Verdict.UNANSWERED
    found = [tags for text in texts if (tags := _tags(text)).get("v") == "DMARC1"]
    if not found:
        return Verdict.MISSING
    if len(found) > 1:
        return Verdict.TWICE
    if found[0].get("p", "").lower() not in {"none", "quarantine", "reject"}:
        return Verdict.BROKEN
    return Verdict.PASS


def above(domain: str) -> list[str]:
    """The domain and those above it down to two labels: a DMARC record of these holds as well."""
    labels = domain.split(".")
    return [".".join(labels[place:]) for place in range(max(len(labels) - 1, 1))]


def _tags(text: str) -> dict[str, str]:
    pairs = (part.partition("=") for part in text.split(";"))
    return {name.strip().lower(): "".join(value.split()) for name, _equals, value in pairs}
