"""Asks for scores (PE7): of everybody whom a rule means, or of a few people with the reasons."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pyarrow as pa

from muster.kit.errors import Invalid
from muster.kit.words import _
from muster.warehouse.behaviour import About
from muster.warehouse.compile import Context, question
from muster.warehouse.lending import lent
from muster.warehouse.lending import people as rows_of
from muster.warehouse.rules import Rule
from muster.warehouse.scorecard import Scorecard
from muster.warehouse.scoring import COLUMNS, Part, parts, told
from muster.warehouse.tables import answer

if TYPE_CHECKING:
    from ibis.backends.duckdb import Backend


@dataclass(frozen=True)
class Standing:
    """How one person stands, and what made it so."""

    points: float
    fit: int
    grade: str
    meets: bool
    """Whether the rule means the person."""
    behaviour: tuple[Part, ...] = ()
    """What each rule of behaviour gave, the most first."""
    fitting: tuple[int, ...] = ()
    """The places of the rules of fit that hold."""


def meant(db: Backend, rule: Rule, context: Context, among: pa.Array | None = None) -> pa.Table:
    """Everybody whom the rule means: person_id, lead, fit, grade; by number.

    `among` asks about these people alone.
    """
    with ExitStack() as stack:
        some = stack.enter_context(lent(db, rows_of(among))) if among is not None else None
        asked = stack.enter_context(question(db, [rule], context, among=some, scored=True))
        rows = asked.people()
        columns = {name: rows[column] for name, column in COLUMNS.items()}
        return answer(db, rows.select("person_id", **columns).order_by("person_id"))


def spread(db: Backend, context: Context) -> dict[tuple[str, str], int]:
    """How many people have each grade and band: (grade, band) → people."""
    card = _card(context)
    with question(db, [], context, scored=True) as asked:
        rows = asked.table
        hot, warm = (rows[COLUMNS["lead"]] >= least for least in card.bands)
        band = hot.ifelse("hot", warm.ifelse("warm", "cold"))
        counts = rows.group_by(grade=rows[COLUMNS["grade"]], band=band).agg(people=rows.count())
        found = answer(db, counts).to_pylist()
    return {(row["grade"], row["band"]): row["people"] for row in found}


def standings(
    db: Backend, rule: Rule, context: Context, people: Sequence[int]
) -> Mapping[int, Standing]:
    """How each of these people stands; somebody of whom nothing is known is left out."""
    card = _card(context)
    with lent(db, rows_of(pa.array(people, pa.int64()))) as some:
        with question(db, [rule], context, among=some, scored=True) as asked:
            table = asked.table
            fitting = {f"fit{i}": fits(table) for i, fits in enumerate(asked.fit)}
            columns = {name: table[column] for name, column in COLUMNS.items()}
            meets = asked.truths[0](table)
            rows = answer(db, table.select("person_id", meets=meets, **columns, **fitting))
        reasons = _parts(db, card, context, some)
    return {
        row["person_id"]: Standing(
            row["lead"],
            row["fit"],
            row["grade"],
            bool(row["meets"]),
            reasons.get(row["person_id"], ()),
            tuple(i for i in range(len(card.fit)) if row[f"fit{i}"]),
        )
        for row in rows.to_pylist()
    }


def _parts(
    db: Backend, card: Scorecard, context: Context, some: About
) -> dict[int, tuple[Part, ...]]:
    if not card.behaviour:
        return {}
    rows = answer(db, parts(card, context.clock, some))
    return {row["person_id"]: tuple(told(row, card)) for row in rows.to_pylist()}


def _card(context: Context) -> Scorecard:
    if context.scorecard is None:
        raise Invalid.at("", "no_scores", _("There is no scorecard to go by here."))
    return context.scorecard
