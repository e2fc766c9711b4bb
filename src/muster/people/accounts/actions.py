"""What people do with accounts (PE8): make one, change it, and say who has which part in it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from contextlib import suppress
from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone

from muster.kit.errors import Invalid, Problem, Refused, Unavailable
from muster.kit.words import _
from muster.people.accounts.matching import match
from muster.people.accounts.models import Account, AccountPerson
from muster.people.profile.models import Person
from muster.people.scoring.starting import FREE_MAIL
from muster.team.changes.actions import record_change, takes_back
from muster.team.changes.models import Change
from muster.team.users.models import User

FIELDS = ("name", "domain", "industry", "size", "owner", "note")
_DOMAIN = re.compile(r"^(?=.{3,253}$)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z0-9-]{2,63}$")
_LIMITS = {"name": 120, "industry": 60, "note": 500}


class ChangedMeanwhile(Refused):
    """Someone else changed the account."""

    code = "changed_meanwhile"
    text = _("Someone changed this account since you opened it. Load it again, then change it.")


def make(
    fields: Mapping[str, Any], *, by: User | None, now: datetime, sample: bool = False
) -> Account:
    """A new account; the people with its domain join it. Raises Invalid with every problem."""
    account = Account(by=by, sample=sample)
    with transaction.atomic():
        _take(account, fields)
        _save(account)
        record_change("made", account, by=by)
    _join(account, now)
    return account


def change(
    account: Account,
    fields: Mapping[str, Any],
    *,
    by: User,
    now: datetime,
    version: int | None = None,
) -> Change | None:
    """Change some fields and nothing else; None if all stayed as it was."""
    with transaction.atomic():
        account = Account.objects.select_for_update().get(pk=account.pk)
        if version is not None and version != account.version:
            raise ChangedMeanwhile
        before = {name: getattr(account, name) for name in FIELDS}
        _take(account, fields)
        changed = {name: old for name, old in before.items() if getattr(account, name) != old}
        if not changed:
            return None
        account.version += 1
        _save(account)
        undo = {name: old.pk if isinstance(old, User) else old for name, old in changed.items()}
        done = record_change("changed", account, by=by, undo=undo, fields=sorted(changed))
    if "domain" in changed:
        _join(account, now)
    return done


@transaction.atomic
def remove(account: Account, *, by: User) -> Change:
    """Take an account away; it can be brought back."""
    account.deleted_at = timezone.now()
    account.save(update_fields=["deleted_at"])
    return record_change("removed", account, by=by, undo={"deleted_at": None})


@transaction.atomic
def put(account: Account, person: Person, part: str, *, by: User, now: datetime) -> Change:
    """Say that somebody works there, and the part they have in buying ("" where none is known)."""
    if part and part not in AccountPerson.Part.values:
        raise Invalid.at(
            "/part",
            "unknown_choice",
            _("“%(given)s” is not possible here. Use one of: %(known)s."),
            given=part,
            known=", ".join(AccountPerson.Part.values),
        )
    row = AccountPerson.objects.select_for_update().filter(person=person).first()
    before = _place_of(row) if row else {}
    if row is None:
        row = AccountPerson(person=person, since=now)
    row.account, row.part, row.by_domain = account, part, False
    row.save()
    undo = {"back": {"person": person.pk, "before": before}}
    return record_change("account_person", account, by=by, undo=undo, part=part)


@transaction.atomic
def take_out(account: Account, person: Person, *, by: User) -> Change:
    """Say that somebody does not work there."""
    row = AccountPerson.objects.filter(account=account, person=person).first()
    if row is None:
        raise Refused(_("This person is not in the account."), code="not_there")
    before = _place_of(row)
    row.delete()
    undo = {"back": {"person": person.pk, "before": before}}
    return record_change("account_person", account, by=by, undo=undo, part="")


@takes_back("account_person")
def _take_back(change: Change, kept: Mapping[str, Any], by: User) -> None:
    before = kept["before"]
    if not before:
        AccountPerson.objects.filter(person_id=kept["person"]).delete()
        return
    AccountPerson.objects.update_or_create(
        person_id=kept["person"],
        defaults=before,
        create_defaults={**before, "since": timezone.now()},
    )


def _place_of(row: AccountPerson) -> dict[str, Any]:
    return {"account_id": row.account_id, "part": row.part, "by_domain": row.by_domain}


def _join(account: Account, now: datetime) -> None:
    with suppress(Unavailable):  # the next look at everybody does it
        match(now, account)


def _save(account: Account) -> None:
    try:
        with transaction.atomic():
            account.save()
    except IntegrityError as error:
        raise Invalid.at(
            "/domain", "taken", _("Another account has this domain already.")
        ) from error


def _take(account: Account, fields: Mapping[str, Any]) -> None:
    problems = [
        Problem(f"/{name}", "unknown_field", _("There is no field “%(name)s”."), {"name": name})
        for name in sorted(set(fields) - set(FIELDS))
    ]
    for name, value in fields.items():
        if name == "domain":
            account.domain = _domain(str(value or "")) or None
        elif name in FIELDS:
            setattr(account, name, " ".join(value.split()) if isinstance(value, str) else value)
    if not account.name:
        problems.append(Problem("/name", "blank", _("Give the account a name.")))
    problems += [
        Problem(f"/{name}", "too_long", _("This has at most %(most)s characters."), {"most": most})
        for name, most in _LIMITS.items()
        if len(getattr(account, name)) > most
    ]
    if account.size and account.size not in Account.Size.values:
        text = _("“%(given)s” is not possible here. Use one of: %(known)s.")
        known = {"given": account.size, "known": ", ".join(Account.Size.values)}
        problems.append(Problem("/size", "unknown_choice", text, known))
    if account.domain and not _DOMAIN.match(account.domain):
        text = _("A domain looks like company.com: what stands after the @ of its addresses.")
        problems.append(Problem("/domain", "bad_domain", text))
    elif account.domain in FREE_MAIL:
        text = _("Anybody can have an address at %(domain)s, so it belongs to no company.")
        problems.append(Problem("/domain", "free_mail", text, {"domain": account.domain}))
    if problems:
        raise Invalid.of(problems)


def _domain(given: str) -> str:
    """What stands after the @, also of a whole address or the address of a site."""
    text = given.strip().lower().rpartition("@")[2]
    text = text.removeprefix("https://").removeprefix("http://").partition("/")[0]
    text = text.removeprefix("www.")
    try:
        return text.encode("idna").decode() if text else ""
    except UnicodeError:
        return text
