"""Whoever is erased is gone from every file, and the numbers stay."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone

from muster.events.redacting import Said, redact
from muster.events.shape import event, identify
from muster.events.spool import lines
from muster.people.imports import actions as imports
from muster.people.imports.models import Import
from muster.people.profile.models import Person
from muster.people.requests import actions as requests
from muster.team.jobs.models import Job

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
        invited = json.loads(counts.pop(1))
        assert invited["friends"] == [{"phone": "13800138000"}]
        assert CANARY.decode() in invited["friend_email"].lower()
        assert counts == ["[(2, 10)]", "[(2, 10)]", "[(2,)]"]
        stores = {name.partition("/")[0] for name in _files_with(tmp_path, CANARY)}
        assert {"inbox", "journal", "spool", "uploads", "warehouse.duckdb"} <= stores
        assert any(name.startswith("muster.sqlite3") for name in stores)

    def test_is_silent_in_every_file_after(self, tmp_path: Path) -> None:
        counts = _story(tmp_path, "after")
        # What somebody else did counts on, without the address of the erased in it.
        assert json.loads(counts.pop(1)) == {"friend_email": None, "friends": [{"phone": None}]}
        # Both orders still count, also when everything is loaded anew; one person is left.
        assert counts == ["[(2, 10)]", "[(2, 10)]", "[(1,)]"]
        assert _files_with(tmp_path, CANARY) == []
        assert _files_with(tmp_path, PHONE) == []


class TestExamplesOfAnImport:
    """Of the file's rows some are shown; those of an erased person go, the others stay."""

    FILE = (
        "id,email,phone\nc1,Li.Na@Example.com,12\nc2,Wang@Example.com,13\n,broken@@example.com,\n"
    )

    def bring(self, text: str, owner: Any, run_jobs: Any) -> Import:
        imported = imports.begin(io.BytesIO(text.encode()), "p.csv", by=owner)
        imports.match_by_name(imported, {})
        imports.start_check(imported, by=owner)
        run_jobs()
        imported.refresh_from_db()
        imports.start(imported, by=owner)
        run_jobs()
        imported.refresh_from_db()
        return imported

    def test_are_in_no_result_of_a_job(
        self, stores: Any, workspace: Any, owner: Any, run_jobs: Any, api: Any
    ) -> None:
        imported = self.bring(self.FILE, owner, run_jobs)
        assert imported.counts["examples"]
        for job in Job.objects.filter(kind__in=("people.check", "people.import")):
            assert job.result["rows"] == 3
            said = api("GET", f"/jobs/{job.public_id}").content.decode().lower()
            assert "li.na" not in said
            assert "broken" not in said

    def test_of_the_erased_go_and_of_others_stay(
        self, stores: Any, workspace: Any, owner: Any, run_jobs: Any
    ) -> None:
        ours = self.bring(self.FILE, owner, run_jobs)
        unrelated = self.bring("id,email,phone\nd1,Other@Example.com,14\n", owner, run_jobs)
        before = unrelated.counts
        assert before["samples"]["bad_phone"] == [[2, "phone", "14"]]
        for external_id in ("c1", "c2"):
            person = Person.objects.get(external_id=external_id)
            asked = requests.ask(person, "erasure", now=timezone.now(), how="", by=owner)
            requests.carry_out_erasure(asked, by=owner, now=timezone.now())
            run_jobs()
            ours.refresh_from_db()
            unrelated.refresh_from_db()
            assert unrelated.counts == before
            if external_id == "c1":
                kept = str(ours.counts)
                assert "Li.Na" not in kept
                assert "broken" not in kept, "nobody can tell whose this was"
                assert ours.counts["samples"]["bad_phone"] == [[3, "phone", "13"]]
                assert ours.counts["examples"]["email_form"][0][2] == "Wang@Example.com"
        assert "wang" not in str(ours.counts).lower()


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

    def test_of_another_loses_the_addresses_of_the_erased_only(self, tmp_path: Path) -> None:
        said = {
            "friend_email": "Li@Example.com",
            "li@example.com": "kept: it is a name",
            "friends": [{"phone": 13800138000}, "li@example.com", "wang@example.com"],
            "text": "write to li@example.com, or do not",
            "order_id": "o1",
        }
        path = self._log(tmp_path, event("Invited", user_id="c2", properties=said))
        before = path.read_bytes()

        def is_address(text: str) -> bool:
            return text.lower() in ("li@example.com", "13800138000")

        nobody = datetime(2026, 4, 30, tzinfo=UTC)
        assert redact(tmp_path, nobody, lambda said: False, is_address) == 0
        assert path.read_bytes() == before
        assert redact(tmp_path, self.AT, lambda said: False, is_address) == 1
        after = path.read_bytes()
        assert len(after) == len(before)
        line = json.loads(after)["e"]
        assert line["userId"] == "c2"
        assert line["properties"] == {
            **said,
            "friend_email": None,
            "friends": [{"phone": None}, None, "wang@example.com"],
        }
        assert redact(tmp_path, self.AT, lambda said: False, is_address) == 0

    def test_what_stands_for_no_id_is_no_device_and_hides_no_address(self, tmp_path: Path) -> None:
        path = self._log(
            tmp_path,
            event("X", user_id="c1", anonymous_id="undefined"),
            event("Visited", anonymous_id="undefined", properties={"url": "of another"}),
            identify({"email": "li@example.com"}, user_id="null", anonymous_id="d2"),
        )

        def means(said: Said) -> bool:
            return said.external_id == "c1" or (
                not said.external_id and said.email == "li@example.com"
            )

        assert redact(tmp_path, self.AT, means) == 2
        assert b"of another" in path.read_bytes()
        assert b"li@example.com" not in path.read_bytes()

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
