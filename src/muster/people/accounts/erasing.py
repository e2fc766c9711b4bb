"""An erased person leaves their company (PE3)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from muster.people.accounts.models import AccountPerson
from muster.people.identity.access import tells
from muster.people.identity.erasing import on_erasure

_BATCH = 500


@tells("accounts")
def accounts(people: Sequence[int]) -> Iterable[Mapping[str, Any]]:
    """Where they work, as far as we know, and the part they have there."""
    rows = AccountPerson.objects.filter(person_id__in=people)
    return rows.values("account__name", "part", "since")


@on_erasure
def forget(people: Sequence[int]) -> None:
    """Nobody can read where they worked."""
    for start in range(0, len(people), _BATCH):
        AccountPerson.objects.filter(person_id__in=people[start : start + _BATCH]).delete()
