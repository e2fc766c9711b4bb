"""Which people look like the same person (ME5): sorted into blocks, and compared within them."""

from __future__ import annotations

import duckdb
import pyarrow as pa

PEOPLE = pa.schema(
    [
        ("id", pa.int64()),
        ("email", pa.string()),
        ("phone", pa.string()),
        ("name", pa.string()),
    ]
)
"""Who is compared: addresses in their normal form, "" for what is not known."""

PAIRS = pa.schema([("first", pa.int64()), ("second", pa.int64()), ("why", pa.string())])

MOST_IN_A_BLOCK = 20
"""An address of more people is that of an office, and says nothing of who they are."""
ALIKE = 0.9
"""Two names, or two mailboxes, that resemble each other at least so much (Jaro and Winkler)."""

_DOTLESS = ("gmail.com", "googlemail.com")
"""Here dots in the mailbox mean nothing."""


def alike(people: pa.Table) -> pa.Table:
    """`PEOPLE` → `PAIRS`, each pair once with its strongest sign."""
    con = duckdb.connect(config={"python_enable_replacements": "false"})
    try:
        con.register("given", people)
        con.execute(
            f"""
            CREATE TABLE person AS
            SELECT id, email, phone,
                   lower(regexp_replace(nfc_normalize(name), '[\\s.·-]+', '', 'g')) AS name,
                   regexp_replace(split_part(email, '@', 1), '\\+.*$', '') AS plain,
                   split_part(email, '@', 2) AS domain,
                   CASE WHEN domain IN {_DOTLESS} THEN replace(plain, '.', '') ELSE plain END
                       AS mailbox,
                   regexp_replace(mailbox, '[^0-9]', '', 'g') AS digits
            FROM given
            """  # noqa: S608
        )
        parts = [
            _pairs("same_email", "email", "email <> ''", "true"),
            _pairs(
                "phone_and_name",
                "phone",
                "phone <> '' AND name <> ''",
                f"jaro_winkler_similarity(a.name, b.name) >= {ALIKE}",
            ),
            _pairs("same_mailbox", "mailbox || '@' || domain", "email <> ''", "true"),
            _pairs("same_phone", "phone", "phone <> ''", "true"),
            _pairs(
                "name_and_mailbox",
                "name || '@' || domain",
                "length(name) >= 2 AND email <> ''",
                f"jaro_winkler_similarity(a.mailbox, b.mailbox) >= {ALIKE}"
                # li.na and li.na88 may be one, member01 and member02 are two.
                " AND (a.digits = b.digits OR '' IN (a.digits, b.digits))",
            ),
        ]
        return (
            con.execute(
                f"""
            SELECT first, second, arg_min(why, place) AS why
            FROM ({
                    " UNION ALL ".join(
                        f"SELECT *, {place} AS place FROM ({part})"
                        for place, part in enumerate(parts)
                    )
                })
            GROUP BY first, second ORDER BY first, second
            """  # noqa: S608
            )
            .to_arrow_table()
            .cast(PAIRS)
        )
    finally:
        con.close()


def _pairs(why: str, key: str, counts: str, holds: str) -> str:
    """SQL for the pairs within the blocks of one key."""
    return f"""
        SELECT a.id AS first, b.id AS second, '{why}' AS why
        FROM (SELECT *, {key} AS key, count(*) OVER (PARTITION BY {key}) AS size
              FROM person WHERE {counts}) a
        JOIN (SELECT *, {key} AS key FROM person WHERE {counts}) b
            ON a.key = b.key AND a.id < b.id
        WHERE a.size <= {MOST_IN_A_BLOCK} AND {holds}
    """  # noqa: S608
