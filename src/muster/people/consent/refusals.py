"""Who refused what, asked for many people at once (PE3)."""

from __future__ import annotations

from collections.abc import Collection

from django.db import connection

from muster.people.profile.given import given


def withdrawn_among(people: Collection[int]) -> dict[int, set[tuple[str, str]]]:
    """Person → the channels and purposes for which they ever withdrew and did not return."""
    found: dict[int, set[tuple[str, str]]] = {}
    if not people:
        return found
    source, parameters = given({"person_id": "bigint"}, [(number,) for number in sorted(people)])
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT p.id, s.channel, s.purpose FROM {source}"
            " JOIN people_person p ON p.id = given.person_id"
            " JOIN people_consentstate s ON s.person_id = coalesce(p.merged_into_id, p.id)"
            " WHERE s.state = 'withdrawn'",
            parameters,
        )
        for person, channel, purpose in cursor.fetchall():
            found.setdefault(person, set()).add((channel, purpose))
    return found
