"""Makes one of two people, and tells them apart again (PE1).

Nothing that anybody said is moved: rows keep their person, and `merged_into` says whom they mean
now. So taking a merge back brings back exactly what was there, and what was said meanwhile goes to
whoever has the identifier by which it was said.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, Protocol

from django.db import transaction
from django.db.models import Q

from muster.events import names, shape
from muster.kit.errors import Refused
from muster.kit.words import _
from muster.people.consent.ledger import refresh_people
from muster.people.identity.models import Likeness, Merge, OwnRecord
from muster.people.profile.models import Person
from muster.people.profile.rules import region_of_phone
from muster.team import stores
from muster.team.changes.actions import record_change
from muster.team.users.models import User

FIELDS = ("first_name", "last_name", "language", "time_zone")
ADDRESSES = ("email", "phone")
_OWN = (*ADDRESSES, *(f"{kind}_hash" for kind in ADDRESSES), *FIELDS)
LOADED_WITHIN = 10


class Lists(Protocol):
    """Whoever keeps lists of people; segments do."""

    def join(self, kept: Person, moved: Sequence[int]) -> list[int]:
        """These people are the kept one now; gives the lists into which that brought it."""

    def part(self, kept: Person, lists: Iterable[int]) -> None:
        """The kept one is no longer in these lists."""


class _NoLists:
    def join(self, kept: Person, moved: Sequence[int]) -> list[int]:
        return []

    def part(self, kept: Person, lists: Iterable[int]) -> None:
        return


_lists: Lists = _NoLists()


def keep_lists(lists: Lists) -> None:
    """From now on they are told of every merge, within its transaction."""
    global _lists
    _lists = lists


class Follower(Protocol):
    """Whoever has something of people that goes with them; leads do."""

    def merged(self, kept: Person, other: Person, *, by: User | None, now: datetime) -> None:
        """The other one is the kept one now."""

    def parted(
        self, kept: Person, gone: Person, moved: Sequence[int], *, by: User | None, now: datetime
    ) -> None:
        """They are two again; `moved` are the numbers of all who went with the one that is gone."""


_followers: list[Follower] = []


def on_merge(follower: Follower) -> None:
    """From now on it is told of every merge, within its transaction."""
    _followers.append(follower)


class NotMerged(Refused):
    """There is no such merge to take back."""

    code = "not_merged"
    text = _("These two are not merged, so there is nothing to take back.")


def merge(
    kept: Person, other: Person, *, by: User | None, now: datetime, reason: str = ""
) -> Merge:
    """From now on the other one means the kept one; both may stand for people merged before."""
    with transaction.atomic():
        kept, other = _both(kept, other)
        moved = [other.pk, *_merged_with(other)]
        _keep_own(kept)
        done = Merge.objects.create(
            person=kept, other=other, moved=moved, reason=reason.strip()[:200], by=by, at=now
        )
        Person.objects.filter(pk__in=moved).update(merged_into=kept, merged_at=now)
        _fill(kept, [other])
        kept.save(update_fields=[*_OWN])
        done.joined = _lists.join(kept, moved)
        done.save(update_fields=["joined"])
        for follower in _followers:
            follower.merged(kept, other, by=by, now=now)
        refresh_people([kept.pk])
        _decided(kept, other, Likeness.State.MERGED, by=by, now=now, reason=reason)
        record_change("merged", kept, by=by, other=other.public_id, reason=done.reason)
        place = _tell(names.PERSON_MERGED, kept, [(one, kept.pk) for one in moved], [kept], now)
    stores.wait_until_loaded(place, LOADED_WITHIN)
    return done


def unmerge(person: Person, other: Person | None, *, by: User | None, now: datetime) -> Merge:
    """Tell two apart who were merged: both get back what is theirs.

    Without the other one the last merge of the person is taken back, or the one in which the
    person itself was the other.
    """
    with transaction.atomic():
        done = _undoable(person, other)
        kept, gone = done.person, done.other
        parted = {number: gone for number in done.moved if number != gone.pk}
        earlier = Merge.objects.filter(undone_at=None, person=gone).values_list("at", "moved")
        Person.objects.filter(pk=gone.pk).update(merged_into=None, merged_at=None)
        for at, moved in earlier.order_by("at"):
            Person.objects.filter(pk__in=moved).update(merged_into=gone, merged_at=at)
        Merge.objects.filter(pk=done.pk).update(undone_at=now, undone_by=by)
        _restore(kept)
        still = Merge.objects.filter(person=kept, undone_at=None).values_list("joined", flat=True)
        needed = {segment for joined in still for segment in joined}
        _lists.part(kept, set(done.joined) - needed)
        for follower in _followers:
            follower.parted(kept, gone, done.moved, by=by, now=now)
        refresh_people([kept.pk, gone.pk])
        _decided(kept, gone, Likeness.State.APART, by=by, now=now, reason="")
        record_change("unmerged", kept, by=by, other=gone.public_id)
        moves = [(gone.pk, gone.pk), *((number, gone.pk) for number in parted)]
        gone.refresh_from_db()
        place = _tell(names.PERSON_UNMERGED, kept, moves, [kept, gone], now)
    stores.wait_until_loaded(place, LOADED_WITHIN)
    done.refresh_from_db()
    return done


def keep_apart(likeness: Likeness, *, by: User, now: datetime, reason: str) -> None:
    """They are two, whatever they have in common; nobody is asked again."""
    likeness.state, likeness.by, likeness.decided_at = Likeness.State.APART, by, now
    likeness.reason = reason.strip()[:200]
    likeness.save()
    record_change("kept_apart", likeness, by=by, reason=likeness.reason)


def members_of(people: Iterable[int]) -> list[int]:
    """The numbers of these people and of all who were merged into them."""
    numbers = sorted(set(people))
    rows = Person.objects.filter(merged_into__in=numbers).values_list("pk", flat=True)
    return sorted({*numbers, *rows})


def _both(kept: Person, other: Person) -> tuple[Person, Person]:
    rows = Person.objects.select_for_update().in_bulk([kept.pk, other.pk])
    kept, other = rows[kept.pk], rows[other.pk]
    if kept == other or kept.merged_into_id == other.pk or other.merged_into_id == kept.pk:
        raise Refused(_("This is one and the same person already. Choose another one."))
    if any(one.erased_at or one.merged_into_id for one in (kept, other)):
        raise Refused(
            _("One of the two was erased or merged meanwhile. Look at the person’s page again.")
        )
    return kept, other


def _merged_with(person: Person) -> list[int]:
    return list(Person.objects.filter(merged_into=person).values_list("pk", flat=True))


def _keep_own(person: Person) -> None:
    own = {name: getattr(person, name) for name in _OWN}
    OwnRecord.objects.get_or_create(person=person, defaults=own)


def _fill(kept: Person, others: Sequence[Any]) -> None:
    """What the kept one lacks comes from the others, in their order."""
    for other in others:
        for name in (*ADDRESSES, *FIELDS):
            if not getattr(kept, name) and getattr(other, name):
                setattr(kept, name, getattr(other, name))
                if name in ADDRESSES:
                    setattr(kept, f"{name}_hash", getattr(other, f"{name}_hash"))


def _restore(kept: Person) -> None:
    """The person's own words again, and what those bring who are still merged with them."""
    own = OwnRecord.objects.get(person=kept)
    for name in _OWN:
        setattr(kept, name, getattr(own, name))
    left = Merge.objects.filter(person=kept, undone_at=None).select_related("other").order_by("at")
    _fill(kept, [one.other for one in left])
    kept.save(update_fields=[*_OWN])
    if not left:
        own.delete()


def _undoable(person: Person, other: Person | None) -> Merge:
    merges = Merge.objects.filter(undone_at=None).select_related("person", "other")
    if other is None:
        found = merges.filter(Q(person=person) | Q(other=person)).order_by("-at", "-pk").first()
    else:
        found = merges.filter(Q(person=person, other=other) | Q(person=other, other=person)).first()
    if found is None:
        raise NotMerged
    if found.person.merged_into_id:
        raise Refused(
            _("The person was merged into another one since. Take that merge back first.")
        )
    if found.person.erased_at:
        raise Refused(_("These people were erased; what is gone cannot be told apart."))
    return found


def _decided(
    first: Person, second: Person, state: str, *, by: User | None, now: datetime, reason: str
) -> None:
    small, great = sorted((first.pk, second.pk))
    Likeness.objects.filter(first_id=small, second_id=great).update(
        state=state, by=by, decided_at=now, reason=reason.strip()[:200]
    )
    if state == Likeness.State.MERGED:
        # What else the merged one might be is now a question about the kept one.
        Likeness.objects.filter(
            Q(first=second) | Q(second=second), state=Likeness.State.OPEN
        ).delete()


def _tell(
    event: str,
    kept: Person,
    moves: Sequence[tuple[int, int]],
    about: Sequence[Person],
    now: datetime,
) -> Any:
    """The same for the warehouse, with what it cannot read from its own tables."""
    facts = [
        {
            "person_id": person.pk,
            "email_hash": person.email_hash or None,
            "mail_domain": person.email.rpartition("@")[2] or None,
            "phone_region": region_of_phone(person.phone),
        }
        for person in about
    ]
    properties = {"moves": [list(move) for move in moves], "facts": facts}
    return stores.emit([shape.event(event, person_id=kept.pk, properties=properties, at=now)])
