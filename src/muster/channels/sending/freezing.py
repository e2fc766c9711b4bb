"""Freezes a send (CH9): the list of people, their groups and the mails, in one transaction."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

import numpy as np
from django.db import connection

from muster.channels.decide import asking
from muster.channels.decide.rules import Reason
from muster.channels.sending.content import frozen_mail, names_from_warehouse, trait_values
from muster.channels.sending.drawing import Drawn
from muster.channels.sending.models import Link, Recipient, Send, Variant
from muster.channels.sending.review import terms_of
from muster.people.profile.given import given
from muster.team.users.models import Workspace

_TRAIT_BATCH = 20_000


def freeze(send: Send, drawn: Drawn, now: datetime) -> int:
    """Write one row for everybody in the audience and keep the mails; returns the audience's size.

    Must run inside the transaction that starts the send.
    """
    _keep_mails(drawn.variants)
    size = _insert(send, drawn, now)
    wanted = sorted({name for v in drawn.variants for name in names_from_warehouse(v.compiled)})
    if wanted:
        _keep_traits(send, wanted)
    return size


def _keep_mails(variants: Iterable[Variant]) -> None:
    workspace = Workspace.here()
    for variant in variants:
        variant.compiled, links = frozen_mail(variant.email, workspace)
        variant.save(update_fields=["compiled"])
        Link.objects.filter(variant=variant).delete()
        Link.objects.bulk_create(
            Link(send_id=variant.send_id, variant=variant, number=number, url=url, label=label)
            for number, (url, label) in enumerate(links)
        )


def _insert(send: Send, drawn: Drawn, now: datetime) -> int:
    query, parameters = asking.plan(drawn.codes, terms_of(send, now))
    state = Recipient.State
    gets = f"reason IS NULL OR reason = '{Reason.QUIET}'"
    random_key = (
        "lower(hex(randomblob(10)))"
        if connection.vendor == "sqlite"
        else "substr(replace(gen_random_uuid()::text, '-', ''), 13)"
    )
    arms = " ".join(
        f"WHEN {place} THEN {variant.pk}" for place, variant in enumerate(drawn.variants, 1)
    )
    # Those who are over the weekly limit stay in their group, as they do among the held-out: else
    # the comparison would set people who get few messages against everybody.
    drawn_for = f"{gets} OR reason = '{Reason.CAPPED}'"
    variant_id = f"CASE WHEN {drawn_for} THEN CASE grp {arms} END END" if arms else "NULL"
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            INSERT INTO channels_recipient (send_id, person_id, variant_id, address, state, reason,
                owner, attempt, answer, "key", announced)
            SELECT %(send)s, person_id, {variant_id},
                CASE WHEN {gets} OR reason = '{Reason.HELD_OUT}' THEN address ELSE '' END,
                CASE WHEN {gets} THEN '{state.QUEUED}'
                    WHEN reason = '{Reason.HELD_OUT}' THEN '{state.HELD_OUT}'
                    ELSE '{state.SKIPPED}' END,
                CASE WHEN {gets} OR reason = '{Reason.HELD_OUT}' THEN '' ELSE reason END,
                '', 0, '', {random_key}, %(true)s
            FROM ({query}) d ORDER BY person_id
            """,  # noqa: S608
            {**parameters, "send": send.pk, "true": True},
        )
        return int(cursor.rowcount)


def _keep_traits(send: Send, wanted: list[str]) -> None:
    rows = Recipient.objects.filter(send=send, state=Recipient.State.QUEUED)
    people = np.fromiter(rows.values_list("person_id", flat=True).iterator(20_000), dtype=np.int64)
    for start in range(0, len(people), _TRAIT_BATCH):
        part = people[start : start + _TRAIT_BATCH]
        _write_traits(send, trait_values(part.tolist(), wanted))


def _write_traits(send: Send, values: Mapping[int, Mapping[str, Any]]) -> None:
    source, parameters = given(
        {"person_id": "bigint", "traits": "text"},
        [(person, json.dumps(traits, default=str)) for person, traits in values.items()],
    )
    turned = "given.traits" if connection.vendor == "sqlite" else "given.traits::jsonb"
    with connection.cursor() as cursor:
        cursor.execute(
            f"UPDATE channels_recipient SET traits = {turned} FROM {source}"  # noqa: S608
            " WHERE send_id = %s AND channels_recipient.person_id = given.person_id",
            [*parameters, send.pk],
        )
