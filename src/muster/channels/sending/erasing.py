"""Whoever is erased leaves only a number in the sends that meant them (PE1, CH9)."""

from __future__ import annotations

from collections.abc import Sequence

from django.db import connection

from muster.people.identity.erasing import on_erasure
from muster.people.profile.given import given


@on_erasure
def forget(people: Sequence[int]) -> None:
    """Empty what their rows say of them: the address, the traits, and what the server answered."""
    source, parameters = given({"id": "bigint"}, [(number,) for number in people])
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            UPDATE channels_recipient SET address = '', traits = NULL, answer = ''
            WHERE person_id IN (SELECT id FROM {source})
            """,  # noqa: S608
            parameters,
        )
