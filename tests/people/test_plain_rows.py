"""Rows that the engine takes at once come out as the rules for single cells make them (PE2)."""

from __future__ import annotations

import random
from datetime import UTC, date, datetime

import pytest

from muster.kit.tables import open_table
from muster.people.imports import checking
from muster.people.imports.repairs import FOR_PEOPLE
from muster.people.imports.rules import Reading
from muster.people.profile.rules import normal_phone
from muster.warehouse.intake import Intake

CELLS = {
    "id": ["c1", "0017", "1.23457E+11", "E7", " c2 ", "'=c3", "'c4", "x" * 201, "", "空"],
    "name": ["王小雨", "欧阳娜娜", "Anna Li", "Li, Anna", "王 伟", "Ｗang", "a  b", "", "\u3000陈", "Jo"],
    "email": [
        "a@b.cn", "A.b@Example.COM", "mailto:x@y.cn", "ａ@b.cn", "a b@c.cn", "nobody", "",
        "a@b--c.cn", "13800138000", "\u212a@b.cn", f"{'a' * 40}.{'b' * 40}@{('c' * 40 + '.') * 4}cn",
    ],
    "phone": [
        "13800138000", "+86 138 0013 8000", "86-138-0013-8000", "008613800138000", "(138)00138000",
        "1.38E+10", "1.3800138000E+10", "12345", "", "1380013800.0", "13800138000.0", "１３８００１３８０００",
        "+4930123456", "021-62345678", "x@y.cn", "138\u00a00013\u00a08000",
    ],
    "city": ["上海", "Ｂeijing", " Paris", "a\tb", "\u00a0x", "", "y" * 1001, "é", "z\u200b"],
    "agreed": ["yes", "否", "perhaps", "", "TRUE"],
    "until": ["", "", "", "2099-01-01", "soon"],
}  # fmt: skip
TARGETS = (
    "external_id", "name", "email", "phone", "city", "consent:email:marketing",
    "consent_expires_at",
)  # fmt: skip


def look(path, reading):
    intake = checking.intake_for(path.with_suffix(".rows"), reading)
    try:
        table = open_table(path, path.name)
        found = checking.take_in(table, reading, intake, today=date(2026, 5, 4))
        columns = ", ".join(one.name for one in intake.schema)
        rows = intake._con.execute(f"SELECT {columns} FROM file ORDER BY n").fetchall()
        return found, rows
    finally:
        intake.close()


@pytest.mark.django_db
@pytest.mark.parametrize(("region", "line_end"), [("CN", "\n"), ("DE", "\r\n")])
@pytest.mark.parametrize("repairs", [frozenset(FOR_PEOPLE), frozenset()])
def test_rows_become_the_same(tmp_path, monkeypatch, region, line_end, repairs):
    chance = random.Random(7)
    lines = [",".join(CELLS)]
    for _row in range(3000):
        # Most rows have no more than one cell that is out of the ordinary.
        plain = [cells[0] for cells in CELLS.values()]
        for _cell in range(chance.choice([0, 1, 1, 1, 2, 7])):
            place = chance.randrange(len(plain))
            plain[place] = chance.choice(list(CELLS.values())[place])
        if chance.random() < 0.5:
            plain[0] = f"n{_row}"
        lines.append(",".join(cell.replace(",", "") for cell in plain))
    lines.append("," * 6)
    path = tmp_path / "people.csv"
    path.write_bytes(line_end.join(lines).encode())
    reading = Reading(
        tuple(CELLS), TARGETS, region,
        consents=(("sms", "marketing", ""), ("email", "marketing", "")),
        repairs=repairs, now=datetime(2026, 5, 4, tzinfo=UTC), text="v1",
    )  # fmt: skip
    took: list[int] = []
    take = Intake.take_plain

    def counted(self, *asked):
        taken = take(self, *asked)
        took.append(taken.rows - taken.left)
        return taken

    monkeypatch.setattr(Intake, "take_plain", counted)
    found, rows = look(path, reading)
    monkeypatch.setattr(Intake, "take_plain", lambda *asked: None)
    expected, expected_rows = look(path, reading)
    assert took[0] > 50
    assert rows == expected_rows
    assert found.figures() == expected.figures()
    assert found.samples == expected.samples
    for kind, noted in expected.notes.items():
        assert found.notes[kind].count == noted.count, kind
        assert found.notes[kind].rows == noted.rows, kind


@pytest.mark.parametrize(
    "text",
    [
        "id,phone\na,1\n\nb,2\n",
        'id,phone\n"a",1\n',
        "id,phone\na,1,2\n",
        "id,phone\na\n",
        "id,phone\ra,1\r",
        "id,phone\na,\rb\n",
        "\nid,phone\na,1\n",
        ",\nid,phone\n",
        "id,phone\na\x00,1\n",
    ],
)
def test_what_is_not_one_row_a_line_is_left_to_the_rules(tmp_path, text):
    path = tmp_path / "people.csv"
    path.write_bytes(text.encode())
    reading = Reading(("id", "phone"), ("external_id", "phone"), "CN")
    intake = checking.intake_for(tmp_path / "x.rows", reading)
    try:
        assert intake.take_plain(path, ",", checking.rules_of(reading)) is None
    finally:
        intake.close()


@pytest.mark.parametrize("region", ["CN", "DE"])
def test_a_mobile_number_is_written_as_the_rules_write_it(tmp_path, region):
    forms = ("{0}", "+86 {0}", "86{0}", "0086{0}", "+86{0}", "86-{0}", "({0})")
    numbers = [form.format(f"{n}12345678") for n in range(100, 200) for form in forms]
    path = tmp_path / "people.csv"
    path.write_text("id,phone\n" + "".join(f"c{i},{n}\n" for i, n in enumerate(numbers)))
    reading = Reading(("id", "phone"), ("external_id", "phone"), region)
    intake = checking.intake_for(tmp_path / "x.rows", reading)
    try:
        intake.take_plain(path, ",", checking.rules_of(reading))
        intake.settle()
        taken = {n: phone for batch in intake.who(1000) for n, _id, _email, phone in batch}
    finally:
        intake.close()
    # Every mobile number that is surely one of the home country is taken at once.
    assert len(taken) == 70 * (len(forms) if region == "CN" else 2)
    for n, phone in taken.items():
        assert phone == normal_phone(numbers[n - 2], region)
