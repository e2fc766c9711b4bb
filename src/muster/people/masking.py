"""How people look to those who may not see personal data (PF1): 李**, l***@example.com."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import Q

from muster.people.profile.models import Person
from muster.people.profile.names import is_han

_PHONE_END = 4
"""How many digits of a phone the mask leaves at its end."""


@dataclass(frozen=True)
class Face:
    """What a reader sees of who somebody is."""

    pk: int
    public_id: str
    external_id: str
    name: str
    email: str
    phone: str

    @property
    def title(self) -> str:
        """The best that a reader may call them by."""
        return self.name or self.email or self.phone or self.external_id or self.public_id


def face(person: Person, *, clear: bool) -> Face:
    """The person in clear, or masked."""
    show = (lambda text: text, lambda text: text, lambda text: text)
    mask = (masked_name, masked_email, masked_phone)
    of_name, of_email, of_phone = show if clear else mask
    return Face(
        person.pk,
        person.public_id,
        person.external_id or "",
        of_name(person.name),
        of_email(person.email),
        of_phone(person.phone),
    )


def masked_name(name: str) -> str:
    """李小雨 → 李**, Anna Li → A***."""
    if not name:
        return ""
    return name[0] + "*" * (len(name) - 1) if is_han(name) else f"{name[0]}***"


def masked_email(email: str) -> str:
    """li@example.com → l***@example.com."""
    if not email:
        return ""
    local, _at, domain = email.rpartition("@")
    return f"{local[:1]}***@{domain}"


def masked_phone(phone: str) -> str:
    """+8613800138000 → 138****8000, +14155550100 → +141****0100."""
    if not phone:
        return ""
    shown = phone.removeprefix("+86")
    return f"{shown[: 3 if shown.isdigit() else 4]}****{shown[-_PHONE_END:]}"


def phone_means(text: str, *, clear: bool) -> Q:
    """The people whose phone ends in these four digits or more.

    Readers of masked data find a phone by the four digits that they see, or by the whole of it:
    else they would learn the rest digit by digit.
    """
    digits = re.sub(r"[\s()+-]", "", text)
    if not digits.isdecimal() or len(digits) < _PHONE_END:
        return Q(pk__in=[])
    if clear or len(digits) == _PHONE_END:
        return Q(phone__endswith=digits)
    return Q(phone__in=[f"+{digits}", f"+86{digits}"])


_ADDRESS = re.compile(r"([^\s@/?&=:,;<>\"'()]+)(@|%40)([\w-]+(?:\.[\w-]+)+)")
_NUMBER = re.compile(r"(?<![\w.])(?:(?:\+?86[- ]?)?1[3-9]\d{9}|\+\d[\d -]{7,14}\d)(?![\w.])")
_PERSONAL = frozenset(
    [
        *("email", "mail", "phone", "mobile", "tel", "telephone", "邮箱", "手机", "电话"),
        *("firstname", "lastname", "fullname", "姓名", "idcard", "passport", "身份证"),
        *("address", "street", "postcode", "postalcode", "zip", "地址", "ip", "ipaddress"),
        *("wechat", "wecom", "openid", "unionid"),
        *("shipping", "billing", "customer", "recipient", "contact"),
    ]
)
_SIGNS = re.compile(r"[\s_.-]+")


def masked_facts(value: Any) -> Any:
    """What an event or a proof says, without what tells who somebody is.

    Fields that are personal by their name lose their value; in every text addresses and phone
    numbers are masked.
    """
    if isinstance(value, Mapping):
        return {
            name: "***" if inner and _is_personal(str(name)) else masked_facts(inner)
            for name, inner in value.items()
        }
    if isinstance(value, list):
        return [masked_facts(inner) for inner in value]
    return masked_text(value) if isinstance(value, str) else value


def masked_text(text: str) -> str:
    """A text in which every address and phone number is masked."""
    text = _ADDRESS.sub(lambda found: f"{found[1][:1]}***{found[2]}{found[3]}", text)
    return _NUMBER.sub(lambda found: masked_phone(found[0].replace(" ", "")), text)


def _is_personal(name: str) -> bool:
    return _SIGNS.sub("", name).casefold() in _PERSONAL
