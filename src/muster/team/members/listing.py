"""Many invitations at once, from a list of addresses and roles: read, look, then invite.

What is wrong with a row is said beside it, and the good rows are invited all the same.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from django.conf import settings
from django.utils import timezone, translation
from django.utils.translation import gettext

from muster.kit.errors import Invalid, Refused
from muster.kit.tables import keep, open_table
from muster.kit.words import _
from muster.team.members.actions import address, invite
from muster.team.members.giving import Given, check, every
from muster.team.members.models import Invitation
from muster.team.roles import ROLES
from muster.team.users.models import User
from muster.ui.middleware import worded

MOST = 500
_EMAIL = {"email", "e-mail", "mail", "邮箱", "電子郵件", "电子邮件", "邮件", "信箱", "address"}
_ROLE = {"role", "角色", "职位", "職位"}


@dataclass(frozen=True)
class Row:
    """One line of the list."""

    number: int
    """As a spreadsheet counts."""
    email: str
    role: Given | None
    problem: str = ""
    """What is wrong with it, in the reader's language; empty if it can be invited."""


def read(file: BinaryIO, name: str, otherwise: str, *, by: User) -> list[Row]:
    """Every row with its verdict; `otherwise` is the role of rows that name none."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "list"
        keep(file, path, name)
        table = open_table(path, name)
        heads = [one.strip().casefold() for one in table.header]
        email, role = (_column(heads, known) for known in (_EMAIL, _ROLE))
        if email is None:
            raise Invalid.at(
                "/file",
                "no_email_column",
                _("No column is called e-mail. The first line names the columns: %(heads)s."),
                heads="email, role",
            )
        cells: list[tuple[int, str, str]] = []
        for number, row in table.rows():
            if len(cells) == MOST:
                raise Invalid.at(
                    "/file",
                    "too_many",
                    _("At most %(most)s people are invited at once."),
                    most=MOST,
                )
            cells.append((number, _cell(row, email), _cell(row, role)))
    return list(_judged(cells, otherwise, by))


def _column(heads: list[str], known: set[str]) -> int | None:
    return next((place for place, head in enumerate(heads) if head in known), None)


def _cell(row: list[str], place: int | None) -> str:
    return row[place] if place is not None and place < len(row) else ""


def _judged(cells: Iterable[tuple[int, str, str]], otherwise: str, by: User) -> Iterator[Row]:
    roles = _named()
    here = set(User.objects.values_list("email", flat=True))
    open_ones = Invitation.objects.filter(accepted_at=None, expires__gt=timezone.now())
    asked = set(open_ones.values_list("email", flat=True))
    seen: dict[str, int] = {}
    for number, email, words in cells:
        role = roles.get((words or otherwise).strip().casefold())
        row = Row(number, email.strip().lower(), role)
        try:
            address(row.email)
            if role is None:
                raise Refused(_("There is no role “%(role)s” here."), role=words)
            if role.key == "owner" and by.role != "owner":
                raise Refused(_("Only an owner can make someone an owner."))
            check(by, role.name, role.permissions)
        except Invalid as invalid:
            problem = worded(invalid.errors[0].text, invalid.errors[0].params)
        except Refused as refused:
            problem = worded(refused.text, refused.params)
        else:
            problem = _known(row.email, here, asked, seen)
        seen.setdefault(row.email, number)
        yield Row(number, row.email, role, problem)


def _known(email: str, here: set[str], asked: set[str], seen: dict[str, int]) -> str:
    if email in here:
        return gettext("%(email)s works here already.") % {"email": email}
    if email in asked:
        return gettext("Is invited already.")
    if email in seen:
        return gettext("Stands in row %(row)s already.") % {"row": seen[email]}
    return ""


def _named() -> dict[str, Given]:
    """Every way to name a role: its key or id, and its name in each language."""
    found = {}
    for role in every():
        found[role.value.casefold()] = role
        if role.own:
            found[role.own.name.casefold()] = role
            continue
        for language, _name in settings.LANGUAGES:
            with translation.override(language):
                found[gettext(ROLES[role.key].name).casefold()] = role
    return found


def invite_all(pairs: Iterable[tuple[str, str]], *, by: User) -> tuple[int, list[str]]:
    """Invite these addresses with these roles: how many, and what was refused, in words."""
    done, refused = 0, []
    for email, role in list(pairs)[:MOST]:
        try:
            invite(email, role, by=by)
        except Invalid as invalid:
            found = invalid.errors[0]
            refused.append(f"{email}: {worded(found.text, found.params)}")
        except Refused as no:
            refused.append(f"{email}: {worded(no.text, no.params)}")
        else:
            done += 1
    return done, refused
