"""Fields that take what people write: numbers as 5%, 1.2万, ¥8,000 (PF7); channels by name."""

from __future__ import annotations

import re
import unicodedata
from decimal import Decimal
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from muster.kit.numerals import chinese
from muster.plan.campaigns.channels import channel_key, channel_name

_UNITS = {
    "%": Decimal("0.01"), "％": Decimal("0.01"),
    "k": Decimal(1000), "m": Decimal(10) ** 6, "w": Decimal(10_000),
    "万": Decimal(10_000), "萬": Decimal(10_000), "亿": Decimal(10) ** 8, "億": Decimal(10) ** 8,
}  # fmt: skip
_NUMBER = re.compile(
    r"^([+-]?\d+(?:\.\d+)?|[+-]?\.\d+)\s*(%|％|k|m|w|万|萬|亿|億)?$", re.IGNORECASE
)
_NOISE = re.compile(r"[\s,，_¥$€£]|NT|HK|CN|US", re.IGNORECASE)


def read_number(text: str) -> Decimal | None:
    """`5%` → 0.05, `1.2万` → 12000, `¥8,000` → 8000, `十万` → 100000; None if it is no number."""
    plain = _NOISE.sub("", unicodedata.normalize("NFKC", text).replace("\N{MINUS SIGN}", "-"))
    found = _NUMBER.match(plain)
    if not found:
        return chinese(plain.removesuffix("元"))
    return Decimal(found[1]) * _UNITS.get((found[2] or "").lower(), Decimal(1))


_MOST = 10**14
"""No column keeps more, and no reader could tell such sums apart."""


class NumberField(forms.CharField):
    """A number as people write it."""

    def __init__(self, **options: Any) -> None:
        widget = forms.TextInput(attrs={"inputmode": "decimal", "class": "num"})
        super().__init__(**{"widget": widget, "max_length": 40, **options})

    def clean(self, value: Any) -> Any:
        """The exact number, or None where nothing was typed."""
        text = super().clean(value)
        if not text:
            return None
        number = read_number(text)
        if number is None:
            raise ValidationError(
                _("“%(given)s” is no number. Write it as 500, 5%% or 1.2万."),
                params={"given": text},
            )
        if abs(number) >= _MOST:
            raise ValidationError(_("This number is too large."))
        return number


class ChannelField(forms.CharField):
    """A channel by its name in the reader's language, or one that the team invented."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**{"max_length": 60, "required": False, **options})

    def prepare_value(self, value: Any) -> Any:
        """The name instead of the key."""
        return channel_name(value) if isinstance(value, str) else value

    def clean(self, value: Any) -> Any:
        """The key, or the invented name."""
        return channel_key(super().clean(value))
