"""What the columns of a file mean, and whether a value can be used (PE2)."""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from muster.kit.words import _
from muster.people.consent.rules import CHANNELS, PURPOSES
from muster.people.profile.names import split_name
from muster.people.profile.rules import normal_email, normal_phone

IDENTITIES = ("external_id", "email", "phone")
FIELDS = {
    "external_id": _("Id in your systems"),
    "email": _("E-mail address"),
    "phone": _("Phone"),
    "name": _("Whole name"),
    "first_name": _("First name"),
    "last_name": _("Last name"),
    "language": _("Language"),
    "time_zone": _("Time zone"),
}
"""The fields of a person that a column may be; every other name is a trait."""

LEAVE_OUT = ""
"""The target of a column that is not imported."""
MOST_TEXT = 1000
"""Letters of a trait's value; what is longer is not meant for a profile."""
MOST_BREAKS = 100

_WORDS = json.loads((Path(__file__).parent / "words.json").read_text(encoding="utf-8"))
_NAMES: dict[str, list[str]] = _WORDS["columns"]
_TARGET_OF = {name: target for target, names in _NAMES.items() for name in names}
_GRANTED = frozenset(_WORDS["granted"])
_WITHDRAWN = frozenset(_WORDS["withdrawn"])
_NUMBER = re.compile(r"-?(0|[1-9]\d{0,14})(\.\d{1,12})?")


@dataclass(frozen=True)
class Guess:
    """What a column probably is, and how sure that is (0–1)."""

    target: str
    confidence: float


@dataclass(frozen=True)
class Flaw:
    """Why a value, or a whole row, cannot be used."""

    column: str
    """Empty when the row as a whole is meant."""
    reason: str
    """A key of `REASONS`."""


@dataclass(frozen=True)
class Reason:
    """One kind of flaw: what it is, and how to mend it."""

    text: str
    advice: str


REASONS = {
    "bad_email": Reason(
        _("This is no e-mail address."), _("Write it like name@example.com, one address per cell.")
    ),
    "bad_phone": Reason(
        _("This is no valid phone number."),
        _("Write it with its country code, such as +86 138 0013 8000."),
    ),
    "bad_consent": Reason(
        _("It is not clear whether this is a yes or a no."), _("Write yes or no, 是 or 否.")
    ),
    "too_long": Reason(
        _("The text is longer than 1,000 letters."), _("Shorten it, or leave the column out.")
    ),
    "no_identity": Reason(
        _("Nothing in this row says who it is."),
        _("Give an id, a valid e-mail address or a valid phone number."),
    ),
    "ragged": Reason(
        _("The row has more cells than the header."),
        _("Put quotation marks around cells that contain the separator."),
    ),
    "open_quote": Reason(
        _("A cell runs over more than a hundred lines."),
        _("Close the quotation mark at the end of the cell, or double it inside the text."),
    ),
    "withdrew_before": Reason(
        _("This person withdrew consent before; a file cannot give it back."),
        _("Ask the person, for example by a form. Everything else of the row was imported."),
    ),
}


@dataclass(frozen=True)
class Reading:
    """How the rows of one file are understood."""

    columns: tuple[str, ...]
    targets: tuple[str, ...]
    """Per column: field, trait, `consent:channel:purpose` (and `:topic`) or LEAVE_OUT."""
    region: str
    """Country of phone numbers without a country code."""
    consents: tuple[tuple[str, str], ...] = ()
    """Channel and purpose that every person of the file has allowed."""

    @property
    def speaks_of_consent(self) -> bool:
        return bool(self.consents) or any(t.startswith("consent:") for t in self.targets)


@dataclass
class Row:
    """One row of the file, understood."""

    number: int
    cells: list[str]
    identities: dict[str, str] = field(default_factory=dict)
    traits: dict[str, str] = field(default_factory=dict)
    """Fields and traits without the identities; values are text still."""
    consents: dict[tuple[str, str, str], str] = field(default_factory=dict)
    """(channel, purpose, id of a topic or "") → state."""
    flaws: list[Flaw] = field(default_factory=list)

    @property
    def key(self) -> tuple[str, str] | None:
        """By what the person is recognised; None if nothing in the row says who it is."""
        for kind in IDENTITIES:
            if kind in self.identities:
                return kind, self.identities[kind]
        return None

    @property
    def is_usable(self) -> bool:
        return self.key is not None and not any(
            flaw.reason in {"ragged", "open_quote"} for flaw in self.flaws
        )


def plain_name(header: str) -> str:
    """A header without what people write differently."""
    return re.sub(r"[\s_.\-()（）:：*]+", "", unicodedata.normalize("NFKC", header)).casefold()


def guess(header: str, samples: Sequence[str], region: str) -> Guess:
    """What the column probably is, by its name and some of its values."""
    target = _TARGET_OF.get(plain_name(header))
    values = [sample for sample in samples if sample]
    mails = _share(values, lambda value: "@" in value and normal_email(value) is not None)
    if target == "email":
        return Guess("email", 0.98 if mails > 0.7 or not values else 0.6)
    if mails > 0.7:
        return Guess("email", 0.85)
    if target == "phone":
        phones = _share(values, lambda value: normal_phone(value, region) is not None)
        return Guess("phone", 0.98 if phones > 0.7 or not values else 0.6)
    if target is not None:
        unsure = target == "external_id" and len(set(values)) < len(values) / 2
        return Guess(header if unsure else target, 0.6 if unsure else 0.95)
    mobiles = _share(values, lambda value: bool(re.fullmatch(r"(\+?86)?1[3-9]\d{9}", value)))
    if mobiles > 0.8 and region == "CN":
        return Guess("phone", 0.8)
    return Guess(header, 0.9)


def guesses(columns: Sequence[str], samples: Sequence[Sequence[str]], region: str) -> list[Guess]:
    """A guess per column; each field is given once, to the column that is surest of it."""
    found = [guess(name, samples[i], region) for i, name in enumerate(columns)]
    for target in {g.target for g in found} & {*FIELDS, *_NAMES} - {LEAVE_OUT}:
        rivals = [i for i, g in enumerate(found) if g.target == target]
        best = max(rivals, key=lambda i: found[i].confidence)
        for i in rivals:
            if i != best:
                # A second address is personal all the same, so it is no trait by itself.
                is_personal = target in ("email", "phone")
                found[i] = Guess(LEAVE_OUT if is_personal else columns[i], 0.6)
    return found


def unknown_target(target: str) -> bool:
    """Whether a target is neither field nor trait nor a consent that exists."""
    if not target.startswith("consent:"):
        return len(target) > 100
    parts = target.split(":")
    return len(parts) not in (3, 4) or parts[1] not in CHANNELS or parts[2] not in PURPOSES


def number_of(text: str) -> float | int | None:
    """The number that a cell is; None for text, and for what loses by being a number (007)."""
    if not _NUMBER.fullmatch(text):
        return None
    return float(text) if "." in text else int(text)


def consent_of(text: str) -> str | None:
    """`granted` or `withdrawn`; None if the word is neither."""
    word = re.sub(r"[\s_\-]+", "", unicodedata.normalize("NFKC", text)).casefold()
    if word in _GRANTED:
        return "granted"
    return "withdrawn" if word in _WITHDRAWN else None


def read_row(reading: Reading, number: int, cells: list[str]) -> Row:
    """Understand one row: a flaw costs its cell, and the whole row only if nobody is left in it."""
    row = Row(number, cells)
    if len(cells) > len(reading.columns) and any(cells[len(reading.columns) :]):
        row.flaws.append(Flaw("", "ragged"))
        return row
    for column, target, text in zip(reading.columns, reading.targets, cells, strict=False):
        if not text or target == LEAVE_OUT:
            continue
        if len(text) > MOST_TEXT:
            is_open = text.count("\n") > MOST_BREAKS or text.count("\r") > MOST_BREAKS
            row.flaws.append(
                Flaw("" if is_open else column, "open_quote" if is_open else "too_long")
            )
        elif target == "email":
            _take(row, "email", column, normal_email(text), "bad_email")
        elif target == "phone":
            _take(row, "phone", column, normal_phone(text, reading.region), "bad_phone")
        elif target == "external_id":
            _take(row, "external_id", column, text if len(text) <= 200 else None, "too_long")
        elif target == "name":
            first, last = split_name(text)
            row.traits.setdefault("first_name", first)
            row.traits.setdefault("last_name", last)
        elif target.startswith("consent:"):
            _word, channel, purpose, topic = (target + ":").split(":")[:4]
            state = consent_of(text)
            if state is None:
                row.flaws.append(Flaw(column, "bad_consent"))
            else:
                row.consents[channel, purpose, topic] = state
        else:
            row.traits[target] = text
    if row.key is None:
        row.flaws.append(Flaw("", "no_identity"))
    else:
        for place in reading.consents:
            row.consents.setdefault((*place, ""), "granted")
    return row


def typed(traits: Mapping[str, str], numbers: frozenset[str]) -> dict[str, object]:
    """The traits with those as numbers whose whole column holds nothing else."""
    return {
        name: number_of(text) if name in numbers else text for name, text in traits.items() if text
    }


def safe_cell(text: str) -> str:
    """A cell that no spreadsheet takes for a formula."""
    return f"'{text}" if text[:1] in tuple("=+-@\t\r") else text


def _take(row: Row, kind: str, column: str, value: str | None, reason: str) -> None:
    if value is None:
        row.flaws.append(Flaw(column, reason))
    else:
        row.identities.setdefault(kind, value)


def _share(values: Sequence[str], holds: Callable[[str], bool]) -> float:
    return sum(map(holds, values)) / len(values) if values else 0.0
