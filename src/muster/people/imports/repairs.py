"""What can be mended in a cell, and what only looks wrong (ME5): kinds, and the rule of each."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from functools import lru_cache

from muster.kit.words import _


@dataclass(frozen=True)
class Kind:
    """One kind of repair, or of what looks wrong."""

    text: str
    advice: str


REPAIRS = {
    "width": Kind(
        _("Full-width letters and digits in addresses and phones"),
        _("１３８ becomes 138, ａ＠ｂ．ｃｎ becomes a@b.cn."),
    ),
    "spaces": Kind(
        _("Spaces and invisible characters in addresses and phones"),
        _("They are taken out."),
    ),
    "text": Kind(
        _("Full-width letters and digits, double and odd spaces in other columns"),
        _("Written as on a keyboard; one space between words."),
    ),
    "scientific": Kind(
        _("Phones written as a power of ten"),
        _("1.3800138000E+10 becomes 13800138000, as long as no digit is lost."),
    ),
    "dates": Kind(
        _("Dates in several forms"),
        _("2026/5/4, 2026年5月4日 and 4.5.2026 become 2026-05-04."),
    ),
    "swapped": Kind(
        _("E-mail address and phone in each other's column"),
        _("Each goes where it belongs."),
    ),
    "zeros": Kind(
        _("Ids that lost their leading zeros"),
        _("123 becomes 00123 if the other ids have five digits and begin with zeros."),
    ),
}
"""What is mended if the person who imports wants it."""

ALWAYS = {
    "phone_form": Kind(
        _("Phones written in another form"),
        _("Kept as +86…: that is how a person is found again."),
    ),
    "email_form": Kind(
        _("Addresses in capital letters or with mailto:"),
        _("Kept in small letters: that is how a person is found again."),
    ),
}
"""What is no matter of choice, and counted all the same."""

MATCHED = {
    "values": Kind(
        _("Values that were matched to others"),
        _("They become what the matching of the columns says."),
    ),
}
"""What is done because the person who imports said so value by value."""

WRONG = {
    "typo_domain": Kind(
        _("Mail domains that look like a typing mistake"),
        _("Nothing is changed. Mend the file if the suggestion is right."),
    ),
    "disposable": Kind(
        _("Addresses that are thrown away after use"),
        _("Mail to them is rarely read, and bounces later."),
    ),
    "two_people": Kind(
        _("Rows whose id, e-mail address and phone belong to different people"),
        _(
            "Each is taken as the person with its id, else its address, else its phone. A review"
            " asks whether the two are one, unless it was asked before."
        ),
    ),
    "shared_phone": Kind(
        _("One phone for ten people or more"),
        _("Probably a placeholder or the number of a shop. Clear it where it is."),
    ),
    "shared_email": Kind(
        _("One e-mail address for ten people or more"),
        _("Probably a placeholder or the address of an office. Clear it where it is."),
    ),
    "birthday": Kind(
        _("Birthdays that systems fill in, of more than 120 years ago, or to come"),
        _("1900-01-01 and 1970-01-01 mostly mean “unknown”. Clear them."),
    ),
    "age": Kind(
        _("Ages above 120 or below 0"),
        _("Clear them, or bring the year of birth."),
    ),
    "amount": Kind(
        _("Numbers far from all others of their column"),
        _(
            "At least 100 times the median, and 0.6745 × |value − median| ÷ MAD above 3.5"
            " (MAD: the median distance from the median; zeros left aside)."
        ),
    ),
    "ambiguous_date": Kind(
        _("Dates of which day and month cannot be told apart"),
        _("No value of the column tells whether 4/5/2026 is in April or in May. They stay text."),
    ),
}
"""What is imported as it is, and only named."""

KINDS = {**REPAIRS, **ALWAYS, **MATCHED, **WRONG}
FOR_PEOPLE = ("width", "spaces", "text", "scientific", "dates", "swapped")
"""What is ticked on the page: repairs that lose nothing. Zeros are a guess."""
FOR_PROGRAMS = ("width", "spaces")
"""What programs get unless they ask: identities are recognised, all else stays as it was sent."""
MOST_LISTED = 10_000
"""Rows per kind in the report; the count is always of all."""
SAMPLES = 5

BIRTHDAYS = re.compile(r"birth|dob|bday|生日|出生", re.IGNORECASE)
AGES = re.compile(r"(?:^|[^a-z])age$|^age|年龄|年齡|岁数", re.IGNORECASE)
DATES = re.compile(r"date|birth|dob|(?:^|_)(?:at|on)$|日期|日$|时间|時間", re.IGNORECASE)

_FULL_WIDTH = {
    **{0xFF10 + i: 0x30 + i for i in range(10)},
    **{0xFF21 + i: 0x41 + i for i in range(26)},
    **{0xFF41 + i: 0x61 + i for i in range(26)},
}
_INVISIBLE = re.compile("[\u200b-\u200f\u202a-\u202e\u2060\ufeff\u00ad]")
_SPACES = re.compile(r"[\s\u3000\u00a0]{2,}|[\u3000\u00a0\t\n\r]")
UNPLAIN = (
    "[\uff10-\uff19\uff21-\uff3a\uff41-\uff5a\u3000\u00a0\t\n\r"
    "\u200b-\u200f\u202a-\u202e\u2060\ufeff\u00ad]|  "
)
"""Pattern of what `plain_text` would mend."""
_UNPLAIN = re.compile(UNPLAIN)
_SCIENTIFIC = re.compile(r"([1-9](?:\.\d+)?)[eE]\+?(\d{1,2})")
_SHEET_ID = re.compile(r"\d(?:\.\d+)?E\+\d{1,2}")


@dataclass
class Noted:
    """How often something of one kind was seen, and where first."""

    count: int = 0
    rows: list[tuple[int, str, str, str]] = field(default_factory=list)
    """Row number, column, what it says, and what it becomes or may mean ("" if nothing)."""

    def add(self, row: int, column: str, before: str, after: str = "") -> None:
        self.count += 1
        if len(self.rows) < MOST_LISTED:
            self.rows.append((row, column, before[:200], after[:200]))


def without_invisible(text: str) -> str:
    """The text without characters that nobody sees."""
    return _INVISIBLE.sub("", text)


def plain_column(cells: Sequence[str]) -> Sequence[str]:
    """`plain_text` of every cell; the column itself if nothing in it has to be mended."""
    if _UNPLAIN.search("\x1f".join(cells)) is None:
        return cells
    return [plain_text(text) for text in cells]


def plain_text(text: str) -> str:
    """A trait's text as it would be typed: half-width letters and digits, single spaces.

    Punctuation stays full-width: in Chinese it belongs there. Line ends inside become spaces.
    """
    if text.isascii():
        return _SPACES.sub(" ", text)
    return _SPACES.sub(" ", without_invisible(text).translate(_FULL_WIDTH)).strip()


def half_width(text: str) -> str:
    """Identities have no use for full-width signs at all."""
    return unicodedata.normalize("NFKC", text)


def from_power(text: str) -> str | None:
    """The whole number that a spreadsheet wrote as a power of ten.

    None if it is none; "" if digits were lost, so that nobody knows the number any more.
    """
    found = _SCIENTIFIC.fullmatch(text)
    if found is None:
        return None
    digits, power = found[1].replace(".", ""), int(found[2])
    if len(digits) < power + 1:
        return ""
    try:
        whole = Decimal(text)
    except InvalidOperation:
        return ""
    return str(int(whole)) if whole == whole.to_integral_value() else ""


def is_rounded_id(text: str) -> bool:
    """Whether a spreadsheet made a power of ten of an id and lost digits: 1.23457E+11."""
    return _SHEET_ID.fullmatch(text) is not None and from_power(text) == ""


@lru_cache(1)
def disposable_domains() -> tuple[str, ...]:
    """Domains of addresses that are thrown away after use."""
    # Ten thousand names that only a file of people asks for.
    from disposable_email_domains import blocklist

    return tuple(sorted(blocklist))


# fmt: off
PROVIDERS = (
    "gmail.com", "hotmail.com", "outlook.com", "yahoo.com", "icloud.com", "163.com", "126.com",
    "qq.com", "foxmail.com", "sina.com", "sohu.com", "aliyun.com", "yeah.net", "139.com",
    "protonmail.com", "yahoo.com.tw", "hinet.net", "googlemail.com",
)
"""Whose domains people mistype."""
GENUINE = (
    "mail.com", "email.com", "ymail.com", "rocketmail.com", "live.com", "msn.com", "me.com",
    "mac.com", "aol.com", "gmx.com", "gmx.net", "gmx.de", "proton.me", "yandex.com", "mail.ru",
    "sina.cn", "189.cn", "188.com", "vip.qq.com", "vip.163.com", "vip.126.com", "vip.sina.com",
    "21cn.com", "tom.com", "263.net", "wo.cn", "hotmail.fr", "hotmail.it", "hotmail.de",
    "yahoo.co", "yahoo.ca", "yahoo.cn", "yahoo.co.uk", "yahoo.co.jp", "yahoo.com.cn",
    "yahoo.com.hk", "yahoo.com.sg", "yahoo.com.mx", "yahoo.com.br", "yahoo.com.au",
    "outlook.cn", "outlook.es", "outlook.fr", "outlook.de", "fastmail.com", "zoho.com",
    "cmail.com", "hmail.com", "inmail.com", "onmail.com", "xmail.com",
)
"""Who resembles one of them and is somebody else."""
# fmt: on
