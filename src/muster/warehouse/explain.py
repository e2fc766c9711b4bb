"""Why somebody is in a segment or not (PE4): each condition, whether it holds, and what we know."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from muster.kit.errors import NotFound
from muster.kit.words import _
from muster.warehouse.compile import Context, Question, question
from muster.warehouse.rules import (
    AllOf,
    AnyOf,
    Consent,
    Event,
    InOrder,
    Message,
    Not,
    Random,
    Rule,
    Score,
    Segment,
    Tag,
    Trait,
    walk,
)
from muster.warehouse.tables import answer

if TYPE_CHECKING:
    from ibis.backends.duckdb import Backend

_KINDS: dict[type[object], str] = {
    AllOf: "all",
    AnyOf: "any",
    Not: "not",
    Trait: "trait",
    Event: "event",
    InOrder: "sequence",
    Tag: "tag",
    Consent: "consent",
    Segment: "segment",
    Random: "random",
    Message: "message",
    Score: "score",
}


@dataclass(frozen=True)
class Reason:
    """One condition, whether it holds for the person, and what is known about it."""

    key: str
    """The kind of condition, for the page to word: all any not trait event sequence tag consent
    segment random message score."""
    rule: Rule
    ok: bool
    facts: Mapping[str, Any]
    """What the person has: `value` of a trait; `count`, `first`, `last` and totals such as
    `sum:total` of events; `at` of a tag and of the end of a sequence; `state` and `at` of a
    consent; `count` of messages in the state. Values of identity traits are not here: they live
    in the record store."""
    since: datetime | None
    """Since when it has been so, or when it last happened, as far as we know."""
    parts: tuple[Reason, ...] = ()


def explain(db: Backend, rule: Rule, context: Context, person_id: int) -> Reason:
    """Every condition of the rule for one known person; nobody else's data are read.

    Raises `NotFound` for somebody whom the warehouse does not know.
    """
    rules = list(dict.fromkeys(walk(rule)))
    with question(db, rules, context, person=person_id) as asked:
        columns = {f"ok{i}": truth(asked.table) for i, truth in enumerate(asked.truths)}
        row = _row(db, asked, columns)
        if row is None:
            raise NotFound(_("Nothing is known yet about this person."))
        oks = {part: bool(row[f"ok{i}"]) for i, part in enumerate(rules)}
        found = {leaf: _facts(row, columns) for leaf, columns in asked.facts.items()}

    def tree(part: Rule) -> Reason:
        facts = found.get(part, {}) if not isinstance(part, AllOf | AnyOf | Not) else {}
        inside: tuple[Rule, ...] = ()
        if isinstance(part, AllOf | AnyOf):
            inside = part.rules
        elif isinstance(part, Not):
            inside = (part.rule,)
        return Reason(
            _KINDS[type(part)],
            part,
            oks[part],
            facts,
            facts.get("at") or facts.get("last"),
            tuple(tree(p) for p in inside),
        )

    return tree(rule)


def _row(db: Backend, asked: Question, columns: Mapping[str, Any]) -> dict[str, Any] | None:
    rows = answer(db, asked.table.mutate(**columns)).to_pylist()
    return rows[0] if rows else None


def _facts(row: Mapping[str, Any], columns: Mapping[str, str]) -> dict[str, Any]:
    facts = {name: row[column] for name, column in columns.items()}
    if "count" in facts:
        facts["count"] = facts["count"] or 0
    return {
        name: value.replace(tzinfo=UTC) if isinstance(value, datetime) else value
        for name, value in facts.items()
    }
