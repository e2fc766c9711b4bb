"""Teams in the API."""

from __future__ import annotations

from typing import Any, cast

from django.http import HttpRequest
from ninja import Query, Router, Status

from muster.team.bodies import Strict
from muster.team.lookup import found
from muster.team.members import actions
from muster.team.members.models import Team
from muster.team.paging import Page, Paging, page
from muster.team.tokens.auth import scope
from muster.team.users.models import User

router = Router(tags=["team"])


class TeamIn(Strict):
    """A team: its name and its people."""

    name: str
    members: list[str] = []


def shown(team: Team) -> dict[str, Any]:
    """A team as the API speaks of it."""
    return {
        "id": team.public_id,
        "name": team.name,
        "members": [{"id": one.public_id, "name": one.name} for one in team.members.all()],
    }


@router.get("", auth=scope("team:read"), response=Page[dict[str, Any]])
def list_teams(request: HttpRequest, paging: Query[Paging]) -> dict[str, object]:
    """The teams and who belongs to them."""
    rows = Team.objects.prefetch_related("members")
    return page(rows, paging, shown, newest_first=False)


@router.post("", auth=scope("team:manage"), response={201: dict[str, Any]})
def add_team(request: HttpRequest, body: TeamIn) -> Status[dict[str, Any]]:
    """Make a team."""
    return Status(201, shown(_save(request, None, body)))


@router.put("/{team_id}", auth=scope("team:manage"), response=dict[str, Any])
def change_team(request: HttpRequest, team_id: str, body: TeamIn) -> dict[str, Any]:
    """Another name, other people."""
    return shown(_save(request, found(Team.objects.all(), "team", team_id), body))


@router.delete("/{team_id}", auth=scope("team:manage"), response={204: None})
def drop_team(request: HttpRequest, team_id: str) -> Status[None]:
    """Dissolve a team; its people stay."""
    actions.drop_team(found(Team.objects.all(), "team", team_id), by=cast(User, request.user))
    return Status(204, None)


def _save(request: HttpRequest, team: Team | None, body: TeamIn) -> Team:
    people = User.objects.filter(is_active=True)
    members = [found(people, "user", one) for one in body.members]
    return actions.save_team(team, body.name, members, by=cast(User, request.user))
