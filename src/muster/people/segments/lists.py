"""Lists of people (PE4): frozen segments that somebody gave instead of a rule."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TypeVar

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from muster.kit import ids
from muster.kit.errors import Invalid, Refused
from muster.kit.words import _
from muster.people.profile.models import Person
from muster.people.profile.rules import home_region, normal_email, normal_phone
from muster.people.segments.models import Segment, SegmentMember
from muster.team.changes.actions import record_change
from muster.team.users.models import User, Workspace

T = TypeVar("T")

MOST = 1_000_000
_BATCH = 500


@dataclass(frozen=True)
class Added:
    """What became of the people who were named."""

    added: int
    already: int
    unknown: tuple[str, ...]
    """Names of nobody whom we know, as they were given."""


@transaction.atomic
def add(segment: Segment, named: Iterable[str], *, by: User | None) -> Added:
    """Put people on the list; each is named by public id, own id, e-mail address or phone."""
    segment = Segment.objects.select_for_update().get(pk=segment.pk)
    if not segment.is_list:
        raise Refused(
            _(
                "People are in this segment by its rule. Make a list of your own to name them"
                " one by one."
            )
        )
    given = list(dict.fromkeys(text for one in named if (text := one.strip())))
    if not given:
        raise Invalid.at("/people", "missing", _("Name at least one person, one a line."))
    if len(given) > MOST:
        raise Invalid.at(
            "/people",
            "too_many_values",
            _("The list names %(count)s people; at most %(most)s are possible at once."),
            count=len(given),
            most=MOST,
        )
    known = _people(given)
    numbers = sorted(set(known.values()))
    there = set(segment.members.values_list("person_id", flat=True))
    new = [number for number in numbers if number not in there]
    now = timezone.now()
    SegmentMember.objects.bulk_create(
        (SegmentMember(segment=segment, person_id=number, since=now) for number in new),
        batch_size=5_000,
    )
    if new:
        segment.version = F("version") + 1
        segment.last_count, segment.last_counted_at = len(there) + len(new), now
        segment.save(update_fields=["version", "last_count", "last_counted_at", "updated_at"])
        record_change("listed", segment, by=by, people=len(new))
    unknown = tuple(one for one in given if one not in known)
    return Added(len(new), len(numbers) - len(new), unknown)


def _people(given: Sequence[str]) -> dict[str, int]:
    """Name → the person whom it means; a whole batch is one question a kind."""
    found: dict[str, int] = {}
    public = {one: number for one in given if (number := ids.number("person", one)) is not None}
    present = set[int]()
    for numbers in _batches(sorted(set(public.values()))):
        rows = Person.objects.present().filter(pk__in=numbers)
        present.update(rows.values_list("pk", flat=True))
    found.update({one: number for one, number in public.items() if number in present})
    workspace = Workspace.here()
    region = home_region(workspace.time_zone, workspace.currency)
    for field, normal in (
        ("external_id", lambda one: one),
        ("email", normal_email),
        ("phone", lambda one: normal_phone(one, region)),
    ):
        left = {one: value for one in given if one not in found and (value := normal(one))}
        people: dict[str, int] = {}
        for values in _batches(sorted(set(left.values()))):
            rows = Person.objects.present().filter(**{f"{field}__in": values}).order_by("-pk")
            people.update(rows.values_list(field, "pk"))
        found.update({one: people[value] for one, value in left.items() if value in people})
    return found


def _batches(values: Sequence[T]) -> Iterable[Sequence[T]]:
    return (values[start : start + _BATCH] for start in range(0, len(values), _BATCH))
