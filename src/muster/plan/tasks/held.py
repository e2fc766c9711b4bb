"""Duties in numbers: a campaign has a thousand of them, and few people hold them."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from typing import NamedTuple

from django.db.models import QuerySet

from muster.plan.tasks.models import Duty
from muster.team.members.models import Team
from muster.team.users.models import User


class Held(NamedTuple):
    """One letter that somebody has of a task: the row of the table, without its objects."""

    pk: int
    task: int
    user: int | None
    team: int | None
    letter: str
    share: Decimal

    @property
    def key(self) -> str:
        """`u7` for a person, `t3` for a team."""
        return f"u{self.user}" if self.user else f"t{self.team}"


def held_in(duties: QuerySet[Duty]) -> list[Held]:
    """These duties, as they came in."""
    rows = duties.order_by("pk").values_list("pk", "task", "user", "team", "letter", "share")
    return [Held(*row) for row in rows]


class Given(NamedTuple):
    """A duty of a task, with the person or team who has it."""

    letter: str
    share: Decimal
    user: User | None
    team: Team | None

    @property
    def user_id(self) -> int | None:
        return self.user.pk if self.user else None

    @property
    def word(self) -> str:
        """The letter in words."""
        return str(Duty.Letter(self.letter).label)


def given(held: Iterable[Held]) -> dict[int, list[Given]]:
    """Task → its duties; every person and team is fetched once."""
    held = list(held)
    users = User.objects.in_bulk({one.user for one in held if one.user})
    teams = Team.objects.in_bulk({one.team for one in held if one.team})
    found: dict[int, list[Given]] = {}
    for one in held:
        duty = Given(
            one.letter,
            one.share,
            users[one.user] if one.user else None,
            teams[one.team] if one.team else None,
        )
        found.setdefault(one.task, []).append(duty)
    return found
