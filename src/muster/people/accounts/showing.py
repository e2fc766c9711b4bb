"""How warm accounts are and who is missing in them (PE8), for pages and the API alike."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from muster.kit import clock
from muster.people.accounts.models import Account, AccountPerson
from muster.people.segments.counting import context
from muster.team.stores import NO_NUMBERS, warehouse
from muster.team.users.models import Workspace
from muster.warehouse.companies import WEEKS, Engagement, engagement


@dataclass(frozen=True)
class Warmth:
    """An account with what its people do."""

    account: Account
    known: Engagement
    members: int
    missing: tuple[str, ...]
    """Buying roles that nobody has there."""

    @property
    def missing_names(self) -> list[str]:
        """The missing roles as the reader calls them."""
        names = dict(AccountPerson.Part.choices)
        return [str(names[part]) for part in self.missing]

    @property
    def counts(self) -> list[int]:
        """How much was done, week by week."""
        return [n for _monday, n in self.weeks]

    @property
    def weeks(self) -> list[tuple[date, int]]:
        """Monday and how much was done in its week, for twelve weeks."""
        today = clock.now().astimezone(Workspace.here().zone).date()
        last = today - timedelta(days=today.weekday())
        mondays = [last - timedelta(days=7 * n) for n in reversed(range(WEEKS))]
        return [(monday, self.known.weeks.get(monday, 0)) for monday in mondays]


def warmth_of(accounts: Sequence[Account]) -> list[Warmth]:
    """Each account with its engagement, in their order; all in one pass."""
    rows = list(
        AccountPerson.objects.filter(
            account__in=accounts, person__erased_at=None, person__merged_into=None
        ).values_list("account_id", "person_id", "part")
    )
    try:
        with warehouse(30) as db:
            known = engagement(db, context(), [(account, person) for account, person, _ in rows])
    except NO_NUMBERS:
        known = {}
    parts: dict[int, list[str]] = {}
    for account, _person, part in rows:
        parts.setdefault(account, []).append(part)
    return [
        Warmth(
            one,
            known.get(one.pk, Engagement()),
            len(parts.get(one.pk, ())),
            tuple(part for part in AccountPerson.Part.values if part not in parts.get(one.pk, ())),
        )
        for one in accounts
    ]
