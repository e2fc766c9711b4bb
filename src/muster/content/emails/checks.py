"""The inbox check (CO3): what would keep a mail from arriving, being read, or being legal."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from django.core.cache import cache

from muster.content.emails.compose import (
    CLIP_BYTES,
    Attempt,
    Mail,
    attempted,
    known_traits,
    mail_of,
)
from muster.content.emails.models import Email
from muster.kit.words import _

SUBJECT_CELLS = 60
"""What phones show of a subject; a Chinese character takes two cells."""
_SURE = frozenset({"email", "unsubscribe_url", "view_url", "workspace"})
"""Names that everybody who gets the mail has."""


class Severity(StrEnum):
    """What a finding does to the mail."""

    BLOCK = "block"
    WARN = "warn"


@dataclass(frozen=True)
class Finding:
    """Something about the mail that should be mended."""

    severity: Severity
    code: str
    text: str
    """An English sentence marked for translation: what is wrong, and how to mend it."""
    at: str
    """The JSON pointer of the field."""
    params: Mapping[str, object] = field(default_factory=dict)

    @property
    def blocks(self) -> bool:
        return self.severity is Severity.BLOCK


def check(email: Email, traits: Collection[str] | None = None) -> list[Finding]:
    """Everything that was found about the e-mail, what blocks it first."""
    mail = mail_of(email)
    known = sorted(known_traits(email) if traits is None else traits)
    # Composing takes a while, and what it says depends on nothing but these two.
    key = "inbox:" + hashlib.sha256(repr((mail, known)).encode()).hexdigest()
    found: list[Finding] | None = cache.get(key)
    if found is None:
        found = findings(mail, attempted(mail, known))
        cache.set(key, found)
    return found


def findings(mail: Mail, attempt: Attempt) -> list[Finding]:
    """The same about a message that was composed already."""
    stops = [
        Finding(Severity.BLOCK, problem.code, problem.text, problem.at, problem.params)
        for problem in attempt.problems
    ]
    return [*stops, *_warnings(mail, attempt)]


def cells(text: str) -> int:
    """How wide a text is where a Chinese character takes two places and a Latin letter one."""
    return sum(2 if unicodedata.east_asian_width(letter) in "WF" else 1 for letter in text)


def _warnings(mail: Mail, attempt: Attempt) -> Iterator[Finding]:
    message = attempt.compiled

    def warn(code: str, text: str, at: str, **params: object) -> Finding:
        return Finding(Severity.WARN, code, text, at, params)

    width = cells(re.sub(r"\{[{%].*?[}%]\}", "", mail.subject))
    if width > SUBJECT_CELLS:
        yield warn(
            "long_subject",
            _(
                "The subject is %(width)s cells wide; phones show about %(limit)s. Say the "
                "important thing first."
            ),
            "/subject",
            width=width,
            limit=SUBJECT_CELLS,
        )
    if re.search(r"[!！]{2,}|[?？]{3,}", mail.subject) or re.search(
        r"\b[A-Z]{6,}\b.*\b[A-Z]{4,}\b", mail.subject
    ):
        yield warn(
            "loud_subject",
            _(
                "The subject shouts, which spam filters dislike. Use one mark at most and small "
                "letters."
            ),
            "/subject",
        )
    if not mail.preheader.strip():
        yield warn(
            "no_preheader",
            _(
                "There is no preview text: inboxes will show the first words of the mail. Write "
                "one sentence that goes on from the subject."
            ),
            "/preheader",
        )
    for name in sorted(message.without_default - _SURE):
        yield warn(
            "no_default",
            _(
                "“%(name)s” says nothing for people who lack it."
                ' Write {{ %(name)s | default: "…" }}.'
            ),
            _place_of(mail, name),
            name=name,
        )
    if not message.links:
        yield warn(
            "no_link", _("The mail has no link, so nobody can follow it. Add a button."), "/blocks"
        )
    if message.pictures and message.words < 20 * message.pictures:
        yield warn(
            "few_words",
            _(
                "There is little text beside the pictures (%(words)s words). Filters and people "
                "who block pictures see next to nothing: add some text."
            ),
            "/blocks",
            words=message.words,
        )
    if CLIP_BYTES * 0.8 < message.html_bytes <= CLIP_BYTES:
        yield warn(
            "nearly_too_large",
            _("The HTML has %(size)s of the %(limit)s KB after which Gmail cuts mails."),
            "/blocks",
            size=message.html_bytes // 1024,
            limit=CLIP_BYTES // 1024,
        )
    if not mail.postal_address.strip():
        yield warn(
            "no_postal_address",
            _(
                "The footer has no postal address, which many countries ask for. Add it in the "
                "settings of the workspace."
            ),
            "/sender",
        )


def _place_of(mail: Mail, name: str) -> str:
    used = re.compile(r"\{[{%][^}]*\b" + re.escape(name) + r"\b")
    for at, text in (
        ("/subject", mail.subject),
        ("/preheader", mail.preheader),
        ("/text", mail.text),
    ):
        if used.search(text):
            return at
    for index, block in enumerate(mail.blocks):
        for key, value in block.items():
            if isinstance(value, str) and used.search(value):
                return f"/blocks/{index}/{key}"
    return "/blocks"
