"""Who takes the duties that a template gives to roles."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TypeAlias

from muster.team.members.models import Team
from muster.team.users.models import User

Somebody: TypeAlias = User | Team | None
_LEADS = frozenset({"owner", "admin", "manager"})


def suggested(roles: Iterable[str], owner: User) -> dict[str, Somebody]:
    """Role → the colleague who would do it, None where nobody has this role.

    The person in charge manages; of several with one role the first by name is taken.
    """
    wanted = list(roles)
    by_role: dict[str, User] = {}
    for user in User.objects.filter(is_active=True, role__in=wanted).order_by("-name", "-pk"):
        by_role[user.role] = user
    found: dict[str, Somebody] = {role: by_role.get(role) for role in wanted}
    if "manager" in found and owner.role in _LEADS:
        found["manager"] = owner
    found.update(_named(wanted))
    return found


def _named(roles: Iterable[str]) -> Mapping[str, Somebody]:
    """Of a copied campaign the duties are those of people and teams: `user:7`, `team:3`."""
    pairs = [role.partition(":") for role in roles if ":" in role]
    users = User.objects.filter(is_active=True).in_bulk(
        [int(pk) for kind, _colon, pk in pairs if kind == "user"]
    )
    teams = Team.objects.in_bulk([int(pk) for kind, _colon, pk in pairs if kind == "team"])
    found: dict[str, Somebody] = {f"user:{pk}": user for pk, user in users.items()}
    found.update({f"team:{pk}": team for pk, team in teams.items()})
    return found


def duties(
    who: Iterable[tuple[str, str]], people: Mapping[str, Somebody], owner: User
) -> list[tuple[str, User | Team]]:
    """(letter, somebody) of one task: exactly one is accountable, and nobody is named twice over.

    Where a role is empty the person in charge is accountable and responsible; nobody is consulted
    or informed.
    """
    found: list[tuple[str, User | Team]] = []
    for letter, role in who:
        somebody = people.get(role) or (owner if letter in "AR" else None)
        if somebody is None or (letter, somebody) in found:
            continue
        if letter in "CI" and any(one == somebody for _letter, one in found):
            continue
        found.append((letter, somebody))
    return found
