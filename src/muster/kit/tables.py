"""Reads tables as people have them: any encoding and separator, ragged rows, sheets."""

from __future__ import annotations

import codecs
import csv
import gzip
import io
import re
import warnings
import zipfile
import zlib
from collections import deque
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime, time
from itertools import dropwhile, islice
from pathlib import Path
from typing import IO, Any, BinaryIO

import msgspec
import openpyxl
from charset_normalizer import from_bytes

from muster.kit.errors import Invalid
from muster.kit.words import _

SAMPLE_BYTES = 256 * 1024
MOST_BYTES = 1024**3
MOST_CELL = 1_000_000
MOST_COLUMNS = 500
MOST_UNPACKED = 2 * 1024**3
"""A workbook is a packed archive; a small one that unpacks to more than this is refused."""
PEEK = 50
"""Rows by which a sheet with a table is told from one with a note."""
MOST_HEADER_ROW = 1000
"""The names of the columns may be told to stand in one of the first rows."""
SEPARATORS = ",;\t|"
_BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
ENCODINGS = ("utf-8", "utf-16-le", "utf-16-be", "gb18030", "gbk", "big5", "latin-1", "cp1252")
"""What a person may choose by hand where the guess is wrong."""
_COMMON = frozenset(
    "的一是不了在人有我他这这个们中来上大为和国地到以说时要就出会可也你对生能而子那得于着下自之年过发后作里"
    "用道行所然家种事成方多经么去法学如都同现当没动面起看定天分还进好小部其些主样理心她本前开但因只从想实日军者意"
    "無這個們來為國時說對過發後種當動還進開點樣從實電話郵箱姓名手機號碼地址城市性別會員訂單编号情感评论手机邮箱电话"
)
MOST_ARRAY = 100 * 1024**2
"""A JSON array is held in memory while it is read."""
_WEB_PAGE = re.compile(
    r"\s*(?:<!--.*?-->\s*|<\?xml[^>]*>\s*)*<(?:!doctype\s+html|html|head|meta|body|table|style)\b",
    re.IGNORECASE | re.DOTALL,
)
_JSON = re.compile(r'\s*(?:\[\s*[\[{\]]|\{\s*["}])')
_RARE_LINE_ENDS = re.compile("\r\n|\r|\n")


@dataclass(frozen=True)
class Format:
    """How the bytes of a file become rows."""

    kind: str
    """csv, xlsx or ndjson."""
    encoding: str = "utf-8"
    separator: str = ","
    skip: int = 0
    """Bytes of the mark at the beginning."""
    is_array: bool = False
    """The objects are those of one JSON array instead of one per line."""
    sheet: str = ""
    """Which sheet of a workbook is read."""


@dataclass(frozen=True)
class Table:
    """A file of rows that can be read again and again without being held in memory."""

    path: Path
    format: Format
    header: tuple[str, ...]
    """Names of the columns, unique and not empty."""
    header_row: int = 0
    """The row in which they stand, as a spreadsheet counts; 0 where each row names its own."""
    sheets: tuple[str, ...] = ()
    """The sheets of a workbook that may be read: visible, and not empty."""

    def rows(self) -> Iterator[tuple[int, list[str]]]:
        """Number of the row as a spreadsheet counts, and its cells; only those below the header.

        Rows without any content are left out; cells are stripped; a row may be shorter or longer
        than the header.
        """
        for number, cells in self._all():
            cells = [
                cell if cell[:1] != "'" else _unguarded(cell) for cell in map(str.strip, cells)
            ]
            if any(cells):
                yield number, cells

    def _all(self) -> Iterator[tuple[int, list[str]]]:
        if self.format.kind == "ndjson":
            yield from _objects(self.path, self.format, self.header)
            return
        for number, cells in _numbered(self.path, self.format):
            if number > self.header_row:
                yield number, cells

    def around_header(self, most: int) -> list[tuple[int, list[str]]]:
        """The first rows that are not empty, or those around a header that is further down."""
        if self.format.kind == "ndjson":
            return []
        shown: deque[tuple[int, list[str]]] = deque(maxlen=most)
        filled = 0
        for number, cells in _numbered(self.path, self.format):
            if _is_filled(cells):
                shown.append((number, cells))
                filled += 1
            beyond = 0 if filled == most else most // 2
            if filled >= most and number >= self.header_row + beyond:
                break
        return list(shown)

    def everything(self) -> Iterator[list[str]]:
        """The cells of every row of the file, whatever of it is read: all sheets, any header."""
        if self.format.kind == "ndjson":
            yield from (cells for _n, cells in _objects(self.path, self.format, self.header))
        elif self.format.kind == "xlsx":
            with _book(self.path) as book:
                for sheet in book.worksheets:
                    yield from (cells for _n, cells in _rows(sheet))
        else:
            yield from _lines(self.path, self.format)


def _unguarded(cell: str) -> str:
    # Our error files put ' before what a spreadsheet would take for a formula.
    return cell[1:] if cell[:1] == "'" and cell[1:2] in tuple("=+-@") else cell


def open_table(
    path: Path,
    name: str,
    *,
    encoding: str = "",
    separator: str = "",
    sheet: str = "",
    header_row: int = 0,
) -> Table:
    """Find out how to read the file; what is given here overrules what is found.

    `header_row` is the row of the column names as a spreadsheet counts. Raises Invalid with a
    sentence that says what the file is and what to do with it.
    """
    head = _head(path)
    if not head.strip():
        raise _empty(name)
    form = _format(head, path, name)
    if sheet and form.kind != "xlsx":
        raise Invalid.at(
            "/sheet", "no_sheets", _("The file %(name)s is no workbook, so it has no sheets."),
            name=name,
        )  # fmt: skip
    if form.kind == "ndjson":
        if header_row:
            raise Invalid.at(
                "/header_row",
                "no_header",
                _("The file %(name)s has no row of column names: each object names its values."),
                name=name,
            )
        form = replace(form, encoding=encoding or form.encoding)
        return _with_header(Table(path, form, ()), _keys(path, form), name)
    sheets: tuple[str, ...] = ()
    if form.kind == "csv":
        form = replace(
            form, encoding=encoding or form.encoding, separator=separator or form.separator
        )
    else:
        sheets, found = _sheets(path, name)
        if sheet and sheet not in sheets:
            raise Invalid.at(
                "/sheet",
                "no_such_sheet",
                _(
                    "The workbook has no sheet “%(sheet)s” with anything in it."
                    " There are: %(known)s."
                ),
                sheet=sheet,
                known=", ".join(sheets),
            )
        form = replace(form, sheet=sheet or found)
    row, names = _header(path, form, name, header_row)
    if form.kind == "xlsx":
        # A sheet is as wide as whatever was once formatted in it.
        while not names[-1].strip():
            names = names[:-1]
    return _with_header(Table(path, form, (), row, sheets), names, name)


def _header(path: Path, form: Format, name: str, wanted: int) -> tuple[int, list[str]]:
    """The row of the column names and what it says: this one, or the first that is not empty."""
    if not 0 <= wanted <= MOST_HEADER_ROW:
        raise Invalid.at(
            "/header_row",
            "bad_row",
            _("The column names can stand in the rows 1 to %(most)s, not in row %(row)s."),
            row=wanted,
            most=MOST_HEADER_ROW,
        )
    last = 0
    for number, cells in _numbered(path, form):
        if _is_filled(cells):
            last = number
            if number == (wanted or number):
                return number, cells
        if wanted and number >= wanted:
            raise Invalid.at(
                "/header_row",
                "empty_row",
                _("Row %(row)s is empty. Choose the row in which the columns have their names."),
                row=wanted,
            )
    if wanted and last:
        raise Invalid.at(
            "/header_row",
            "no_such_row",
            _("There is no row %(row)s: the last one with anything in it is row %(last)s."),
            row=wanted,
            last=last,
        )
    raise _empty(name)


def _empty(name: str) -> Invalid:
    return Invalid(_("The file %(name)s is empty. Export it again."), code="empty", name=name)


def _is_filled(cells: Sequence[str]) -> bool:
    return any(cell.strip() for cell in cells)


def _numbered(path: Path, form: Format) -> Iterator[tuple[int, list[str]]]:
    """All rows of a file that has a header, as a spreadsheet counts them."""
    if form.kind == "xlsx":
        with _book(path) as book:
            yield from _rows(book[form.sheet])
    else:
        yield from enumerate(_lines(path, form), 1)


def _with_header(table: Table, names: Sequence[str], name: str) -> Table:
    if len(names) > MOST_COLUMNS:
        raise Invalid(
            _("The file %(name)s has %(count)s columns; %(most)s can be read. Leave some out."),
            code="too_many_columns",
            name=name,
            count=len(names),
            most=MOST_COLUMNS,
        )
    return replace(table, header=unique_names(names))


def keep(file: BinaryIO, path: Path, name: str) -> int:
    """Write the file to `path`, unpacked if it is gzip; its size in bytes.

    Raises Invalid, and keeps nothing, beyond MOST_BYTES or if the archive is damaged.
    """
    start = file.read(2)
    file.seek(0)
    source = gzip.GzipFile(fileobj=file) if start == b"\x1f\x8b" else file
    size = 0
    try:
        with path.open("wb") as kept:
            while chunk := source.read(1024 * 1024):
                size += len(chunk)
                if size > MOST_BYTES:
                    raise Invalid(
                        _("%(name)s is larger than 1 GB. Split it into smaller files."),
                        code="too_large",
                        name=name,
                    )
                kept.write(chunk)
    except (Invalid, EOFError, zlib.error, gzip.BadGzipFile) as error:
        path.unlink()
        raise error if isinstance(error, Invalid) else _no_table(name) from error
    return size


def unique_names(names: Sequence[str]) -> tuple[str, ...]:
    """Column names without blanks and doubles: a blank is `column 3`, a double gets its number."""
    taken: set[str] = set()
    unique = []
    for place, name in enumerate(names, 1):
        plain = " ".join(name.replace("\ufeff", "").replace("\x00", "").split())[:100]
        wanted = plain or f"column {place}"
        again = 2
        chosen = wanted
        while chosen.casefold() in taken:
            chosen = f"{wanted} {again}"
            again += 1
        taken.add(chosen.casefold())
        unique.append(chosen)
    return tuple(unique)


def _head(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(SAMPLE_BYTES)


def _format(head: bytes, path: Path, name: str) -> Format:
    if head.startswith(b"PK\x03\x04"):
        if _is_workbook(path):
            return Format("xlsx")
        if b"opendocument" in head[:200] or name.lower().endswith((".xlsx", ".xlsm")):
            raise _no_table(name)
        raise Invalid(
            _("%(name)s is an archive. Unpack it and bring the CSV file in it."),
            code="archive",
            name=name,
        )
    for start in (b"\x1f\x8b", b"BZh", b"7z\xbc\xaf", b"Rar!", b"\xfd7zXZ"):
        if head.startswith(start):
            raise Invalid(
                _("%(name)s is an archive. Unpack it and bring the CSV file in it."),
                code="archive",
                name=name,
            )
    if head.startswith((b"\xd0\xcf\x11\xe0", b"%PDF", b"\x89PNG", b"PAR1")):
        raise _no_table(name)
    encoding, skip = _encoding(head, name)
    text = head[skip:].decode(encoding, "ignore")
    if text.count("\x00") > len(text) // 100 + 1:
        raise _no_table(name)
    if _WEB_PAGE.match(text):
        raise Invalid(
            _(
                "%(name)s is a web page, whatever its name ends with. Open it in a spreadsheet and"
                " save it as XLSX or CSV (UTF-8)."
            ),
            code="web_page",
            name=name,
        )
    if _is_ndjson(text):
        return Format("ndjson", encoding, skip=skip)
    if _JSON.match(text):
        form = Format("ndjson", encoding, skip=skip, is_array=True)
        if path.stat().st_size > MOST_ARRAY or not _is_array(path, form):
            raise Invalid(
                _(
                    "%(name)s is JSON, but no list of objects of at most 100 MB. Write one object"
                    " per line (NDJSON), or save it as CSV (UTF-8)."
                ),
                code="json",
                name=name,
            )
        return form
    return Format("csv", encoding, _separator(text), skip)


def _is_workbook(path: Path) -> bool:
    try:
        with zipfile.ZipFile(path) as archive:
            size = sum(entry.file_size for entry in archive.infolist())
            return "xl/workbook.xml" in archive.namelist() and size < MOST_UNPACKED
    except zipfile.BadZipFile:
        return False


def _encoding(head: bytes, name: str) -> tuple[str, int]:
    for mark, encoding in _BOMS:
        if head.startswith(mark):
            return encoding, len(mark)
    zeros_even, zeros_odd = head[:4000:2].count(0), head[1:4000:2].count(0)
    half = min(len(head), 4000) // 2
    if half and zeros_odd > half * 0.3 and zeros_odd > 4 * zeros_even:
        return "utf-16-le", 0
    if half and zeros_even > half * 0.3 and zeros_even > 4 * zeros_odd:
        return "utf-16-be", 0
    if _decodes(head, "utf-8"):
        return "utf-8", 0
    # GB18030 holds all of GBK, and a file may have its first rarer letter far behind the sample.
    chinese = {e: _looks_chinese(head, e) for e in ("gb18030", "big5") if _decodes(head, e)}
    if chinese:
        best = max(chinese, key=lambda encoding: chinese[encoding])
        if chinese[best] > 0.05:
            return best, 0
    if _is_mostly_latin(head):
        return "cp1252", 0
    found = from_bytes(head[:64_000]).best()
    if found is None:
        raise _undecodable(name)
    return found.encoding.replace("_", "-"), 0


def _is_mostly_latin(head: bytes) -> bool:
    """Whether letters beyond ASCII stand alone between others, as accents do."""
    runs = re.findall(rb"[\x80-\xff]+", head)
    return sum(len(run) == 1 for run in runs) > 0.8 * len(runs) and _decodes(head, "cp1252")


def _decodes(head: bytes, encoding: str) -> bool:
    # The sample may end in the middle of a character.
    decoder = codecs.getincrementaldecoder(encoding)()
    try:
        decoder.decode(head, final=len(head) < SAMPLE_BYTES)
    except UnicodeDecodeError:
        return False
    return True


def _looks_chinese(head: bytes, encoding: str) -> float:
    """Share of very common characters among those beyond ASCII."""
    text = [sign for sign in head.decode(encoding, "ignore") if ord(sign) > 127]
    return sum(sign in _COMMON for sign in text) / len(text) if text else 0.0


def _undecodable(name: str) -> Invalid:
    return Invalid(
        _("The letters of %(name)s cannot be read. Save it as CSV (UTF-8) and bring it again."),
        code="encoding",
        name=name,
    )


def _no_table(name: str) -> Invalid:
    return Invalid(
        _("%(name)s is not a table that can be read. Save it as CSV (UTF-8) or XLSX."),
        code="not_a_table",
        name=name,
    )


def _is_ndjson(text: str) -> bool:
    line = text.lstrip().split("\n", 1)[0].strip()
    if not line.startswith("{"):
        return False
    try:
        return isinstance(msgspec.json.decode(line.encode()), dict)
    except msgspec.DecodeError:
        return False


def _is_array(path: Path, form: Format) -> bool:
    """Whether it is whole, and its first element an object."""
    try:
        first = next(_array(path, form), "")
    except (msgspec.DecodeError, UnicodeDecodeError):
        return False
    return _object(first) is not None


def _array(path: Path, form: Format) -> Iterator[str]:
    text = path.read_bytes()[form.skip :].decode(form.encoding)
    for element in msgspec.json.decode(text.encode(), type=list[msgspec.Raw]):
        yield bytes(element).decode()


def _separator(text: str) -> str:
    """The separator that cuts the first lines into the most equal number of cells."""
    lines = _RARE_LINE_ENDS.split(text)
    sample = "\n".join(lines[:50] if len(lines) < 50 else lines[:-1][:50])
    best, best_score = ",", 0.0
    for separator in SEPARATORS:
        try:
            widths = [
                len(cells)
                for cells in csv.reader(io.StringIO(sample), delimiter=separator, strict=False)
                if any(cells)
            ]
        except csv.Error:
            continue
        if not widths or widths[0] < 2:
            continue
        score = sum(width == widths[0] for width in widths) / len(widths) * (1 + widths[0] / 1000)
        if score > best_score + 1e-9:
            best, best_score = separator, score
    return best


def _lines(path: Path, form: Format) -> Iterator[list[str]]:
    csv.field_size_limit(MOST_CELL)
    with path.open("rb") as raw:
        raw.seek(form.skip)
        # One broken letter deep in a large file must not lose the rest: it shows as \ufffd.
        text = io.TextIOWrapper(raw, form.encoding, errors="replace", newline="")
        # CR alone ends a row as well; the csv module wants it as a line of its own.
        taken: list[str] = []
        reader = csv.reader(_records(text, taken), delimiter=form.separator, strict=False)
        while True:
            taken.clear()
            try:
                cells = next(reader)
            except StopIteration:
                return
            except csv.Error:
                if len(taken) > 1:
                    yield from (_by_itself(line, form.separator) for line in taken)
                    continue
                raise Invalid(
                    _(
                        "Row %(row)s has a cell of more than a million letters. "
                        "Probably a quotation mark is not closed there."
                    ),
                    code="cell_too_long",
                    row=reader.line_num,
                ) from None
            if len(taken) > 1 and _strictly(taken, form.separator) is None:
                # A quotation mark that nobody closed must not swallow the rows after it.
                yield from (_by_itself(line, form.separator) for line in taken)
            else:
                yield cells


def _records(text: IO[str], taken: list[str]) -> Iterator[str]:
    """The lines, and in `taken` those that were asked for since it was emptied."""
    for line in text:
        plain = line.replace("\x00", "") if "\x00" in line else line
        taken.append(plain)
        yield plain


def _strictly(lines: Sequence[str], separator: str) -> list[str] | None:
    """The cells of one record, None if its quotation marks are not in order."""
    try:
        return next(csv.reader(lines, delimiter=separator, strict=True))
    except csv.Error:
        return None


def _by_itself(line: str, separator: str) -> list[str]:
    """The cells of one line; where its quotation marks are not in order they are letters."""
    cells = _strictly([line], separator)
    if cells is None:
        cells = next(csv.reader([line], delimiter=separator, quoting=csv.QUOTE_NONE))
    return cells


def _sheets(path: Path, name: str) -> tuple[tuple[str, ...], str]:
    """The visible sheets that are not empty, and which of them is read unless one is asked for.

    It is the first that looks like a table, else the first.
    """
    with _book(path) as book:
        sheets = [sheet for sheet in book.worksheets if sheet.sheet_state == "visible"]
        widths = {
            sheet.title: [_filled(row) for _n, row in islice(_rows(sheet), PEEK)]
            for sheet in sheets
        }
    some = [title for title, rows in widths.items() if rows]
    if not some:
        raise _empty(name)
    # A note in front of the table has a cell a row, and a table has a header and a row.
    wide = (title for title in some if sum(width > 1 for width in widths[title]) > 1)
    return tuple(some), next(wide, some[0])


@contextmanager
def _book(path: Path) -> Iterator[Any]:
    # Opened here, because the library asks how a file is called and ours have no ending.
    with path.open("rb") as file:
        try:
            with warnings.catch_warnings():
                # It warns of styles that are missing; we want the cells only.
                warnings.simplefilter("ignore")
                book = openpyxl.load_workbook(file, read_only=True, data_only=True)
        except (zipfile.BadZipFile, KeyError, ValueError, OSError, TypeError, SyntaxError):
            raise _no_table(path.name) from None
        try:
            yield book
        finally:
            book.close()


def _rows(sheet: Any) -> Iterator[tuple[int, list[str]]]:
    """The rows of a sheet with their numbers, from the first that is not empty."""
    cells = ([_cell(value) for value in row] for row in _quietly(sheet.iter_rows(values_only=True)))
    yield from dropwhile(lambda row: not any(row[1]), enumerate(cells, 1))


def _filled(cells: Sequence[str]) -> int:
    return sum(map(bool, cells))


def _quietly(rows: Iterator[tuple[object, ...]]) -> Iterator[tuple[object, ...]]:
    while True:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            row = next(rows, None)
        if row is None:
            return
        yield row


def _cell(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    if isinstance(value, datetime) and value.time() == time():
        value = value.date()
    isoformat = getattr(value, "isoformat", None)
    return isoformat() if isoformat else str(value)


def _objects(path: Path, form: Format, header: Sequence[str]) -> Iterator[tuple[int, list[str]]]:
    """One row per line; a line that is no object stands behind the cells, so that it is missed."""
    for number, line in enumerate(_plain_lines(path, form), 1):
        found = _object(line)
        if found is not None:
            yield number, [_json_cell(found.get(name)) for name in header]
        else:
            yield number, [*[""] * len(header), line.strip()[:MOST_CELL]]


def _plain_lines(path: Path, form: Format) -> Iterator[str]:
    if form.is_array:
        yield from _array(path, form)
        return
    with path.open("rb") as raw:
        raw.seek(form.skip)
        with io.TextIOWrapper(raw, form.encoding, errors="replace", newline="\n") as text:
            yield from text


def _object(line: str) -> dict[str, object] | None:
    try:
        found = msgspec.json.decode(line)
    except msgspec.DecodeError:
        return None
    return found if isinstance(found, dict) else None


def _json_cell(value: object) -> str:
    if isinstance(value, dict | list):
        return msgspec.json.encode(value).decode()
    return _cell(value)


def _keys(path: Path, form: Format) -> list[str]:
    """The keys of all objects, in the order in which they appear."""
    keys: dict[str, None] = {}
    for line in _plain_lines(path, form):
        keys.update(dict.fromkeys(_object(line) or ()))
    return list(keys)
