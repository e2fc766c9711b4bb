"""Pages of a list for the API: `?limit=&cursor=` → `{"items": […], "next": …}`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Generic, TypeVar

from django.db import models
from ninja import Schema
from pydantic import Field

from muster.kit.errors import Invalid
from muster.kit.words import _

M = TypeVar("M", bound=models.Model)
T = TypeVar("T")


class Page(Schema, Generic[T]):
    """One page of a list, and the cursor of the next."""

    items: list[T]
    next: str | None = None


class Paging(Schema):
    """Where to go on, and how many to give."""

    limit: int = Field(50, ge=1, le=500)
    cursor: str | None = None


def number_of(cursor: str) -> int:
    """The number that a cursor stands for. Raises Invalid for one that we did not give."""
    if not (cursor.isascii() and cursor.isdigit() and len(cursor) < 19):
        raise Invalid.at(
            "/cursor",
            "bad_cursor",
            _("The cursor is not one we gave. Leave it out to begin again."),
        )
    return int(cursor)


def page(
    rows: models.QuerySet[M], paging: Paging, show: Callable[[M], T], *, newest_first: bool = True
) -> dict[str, object]:
    """The rows after the cursor, by primary key, so that new rows never shift a page."""
    if paging.cursor is not None:
        place = {"pk__lt" if newest_first else "pk__gt": number_of(paging.cursor)}
        rows = rows.filter(**place)
    found = list(rows.order_by("-pk" if newest_first else "pk")[: paging.limit + 1])
    more = len(found) > paging.limit
    found = found[: paging.limit]
    return {"items": [show(row) for row in found], "next": str(found[-1].pk) if more else None}
