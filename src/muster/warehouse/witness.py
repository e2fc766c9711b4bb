"""What the event log says of a few people, without what was worked out of it (PE4).

Traits, tags and consent are put together from the events themselves, not read from the tables that
the loader keeps of them: this is the other witness when members are checked.
"""

from __future__ import annotations

import json
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
    SELECT person_id, name, type, source, actor, "at", message_id, send_id, props,
           order_id, url, channel, campaign, campaign_id, variant, content, revenue, discount
    FROM events WHERE rowid < ? AND person_id IN (SELECT person_id FROM asked_witness)
    ORDER BY "at", rowid
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
    finally:
        db.con.unregister("asked_witness")
    found: dict[int, Someone] = {}
    said: dict[tuple[Any, ...], list[tuple[str, str]]] = {}
    for row in profiles.to_pylist():
        given = {name: _aware(row[name]) for name in BUILT_IN if row[name] is not None}
        found[row["person_id"]] = Someone(row["person_id"], given)
    for row in events.to_pylist():
        if (who := found.get(row["person_id"])) is not None:
            _hear(who, row, kinds, said)
    return list(found.values())


def _hear(
    who: Someone,
    row: dict[str, Any],
    kinds: dict[str, str],
    said: dict[tuple[Any, ...], list[tuple[str, str]]],
) -> None:
    """Take in one event, in the order of time; `said` keeps the words of consent."""
    props = json.loads(row["props"]) if row["props"] else {}
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
        key = (str(props["channel"]), str(props.get("purpose") or "marketing"), topic)
        words = said.setdefault((row["person_id"], *key), [(UNKNOWN, "")])
        source = str(props.get("source") or "")
        if source.startswith(UNDONE):
            taken_back = source.replace(UNDONE, IMPORT, 1)
            words[:] = [word for word in words if word[1] != taken_back]
        else:
            words.append((GRANTED if name == names.CONSENT_GIVEN else WITHDRAWN, source))
        who.consents[key] = words[-1][0]
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
        return value if isinstance(value, str) else json.dumps(value, separators=(",", ":"))
    if kind == "boolean":
        return value if isinstance(value, bool) else None
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else None


def _aware(value: Any) -> Any:
    return value.replace(tzinfo=UTC) if isinstance(value, datetime) else value
