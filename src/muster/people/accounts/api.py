"""Accounts in the API (PE8)."""

from __future__ import annotations

from typing import Any

from ninja import Query, Router

from muster.kit import clock
from muster.people.accounts import actions
from muster.people.accounts.models import Account, AccountPerson
from muster.people.accounts.showing import Warmth, warmth_of
from muster.people.profile.models import Person
from muster.team.bodies import Strict
from muster.team.http import TeamRequest
from muster.team.lookup import found
from muster.team.paging import Page, Paging, page
from muster.team.tokens.auth import scope
from muster.team.users.models import User

router = Router(tags=["accounts"])


class AccountPatch(Strict):
    """The fields of an account; those that are left out stay as they are."""

    name: str = ""
    domain: str | None = None
    industry: str = ""
    size: str = ""
    owner: str | None = None
    note: str = ""
    version: int | None = None


class PartIn(Strict):
    """Who works there, and the part they have in buying."""

    person: str
    part: str = ""


def _fields(body: AccountPatch) -> dict[str, Any]:
    given = body.model_dump(exclude_unset=True, exclude={"version"})
    if "owner" in given:
        rows = User.objects.filter(is_active=True)
        given["owner"] = found(rows, "user", given["owner"]) if given["owner"] else None
    return given


def shown(account: Account) -> dict[str, Any]:
    """An account as the API speaks of it."""
    return {
        "id": account.public_id,
        "name": account.name,
        "domain": account.domain,
        "industry": account.industry,
        "size": account.size or None,
        "owner": account.owner.public_id if account.owner else None,
        "note": account.note,
        "version": account.version,
    }


def in_full(warmth: Warmth) -> dict[str, Any]:
    """An account with its people and how warm it is."""
    members = AccountPerson.objects.filter(
        account=warmth.account, person__erased_at=None, person__merged_into=None
    )
    return {
        **shown(warmth.account),
        "score": warmth.known.score,
        "active": warmth.known.active,
        "last": warmth.known.last,
        "weeks": [{"from": monday.isoformat(), "events": n} for monday, n in warmth.weeks],
        "missing": list(warmth.missing),
        "people": [
            {
                "person": row.person.public_id,
                "part": row.part or None,
                "by_domain": row.by_domain,
                "since": row.since,
            }
            for row in members.select_related("person").order_by("pk")[:1000]
        ],
    }


@router.get("", auth=scope("leads:read"), response=Page[dict[str, Any]])
def list_accounts(request: TeamRequest, paging: Query[Paging]) -> dict[str, object]:
    """The accounts, newest first."""
    rows = Account.objects.visible_to(request.user).select_related("owner")
    return page(rows, paging, shown)


@router.post("", auth=scope("leads:write"), response={201: dict[str, Any]})
def add_account(request: TeamRequest, body: AccountPatch) -> dict[str, Any]:
    """A new account; people whose address has its domain join it."""
    account = actions.make(_fields(body), by=request.user, now=clock.now())
    return in_full(warmth_of([account])[0])


@router.get("/{account_id}", auth=scope("leads:read"), response=dict[str, Any])
def get_account(request: TeamRequest, account_id: str) -> dict[str, Any]:
    """One account with its people, the roles that are missing, and twelve weeks."""
    return in_full(warmth_of([_found(request, account_id)])[0])


@router.patch("/{account_id}", auth=scope("leads:write"), response=dict[str, Any])
def edit_account(request: TeamRequest, account_id: str, body: AccountPatch) -> dict[str, Any]:
    """Change some fields; with the `version` that was read, an older one is refused with 409."""
    account = _found(request, account_id)
    actions.change(account, _fields(body), by=request.user, now=clock.now(), version=body.version)
    return shown(_found(request, account_id))


@router.delete("/{account_id}", auth=scope("leads:write"), response={204: None})
def remove_account(request: TeamRequest, account_id: str) -> None:
    """Take an account away."""
    actions.remove(_found(request, account_id), by=request.user)


@router.post("/{account_id}/people", auth=scope("leads:write"), response=dict[str, Any])
def put_person(request: TeamRequest, account_id: str, body: PartIn) -> dict[str, Any]:
    """Somebody works there; whoever was in another account leaves it."""
    account = _found(request, account_id)
    person = found(Person.objects.present(), "person", body.person)
    actions.put(account, person, body.part, by=request.user, now=clock.now())
    return in_full(warmth_of([account])[0])


@router.delete("/{account_id}/people/{person_id}", auth=scope("leads:write"), response={204: None})
def take_person_out(request: TeamRequest, account_id: str, person_id: str) -> None:
    """Somebody does not work there."""
    account = _found(request, account_id)
    person = found(Person.objects.all(), "person", person_id)
    actions.take_out(account, person, by=request.user)


def _found(request: TeamRequest, account_id: str) -> Account:
    rows = Account.objects.visible_to(request.user).select_related("owner")
    return found(rows, "account", account_id)
