"""Several machines by one setting: what is refused, what is said, and the whole way of an event."""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from django.test import Client

from muster.config import doctor, far, process, server
from muster.events.shape import event
from muster.events.spool import SpoolWriter
from muster.kit.errors import Refused
from muster.people.profile.models import Person
from muster.team import stores as team_stores
from muster.team.jobs.models import Job
from tests.events.far.machines import until
from tests.nats import nats_server
from tests.postgres import postgres

ROOT = Path(__file__).parents[2]
WAYS = {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT / "src")}


def muster(folder: Path, *arguments: str, **setting: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "muster", "--data", str(folder), "--json", *arguments],
        env={**WAYS, "HOME": str(folder), **setting},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


class TestTheSetting:
    def test_that_is_no_address_stops_the_start_with_a_sentence(self, tmp_path: Path) -> None:
        done = muster(tmp_path, "collect", MUSTER_LOG_URL="redis://muster:hush@h")
        assert done.returncode == 1
        assert done.stderr.startswith("MUSTER_LOG_URL is not understood: it must begin with nats")
        assert len(done.stderr.strip().splitlines()) == 1
        assert "hush" not in done.stderr + done.stdout

    def test_that_is_no_address_stops_every_process(self, settings: Any) -> None:
        settings.LOG_URL = "nats://h:x"
        for start in (
            lambda: process.owning_stores("web", receives=True),
            lambda: process.writing_stores("send", carries=True),
        ):
            with pytest.raises(far.WrongLogUrl) as refused, start():
                pass
            assert "the port must be a number" in str(refused.value)
        with pytest.raises(far.WrongLogUrl):
            server.serve_door(host="127.0.0.1", port=0)

    def test_needs_a_record_store_that_machines_can_share(self, settings: Any) -> None:
        settings.LOG_URL, settings.DATABASE_URL = "nats://h", ""
        wanted = "set MUSTER_DATABASE_URL to the PostgreSQL of the others"
        with pytest.raises(Refused, match=wanted):
            server.serve_door(host="127.0.0.1", port=0)
        with (
            pytest.raises(Refused, match=wanted),
            process.writing_stores("send", carries=True),
        ):
            pass
        with process.sole_owner(), process.writing_stores("send", carries=True):
            pass

    def test_that_is_empty_loads_nothing_of_nats(self, tmp_path: Path) -> None:
        code = (
            "import sys, django; django.setup(); import muster.config.server, muster.config.doctor;"
            "from muster.config import far, process\n"
            "with far.receiving() as receiver: assert receiver is None\n"
            "with process.writing_stores('collect', carries=True): pass\n"
            "print([name for name in sys.modules if name.partition('.')[0] == 'nats'])"
        )
        setting = {"MUSTER_DATA": str(tmp_path), "DJANGO_SETTINGS_MODULE": "muster.config.settings"}
        done = subprocess.run(
            [sys.executable, "-c", code],
            env={**WAYS, **setting},
            capture_output=True,
            text=True,
            check=False,
        )
        assert (done.stdout, done.returncode) == ("[]\n", 0), done.stderr


@pytest.mark.django_db
class TestTheSecret:
    def test_of_another_machine_must_be_that_of_the_record_store(
        self, settings: Any, tmp_path: Path
    ) -> None:
        settings.LOG_URL, settings.DATABASE_URL = "nats://127.0.0.1:1", "postgresql://h/m"
        Person.objects.create(email="an@qinghe.test", email_hash="0" * 32)
        spool = SpoolWriter(tmp_path, "collect")
        with pytest.raises(Refused) as refused, far.carrying(spool, lambda: False):
            pass
        assert "secret.key" in str(refused.value)


class TestLookingAtIt:
    def test_says_what_is_there(self, settings: Any) -> None:
        settings.LOG_URL = ""
        assert doctor._log().ok
        settings.LOG_URL = "nats://u:hush@127.0.0.1:1"
        found = doctor._log()
        assert not found.ok
        assert "nats://127.0.0.1:1: " in found.text
        assert "hush" not in found.text
        settings.LOG_URL = "nats://"
        assert "the host is missing" in doctor._log().text
        with nats_server() as nats:
            settings.LOG_URL = nats.url
            found = doctor._log()
            assert not found.ok
            assert "no owner takes the log" in found.text
            with far.receiving() as receiver:
                assert receiver is not None
                until(lambda: receiver.connected and receiver._waiting == 0)
                found = doctor._log()
                assert found.ok
                assert "this machine takes the log, 0 messages wait" in found.text
                assert "not encrypted" in found.text

    def test_says_how_much_waits_to_be_carried(
        self, settings: Any, tmp_path: Path, db: None
    ) -> None:
        settings.DATA = replace(settings.DATA, root=tmp_path)
        settings.DATABASE_URL = "postgresql://h/m"
        spool = SpoolWriter(settings.DATA.spool, "collect")
        spool.append("key:web", [event("A", user_id="u1", message_id="m1")])
        size = sum(path.stat().st_size for path in settings.DATA.spool.iterdir())
        with nats_server() as nats:
            settings.LOG_URL = nats.url
            with far.carrying(spool, lambda: False):
                until(lambda: (now := far.carried()) and now.connected)
            found = doctor._log()
        assert f"{size} bytes of this folder wait for the owner, never heard" in found.text

    def test_shows_in_health_and_figures(self, stores: Any, settings: Any) -> None:
        with nats_server() as nats:
            settings.LOG_URL = nats.url
            with far.receiving() as receiver:
                assert receiver is not None
                team_stores.use(replace(stores.stores, receiver=receiver))
                until(lambda: Client().get("/readyz").json()["log"] == "ok")
                figures = Client().get("/metrics").content.decode()
                assert "muster_log_connected 1\n" in figures
                assert "muster_log_bytes_total 0\n" in figures
                nats.kill()
                until(lambda: Client().get("/readyz").json()["log"] != "ok")
                assert Client().get("/readyz").status_code == 200
                assert "muster_log_connected 0\n" in Client().get("/metrics").content.decode()


@pytest.mark.django_db
class TestLinesThatCameLate:
    def test_are_looked_through_for_whoever_was_erased_since(self) -> None:
        now = datetime.now(UTC)
        for moment in ("2026-11-20T10:00:00+00:00", "2026-11-21T10:00:00+00:00"):
            Job.objects.create(kind="people.forget", title="x", input={"erased_at": moment})
        Job.objects.filter(input__erased_at__startswith="2026-11-20").update(state="done")
        far._forget_again(now + timedelta(minutes=1))
        assert Job.objects.count() == 2
        far._forget_again(now - timedelta(minutes=1))
        waiting = Job.objects.filter(state="queued").values_list("input", flat=True)
        assert sorted(one["erased_at"][:10] for one in waiting) == ["2026-11-20", "2026-11-21"]


@contextmanager
def running(folder: Path, *command: str, **setting: str) -> Iterator[subprocess.Popen[bytes]]:
    with (folder / f"{command[0]}.log").open("wb") as out:
        started = subprocess.Popen(
            [sys.executable, "-m", "muster", "--data", str(folder), *command],
            env={**WAYS, "HOME": str(folder), **setting},
            stdout=out,
            stderr=out,
        )
    try:
        yield started
    finally:
        started.kill()
        started.wait()


def free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
    return port


def answers(asked: Callable[[], httpx.Response]) -> bool:
    try:
        return asked().status_code < 500
    except httpx.TransportError:
        return False


@pytest.mark.slow
def test_two_doors_on_machines_of_their_own(tmp_path: Path) -> None:
    owner, one, two = (tmp_path / name for name in ("owner", "one", "two"))
    for folder in (owner, one, two):
        folder.mkdir()
    with postgres() as database, nats_server() as nats:
        shared = {"MUSTER_DATABASE_URL": database, "MUSTER_LOG_URL": nats.url}
        web, first, second = free_port(), free_port(), free_port()
        pages = f"http://127.0.0.1:{web}"
        with running(owner, "web", "--port", str(web), **shared):
            until(lambda: answers(lambda: httpx.get(f"{pages}/readyz")), 240)
            key = json.loads(muster(owner, "key", "add", "shop", **shared).stdout)["key"]
            for folder in (one, two):
                shutil.copy(owner / "secret.key", folder)
            with (
                running(one, "collect", "--port", str(first), **shared) as door,
                running(two, "collect", "--port", str(second), **shared),
                running(two, "send", **shared) as sender,
            ):
                for number, port in enumerate((first, second)):
                    address = f"http://127.0.0.1:{port}/v1/track"
                    until(lambda a=address: answers(lambda: httpx.get(a)), 120)  # type: ignore[misc]
                    for user in range(20):
                        call = {"userId": f"u{number}-{user}", "event": "Signed Up"}
                        assert httpx.post(address, auth=(key, ""), json=call).status_code == 200

                def figures() -> str:
                    return httpx.get(f"{pages}/metrics").text

                lengths = [
                    sum(path.stat().st_size for path in (folder / "spool").iterdir())
                    for folder in (one, two)
                ]
                until(lambda: f"muster_log_bytes_total {sum(lengths)}\n" in figures(), 60)
                rule = tmp_path / "rule.json"
                rule.write_text('{"event": "Signed Up", "count": {"gte": 1}}')
                count = ("segment", "count", str(rule))
                until(lambda: '"count": 40' in muster(owner, *count, **shared).stdout, 120)
                checked = muster(one, "check", **shared)
                (found,) = (
                    one for one in json.loads(checked.stdout) if one["what"].startswith("log")
                )
                assert found["ok"], found
                assert "0 bytes of this folder wait" in found["text"]
                assert sender.poll() is None
                began = time.monotonic()
                door.send_signal(signal.SIGTERM)
                assert door.wait(15) == 0
                assert time.monotonic() - began < 10
