"""Erases anew whom a backup brought back (PE3): what was asked of us holds after a restore too."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from muster.people.consent.actions import suppress_hashes
from muster.people.consent.models import Suppression
from muster.people.identity import erasures
from muster.people.identity.erasing import empty, with_merged
from muster.people.identity.erasures import Erasure
from muster.people.identity.forgetting import forget
from muster.people.identity.models import ErasedIdentity
from muster.people.profile.models import Person
from muster.people.requests.actions import settle_erased
from muster.team.changes.actions import record_change


def erase_again(since: datetime, *, now: datetime) -> int:
    """Carry out anew every erasure after `since`, the moment of the backup; how many they were.

    It is done when this returns, in the record store as in every file; safe to repeat.
    """
    past = erasures.erased_since(since)
    if not past:
        return 0
    with transaction.atomic():
        for erasure, records in zip(past, erasures.known_again(past), strict=True):
            _erase_again(erasure, with_merged(records), now=now)
    forget(now, anew=True)
    return len(past)


def _erase_again(erasure: Erasure, records: list[int], *, now: datetime) -> None:
    for channel, hashes in erasure.addresses.items():
        suppress_hashes(
            channel, hashes, reason=Suppression.Reason.ERASED, now=erasure.at, source="erased"
        )
    empty(records, now=now)
    # Under its number or, where the backup has no record yet, under one that is empty from the
    # beginning: log and uploads may speak of addresses that only came later.
    owner = records[0] if records else Person.objects.create(erased_at=now).pk
    ErasedIdentity.objects.bulk_create(
        [ErasedIdentity(person_id=owner, hash=found) for found in erasure.known_by], batch_size=1000
    )
    settle_erased(records, by=None, now=now)
    for person in Person.objects.filter(pk__in=records[:1]):
        record_change("erased", person, by=None, again=True, at=erasure.at.isoformat())
