"""The one way to write an address or a phone number (PE1), so that a person is found again."""

from __future__ import annotations

import re
import unicodedata

import idna
import phonenumbers
from babel.core import get_global

_LOCAL = re.compile(r"[a-z0-9!#$%&'*+/=?^_`{|}~-]+(\.[a-z0-9!#$%&'*+/=?^_`{|}~-]+)*")
_LABEL = re.compile(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?")
_PLAIN_EMAIL = re.compile(
    r"[a-z0-9_+-]{1,40}(\.[a-z0-9_+-]{1,40}){0,3}@([a-z0-9]([a-z0-9-]{0,40}[a-z0-9])?\.){1,4}[a-z]{2,18}"
)
_CHINESE_MOBILE = re.compile(r"(?:\+?86|0086)?(1[3-9]\d{9})")
_FRACTION = re.compile(r"(\d{6,})\.0+")


def normal_email(text: str) -> str | None:
    """The address in lower case with an ASCII domain, or None if no mail can be sent to it.

    Full-width letters and a `mailto:` are mended; quoted local parts, comments and address
    literals are refused: nobody's newsletter address looks like that.
    """
    address = text.strip().lower()
    if _PLAIN_EMAIL.fullmatch(address) and ".." not in address:
        return (
            address if len(address) <= 254 and "--" not in address.split("@")[1] else _full(address)
        )
    return _full(address)


def _full(address: str) -> str | None:
    address = unicodedata.normalize("NFKC", address).strip().removeprefix("mailto:")
    if address.startswith("<") and address.endswith(">"):
        address = address[1:-1]
    local, at, domain = address.rpartition("@")
    if not at or not _LOCAL.fullmatch(local) or len(local) > 64 or not domain:
        return None
    if not domain.isascii() or "xn--" in domain:
        try:
            domain = idna.encode(domain, uts46=True).decode()
        except idna.IDNAError:
            return None
    labels = domain.split(".")
    if len(labels) < 2 or labels[-1].isdigit() or not all(map(_LABEL.fullmatch, labels)):
        return None
    whole = f"{local}@{domain}"
    return whole if len(whole) <= 254 else None


def normal_phone(text: str, region: str) -> str | None:
    """The number as E.164, or None if it is no valid number.

    `region` (ISO 3166) is the country of numbers written without a country code.
    """
    number = unicodedata.normalize("NFKC", text).strip() if not text.isascii() else text.strip()
    whole = _FRACTION.fullmatch(number)  # what spreadsheets make of a number
    number = whole[1] if whole else number
    bare = re.sub(r"[\s().-]", "", number)
    chinese = _CHINESE_MOBILE.fullmatch(bare)
    if chinese and (region == "CN" or bare.startswith("+")):
        return f"+86{chinese[1]}"
    if len(number) > 40 or not any(sign.isdigit() for sign in number):
        return None
    try:
        parsed = phonenumbers.parse(number, region)
    except phonenumbers.NumberParseException:
        return None
    if not phonenumbers.is_valid_number(parsed):
        return None
    return phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164)


def region_of_phone(phone: str) -> str | None:
    """The country of a number in its normal form, as the warehouse tells it by the calling code."""
    for length in (1, 2, 3):
        regions = phonenumbers.COUNTRY_CODE_TO_REGION_CODE.get(int(phone[1 : 1 + length] or 0))
        if phone.startswith("+") and regions:
            return str(regions[0])
    return None


def home_region(time_zone: str, currency: str) -> str:
    """The country in which numbers without a country code are read: that of the time zone."""
    region = str(get_global("zone_territories").get(time_zone, "001"))
    return region if len(region) == 2 and region.isalpha() else currency[:2]
