"""Whoever is erased is gone from every file, and the numbers stay."""

from __future__ import annotations

import os
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest

from muster.events.redacting import Said, redact
from muster.events.shape import event, identify
from muster.events.spool import lines

CANARY = b"kanarienvogel"
PHONE = b"13800138000"


def _files_with(root: Path, needle: bytes) -> list[str]:
    files = [path for path in root.rglob("*") if path.is_file() and not path.is_socket()]
    return sorted(
        str(path.relative_to(root)) for path in files if needle in path.read_bytes().lower()
    )


def _story(root: Path, until: str) -> list[str]:
    done = subprocess.run(
        [sys.executable, str(Path(__file__).with_name("canary.py")), until],
        env={
            **os.environ,
            "MUSTER_DATA": str(root),
            "MUSTER_DATABASE_URL": "",
            "DJANGO_SETTINGS_MODULE": "muster.config.settings",
        },
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    return done.stdout.strip().splitlines()


class TestTheCanary:
    def test_sings_in_every_store_before(self, tmp_path: Path) -> None:
        counts = _story(tmp_path, "before")
        assert counts == ["[(2, 10)]", "[(2, 10)]", "[(2,)]"]
        stores = {name.partition("/")[0] for name in _files_with(tmp_path, CANARY)}
        assert {"inbox", "journal", "spool", "uploads", "warehouse.duckdb"} <= stores
        assert any(name.startswith("muster.sqlite3") for name in stores)

    def test_is_silent_in_every_file_after(self, tmp_path: Path) -> None:
        counts = _story(tmp_path, "after")
        # Both orders still count, also when everything is loaded anew; one person is left.
        assert counts == ["[(2, 10)]", "[(2, 10)]", "[(1,)]"]
        assert _files_with(tmp_path, CANARY) == []
        assert _files_with(tmp_path, PHONE) == []


class TestALine:
    AT = datetime(2026, 5, 1, tzinfo=UTC)

    def _log(self, folder: Path, *events: bytes, source: str = "key:shop") -> Path:
        path = folder / "test-20260501000000000000-000001.ndjson"
        path.write_bytes(lines(self.AT, source, list(events)))
        return path

    @pytest.mark.parametrize(
        "line",
        [
            event("X", user_id="c1", properties={"a": "secret"}),
            identify({"email": "a@b.cn", "name": "secret"}),
            event("X", person_id=None, user_id="c1", context={"page": {"url": "secret"}}),
            b'{"type":"track","userId":"c1","secret":[1,2]}',
        ],
    )
    def test_is_emptied_in_its_place(self, line: bytes, tmp_path: Path) -> None:
        path = self._log(tmp_path, line, event("Y", user_id="c2"))
        before = path.read_bytes()
        assert redact(tmp_path, self.AT, lambda s: "c1" in s.external_id or bool(s.email)) == 1
        after = path.read_bytes()
        assert (len(after), after.count(b"\n")) == (len(before), 2)
        assert b"secret" not in after
        assert after.split(b"\n")[1] == before.split(b"\n")[1]

    def test_a_claimed_number_of_a_stranger_is_not_believed(self, tmp_path: Path) -> None:
        self._log(tmp_path, event("X", person_id=7))
        assert redact(tmp_path, self.AT, lambda said: said.person_id == 7) == 0

    def test_what_was_said_after_the_erasure_stays(self, tmp_path: Path) -> None:
        self._log(tmp_path, event("X", user_id="c1"))
        before = datetime(2026, 4, 30, tzinfo=UTC)
        assert redact(tmp_path, before, lambda said: True) == 0

    def test_a_device_that_somebody_else_uses_too(self, tmp_path: Path) -> None:
        path = self._log(
            tmp_path,
            event("X", user_id="c1", anonymous_id="d1"),
            event("Visited", anonymous_id="d1", properties={"url": "secret"}),
            event("Y", user_id="c2", anonymous_id="d1", properties={"url": "mine"}),
        )

        def means(said: Said) -> bool:
            return said.external_id == "c1"

        assert redact(tmp_path, self.AT, means) == 2
        assert b"secret" not in path.read_bytes()
        assert b"mine" in path.read_bytes()
