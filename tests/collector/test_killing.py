"""What was acknowledged is kept, whenever the server is killed."""

from __future__ import annotations

import json
import os
import random
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
    def test_loses_no_acknowledged_event(self, server):
        acknowledged, stop = [], threading.Event()

        def send(number):
            sent = 0
            with httpx.Client(auth=("wk_web", "")) as client:
                while not stop.is_set():
                    sent += 1
                    ids = [f"{number}-{sent}-{n}" for n in range(20)]
                    call = {"type": "track", "event": "A", "userId": "u1"}
                    batch = [{**call, "messageId": message_id} for message_id in ids]
                    try:
                        answer = client.post(f"{server.address}/v1/batch", json={"batch": batch})
                    except httpx.HTTPError:
                        time.sleep(0.02)
                        continue
                    if answer.status_code == 200:
                        acknowledged.extend(ids)

        threads = [threading.Thread(target=send, args=[number]) for number in range(4)]
        for thread in threads:
            thread.start()
        chance = random.Random(7)
        for _kill in range(4):
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
