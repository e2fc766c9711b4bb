"""What the warehouse asks of the record store: who is this, and remember what we learnt (PE1, PE3).

Names, addresses and phones live in the record store only. The loader meets them in events, asks
here for the person behind them, and keeps nothing but numbers and keyed hashes.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any, Protocol

import pyarrow as pa

KEYS = pa.schema(
    [
        ("n", pa.int64()),
        ("external_id", pa.string()),
        ("email", pa.string()),
        ("phone", pa.string()),
        ("first_name", pa.string()),
        ("last_name", pa.string()),
        ("language", pa.string()),
        ("time_zone", pa.string()),
        ("source", pa.string()),
        ("at", pa.timestamp("us")),
    ]
)
"""Who is asked for: at least one of the first three is there. `email` and `phone` are written in
the one way of `Records.normal`, or so plainly that it would change nothing. The names and what
follows are those of a person who has to be made. `source` is the door through which it was said,
and `at` when."""

PLAIN = {
    "email": r"^[a-z0-9_+]{1,40}(\.[a-z0-9_+]{1,40})?@([a-z0-9]{1,40}\.){1,4}[a-z]{2,18}$",
    "phone": r"^\+861[3-9][0-9]{9}$",
}
"""What is surely written in the one way of `Records.normal`."""

FOUND = pa.schema([("n", pa.int64()), ("person_id", pa.int64()), ("made", pa.bool_())])
"""Who it is. `made`: somebody new to whom all of it belongs, so that to `learn` what was asked
would change nothing."""

LEARNT = ("email", "phone", "first_name", "last_name", "language", "time_zone")
"""What the record store shows of a person, each by its newest word."""

PROFILES = pa.schema(
    [
        ("person_id", pa.int64()),
        ("email", pa.string()),
        ("phone", pa.string()),
        ("first_name", pa.string()),
        ("last_name", pa.string()),
        ("external_id", pa.string()),
        ("wecom_id", pa.string()),
        ("language", pa.string()),
        ("time_zone", pa.string()),
        ("at", pa.timestamp("us")),
        ("source", pa.string()),
        ("email_by_id", pa.bool_()),
        ("phone_by_id", pa.bool_()),
        *((f"{field}_at", pa.timestamp("us")) for field in LEARNT),
    ]
)
"""What an event said of a person: null means it said nothing, "" that the value is gone;
`external_id` is the one by which it was said, `source` the door it came through: `muster`, `key:`
and a name, `import:` and the id of the import. `…_by_id` tells whether the address was said under
an id of the person, and not only beside another address; `…_at` when each was said, `at` when the
last of all was."""

PAIRS = pa.schema([("first", pa.int64()), ("second", pa.int64())])
"""Numbers of two people each."""

CONSENTS = pa.schema(
    [
        ("message_id", pa.string()),
        ("person_id", pa.int64()),
        ("channel", pa.string()),
        ("purpose", pa.string()),
        ("state", pa.string()),
        ("at", pa.timestamp("us")),
        ("source", pa.string()),
        ("proof", pa.string()),
        ("topic", pa.string()),
        ("expires_at", pa.timestamp("us")),
        ("text_version", pa.string()),
    ]
)
"""Changes of consent in the order in which they were said; `state` is granted or withdrawn,
`message_id` that of the event; `topic` is empty where all of the channel and purpose is meant."""


class Records(Protocol):
    """The part of the record store that the loader may use.

    Every call is safe to repeat with the same rows: after a kill the loader asks again.
    """

    def normal(self, kind: str, values: Sequence[str]) -> list[str | None]:
        """The one way to write each of these addresses (`email`) or numbers (`phone`); None for
        what is none, and leads to nobody."""
        ...

    def people_for(self, keys: pa.Table) -> pa.Table:
        """`KEYS` → `FOUND`, one row for each asked; makes the people that do not exist.

        The external id decides; then the e-mail address; then the phone. A person found by
        external id learns nothing here; one found by address or phone who has no external id yet
        gets the asked one. They may still be being written when this returns: see `settle`.
        """
        ...

    def settle(self) -> None:
        """Wait until all that was asked for is kept; raises if it cannot be.

        The loader commits its tables behind this only: of nobody who is in them the record store
        may know nothing. `learn`, `compare` and `consents` wait by themselves.
        """
        ...

    def learn(self, profiles: pa.Table) -> None:
        """Take over `PROFILES`, one row a person.

        An address that somebody else has stays with them, unless it was said by id.
        """
        ...

    def remember(self, profiles: pa.Table) -> None:
        """Keep the addresses in `PROFILES`, one each row, by which people are known beside those
        that they have now; the same holds of what somebody else has.
        """
        ...

    def compare(self, pairs: pa.Table) -> None:
        """Put `PAIRS` of people up for a decision: an event said that they are one."""
        ...

    def consents(self, changes: pa.Table) -> None:
        """Write `CONSENTS` into the history of consent; a `message_id` counts once."""
        ...


_IDENTITIES = ("external_id", "email", "phone")
_NOT_SAID = (
    *("person_id", "at", "external_id", "source"),
    *("email_by_id", "phone_by_id", *(f"{field}_at" for field in LEARNT)),
)


class MemoryRecords:
    """The record store of a test or a trial: keeps everything in memory."""

    def __init__(self) -> None:
        self.people: dict[int, dict[str, Any]] = {}
        self.history: dict[str, dict[str, Any]] = {}
        """Changes of consent by the id of their event."""
        self.compared: set[tuple[int, int]] = set()
        """Who may be one, the smaller number first."""
        self._numbers: dict[tuple[str, str], int] = {}

    def normal(self, kind: str, values: Sequence[str]) -> list[str | None]:
        """See `Records`; what has an @, or seven digits, is believed here."""
        if kind == "email":
            return [value if "@" in value else None for value in values]
        digits = [re.sub(r"[^0-9+]", "", value) for value in values]
        return [number if len(number) >= 7 else None for number in digits]

    def people_for(self, keys: pa.Table) -> pa.Table:
        """See `Records`."""
        rows = keys.to_pylist()
        people = [self._person({k: row[k] for k in _IDENTITIES}) for row in rows]
        found = {"n": [row["n"] for row in rows], "person_id": people, "made": [False] * len(rows)}
        return pa.table(found, schema=FOUND)

    def settle(self) -> None:
        """See `Records`; it is kept when it is said."""

    def learn(self, profiles: pa.Table) -> None:
        """See `Records`."""
        for row in profiles.to_pylist():
            person = self.people.setdefault(row["person_id"], {})
            said = {k: v for k, v in row.items() if v is not None and k not in _NOT_SAID}
            person.update(said)
            for kind in ("email", "phone"):
                if said.get(kind):
                    self._numbers.setdefault((kind, said[kind]), row["person_id"])

    def remember(self, profiles: pa.Table) -> None:
        """See `Records`."""
        for row in profiles.to_pylist():
            for kind in ("email", "phone"):
                if row[kind]:
                    self._numbers.setdefault((kind, row[kind]), row["person_id"])

    def compare(self, pairs: pa.Table) -> None:
        """See `Records`."""
        self.compared |= {tuple(sorted(row.values())) for row in pairs.to_pylist()}

    def consents(self, changes: pa.Table) -> None:
        """See `Records`."""
        for row in changes.to_pylist():
            self.history.setdefault(row["message_id"], row)

    def _person(self, identities: dict[str, str | None]) -> int:
        known = [item for item in identities.items() if item[1] is not None]
        found = next((self._numbers[k] for k in known if k in self._numbers), None)
        if found is not None and identities["external_id"]:
            # An address that belongs to another external id stays with its owner.
            other = self.people[found].get("external_id")
            if other not in (None, identities["external_id"]):
                found = None
        number = found if found is not None else len(self.people) + 1
        person = self.people.setdefault(number, {})
        for kind, value in known:
            person.setdefault(kind, value)
            self._numbers.setdefault((kind, value), number)  # type: ignore[arg-type]
        return number
