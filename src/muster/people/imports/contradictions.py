"""Finds the rows of a file that name two different people, before it is imported (PE1, PE2)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from django.db.models.functions import Coalesce

from muster.people.identity.records import Known
from muster.people.imports.rules import IDENTITIES
from muster.people.profile.models import Person
from muster.warehouse.intake import Intake

Row = tuple[int, str | None, str | None, str | None]


@dataclass(frozen=True)
class Contradiction:
    """A row that names two people: by one of its identities whose it will be, by others not."""

    row: Row
    kinds: tuple[str, ...]
    """Of `IDENTITIES`: the one that decides, then those of somebody else."""

    @property
    def values(self) -> tuple[str, ...]:
        return tuple(str(self.row[1 + IDENTITIES.index(kind)]) for kind in self.kinds)


class Contradictions:
    """Follows the rows of a file as the record store will take them, and makes nobody.

    The people whom the file itself brings have negative numbers here.
    """

    def __init__(self, intake: Intake) -> None:
        # Only what stands in several rows leads from one row to the person of another.
        self._repeated = {kind: intake.repeated(kind) for kind in IDENTITIES[1:]}
        self._owner: dict[str, dict[str, int]] = {kind: {} for kind in self._repeated}
        self._external: dict[int, str | None] = {}
        self._touched: set[int] = set()
        """Who is spoken of by rows without an id, and may have got other addresses by them."""
        self.made = 0
        """How many people the rows so far bring who are known by nothing."""
        self.met: set[int] = set()
        """Those whom the record store knows and of whom a row speaks."""

    def among(self, rows: Sequence[Row], known: Known) -> Iterator[Contradiction]:
        """Those of the next rows of the file; `known` is whom the record store knows of them."""
        if not any(self._repeated.values()) and not any(known.owner.values()):
            self.made += len(rows)
            return
        # Who has no id in the record store may have got one by an earlier row.
        mine = self._external
        known.external.update(
            (p, mine[p]) for p, said in known.external.items() if p in mine and not said
        )
        found = [(row, owners) for row in rows if (owners := self._owners(row, known))]
        people = {person for _row, owners in found for person in owners.values()}
        has = {
            person: (present, {"email": email, "phone": phone})
            for person, present, email, phone in Person.objects.filter(pk__in=people).values_list(
                "pk", Coalesce("merged_into", "pk"), "email", "phone"
            )
        }
        for row, owners in found:
            deciding, *others = owners
            mine, my = has.get(owners[deciding], (owners[deciding], {}))
            strange = []
            for kind in others:
                value = row[1 + IDENTITIES.index(kind)]
                theirs, _now = has.get(owners[kind], (owners[kind], {}))
                # A household that shares a phone was asked about when that began.
                is_shared = (
                    deciding == "external_id"
                    and my.get(kind) == value
                    and owners[deciding] not in self._touched
                )
                if theirs != mine and not is_shared:
                    strange.append(kind)
            if strange:
                yield Contradiction(row, (deciding, *strange))

    def _owners(self, row: Row, known: Known) -> dict[str, int]:
        """Whose each identity of the row is, first the one that decides; empty if all agree."""
        said = [(kind, one) for kind, one in zip(IDENTITIES, row[1:], strict=True) if one]
        for kind, value in said:
            owner = self._owner[kind].get(value) if kind in self._owner else None
            if owner is not None:
                known.owner[kind].setdefault(value, owner)
                known.external.setdefault(owner, self._external.get(owner))
        external_id = row[1]
        person = known.owner_of(row)
        if person is None:
            self.made += 1
            person = -self.made
            known.external[person] = self._external[person] = external_id
        elif external_id and known.external.get(person) is None:
            known.external[person] = self._external[person] = external_id
        elif not external_id:
            self._touched.add(person)
        if person > 0:
            self.met.add(person)
        owners = {kind: known.owner[kind].setdefault(value, person) for kind, value in said}
        for kind, value in said:
            if value in self._repeated.get(kind, ()):
                self._owner[kind][value] = owners[kind]
        if all(owner == person for owner in owners.values()):
            return {}
        return dict(sorted(owners.items(), key=lambda item: item[1] != person))
