"""Who refused what, asked for many people at once (PE3)."""

from __future__ import annotations

from collections.abc import Collection

from django.db import connection

from muster.people.profile.given import given


def withdrawn_among(people: Collection[int]) -> dict[int, set[tuple[str, str, int]]]:
    """Person → channel, purpose and topic (0: as a whole) for which they withdrew and stayed away.

    Who wants nothing on a channel wants none of its topics either.
    """
    found: dict[int, set[tuple[str, str, int]]] = {}
    if not people:
        return found
    source, parameters = given({"person_id": "bigint"}, [(number,) for number in sorted(people)])
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT p.id, s.channel, s.purpose, s.topic_id FROM {source}"
            " JOIN people_person p ON p.id = given.person_id"
            " JOIN (SELECT person_id, channel, purpose, 0 AS topic_id, state"
            " FROM people_consentstate UNION ALL"
            " SELECT person_id, channel, purpose, topic_id, state FROM people_topicstate) s"
            " ON s.person_id = coalesce(p.merged_into_id, p.id)"
            " WHERE s.state = 'withdrawn'",
            parameters,
        )
        for person, channel, purpose, topic in cursor.fetchall():
            found.setdefault(person, set()).add((channel, purpose, topic))
    return found
