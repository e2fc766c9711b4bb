"""Understands rows column by column (PE2, ME5): a flaw costs its cell, a repair is noted."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice

from muster.people.imports.repairs import (
    Noted,
    from_power,
    half_width,
    is_rounded_id,
    plain_column,
    without_invisible,
)
from muster.people.imports.rules import (
    LEAVE_OUT,
    MOST_BREAKS,
    MOST_DISTINCT,
    MOST_TEXT,
    MOST_TEXT_VERSION,
    MOST_VALUE,
    Flaw,
    Place,
    Reading,
    consent_of,
    expiry_of,
    place_of,
)
from muster.people.profile.names import split_name
from muster.people.profile.rules import normal_email, normal_phone

NAMED = ("first_name", "last_name", "language", "time_zone")
_COSTS_THE_ROW = frozenset(["ragged", "open_quote", "not_json"])
_Column = list[str | None]


class Distinct:
    """The different values of a column with their rows, as long as they are few."""

    def __init__(self) -> None:
        self._counts: Counter[str] = Counter()
        self._is_over = False

    def add(self, cells: Iterable[str] | Mapping[str, int]) -> None:
        """More cells of the column, or how many of each; empty ones say nothing."""
        if not self._is_over:
            self._counts.update(cells)
            del self._counts[""]
            self._is_over = len(self._counts) > MOST_DISTINCT or any(map(_is_long, self._counts))
            if self._is_over:
                self._counts.clear()

    def shown(self) -> list[tuple[str, int]]:
        """Value and rows, the most frequent first; none if there are too many or long ones."""
        return self._counts.most_common()


def _is_long(value: str) -> bool:
    # What a form cannot hold in the name of a field is not matched there.
    return len(value) > MOST_VALUE or not value.isprintable()


@dataclass
class Understood:
    """Some rows of the file."""

    columns: list[Sequence[object]]
    """In the order of `Intake.schema`, only of the rows that can be used."""
    flawed: list[tuple[int, list[str], list[Flaw]]]
    """Row number, cells as they came, and what is wrong with them."""
    rows: int
    lost: int
    """Rows of which nothing can be used."""


@dataclass
class Understanding:
    """Reads batches of rows, and remembers what it mended."""

    reading: Reading
    is_json: bool = False
    notes: dict[str, Noted] = field(default_factory=lambda: defaultdict(Noted))
    distinct: dict[str, Distinct] = field(default_factory=lambda: defaultdict(Distinct))
    """Column of a trait → its different values."""

    def batches(self, rows: Iterable[tuple[int, list[str]]], size: int) -> Iterable[Understood]:
        """All rows of the file, `size` at a time."""
        remaining = iter(rows)
        while batch := list(islice(remaining, size)):
            yield self._understand([n for n, _cells in batch], [cells for _n, cells in batch])

    def _understand(self, numbers: list[int], rows: list[list[str]]) -> Understood:
        flaws: dict[int, list[Flaw]] = defaultdict(list)
        columns = self._columns(rows, flaws)
        size = len(rows)
        ids: _Column = [None] * size
        whole: _Column | None = None
        named: dict[str, _Column] = {name: [None] * size for name in NAMED}
        traits: list[_Column] = []
        consents: dict[Place, _Column] = {place: [None] * size for place in self.reading.places}
        ends: _Column = [self.reading.expires_at or None] * size
        texts: _Column = [self.reading.text or None] * size
        doubtful: dict[int, list[Flaw]] = defaultdict(list)
        emails, phones = self._addresses(numbers, columns, flaws)
        for place, target in enumerate(self.reading.targets):
            name, cells = self.reading.columns[place], columns[place]
            if target in (LEAVE_OUT, "email", "phone"):
                continue
            if target == "external_id":
                ids = self._ids(name, cells, flaws)
            elif target.startswith("consent:"):
                consents[place_of(target)] = self._consents(name, cells, flaws)
            elif target == "consent_expires_at":
                self._ends(name, cells, ends, doubtful)
            elif target == "consent_text":
                self._versions(name, cells, texts, doubtful)
            elif target == "name":
                whole = self._texts(numbers, name, cells)
            elif target in named:
                named[target] = self._texts(numbers, name, cells)
            else:
                self.distinct[name].add(cells)
                traits.append(self._texts(numbers, name, self._matched(numbers, name, cells)))
        if whole is not None:
            _split(whole, named)
        for row_place in range(size):
            if ids[row_place] is None and emails[row_place] is None and phones[row_place] is None:
                flaws[row_place].append(Flaw("", "no_identity"))
        for agreed in self.reading.consents:
            consents[agreed] = [one or "granted" for one in consents[agreed]]
        # A yes of which it is not clear until when it holds, or to what, is none.
        for row_place, why in doubtful.items():
            lost_yes = [one for one in consents.values() if one[row_place] == "granted"]
            for column in lost_yes:
                column[row_place] = None
            if lost_yes:
                flaws[row_place] += why
        lost = {
            row_place
            for row_place, found in flaws.items()
            if any(f.reason in _COSTS_THE_ROW or f.reason == "no_identity" for f in found)
        }
        everything: list[Sequence[object]] = [
            numbers, ids, emails, phones, *named.values(), *traits, *consents.values(),
            ends, texts,
        ]  # fmt: skip
        if lost:
            kept = [i for i in range(size) if i not in lost]
            everything = [[column[i] for i in kept] for column in everything]
        flawed = [(numbers[i], rows[i], flaws[i]) for i in sorted(flaws)]
        return Understood(everything, flawed, size, len(lost))

    def _columns(
        self, rows: list[list[str]], flaws: dict[int, list[Flaw]]
    ) -> Sequence[Sequence[str]]:
        """The cells by column, as many as the header has."""
        width = len(self.reading.columns)
        even = rows
        if any(len(cells) != width for cells in rows):
            even = []
            for place, cells in enumerate(rows):
                if len(cells) > width and any(cells[width:]):
                    flaws[place].append(Flaw("", "not_json" if self.is_json else "ragged"))
                    cells = []
                even.append([*cells[:width], *[""] * (width - len(cells))])
        columns = list(zip(*even, strict=True))
        for number, (name, target) in enumerate(
            zip(self.reading.columns, self.reading.targets, strict=True)
        ):
            if target != LEAVE_OUT and max(map(len, columns[number])) > MOST_TEXT:
                columns[number] = self._shortened(name, columns[number], flaws)
        return columns

    def _shortened(
        self, name: str, cells: Sequence[str], flaws: dict[int, list[Flaw]]
    ) -> tuple[str, ...]:
        for place, text in enumerate(cells):
            if len(text) > MOST_TEXT:
                is_open = text.count("\n") > MOST_BREAKS or text.count("\r") > MOST_BREAKS
                flaws[place].append(
                    Flaw("" if is_open else name, "open_quote" if is_open else "too_long")
                )
        return tuple(text if len(text) <= MOST_TEXT else "" for text in cells)

    def _ids(self, name: str, cells: Sequence[str], flaws: dict[int, list[Flaw]]) -> _Column:
        ids: _Column = [text or None for text in cells]
        for place, text in enumerate(cells):
            if len(text) > 200:
                flaws[place].append(Flaw(name, "too_long"))
                ids[place] = None
            elif "E" in text and is_rounded_id(text):
                flaws[place].append(Flaw(name, "rounded"))
                ids[place] = None
        return ids

    def _consents(self, name: str, cells: Sequence[str], flaws: dict[int, list[Flaw]]) -> _Column:
        said: _Column = []
        for place, text in enumerate(cells):
            state = consent_of(text) if text else None
            said.append(state)
            if text and state is None:
                flaws[place].append(Flaw(name, "bad_consent"))
        return said

    def _ends(
        self,
        name: str,
        cells: Sequence[str],
        ends: _Column,
        doubtful: dict[int, list[Flaw]],
    ) -> None:
        for place, text in enumerate(cells):
            if not text.strip():
                continue
            end = expiry_of(text, self.reading.zone)
            if end is None or end <= self.reading.now:
                doubtful[place].append(Flaw(name, "bad_expiry" if end is None else "past_expiry"))
            else:
                ends[place] = end.isoformat()

    def _versions(
        self,
        name: str,
        cells: Sequence[str],
        texts: _Column,
        doubtful: dict[int, list[Flaw]],
    ) -> None:
        for place, text in enumerate(" ".join(cell.split()) for cell in cells):
            if len(text) > MOST_TEXT_VERSION:
                doubtful[place].append(Flaw(name, "long_text_version"))
            elif text:
                texts[place] = text

    def _matched(self, numbers: list[int], name: str, cells: Sequence[str]) -> Sequence[str]:
        """The cells with what their values were matched to."""
        becomes = self.reading.values.get(name)
        if not becomes:
            return cells
        for number, cell in zip(numbers, cells, strict=True):
            if cell in becomes:
                self.notes["values"].add(number, name, cell, becomes[cell])
        return [becomes.get(cell, cell) for cell in cells]

    def _texts(self, numbers: list[int], name: str, cells: Sequence[str]) -> _Column:
        """A trait's column; what would be mended is counted also where nobody wants it."""
        plain = plain_column(cells)
        if plain is not cells:
            for number, before, after in zip(numbers, cells, plain, strict=True):
                if before != after:
                    self.notes["text"].add(number, name, before, after)
        wanted = plain if "text" in self.reading.repairs else cells
        return [text or None for text in wanted]

    def _addresses(
        self,
        numbers: list[int],
        columns: Sequence[Sequence[str]],
        flaws: dict[int, list[Flaw]],
    ) -> tuple[_Column, _Column]:
        """E-mail addresses and phones: looked at together, for they may be swapped."""
        places = {t: i for i, t in enumerate(self.reading.targets) if t in ("email", "phone")}
        empty: Sequence[str] = [""] * len(numbers)
        written = {t: columns[places[t]] if t in places else empty for t in ("email", "phone")}
        names = {t: self.reading.columns[i] for t, i in places.items()}
        emails: _Column = [None] * len(numbers)
        phones: _Column = [None] * len(numbers)
        region = self.reading.region
        for place, text in enumerate(written["email"]):
            if text:
                emails[place] = value = normal_email(text)
                if value != text:
                    emails[place] = self._mail(numbers[place], names["email"], text, value)
        for place, text in enumerate(written["phone"]):
            if text:
                phones[place] = value = normal_phone(text, region)
                if value != text:
                    phones[place] = self._phone(numbers[place], names["phone"], text, value)
        for place, (mail, phone) in enumerate(zip(emails, phones, strict=True)):
            lost = [
                target
                for target, value in (("email", mail), ("phone", phone))
                if value is None and written[target][place]
            ]
            if not lost:
                continue
            if self._swap(place, numbers[place], written, names, emails, phones):
                continue
            for target in lost:
                is_rounded = target == "phone" and from_power(written[target][place]) == ""
                flaws[place].append(
                    Flaw(names[target], "rounded" if is_rounded else f"bad_{target}")
                )
        return emails, phones

    def _mail(self, number: int, name: str, text: str, value: str | None) -> str | None:
        """The address if it may be mended so; None if not."""
        bare = text
        if value is None:
            bare = "".join(without_invisible(half_width(text)).split())
            value = normal_email(bare)
            kind = "spaces"
        else:
            kind = "email_form" if text.isascii() or half_width(text) == text else "width"
        if value is None:
            return None
        self.notes[kind].add(number, name, text, value)
        return value if kind == "email_form" or kind in self.reading.repairs else None

    def _phone(self, number: int, name: str, text: str, value: str | None) -> str | None:
        kind = "phone_form"
        if value is None:
            whole = from_power(half_width(text))
            if whole is not None:
                kind, value = "scientific", normal_phone(whole, self.reading.region)
            else:
                kind, value = "spaces", normal_phone(without_invisible(text), self.reading.region)
        elif not text.isascii() and half_width(text) != text:
            kind = "width"
        if value is None:
            return None
        self.notes[kind].add(number, name, text, value)
        return value if kind == "phone_form" or kind in self.reading.repairs else None

    def _swap(
        self,
        place: int,
        number: int,
        written: dict[str, Sequence[str]],
        names: dict[str, str],
        emails: _Column,
        phones: _Column,
    ) -> bool:
        """Put an address in the phone's column, and the other way round, where they belong."""
        mail, phone = written["email"][place], written["phone"][place]
        as_mail = normal_email(phone) if emails[place] is None and "@" in phone else None
        as_phone = normal_phone(mail, self.reading.region) if phones[place] is None else None
        if as_mail is None and as_phone is None:
            return False
        # One of the two must not push out what cannot be read at all: that stays a flaw.
        if (mail and as_phone is None and emails[place] is None and as_mail is not None) or (
            phone and as_mail is None and phones[place] is None and as_phone is not None
        ):
            return False
        if as_mail is not None:
            self.notes["swapped"].add(number, names["phone"], phone, as_mail)
        if as_phone is not None:
            self.notes["swapped"].add(number, names["email"], mail, as_phone)
        if "swapped" not in self.reading.repairs:
            return False
        emails[place], phones[place] = as_mail or emails[place], as_phone or phones[place]
        return True


def _split(whole: _Column, named: dict[str, _Column]) -> None:
    """First and last names from whole ones, where no column of their own says them."""
    first, last = named["first_name"], named["last_name"]
    for place, text in enumerate(whole):
        if text:
            given, family = split_name(text)
            if first[place] is None:
                first[place] = given or None
            if last[place] is None:
                last[place] = family or None
