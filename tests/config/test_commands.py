"""What is promised of the `muster` command, asked of the real program."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import duckdb
import httpx
import openpyxl
import pytest

from muster.config.cli import main
from muster.config.environment import answered_names

Run = Callable[..., Any]


def muster(folder: Path, *arguments: str, stdin: str = "") -> subprocess.CompletedProcess[str]:
    outside = {"PATH": os.environ["PATH"], "HOME": str(folder)}
    return subprocess.run(
        [sys.executable, "-m", "muster", "--data", str(folder), "--json", *arguments],
        env=outside,
        input=stdin,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def said(done: subprocess.CompletedProcess[str]) -> Any:
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


class TestWrongUsage:
    @pytest.mark.parametrize(
        "typed",
        [
            "",
            "nonsense",
            "up --port x",
            "import people",
            "token add x",
            "report",
            "report roi --by x",
        ],
    )
    def test_exits_with_2(self, typed: str, capsys: pytest.CaptureFixture[str]) -> None:
        with pytest.raises(SystemExit) as left:
            main(typed.split())
        assert left.value.code == 2
        assert "usage: muster" in capsys.readouterr().err


class TestPeopleFromAWorkbook:
    def test_come_from_the_sheet_and_row_that_are_named(self, tmp_path: Path) -> None:
        book = openpyxl.Workbook()
        book.active.append(["nothing", "here"])
        sheet = book.create_sheet("Buyers")
        for row in (["Exported in May"], ["Mail", "Gender"], ["a@b.cn", "F"], ["c@d.cn", "M"]):
            sheet.append(row)
        file = tmp_path / "people.xlsx"
        book.save(file)
        bring = ("import", "people", str(file), "--map", "Mail=email")
        named = ("--sheet", "Buyers", "--header-row", "2", "--value", "Gender:F=female")
        data = tmp_path / "data"
        done = said(muster(data, *bring, *named))
        assert (done["rows"], done["new"]) == (2, 2)
        rule = '{"trait": "Gender", "op": "eq", "value": "female"}'
        assert said(muster(data, "segment", "count", "-", stdin=rule)) == {"count": 1}
        wrong = muster(data, *bring, "--sheet", "Sellers")
        assert wrong.returncode == 1
        assert "Sellers" in wrong.stderr
        unclear = muster(data, *bring, "--value", "Gender=female")
        assert unclear.returncode == 1
        assert "COLUMN:VALUE=BECOMES" in unclear.stderr


class TestWithoutAServer:
    def test_imports_count_and_report(self, tmp_path: Path) -> None:
        (tmp_path / "other.txt").write_text("this folder holds other things too")
        events = tmp_path / "events.csv"
        events.write_text(
            "who,what,when,by,worth\n"
            "a,Seen,2026-03-01T08:00:00Z,email,\n"
            "a,Bought,2026-03-02T08:00:00Z,,12.5\n"
            "b,Bought,2026-03-02T09:00:00Z,,7.5\n"
            "b,,2026-03-02T09:00:00Z,,\n"
        )
        columns = ["who=userId", "what=event", "when=timestamp", "by=channel"]
        maps = [
            text for column in [*columns, "worth=properties.revenue"] for text in ("--map", column)
        ]
        done = said(muster(tmp_path, "import", "events", str(events), *maps))
        assert (done["imported"], done["invalid"]) == (3, 1)
        rule = '{"event": "Bought", "sum": {"property": "revenue", "gte": 10}}'
        assert said(muster(tmp_path, "segment", "count", "-", stdin=rule)) == {"count": 1}
        report = said(
            muster(tmp_path, "report", "attribution", "--conversion", "Bought", "--models", "last")
        )
        assert (report["conversions"], report["value"]) == (2, 20.0)
        credit = {row["key"]: row["conversions"] for row in report["models"]["last"]}
        assert credit == {"email": 1.0, "(none)": 1.0}
        assert all(finding["ok"] for finding in said(muster(tmp_path, "check")))

    def test_damage_inside_the_warehouse_file_is_found_mended_and_said(
        self, tmp_path: Path
    ) -> None:
        events = tmp_path / "events.csv"
        rows = [f"u{n % 9},Bought,2026-03-01T08:00:00Z,{n}" for n in range(3_000)]
        events.write_text("\n".join(["who,what,when,worth", *rows]))
        columns = ["who=userId", "what=event", "when=timestamp", "worth=properties.revenue"]
        maps = [text for column in columns for text in ("--map", column)]
        said(muster(tmp_path, "import", "events", str(events), *maps))
        file = tmp_path / "warehouse.duckdb"
        with duckdb.connect(str(file)) as con:
            (block,) = con.execute(
                "SELECT min(block_id) FROM pragma_storage_info('events') WHERE block_id >= 0"
            ).fetchall()[0]
        with file.open("r+b") as opened:
            opened.seek(3 * 4096 + block * 262_144 + 1_000)
            opened.write(os.urandom(2_000))
        checked = muster(tmp_path, "check")
        assert checked.returncode == 1
        (found,) = [f for f in json.loads(checked.stdout) if f["what"] == "warehouse"]
        assert not found["ok"]
        assert "Corrupt database file" in found["text"]
        assert said(muster(tmp_path, "rebuild")) == {"events": 3_000}
        rule = '{"event": "Bought", "sum": {"property": "revenue", "gte": 1}}'
        assert said(muster(tmp_path, "segment", "count", "-", stdin=rule)) == {"count": 9}
        assert all(finding["ok"] for finding in said(muster(tmp_path, "check")))

    def test_a_damaged_warehouse_file_is_rebuilt_before_a_command_is_answered(
        self, tmp_path: Path
    ) -> None:
        events = tmp_path / "events.csv"
        events.write_text("who,what,when\na,Bought,2026-03-01T08:00:00Z\n")
        columns = ["who=userId", "what=event", "when=timestamp"]
        maps = [text for column in columns for text in ("--map", column)]
        said(muster(tmp_path, "import", "events", str(events), *maps))
        (tmp_path / "warehouse.duckdb").write_bytes(b"no database" * 9_999)
        counted = muster(tmp_path, "segment", "count", "-", stdin='{"event": "Bought"}')
        assert said(counted) == {"count": 1}
        assert "The warehouse file was damaged" in counted.stderr
        (found,) = [f for f in said(muster(tmp_path, "check")) if f["what"] == "warehouse"]
        assert found["ok"]
        assert "built anew" in found["text"]
        assert "warehouse.duckdb.damaged-" in found["text"]

    def test_a_refusal_exits_with_1_and_one_sentence(self, tmp_path: Path) -> None:
        done = muster(tmp_path, "segment", "count", str(tmp_path / "nowhere.json"))
        assert done.returncode == 1
        assert json.loads(done.stdout) == {"error": done.stderr.strip()}
        assert "nowhere.json: No such file" in done.stderr


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, str, Any]]:
    folder = tmp_path_factory.mktemp("served")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    url = f"http://127.0.0.1:{port}"
    server = subprocess.Popen(
        [sys.executable, "-m", "muster", "--data", str(folder), "up", "--port", str(port)],
        env={"PATH": os.environ["PATH"], "HOME": str(folder)},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        _ready(url, server)
        yield folder, url, server
    finally:
        server.kill()
        server.wait()


class TestAServerBeforeSetUp:
    def test_is_ready_and_its_keys_and_tokens_work(self, served: tuple[Path, str, Any]) -> None:
        folder, url, _server = served
        key = said(muster(folder, "key", "add", "shop"))["key"]
        call = {"userId": "u1", "event": "Signed Up"}
        assert httpx.post(f"{url}/v1/track", auth=(key, ""), json=call).json() == {"success": True}
        token = said(muster(folder, "token", "add", "t", "--scope", "people:read"))["token"]
        headers = {"Authorization": f"Bearer {token}"}
        found = _until(lambda: httpx.get(f"{url}/api/v1/people", headers=headers).json()["items"])
        assert [person["external_id"] for person in found] == ["u1"]
        assert httpx.get(f"{url}/api/v1/segments", headers=headers).status_code == 403
        assert httpx.get(f"{url}/").headers["location"] == "/setup"

    def test_answers_under_its_own_names_only(self, served: tuple[Path, str, Any]) -> None:
        url = served[1]
        port = url.rpartition(":")[2]
        for name in (f"localhost:{port}", "127.0.0.1:1", "[::1]:9", "muster.localhost"):
            assert httpx.get(f"{url}/healthz", headers={"Host": name}).status_code == 200, name
        strange = httpx.get(f"{url}/login", headers={"Host": "evil.example"})
        assert strange.status_code == 400
        assert "“evil.example”" in strange.text
        assert "MUSTER_ALLOWED_HOSTS" in strange.text
        api = httpx.get(f"{url}/api/v1/people", headers={"Host": "evil.example"})
        assert (api.status_code, api.json()["code"]) == (400, "unknown_host")

    def test_keeps_its_secrets_to_itself(self, served: tuple[Path, str, Any]) -> None:
        folder, _url, _server = served
        for name in ("muster.sqlite3", "warehouse.duckdb", "admin.token", "spool"):
            assert (folder / name).stat().st_mode & 0o077 == 0, name

    def test_ends_when_it_is_told_to(self, served: tuple[Path, str, Any]) -> None:
        _folder, _url, server = served
        server.send_signal(signal.SIGTERM)
        assert server.wait(15) == 0


def _ready(url: str, server: subprocess.Popen[bytes]) -> None:
    def is_ready() -> bool:
        assert server.poll() is None
        try:
            return httpx.get(f"{url}/readyz").status_code == 200
        except httpx.TransportError:
            return False

    _until(is_ready)


def _until(asked: Callable[[], Any]) -> Any:
    for _attempt in range(600):
        found = asked()
        if found:
            return found
        time.sleep(0.1)
    raise AssertionError("It did not come.")


class TestTheNamesUnderWhichPagesAnswer:
    def test_are_the_machines_own_the_public_one_and_those_that_are_set(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("MUSTER_HOST", "192.168.7.7")
        monkeypatch.setenv("MUSTER_ALLOWED_HOSTS", "Intern.example, fd00::1")
        assert answered_names("https://Muster.example:8443/x") == [
            ".localhost",
            "127.0.0.1",
            "[::1]",
            "muster.example",
            "192.168.7.7",
            "intern.example",
            "[fd00::1]",
        ]

    def test_on_every_address_it_answers_under_the_name_of_the_machine(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("MUSTER_HOST", "0.0.0.0")
        names = answered_names("http://localhost:8000")
        assert socket.gethostname().lower() in names
        assert "*" not in names
