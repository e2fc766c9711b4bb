"""Orders (TR5): each counts once, however often it is reported.

An order is what one buyer is said to have bought under one id. It happened when its first report
says, and brought what the latest says of those that name money. In `events` the first carries that
money, and each further one goes by the name Order Repeated, so that no question counts it. The
table `orders` keeps what each report said, so whoever turns out to be the same buyer, or another,
the orders can be told apart anew.
"""

# ruff: noqa: S608 - what the statements are put together from are names of ours.

from __future__ import annotations

import duckdb

from muster.events.names import ORDER_COMPLETED, ORDER_REFUNDED, ORDER_REPEATED

BUYER = "coalesce(CAST(person_id AS VARCHAR), anonymous)"
"""SQL for who it was: a person, or the visitor whose name is not known yet."""
_IS_ORDER = f"name = '{ORDER_COMPLETED}'"
_ID = "hash(order_id)"
_AS_SAID = (
    "orders = 1 AND (amount, discount, currency)"
    " IS NOT DISTINCT FROM (said_revenue, said_discount, said_currency)"
)


def keep(cursor: duckdb.DuckDBPyConnection) -> None:
    """Take over the orders and refunds of `chunk`, each as it was said; none by machines."""
    cursor.execute(
        f"""
        INSERT INTO orders BY NAME
        SELECT event_id, person_id, "at", CAST({_IS_ORDER} AS BIGINT) AS orders,
               CASE WHEN {_IS_ORDER} THEN revenue ELSE -abs(revenue) END AS amount, currency,
               CASE WHEN person_id IS NULL THEN anonymous END AS anonymous,
               CASE WHEN {_IS_ORDER} AND order_id <> '' THEN {_ID} END AS order_hash,
               discount, revenue AS said_revenue, discount AS said_discount,
               currency AS said_currency
        FROM chunk LEFT JOIN person USING (n)
        WHERE name IN ('{ORDER_COMPLETED}', '{ORDER_REFUNDED}') AND actor <> 'machine'
        """
    )


def settle(cursor: duckdb.DuckDBPyConnection, people: str) -> bool:
    """Let each order count once, of those in `chunk` and of the `people` whom the query gives.

    Whether there was anything to do; the events concerned stand in `settled` then.
    """
    just_told = f"SELECT {_ID} FROM chunk WHERE {_IS_ORDER} AND order_id <> ''"
    theirs = f"SELECT order_hash FROM orders WHERE person_id IN ({people})"
    # Nearly always nobody said any of them before, and that is found out quickly.
    if not _first(
        cursor,
        f"SELECT count(*) > count(DISTINCT order_hash) OR EXISTS ({theirs})"
        f" FROM orders WHERE order_hash IN ({just_told})",
    ):
        return False
    cursor.execute(
        f"""
        CREATE OR REPLACE TEMP TABLE told AS
        SELECT *, {BUYER} AS buyer FROM orders
        WHERE buyer IS NOT NULL AND order_hash IN ({just_told} UNION {theirs})
        """
    )
    if _first(
        cursor,
        f"SELECT count(*) = count(DISTINCT (buyer, order_hash)) AND bool_and({_AS_SAID})"
        " IS NOT FALSE FROM told",
    ):
        return False
    cursor.execute(
        f"""
        CREATE OR REPLACE TEMP TABLE settled AS
        WITH whole AS (
            SELECT buyer, order_hash, arg_min(event_id, ("at", event_id)) AS first,
                   arg_max({{'revenue': said_revenue, 'discount': said_discount,
                             'currency': said_currency}}, ("at", event_id))
                       FILTER (said_revenue IS NOT NULL) AS money
            FROM told GROUP BY buyer, order_hash HAVING count(*) > 1 OR NOT bool_and({_AS_SAID}))
        SELECT event_id, event_id = first AS counts,
               CASE WHEN counts THEN money.revenue ELSE said_revenue END AS revenue,
               CASE WHEN counts AND money IS NOT NULL THEN money.discount
                    ELSE said_discount END AS discount,
               CASE WHEN counts AND money IS NOT NULL THEN money.currency
                    ELSE said_currency END AS currency
        FROM told JOIN whole USING (buyer, order_hash);
        UPDATE orders SET orders = CAST(counts AS BIGINT), discount = s.discount,
                          currency = s.currency, amount = CASE WHEN counts THEN s.revenue END
        FROM settled AS s WHERE s.event_id = orders.event_id;
        UPDATE events SET revenue = s.revenue, discount = s.discount, currency = s.currency,
                          name = CASE WHEN counts THEN '{ORDER_COMPLETED}'
                                      ELSE '{ORDER_REPEATED}' END
        FROM settled AS s WHERE s.event_id = events.event_id
        """
    )
    return True


def _first(cursor: duckdb.DuckDBPyConnection, question: str) -> bool:
    row = cursor.execute(question).fetchone()
    return bool(row and row[0])
