"""Who works where (PE8): people join the account whose domain their address has, set by set."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from muster.people.accounts.models import Account, AccountPerson
from muster.people.profile.models import Person
from muster.people.scoring.starting import FREE_MAIL
from muster.team.stores import NO_NUMBERS, warehouse
from muster.warehouse import companies

_BATCH = 2_000


@dataclass(frozen=True)
class Found:
    """A company that is none of the accounts yet, by the addresses of its people."""

    domain: str
    people: int


def match(now: datetime, only: Account | None = None) -> int:
    """Put everybody whose address has the domain of an account into it; how many came.

    Whoever is in an account already stays there, and whoever was put there by hand always does.
    """
    rows = Account.objects.filter(deleted_at=None).exclude(domain=None)
    if only is not None:
        rows = rows.filter(pk=only.pk)
    accounts = {str(domain): pk for domain, pk in rows.values_list("domain", "pk")}
    if not accounts:
        return 0
    with warehouse(60) as db:
        found = companies.people_at(db, sorted(accounts))
    numbers = found.column("person_id").to_pylist()
    domains = found.column("mail_domain").to_pylist()
    count = 0
    for some in _batches(list(zip(numbers, domains, strict=True))):
        count += _join(some, accounts, now)
    return count


@transaction.atomic
def _join(some: Sequence[tuple[int, str]], accounts: dict[str, int], now: datetime) -> int:
    numbers = [person for person, _domain in some]
    there = set(
        AccountPerson.objects.filter(person_id__in=numbers).values_list("person_id", flat=True)
    )
    present = set(Person.objects.present().filter(pk__in=numbers).values_list("pk", flat=True))
    new = [
        AccountPerson(person_id=person, account_id=accounts[domain], by_domain=True, since=now)
        for person, domain in some
        if person in present and person not in there
    ]
    AccountPerson.objects.bulk_create(new, ignore_conflicts=True)
    return len(new)


def unknown(least: int = 2, most: int = 20) -> list[Found]:
    """Domains with several people that are no account yet, the largest first."""
    taken = Account.objects.exclude(domain=None).values_list("domain", flat=True)
    try:
        with warehouse(10) as db:
            rows = companies.domains(db, [*FREE_MAIL, *map(str, taken)], least=least, most=most)
    except NO_NUMBERS:
        return []
    return [Found(domain, people) for domain, people in rows]


def _batches(rows: Sequence[tuple[int, str]]) -> Iterator[Sequence[tuple[int, str]]]:
    return (rows[start : start + _BATCH] for start in range(0, len(rows), _BATCH))
