"""What the event log says of a few people, without what was worked out of it (PE4).

Traits, tags and consent are put together from the events themselves, not read from the tables that
the loader keeps of them: this is the other witness when members are checked.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from muster.events import names
from muster.events.shape import OURS
from muster.warehouse.merging import IMPORT, UNDONE
from muster.warehouse.plain import Someone
from muster.warehouse.schema import GRANTED, UNKNOWN, WITHDRAWN
from muster.warehouse.tables import BUILT_IN

if TYPE_CHECKING:
    from ibis.backends.duckdb import Backend

_EVENTS = """
    SELECT person_id, coalesce(owner_id, person_id) AS owner_id, name, type, source, actor, "at",
           message_id, send_id, props, order_id, url, channel, campaign, campaign_id, variant,
           content, revenue, discount
    FROM events LEFT JOIN repointed USING (event_id)
    WHERE events.rowid < ? AND person_id IN (SELECT person_id FROM asked_witness)
    ORDER BY "at", events.rowid
"""
_COLUMN_FIRST = ("order_id", "url", "channel")
_PROPERTY_FIRST = ("campaign", "campaign_id", "send_id", "message_id", "variant", "content")


def testify(db: Backend, people: Sequence[int], rows: int) -> list[Someone]:
    """All that the first `rows` events say of these known people."""
    db.con.register("asked_witness", pa.table({"person_id": pa.array(people, pa.int64())}))
    try:
        profiles = db.con.execute(
            f"SELECT person_id, {', '.join(BUILT_IN)} FROM profiles"  # noqa: S608 - names of ours
            " WHERE known AND person_id IN (SELECT person_id FROM asked_witness)"
        ).to_arrow_table()
        events = db.con.execute(_EVENTS, [rows]).to_arrow_table()
        kinds = dict(db.con.execute("SELECT name, kind FROM traits").fetchall())
        merged = dict(
            db.con.execute(
                'SELECT person_id, max("at") FROM aliases'
                " WHERE person_id IN (SELECT person_id FROM asked_witness) GROUP BY person_id"
            ).fetchall()
        )
    finally:
        db.con.unregister("asked_witness")
    found: dict[int, Someone] = {}
    said: dict[_Matter, dict[int, list[_Word]]] = {}
    for row in profiles.to_pylist():
        given = {name: _aware(row[name]) for name in BUILT_IN if row[name] is not None}
        found[row["person_id"]] = Someone(row["person_id"], given)
    for row in events.to_pylist():
        if (who := found.get(row["person_id"])) is not None:
            _hear(who, row, kinds, said)
    for (person, channel, purpose, topic), words in said.items():
        state = _agreed(words, merged.get(person), purpose)
        found[person].consents[channel, purpose, topic] = state
    return list(found.values())


_Matter = tuple[int, str, str, str]
"""Person, channel, purpose, and topic."""
_Word = tuple[datetime, str, str]
"""When, the state, and its source."""


def _agreed(words: dict[int, list[_Word]], merged: datetime | None, purpose: str) -> str:
    """What holds of the words of each who is one person now, each in the order of time.

    The last one since they were merged; the stricter where several said one at that moment, and
    of what each had said last where nobody said anything since.
    """
    last = [own[-1] for own in words.values() if own]
    moment = max((at for at, *_ in last if merged is not None and at > merged), default=None)
    states = {state for at, state, _ in last if moment in (None, at)}
    stricter = GRANTED if purpose in names.WISHES else WITHDRAWN
    return stricter if stricter in states else next(iter(states), UNKNOWN)


def _hear(
    who: Someone,
    row: dict[str, Any],
    kinds: dict[str, str],
    said: dict[_Matter, dict[int, list[_Word]]],
) -> None:
    """Take in one event, in the order of time; `said` keeps the words of consent."""
    read = row["props"] or "{}"
    props = json.loads(read, parse_float=_Number, parse_int=_whole)
    props = props if isinstance(props, dict) else {}
    if row["type"] == "identify":
        for name, value in props.items():
            if value is None:
                who.traits.pop(name, None)
            elif name in kinds:
                who.traits[name] = _typed(value, kinds[name])
    ours, name = row["source"] == OURS, row["name"]
    if ours and name in names.TAG_EVENTS and props.get("tag"):
        change = who.tags.add if name == names.PERSON_TAGGED else who.tags.discard
        change(str(props["tag"]))
    if ours and name in names.CONSENT_EVENTS and props.get("channel"):
        topic = str(props.get("topic") or "")
        purpose = str(props.get("purpose") or "marketing")
        matter = (row["person_id"], str(props["channel"]), purpose, topic)
        words = said.setdefault(matter, {}).setdefault(row["owner_id"], [])
        source = str(props.get("source") or "")
        if source.startswith(UNDONE):
            taken_back = source.replace(UNDONE, IMPORT, 1)
            words[:] = [word for word in words if word[2] != taken_back]
        else:
            state = GRANTED if name == names.CONSENT_GIVEN else WITHDRAWN
            words.append((row["at"], state, source))
    for column in _COLUMN_FIRST:
        if row[column] is not None:
            props[column] = row[column]
    for column in _PROPERTY_FIRST:
        if props.get(column) is None and row[column] is not None:
            props[column] = row[column]
    for column in ("revenue", "discount"):
        props[column] = row[column].normalize() if row[column] is not None else None
    who.events.append(
        {
            "name": name,
            "at": _aware(row["at"]),
            "human": row["actor"] != "machine",
            "actor": row["actor"] or "human",
            "props": props,
            "message": row["message_id"],
            "send": row["send_id"],
            "vouched": ours or name not in names.OF_MESSAGES,
        }
    )


def _typed(value: Any, kind: str) -> Any:
    """A trait as its column holds it; what does not fit is not there."""
    if kind == "text":
        if isinstance(value, bool):
            return str(value).lower()
        return value if isinstance(value, str) else _written(value)
    if kind == "boolean":
        return value if isinstance(value, bool) else None
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else None


class _Number(float):
    """A number that is written as it was read: `1e22`, where Python writes `1e+22`."""

    def __init__(self, text: str) -> None:
        self.text = text


def _whole(text: str) -> int | _Number:
    """Longer ones than a float holds would stop the check of everybody."""
    return int(text) if len(text) <= sys.float_info.max_10_exp else _Number(text)


def _written(value: Any) -> str:
    """JSON as the tables hold it; Python's own writer would spell the numbers its way."""
    if isinstance(value, _Number):
        return value.text
    if isinstance(value, dict):
        return f"{{{','.join(f'{_written(key)}:{_written(one)}' for key, one in value.items())}}}"
    if isinstance(value, list):
        return f"[{','.join(map(_written, value))}]"
    return json.dumps(value, ensure_ascii=False)


def _aware(value: Any) -> Any:
    return value.replace(tzinfo=UTC) if isinstance(value, datetime) else value
