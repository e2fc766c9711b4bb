"""Tables as people have them: real odd files, read or refused with a sentence."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from pathlib import Path

import openpyxl
import pytest

from muster.kit.errors import Refused
from muster.kit.tables import open_table, unique_names


def table(tmp_path: Path, data: bytes) -> list[list[str]]:
    path = tmp_path / "t.csv"
    path.write_bytes(data)
    found = open_table(path, "t.csv")
    return [list(found.header), *(cells for _number, cells in found.rows())]


class TestChineseFiles:
    def test_come_back_letter_by_letter(self, shared_data: Path) -> None:
        folder = shared_data / "messy_csv" / "derived_cn"
        expected = json.loads((folder / "expected.json").read_text())["files"]
        for name, known in expected.items():
            found = open_table(folder / name, name)
            # GB18030 holds all of GBK.
            assert found.format.encoding == known["encoding"].replace("gbk", "gb18030"), name
            assert found.format.separator == known["separator"], name
            raw = (folder / name).read_bytes()[found.format.skip :]
            text = raw.decode(found.format.encoding)
            assert hashlib.sha256(text.encode()).hexdigest() == known["sha256_of_decoded_text"], (
                name
            )
            assert sum(1 for _row in found.rows()) == known["rows"], name


class TestOddFiles:
    @pytest.mark.parametrize(("folder", "readable"), [("csvkit", 76), ("frictionless", 138)])
    def test_are_read_or_refused_with_a_sentence(
        self, shared_data: Path, folder: str, readable: int
    ) -> None:
        outcomes: Counter[str] = Counter()
        sentences: list[str] = []
        for path in sorted((shared_data / "messy_csv" / folder).iterdir()):
            try:
                for _row in open_table(path, path.name).rows():
                    pass
                outcomes["read"] += 1
            except Refused as refused:
                sentences.append(str(refused))
        assert outcomes["read"] == readable
        assert all(sentence.endswith(".") for sentence in sentences)


class TestSeparatorsAndQuotes:
    @pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
    def test_the_separator_is_found(self, tmp_path: Path, separator: str) -> None:
        text = f"a{separator}b\n1{separator}2\n3{separator}4\n"
        assert table(tmp_path, text.encode()) == [["a", "b"], ["1", "2"], ["3", "4"]]

    def test_line_ends_inside_quotes_belong_to_the_cell(self, tmp_path: Path) -> None:
        assert table(tmp_path, b'a,b\r\n"x\r\ny",2\r\n') == [["a", "b"], ["x\r\ny", "2"]]

    @pytest.mark.parametrize(
        ("text", "rows"),
        [
            # Open to the end of the file.
            ('a,b\n1,"x\n2,y\n3,z\n', [["1", '"x'], ["2", "y"], ["3", "z"]]),
            # Closed by the mark that opens a later cell, which is whole.
            (
                'a,b\n1,"x\n2,y\n3,"z, w"\n4,v\n',
                [["1", '"x'], ["2", "y"], ["3", "z, w"], ["4", "v"]],
            ),
            # Letters after the closing mark are no reason to cut a row.
            ('a,b\n"x"s,2\n3,4\n', [["xs", "2"], ["3", "4"]]),
        ],
    )
    def test_a_quote_that_is_not_closed_swallows_no_rows(
        self, tmp_path: Path, text: str, rows: list[list[str]]
    ) -> None:
        assert table(tmp_path, text.encode()) == [["a", "b"], *rows]

    def test_nor_does_one_before_more_than_a_cell_can_hold(self, tmp_path: Path) -> None:
        text = 'a,b\n1,"x\n' + "2,y\n" * 300_000
        found = table(tmp_path, text.encode())
        assert found[1:4] == [["1", '"x'], ["2", "y"], ["2", "y"]]
        assert len(found) == 2 + 300_000

    def test_carriage_returns_alone_end_rows(self, tmp_path: Path) -> None:
        assert table(tmp_path, b"a,b\r1,2\r3,4\r") == [["a", "b"], ["1", "2"], ["3", "4"]]

    def test_an_apostrophe_that_guards_a_formula_is_taken_off(self, tmp_path: Path) -> None:
        assert table(tmp_path, b"a,b\n'+86138,'tis\n")[1] == ["+86138", "'tis"]


class TestHeaders:
    def test_blanks_and_doubles_get_names_of_their_own(self) -> None:
        assert unique_names(["a", "", "A", " a "]) == ("a", "column 2", "A 2", "a 3")


class TestASpreadsheet:
    def test_is_read_from_its_first_sheet_with_rows(self, tmp_path: Path) -> None:
        book = openpyxl.Workbook()
        sheet = book.create_sheet("people")
        for row in (["id", "when", "n", "ok"], ["007", None, 3.0, True]):
            sheet.append(row)
        path = tmp_path / "kept-without-an-ending"
        book.save(path)
        found = open_table(path, "b.xlsx")
        assert found.header == ("id", "when", "n", "ok")
        assert [cells for _n, cells in found.rows()] == [["007", "", "3", "true"]]
