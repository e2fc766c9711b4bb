"""Two people, one thing (ux §1.9): what both changed is asked about, what one changed is kept.

A form that saves all of its fields would put back what a colleague changed meanwhile. The trace of
changes tells what stood there when the form was opened, so no field is overwritten unseen.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import models, transaction
from django.db.models import Count
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext

from muster.kit.errors import Refused
from muster.kit.words import _
from muster.team.changes.history import shown, value_of
from muster.team.changes.models import Change
from muster.team.users.models import User


@dataclass(frozen=True)
class Clash:
    """A field that two people changed to different values."""

    field: str
    label: str
    mine: str
    theirs: str
    who: User | None
    at: datetime


@dataclass(frozen=True)
class Opened:
    """When a form was opened, and which fields its writer keeps whatever a colleague wrote."""

    at: datetime
    kept: frozenset[str] = frozenset()


class Overtaken(Refused):
    """Somebody changed the thing since the version that the caller of the API knew."""

    code = "changed_meanwhile"
    text = _(
        "%(who)s changed “%(thing)s” in the meantime: %(fields)s. Look at it and decide again."
    )


def versions(model: type[models.Model], numbers: Iterable[int]) -> dict[int, int]:
    """Number of a thing → its version, which grows with every change and every undo."""
    rows = Change.objects.filter(kind=model._meta.label_lower, object_id__in=list(numbers))
    counted = rows.order_by().values("object_id").annotate(n=Count("pk"), undone=Count("undone_at"))
    return {row["object_id"]: row["n"] + row["undone"] for row in counted}


def version_of(thing: models.Model) -> int:
    """See `versions`."""
    return versions(type(thing), [thing.pk]).get(thing.pk, 0)


def check_version(thing: models.Model, known: int | None) -> None:
    """Raise Overtaken when the thing has changed since the caller saw it; None: no matter.

    Call it inside the transaction of the change, with the thing or what it belongs to locked.
    """
    now = version_of(thing)
    if known is None or known == now:
        return
    rows = Change.objects.filter(kind=thing._meta.label_lower, object_id=thing.pk)
    since = list(rows.select_related("by").order_by("-pk")[: max(now - known, 1)])
    columns = {one.name: one for one in thing._meta.concrete_fields}
    names = {name for change in since for name in change.before if name in columns}
    raise Overtaken(
        who=str(since[0].by) if since and since[0].by else "Muster",
        thing=str(thing),
        fields=", ".join(sorted(gettext(str(columns[name].verbose_name)) for name in names)) or "–",
    )


@contextmanager
def settled(
    thing: models.Model, mine: Mapping[str, Any], *, since: Opened | None, by: User
) -> Iterator[tuple[dict[str, Any], list[Clash]]]:
    """See `settle`; until the block ends nobody else changes the thing."""
    with transaction.atomic():
        thing.refresh_from_db(from_queryset=type(thing)._base_manager.select_for_update())
        yield settle(thing, mine, since=since, by=by)


def settle(
    thing: models.Model, mine: Mapping[str, Any], *, since: Opened | None, by: User
) -> tuple[dict[str, Any], list[Clash]]:
    """What of `mine` may be saved, and what has to be asked about.

    `since` is None where nobody says when the form was opened: that saves everything.
    """
    if since is None:
        return dict(mine), []
    rows = Change.objects.filter(
        kind=thing._meta.label_lower, object_id=thing.pk, at__gt=since.at, undone_at=None
    )
    first: dict[str, Change] = {}
    last: dict[str, Change] = {}
    for change in rows.select_related("by").order_by("pk"):
        for name in change.before:
            first.setdefault(name, change)
            last[name] = change
    keep, clashes = {}, []
    for name, value in mine.items():
        latest = last.get(name)
        if latest is None or latest.by_id == by.pk or name in since.kept:
            keep[name] = value
            continue
        field = thing._meta.get_field(name)
        raw = value.pk if isinstance(value, models.Model) else value
        now = getattr(thing, field.attname)  # type: ignore[union-attr]
        before = value_of(field, first[name].before[name])  # type: ignore[arg-type]
        if raw in (now, before):
            continue  # theirs stands: I did not touch it, or we agree
        clashes.append(
            Clash(
                name,
                gettext(str(field.verbose_name)).capitalize(),  # type: ignore[union-attr]
                shown(field, raw, {}),  # type: ignore[arg-type]
                shown(field, now, {}),  # type: ignore[arg-type]
                latest.by,
                latest.at,
            )
        )
    return keep, clashes


def since_of(request: HttpRequest) -> Opened | None:
    """What the hidden field `since` says, and `mine`, which names the fields that were asked about.

    Only these are saved all the same: of the others the writer saw nothing.
    """
    try:
        at = parse_datetime(request.POST.get("since", ""))
    except ValueError:
        return None
    kept = frozenset(filter(None, request.POST.get("mine", "").split(",")))
    return Opened(at, kept) if at else None


def ask(
    request: HttpRequest, clashes: list[Clash], form: str, *, at: str = "#messages"
) -> HttpResponse:
    """Show both values, above the page or at a place of the form whose id is `form`."""
    context = {"clashes": clashes, "form": form}
    answer = render(request, "team/conflict.html", context, status=409)
    answer.headers["HX-Retarget"] = at
    answer.headers["HX-Reswap"] = "innerHTML"
    return answer
