"""Finds the thing behind a public id of an address, or says that there is none."""

from __future__ import annotations

from typing import TypeVar

from django.db import models
from django.urls import register_converter, reverse

from muster.kit import ids
from muster.kit.errors import NotFound

M = TypeVar("M", bound=models.Model)


def found(rows: models.QuerySet[M], kind: str, public_id: str) -> M:
    """The row with this public id among the rows that the caller may see."""
    number = ids.number(kind, public_id)
    row = rows.filter(pk=number).first() if number is not None else None
    if row is None:
        raise NotFound
    return row


def register_ids() -> None:
    """Path converters `<cmp:…>`, `<per:…>` …: public id in the address, number in the view."""
    for kind, prefix in ids.KINDS.items():
        register_converter(_converter(kind, prefix), prefix)


def _converter(kind: str, prefix: str) -> type:
    class PublicId:
        regex = prefix + "_[0-9A-Za-z]{8}"

        def to_python(self, value: str) -> int:
            number = ids.number(kind, value)
            if number is None:
                raise ValueError(value)
            return number

        def to_url(self, value: int | str) -> str:
            return value if isinstance(value, str) else ids.public(kind, value)

    return PublicId


class Addresses:
    """The addresses of many things of the same kinds, without asking for each where it is."""

    def __init__(self, name: str, *kinds: str) -> None:
        """`name` is reversed with one thing of each kind, in this order.

        "" is a word of letters, digits and - _ . that needs no quoting.
        """
        gaps = [ids.public(kind, 0) if kind else "a_word" for kind in kinds]
        self._text = reverse(name, args=gaps).replace("%", "%%")
        for gap in gaps:
            self._text = self._text.replace(gap, "%s", 1)

    def of(self, *public_ids: str) -> str:
        """The address of the things with these public ids, or words."""
        return self._text % public_ids
