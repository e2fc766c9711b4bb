"""The mails of a send: kept when it begins, filled in for one person after another (CO3, CH9)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.conf import settings

from muster.channels.messages import tokens
from muster.content.emails.compose import PERSON_FIELDS, Compiled, Rendered, compile, render
from muster.content.emails.models import Email
from muster.kit.tokens import Signer
from muster.people.profile.names import full_name
from muster.team.stores import warehouse
from muster.team.users.models import Workspace
from muster.warehouse.personal import values_of

PERSON_COLUMNS = ("first_name", "last_name", "email", "phone", "external_id", "language")
"""What the record store knows of a person and a mail may say, as columns."""


def frozen_mail(email: Email, workspace: Workspace) -> tuple[dict[str, Any], list[tuple[str, str]]]:
    """The mail as it is now with who sends it, and its links with their labels, by number.

    Raises Invalid if it could not be sent.
    """
    message = compile(email)
    kept = {
        "message": message.to_json(),
        "sender_name": workspace.sender_name or workspace.name,
        "sender_address": workspace.sender_address,
    }
    return kept, [(link.url, link.label) for link in message.links]


def message_of(kept: Mapping[str, Any]) -> Compiled:
    """The mail that was kept, ready to be filled in."""
    return Compiled.from_json(kept["message"])


def names_from_warehouse(kept: Mapping[str, Any] | None) -> frozenset[str]:
    """The traits that the mail speaks of and that only the warehouse knows."""
    return frozenset(kept["message"]["names"] if kept else ()) - frozenset(PERSON_FIELDS)


def trait_values(people: Sequence[int], names: Sequence[str]) -> dict[int, dict[str, Any]]:
    """Person → the traits of these names that the warehouse knows."""
    with warehouse(seconds=120) as db:
        return values_of(db, people, names)


def person_values(columns: Sequence[Any], traits: Mapping[str, Any] | None) -> dict[str, Any]:
    """What the mail may say of a person; `columns` in the order of PERSON_COLUMNS."""
    values: dict[str, Any] = dict(zip(PERSON_COLUMNS, columns, strict=True))
    values["name"] = full_name(values["first_name"] or "", values["last_name"] or "")
    if traits:
        values.update(traits)
    return values


def filled(
    message: Compiled,
    person: Mapping[str, Any],
    *,
    recipient: int,
    signer: Signer,
    count_open: bool = True,
) -> tuple[Rendered, str]:
    """What this recipient reads, and the address at which they unsubscribe."""
    base = settings.PUBLIC_URL
    unsubscribe = f"{base}/u/{tokens.sign(signer, tokens.UNSUBSCRIBE, recipient)}"
    urls = {
        "unsubscribe_url": unsubscribe,
        "view_url": f"{base}/v/{tokens.sign(signer, tokens.VIEW, recipient)}",
    }
    if count_open:
        urls["open_url"] = f"{base}/o/{tokens.sign(signer, tokens.OPEN, recipient)}"
    rendered = render(
        message,
        person,
        lambda number: f"{base}/l/{tokens.sign(signer, tokens.CLICK, recipient, number)}",
        urls,
    )
    return rendered, unsubscribe
