"""What was acknowledged is kept, whenever the server is killed."""

from __future__ import annotations

import json
import os
import random
import shutil
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path

import httpx
import pytest
import segment.analytics

from muster.events.spool import positions
from muster.warehouse.loader import Loader
from muster.warehouse.records import MemoryRecords
from muster.warehouse.store import Warehouse

ROOT = Path(__file__).parents[2]
LIBRARIES = ROOT / "web" / "node_modules"
NODE = shutil.which("node") or ""


class Server:
    """A collector that can be killed and started again on the same port."""

    def __init__(self, folder):
        self.folder = folder
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.address = f"http://127.0.0.1:{self.port}"

    def start(self):
        self.process = subprocess.Popen(
            [sys.executable, "-m", "tests.collector.serve", str(self.folder), str(self.port)],
            cwd=ROOT,
            env={**os.environ, "PYTHONPATH": "src"},
        )
        for _try in range(200):
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", self.port)) == 0:
                    return
            time.sleep(0.05)
        raise TimeoutError

    def kill(self):
        self.process.kill()
        self.process.wait()

    def kept_ids(self):
        """The message ids in the event log; every line that has an end is whole."""
        lines = [
            line
            for place in positions(self.folder)
            for line in (self.folder / place.segment).read_bytes().splitlines(keepends=True)
        ]
        return [json.loads(line)["e"]["messageId"] for line in lines if line.endswith(b"\n")]


@pytest.fixture
def server(tmp_path):
    server = Server(tmp_path / "spool")
    server.start()
    yield server
    server.kill()


class TestAServerThatIsKilled:
    @pytest.mark.parametrize("kills", [4, pytest.param(100, marks=pytest.mark.slow)])
    def test_loses_no_acknowledged_event_and_counts_none_twice(self, server, kills):
        acknowledged, stop = [], threading.Event()

        def send(number):
            sent, again = 0, False
            with httpx.Client(auth=("wk_web", "")) as client:
                while not stop.is_set():
                    sent += 0 if again else 1
                    ids = [f"{number}-{sent}-{n}" for n in range(20)]
                    call = {"type": "track", "event": "A", "userId": "u1"}
                    batch = [{**call, "messageId": message_id} for message_id in ids]
                    try:
                        answer = client.post(f"{server.address}/v1/batch", json={"batch": batch})
                    except httpx.HTTPError:
                        # As every official library does: the same events, with the same ids.
                        again = True
                        time.sleep(0.02)
                        continue
                    again = False
                    if answer.status_code == 200:
                        acknowledged.extend(ids)

        threads = [threading.Thread(target=send, args=[number]) for number in range(4)]
        for thread in threads:
            thread.start()
        chance = random.Random(7)
        for _kill in range(kills):
            time.sleep(chance.uniform(0.2, 0.6))
            server.kill()
            server.start()
        time.sleep(0.2)
        stop.set()
        for thread in threads:
            thread.join()
        kept = server.kept_ids()
        assert len(acknowledged) > 400
        assert set(acknowledged) <= set(kept)
        # A batch that was written, but not acknowledged, is in the log: senders repeat it, and it
        # counts once.
        warehouse = Warehouse(None, b"k")
        Loader(warehouse, server.folder, MemoryRecords()).run_once()
        with warehouse.read() as backend:
            counted = backend.con.execute(
                "SELECT count(*), count(DISTINCT event_id) FROM events"
            ).fetchone()
        warehouse.close()
        assert counted == (len(set(kept)), len(set(kept)))


class TestTheOfficialLibrary:
    @pytest.mark.parametrize("packed", [False, True])
    def test_delivers_everything_over_a_kill(self, server, tmp_path, packed):
        failures = []
        client = segment.analytics.Client(
            "wk_web",
            host=server.address,
            gzip=packed,
            max_queue_size=20_000,
            upload_interval=0.05,
            on_error=lambda error, _items: failures.append(error),
        )
        for number in range(10_000):
            client.track(f"u{number % 500}", "Order Completed", {"order_id": str(number)})
        while len(server.kept_ids()) < 2_000:
            time.sleep(0.01)
        server.kill()
        server.start()
        client.flush()
        client.shutdown()
        assert failures == []
        warehouse = Warehouse(None, b"k")
        Loader(warehouse, server.folder, MemoryRecords()).run_once()
        with warehouse.read() as backend:
            counted = backend.con.execute(
                "SELECT count(*), count(DISTINCT order_id), count(DISTINCT person_id) FROM events"
            ).fetchone()
        assert counted == (10_000, 10_000, 500)

    @pytest.mark.skipif(
        not NODE or not (LIBRARIES / "@segment" / "analytics-node").exists(),
        reason="node and its libraries are not here (make ready)",
    )
    def test_for_node_delivers_everything_over_a_kill(self, server):
        script = str(Path(__file__).with_name("segment.mjs"))
        sending = subprocess.Popen(
            [NODE, script, str(LIBRARIES.parent), server.address, "5000"], stdout=subprocess.PIPE
        )
        while len(server.kept_ids()) < 1_000:
            assert sending.poll() is None
            time.sleep(0.02)
        server.kill()
        server.start()
        failures, _errors = sending.communicate(timeout=120)
        assert json.loads(failures) == []
        warehouse = Warehouse(None, b"k")
        Loader(warehouse, server.folder, MemoryRecords()).run_once()
        with warehouse.read() as backend:
            counted = backend.con.execute(
                "SELECT count(*), count(DISTINCT order_id), count(DISTINCT person_id) FROM events"
            ).fetchone()
        warehouse.close()
        assert counted == (5_000, 5_000, 500)
