"""Two people who are one (PE1): what both did counts for one, and can be told apart again.

Merging repoints rows and changes none: `aliases` says into whom somebody was merged, `repointed`
whose an event was before. What the tables keep of a person – traits, tags, consents – is worked
out anew from the events of those who were merged or parted.
"""

# ruff: noqa: S608 - what the statements are put together from are names of ours.

from __future__ import annotations

import duckdb

from muster.events import names
from muster.events.shape import OURS
from muster.warehouse import learning, schema, traits


def follow(cursor: duckdb.DuckDBPyConnection) -> bool:
    """Do what the merges of `chunk` say; the events of the chunk are in the tables already.

    If there are any, the people concerned stand in `touched`.
    """
    cursor.execute(
        f"""
        CREATE TEMP TABLE pair AS
        SELECT n, "at", pair[1] AS alias, pair[2] AS into_id
        FROM (SELECT n, "at", unnest(from_json((properties -> '$.moves'), '[["BIGINT"]]')) AS pair
              FROM chunk WHERE ours AND name IN {names.MERGE_EVENTS});
        CREATE TEMP TABLE move AS
        SELECT alias, arg_max(into_id, n) AS into_id, arg_max("at", n) AS "at"
        FROM pair GROUP BY alias
        """
    )
    found = cursor.execute("SELECT count(*) FROM move").fetchone()
    if not found or not found[0]:
        return False
    _repoint(cursor)
    _tell_anew(cursor)
    return True


def _repoint(cursor: duckdb.DuckDBPyConnection) -> None:
    """A move into oneself parts a person from those they were merged with."""
    cursor.execute(
        """
        CREATE TEMP TABLE touched AS
        SELECT alias AS person_id FROM pair UNION SELECT into_id FROM pair
        UNION SELECT person_id FROM aliases WHERE alias IN (SELECT alias FROM move);
        DELETE FROM aliases WHERE alias IN (SELECT alias FROM move);
        INSERT INTO aliases SELECT alias, into_id, "at" FROM move WHERE alias <> into_id;
        INSERT INTO repointed
        SELECT event_id, person_id FROM events
        WHERE person_id IN (SELECT alias FROM move WHERE alias <> into_id)
          AND event_id NOT IN (SELECT event_id FROM repointed);
        UPDATE events SET person_id = move.into_id
        FROM repointed JOIN move ON alias = owner_id
        WHERE events.event_id = repointed.event_id
          AND events.person_id IN (SELECT person_id FROM touched);
        UPDATE orders SET person_id = move.into_id
        FROM repointed JOIN move ON alias = owner_id
        WHERE orders.event_id = repointed.event_id
          AND orders.person_id IN (SELECT person_id FROM touched);
        DELETE FROM repointed WHERE owner_id IN (SELECT alias FROM move WHERE alias = into_id);
        """
    )


def _tell_anew(cursor: duckdb.DuckDBPyConnection) -> None:
    cursor.execute(
        f"""
        CREATE TEMP TABLE fact AS
        WITH told AS (
            SELECT one.person_id, max(n) AS n, arg_max(one, n) AS facts
            FROM (SELECT n, unnest(from_json((properties -> '$.facts'), '[{{"person_id": "BIGINT",
                      "email_hash": "VARCHAR", "mail_domain": "VARCHAR",
                      "phone_region": "VARCHAR"}}]')) AS one
                  FROM chunk WHERE ours AND name IN {names.MERGE_EVENTS})
            GROUP BY ALL),
        present AS (
            SELECT n, coalesce(move.into_id, person.person_id) AS person_id
            FROM person LEFT JOIN move ON alias = owner_id),
        since AS (
            SELECT present.person_id, n, (c."at", n) AS place,
                   CASE WHEN c."at" < taught.email THEN NULL ELSE email_hash END AS email_hash,
                   CASE WHEN c."at" < taught.email THEN NULL ELSE c.email END AS email,
                   CASE WHEN c."at" < taught.phone THEN NULL ELSE c.phone END AS phone
            FROM chunk AS c JOIN present USING (n)
            LEFT JOIN {learning.taught_together("present")} AS taught
                ON taught.person_id = present.person_id
            WHERE email_hash IS NOT NULL OR c.phone IS NOT NULL)
        SELECT told.person_id,
               coalesce(arg_max(since.email_hash, place), any_value(facts.email_hash))
                   AS email_hash,
               coalesce(arg_max(split_part(email, '@', 2), place), any_value(facts.mail_domain))
                   AS mail_domain,
               coalesce(arg_max({traits.region("phone")}, place), any_value(facts.phone_region))
                   AS phone_region
        FROM told LEFT JOIN since ON since.person_id = told.person_id AND since.n > told.n
        GROUP BY told.person_id;
        DELETE FROM profiles WHERE person_id IN (SELECT person_id FROM touched);
        DELETE FROM tags WHERE person_id IN (SELECT person_id FROM touched);
        INSERT INTO profiles
            (person_id, known, first_seen, last_seen, email_hash, mail_domain, phone_region)
        SELECT e.person_id, true, min(e."at"),
               max(e."at") FILTER (e.actor = 'human'
                   AND NOT (e.source = '{OURS}' AND e.name IN {names.SAID_BY_US})),
               any_value(fact.email_hash), any_value(fact.mail_domain),
               any_value(fact.phone_region)
        FROM events e LEFT JOIN fact USING (person_id)
        WHERE e.person_id IN (SELECT person_id FROM touched) GROUP BY e.person_id;
        INSERT INTO tags
        SELECT person_id, (props ->> '$.tag') AS tag, max("at")
        FROM events
        WHERE person_id IN (SELECT person_id FROM touched) AND source = '{OURS}'
          AND name IN {names.TAG_EVENTS} AND (props ->> '$.tag') IS NOT NULL
        GROUP BY person_id, tag
        HAVING arg_max(name, ("at", rowid)) = '{names.PERSON_TAGGED}';
        """
    )
    traits.say_again(cursor)
    traits.store(cursor)
    say_consents_again(cursor, "touched")


IMPORT, UNDONE = "import:", "undone:"
"""`undone:imp_…` takes back what `import:imp_…` said."""


def say_consents_again(cursor: duckdb.DuckDBPyConnection, people: str) -> None:
    """Work out anew what the people of a table allowed, from their own events.

    The last word since a merge holds; without one the stricter of what each had said: of wishes
    that is the pause that ends later, and the lower limit, before none. What a file said counts
    as never said once the file was taken back: what was said before it holds again, as it was
    said.
    """
    cursor.execute(
        f"""
        DELETE FROM consents WHERE person_id IN (SELECT person_id FROM {people});
        INSERT INTO consents
        WITH cut AS (SELECT person_id, max("at") AS merged_at FROM aliases GROUP BY person_id),
        every AS (
            SELECT e.person_id, coalesce(owner_id, e.person_id) AS owner_id, e.rowid AS n, e."at",
                   (props ->> '$.channel') AS channel,
                   coalesce(props ->> '$.purpose', 'marketing') AS purpose,
                   CASE e.name WHEN '{names.CONSENT_GIVEN}' THEN '{schema.GRANTED}'
                               WHEN '{names.CONSENT_RETRACTED}' THEN '{schema.UNKNOWN}'
                               ELSE '{schema.WITHDRAWN}' END AS state,
                   coalesce(e."at" > merged_at, false) AS is_later,
                   coalesce(props ->> '$.topic', '') AS topic,
                   try_cast(props ->> '$.expires_at' AS TIMESTAMPTZ) AT TIME ZONE 'UTC'
                       AS expires_at,
                   CASE WHEN purpose = '{names.FREQUENCY}' THEN
                       try_cast(try_cast(props ->> '$.proof' AS JSON) ->> '$.at_most' AS INTEGER)
                       END AS at_most,
                   coalesce(props ->> '$.source', '') AS said_by
            FROM events e LEFT JOIN repointed USING (event_id)
            LEFT JOIN cut ON cut.person_id = e.person_id
            WHERE e.person_id IN (SELECT person_id FROM {people}) AND e.source = '{OURS}'
              AND e.name IN {names.CONSENT_EVENTS} AND (props ->> '$.channel') IS NOT NULL),
        word AS (
            SELECT *, said_by IN {schema.CONFIRMED} AS confirmed
            FROM every ANTI JOIN (
                SELECT owner_id, channel, purpose, topic,
                       replace(said_by, '{UNDONE}', '{IMPORT}') AS said_by
                FROM every WHERE state = '{schema.UNKNOWN}') USING
                (owner_id, channel, purpose, topic, said_by)
            WHERE NOT starts_with(said_by, '{UNDONE}')),
        of_each AS (
            SELECT DISTINCT ON (person_id, owner_id, channel, purpose, topic, is_later) *
            FROM word
            ORDER BY person_id, owner_id, channel, purpose, topic, is_later, "at" DESC, n DESC),
        weighed AS (
            SELECT *, CASE WHEN is_later THEN "at" END AS said_since,
                   state = CASE WHEN purpose IN {names.WISHES} THEN '{schema.GRANTED}'
                                ELSE '{schema.WITHDRAWN}' END AS is_stricter,
                   CASE WHEN purpose = '{names.PAUSE}' THEN expires_at END AS paused_until
            FROM of_each)
        SELECT DISTINCT ON (person_id, channel, purpose, topic)
               person_id, channel, purpose, state, "at", topic, expires_at, confirmed
        FROM weighed
        ORDER BY person_id, channel, purpose, topic, is_later DESC, said_since DESC NULLS LAST,
                 is_stricter DESC, paused_until DESC NULLS LAST, at_most NULLS LAST, "at" DESC
        """
    )
