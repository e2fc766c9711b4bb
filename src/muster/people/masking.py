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
# Chinese has no spaces: a number may stand right after a word, so only Latin letters and digits
# make it part of something longer.
_BEFORE, _AFTER = r"(?<![A-Za-z0-9_])(?<!\d\.)", r"(?![A-Za-z0-9_]|\.\d)"
_DAY = r"(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])"
_CARD = re.compile(
    rf"{_BEFORE}(?:[1-9]\d{{5}}(?:18|19|20)\d\d{_DAY}\d{{3}}[\dXx]"  # mainland, 18 signs
    rf"|[1-9]\d{{7}}{_DAY}\d{{3}}"  # mainland before 1999
    rf"|[A-Z]{{1,2}}\d{{6}}[(\uff08][\dA][)\uff09])"  # Hong Kong
    rf"{_AFTER}"
)
_NUMBER = re.compile(
    rf"{_BEFORE}(?:(?:\+?86[- ]?)?1[3-9]\d[- ]?\d{{4}}[- ]?\d{{4}}|\+\d[\d -]{{7,14}}\d"
    rf"|0\d{{2,3}}[- ]\d{{7,8}}){_AFTER}"
)
_NAME = frozenset({"name", "names"})
"""The name of a person or of a thing; what stands beside it tells."""
_OF_THINGS = frozenset(
    [
        *("productid", "itemid", "sku", "price", "quantity", "category", "brand", "variant"),
        *("stage", "groupid"),
    ]
)
_OF_PAGES = frozenset({"url", "path", "title"})
"""All of them together are a page's; forms of people have one or the other."""
_THINGS = frozenset(
    [
        *("products", "items", "lineitems", "product", "item", "plan", "store", "company"),
        *("organization", "organisation", "campaign", "group", "商品", "公司", "门店"),
    ]
)
"""What stands in a field of this name, or in a list, is a thing."""
_PERSONAL = frozenset(
    [
        *("email", "emailaddress", "mail", "phone", "mobile", "tel", "telephone", "fax"),
        *("firstname", "lastname", "fullname", "realname", "middlename", "displayname"),
        *("givenname", "familyname", "surname", "nickname", "username"),
        *("customername", "contactname", "recipientname", "contactperson"),
        *("idcard", "identitycard", "idnumber", "identity", "nationalid", "passport"),
        *("drivinglicence", "driverslicense", "ssn", "bankcard", "cardnumber", "iban"),
        *("address", "street", "postcode", "postalcode", "zip", "zipcode", "ip"),
        *("wechat", "wecom", "whatsapp", "openid", "unionid"),
    ]
)
_OFTEN_PERSONAL = frozenset({"shipping", "billing", "customer", "recipient", "contact"})
"""These hold a person or merely say something of one, such as how often."""
_PERSONAL_HAN = (
    *("邮箱", "電郵", "电邮", "郵箱", "邮件地址", "手机", "手機", "电话", "電話"),
    *("姓名", "名字", "昵称", "暱稱", "收货人", "收貨人", "收件人", "联系人", "聯絡人"),
    *("身份证", "身分證", "证件", "證件", "护照", "護照", "驾照", "银行卡", "车牌"),
    *("地址", "住址", "邮编", "微信", "企微"),
)
"""A word with one of these at its end names a person; 手机品牌 does not."""
_WORDS = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+|[^\W\d_A-Za-z]+")
_COUNTING = frozenset({"number", "no", "num"})
_HAN_ENDS = re.compile(r"[（(].*[)）]$|[\d一二三]+$|(号码|號碼|号|號)$")


def masked_facts(value: Any, *, is_thing: bool = False) -> Any:
    """What traits, an event or a proof say, without what tells who somebody is.

    Fields that are personal by their name lose their value; in every other value addresses and
    numbers of phones and identity cards are masked. A plain `name` is a person's unless what
    stands beside it (or the list that it stands in: `is_thing`) says that it is a thing's.
    """
    if isinstance(value, Mapping):
        fields = {_signs(str(name)) for name in value}
        is_named = not is_thing and (
            any(is_personal(str(name)) for name in value)
            or not (fields & _OF_THINGS or fields >= _OF_PAGES)
        )
        return {
            name: "***"
            if _says(inner)
            and (
                is_personal(str(name))
                or (is_named and _signs(str(name)) in _NAME)
                or (_last_words(str(name)) & _OFTEN_PERSONAL and _tells_who(inner))
            )
            else masked_facts(inner, is_thing=_signs(str(name)) in _THINGS)
            for name, inner in value.items()
        }
    if isinstance(value, list):
        return [masked_facts(inner, is_thing=is_thing) for inner in value]
    if isinstance(value, int | float) and not isinstance(value, bool):
        # Larger numbers are none of a phone or card, and may be too large to be written out.
        text = f"{value:.0f}" if abs(value) < 10**20 and value == value // 1 else ""
        return masked_text(text) if text and masked_text(text) != text else value
    return masked_text(value) if isinstance(value, str) else value


def masked_text(text: str) -> str:
    """A text in which every address and number of a phone or an identity card is masked."""
    text = _ADDRESS.sub(lambda found: f"{found[1][:1]}***{found[2]}{found[3]}", text)
    text = _CARD.sub(lambda found: f"{found[0][:1]}****{found[0][-1:]}", text)
    return _NUMBER.sub(lambda found: masked_phone(re.sub(r"[ -]", "", found[0])), text)


def is_personal(name: str) -> bool:
    """Whether a field of this name says who somebody is: backup_email, Home Address, 备用手机.

    The last word tells what is meant: `phone_region` is a region and 手机品牌 a brand.
    """
    while (shorter := _HAN_ENDS.sub("", name.strip())) != name:
        name = shorter
    if name.endswith(_PERSONAL_HAN):
        return True
    return bool(_last_words(name) & _PERSONAL)


def _last_words(name: str) -> set[str]:
    words = [word.casefold() for word in _WORDS.findall(name)]
    tails = {"".join(words[-size:]) for size in (1, 2)} | {_signs(name)}
    if len(words) > 1 and words[-1] in _COUNTING:
        tails |= {words[-2], "".join(words[-3:-1])}
    return tails


def _tells_who(value: Any) -> bool:
    """Whether it may be a person's name or all of their data, and not a figure, day or sign."""
    if isinstance(value, str):
        return re.search(r"[^\W\d_]\s+[^\W\d_]|[^\W\d_a-zA-Z]|@", value) is not None
    return isinstance(value, Mapping)


def _says(value: Any) -> bool:
    """Whether there is something to hide: yes, no and nothing name nobody."""
    return bool(value) and not isinstance(value, bool)


def _signs(name: str) -> str:
    return re.sub(r"[\s_.-]+", "", name).casefold()
