"""What the columns of a file mean, and whether a value can be used (PE2)."""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TypeAlias
from zoneinfo import ZoneInfo

from muster.kit.words import _
from muster.people.consent.rules import CHANNELS, PURPOSES
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
    "consent_expires_at": _("Consent: holds until"),
    "consent_text": _("Consent: text that was agreed to"),
}
"""The fields of a person that a column may be; every other name is a trait."""

OF_CONSENT = ("consent_expires_at", "consent_text")
"""What a row says of every consent in it."""
MOST_TEXT_VERSION = 60
LEAVE_OUT = ""
"""The target of a column that is not imported."""
MOST_TEXT = 1000
"""Letters of a trait's value; what is longer is not meant for a profile."""
MOST_BREAKS = 100
MOST_DISTINCT = 20
"""A column with at most so many different values has them matched one by one."""
MOST_VALUE = 200
"""Letters of what a value of the file becomes."""
MOST_VALUES = 1000
"""Values that are matched in one file."""

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
    "bad_expiry": Reason(
        _("It is not clear until when the consent holds; it was left out."),
        _("Write a day like 2027-06-30, or a moment like 2027-06-30T18:00+08:00."),
    ),
    "past_expiry": Reason(
        _("This consent is over; it was left out."),
        _("Ask the person again, or correct the day. Everything else of the row was imported."),
    ),
    "long_text_version": Reason(
        _("The name of the consent text is longer than 60 letters; the consent was left out."),
        _("Write the version or the short name of the text, such as privacy-2026-05."),
    ),
    "rounded": Reason(
        _("A spreadsheet wrote this number as a power of ten, and digits were lost."),
        _("Format the column as text in the spreadsheet and export it again."),
    ),
    "not_json": Reason(_("The line is no JSON object."), _("Write one whole object per line.")),
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
    "nobody": Reason(
        _("Nobody was found for what this row says of consent; it was left out."),
        _(
            "The person may have been erased meanwhile. Look whether they are there, and say it of"
            " them again."
        ),
    ),
}


_UTC = ZoneInfo("UTC")
_BEFORE_ALL = datetime(1, 1, 1, tzinfo=UTC)

Place: TypeAlias = "tuple[str, str, str]"
"""What a consent is for: channel, purpose, and the id of a topic or ""."""


def is_trait(target: str) -> bool:
    """Whether a column with this target becomes a trait of that name."""
    return bool(target) and target not in FIELDS and not target.startswith("consent:")


def place_of(target: str) -> Place:
    """`consent:email:marketing` or `consent:email:marketing:TOPIC` as its parts."""
    _word, channel, purpose, topic = f"{target}:".split(":")[:4]
    return channel, purpose, topic


@dataclass(frozen=True)
class Reading:
    """How the rows of one file are understood."""

    columns: tuple[str, ...]
    targets: tuple[str, ...]
    """Per column: field, trait, `consent:channel:purpose` (and `:topic`) or LEAVE_OUT."""
    region: str
    """Country of phone numbers without a country code."""
    consents: tuple[Place, ...] = ()
    """What every person of the file has allowed."""
    repairs: frozenset[str] = frozenset()
    """What is mended (keys of `repairs.REPAIRS`)."""
    zone: ZoneInfo = _UTC
    """In which days end."""
    now: datetime = _BEFORE_ALL
    """What ended before holds no more."""
    expires_at: str = ""
    """Until when the consents of rows hold that do not say it themselves, in ISO 8601."""
    text: str = ""
    """What was agreed to in rows that do not say it themselves."""
    values: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    """Column → value in the file → what it becomes."""

    @property
    def traits(self) -> tuple[str, ...]:
        """The names of the traits, in the order of their columns."""
        return tuple(filter(is_trait, self.targets))

    @property
    def places(self) -> tuple[Place, ...]:
        """Everything that the file says of consent."""
        said = [place_of(target) for target in self.targets if target.startswith("consent:")]
        return tuple(dict.fromkeys([*said, *self.consents]))

    def column_of(self, target: str) -> str:
        """The column that is matched to this target; the target itself if none is."""
        found = (c for c, t in zip(self.columns, self.targets, strict=True) if t == target)
        return next(found, target)

    @property
    def speaks_of_consent(self) -> bool:
        return bool(self.consents) or any(t.startswith("consent:") for t in self.targets)


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


def is_writable(target: str) -> bool:
    """Whether a target is without line breaks and other control characters."""
    return not any(unicodedata.category(letter) == "Cc" for letter in target)


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


def expiry_of(text: str, zone: ZoneInfo) -> datetime | None:
    """The end of a consent: a day holds until it is over in this zone; None if it is neither."""
    said = unicodedata.normalize("NFKC", text).strip()
    said = re.sub(r"^(\d{4})[/.年](\d{1,2})[/.月](\d{1,2})日?$", r"\1-\2-\3", said)
    if day := re.fullmatch(r"(\d{4})-(\d{1,2})-(\d{1,2})", said):
        try:
            begins = datetime(*map(int, day.groups()), tzinfo=zone)  # type: ignore[arg-type, misc]
            return (begins + timedelta(days=1)).astimezone(UTC)
        except (ValueError, OverflowError):
            return None
    try:
        moment = datetime.fromisoformat(said)
        return (moment if moment.tzinfo else moment.replace(tzinfo=zone)).astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def said_of(text: str, zone: ZoneInfo) -> datetime | None:
    """When consent was given: a day begins in this zone; None if it is no day or moment."""
    try:
        moment = datetime.fromisoformat(text.strip())
        return (moment if moment.tzinfo else moment.replace(tzinfo=zone)).astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def safe_cell(text: str) -> str:
    """A cell that no spreadsheet takes for a formula."""
    return f"'{text}" if text[:1] in tuple("=+-@\t\r") else text


def _share(values: Sequence[str], holds: Callable[[str], bool]) -> float:
    return sum(map(holds, values)) / len(values) if values else 0.0
