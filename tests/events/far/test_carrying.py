"""What other machines wrote reaches the owner: in order, nothing lost, nothing doubled."""

from __future__ import annotations

import os
import random
import subprocess
import sys
import threading
import time
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

import httpx
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from muster.events.shape import event
from muster.events.spool import SpoolWriter
from muster.warehouse.loader import Loader
from muster.warehouse.records import MemoryRecords
from muster.warehouse.store import Warehouse
from tests.collector.test_killing import Server
from tests.events.far.machines import (
    KEY,
    ONE,
    OWNER,
    TWO,
    carrier,
    copied,
    receiver,
    until,
    written,
)
from tests.nats import nats_server

ROOT = Path(__file__).parents[3]


@pytest.fixture
def server():
    with nats_server() as running:
        yield running


@pytest.fixture
def working():
    """Starts what is given to it, and ends it after the test."""
    begun = []

    def start(one):
        one.start()
        begun.append(one)
        return one

    yield start
    for one in begun:
        one.stop()


def events(name, start, end):
    return [event("A", user_id="u1", message_id=f"{name}-{n}") for n in range(start, end)]


def counted(folder):
    """Events and different ones that the owner's loader makes of its folder."""
    warehouse = Warehouse(None, b"k")
    Loader(warehouse, folder / "spool", MemoryRecords()).run_once()
    with warehouse.read() as backend:
        found = backend.con.execute(
            "SELECT count(*), count(DISTINCT event_id) FROM events"
        ).fetchone()
    warehouse.close()
    return found


def lines_of(folder):
    return b"".join(written(folder).values()).count(b"\n")


def test_two_machines_reach_one_owner(server, working, tmp_path):
    one = SpoolWriter(tmp_path / "one" / "spool", "collect7", segment_bytes=100_000)
    two = SpoolWriter(tmp_path / "two" / "spool", "collect7")
    for start in range(0, 3000, 100):
        one.append("key:web", events("one", start, start + 100))
    working(carrier(server.url, tmp_path / "one", ONE))
    working(carrier(server.url, tmp_path / "two", TWO))
    working(receiver(server.url, tmp_path / "owner"))
    for start in range(0, 2000, 100):
        two.append("key:web", events("two", start, start + 100))
    wanted = copied(ONE, tmp_path / "one") | copied(TWO, tmp_path / "two")
    assert len(wanted) > 3
    until(lambda: written(tmp_path / "owner") == wanted)
    assert counted(tmp_path / "owner") == (5000, 5000)


def test_a_line_longer_than_a_message_may_be_travels_in_pieces(server, working, tmp_path):
    long = event("A", user_id="u1", properties={"text": "x" * 2_500_000})
    one = SpoolWriter(tmp_path / "one" / "spool", "collect")
    one.append("muster", [event("A", user_id="u1"), long, event("A", user_id="u1")])
    working(receiver(server.url, tmp_path / "owner"))
    working(carrier(server.url, tmp_path / "one", ONE))
    until(lambda: written(tmp_path / "owner") == copied(ONE, tmp_path / "one"))


def test_a_torn_line_stays_where_it_is(server, working, tmp_path):
    spool = tmp_path / "one" / "spool"
    SpoolWriter(spool, "collect").append("key:web", events("one", 0, 5))
    (segment,) = spool.iterdir()
    whole = segment.read_bytes()
    segment.write_bytes(whole + b'{"at":"2026-')
    working(receiver(server.url, tmp_path / "owner"))
    carrying = working(carrier(server.url, tmp_path / "one", ONE))
    until(lambda: list(written(tmp_path / "owner").values()) == [whole])
    until(lambda: carrying.waiting == 0)


@pytest.mark.parametrize("kills", [5, pytest.param(40, marks=pytest.mark.slow)])
def test_carrier_and_receiver_killed_in_the_middle(server, tmp_path, kills):
    one = SpoolWriter(tmp_path / "one" / "spool", "collect", segment_bytes=2_000_000)
    stop = threading.Event()

    def write():
        number = 0
        while not stop.is_set():
            one.append("key:web", events("one", number, number + 200))
            number += 200
            time.sleep(0.005)

    def begin(what):
        command = [sys.executable, "-m", "tests.events.far.machines", what, server.url]
        rest = [str(tmp_path / "one"), ONE] if what == "carry" else [str(tmp_path / "owner")]
        return subprocess.Popen(
            [*command, *rest], cwd=ROOT, env={**os.environ, "PYTHONPATH": "src:."}
        )

    writing = threading.Thread(target=write)
    writing.start()
    processes = {"carry": begin("carry"), "receive": begin("receive")}
    chance = random.Random(11)
    try:
        until(lambda: (tmp_path / "owner" / "spool").is_dir() and written(tmp_path / "owner"))
        for kill in range(2 * kills):
            time.sleep(chance.uniform(0.3, 0.9))
            what = ("carry", "receive")[kill % 2]
            processes[what].kill()
            processes[what].wait()
            processes[what] = begin(what)
        stop.set()
        writing.join()
        until(lambda: written(tmp_path / "owner") == copied(ONE, tmp_path / "one"), 60)
    finally:
        stop.set()
        for process in processes.values():
            process.kill()
            process.wait()
    total = lines_of(tmp_path / "one")
    assert counted(tmp_path / "owner") == (total, total)


def test_nats_killed_its_store_wiped_and_started_again(server, working, tmp_path):
    door = Server(tmp_path / "one" / "spool")
    door.start()
    working(receiver(server.url, tmp_path / "owner"))
    working(carrier(server.url, tmp_path / "one", ONE))
    answers, sent, stop = [], [], threading.Event()

    def send():
        with httpx.Client(auth=("wk_web", "")) as client:
            number = 0
            while not stop.is_set():
                ids = [f"m-{number + n}" for n in range(50)]
                number += 50
                call = {"type": "track", "event": "A", "userId": "u1"}
                batch = [{**call, "messageId": one} for one in ids]
                answers.append(
                    client.post(f"{door.address}/v1/batch", json={"batch": batch}).status_code
                )
                sent.extend(ids)
                time.sleep(0.005)

    sending = threading.Thread(target=send)
    sending.start()
    try:
        until(lambda: written(tmp_path / "owner"))
        for _time in range(2):
            time.sleep(0.5)
            server.kill()
            server.wipe()
            time.sleep(0.7)
            server.start()
            before = lines_of(tmp_path / "owner")
            until(lambda before=before: lines_of(tmp_path / "owner") > before)
    finally:
        stop.set()
        sending.join()
        door.kill()
    assert set(answers) == {200}
    until(lambda: written(tmp_path / "owner") == copied(ONE, tmp_path / "one"))
    assert counted(tmp_path / "owner") == (len(sent), len(set(sent)))


def test_what_was_published_comes_again_when_the_store_was_wiped_before_it_arrived(
    server, working, tmp_path
):
    one = SpoolWriter(tmp_path / "one" / "spool", "collect")
    one.append("key:web", events("one", 0, 50))
    carrying = working(carrier(server.url, tmp_path / "one", ONE))
    until(lambda: carrying.connected and all(s.published for s in carrying._segments.values()))
    until(lambda: (tmp_path / "one" / "carried.json").exists())
    carrying.stop()
    server.kill()
    server.wipe()
    server.start()
    again = working(carrier(server.url, tmp_path / "one", ONE))
    working(receiver(server.url, tmp_path / "owner"))
    until(lambda: written(tmp_path / "owner") == copied(ONE, tmp_path / "one"))
    until(lambda: again.waiting == 0)


def test_one_process_a_folder_carries_and_another_takes_over(server, working, tmp_path):
    one = SpoolWriter(tmp_path / "one" / "spool", "collect")
    first = working(carrier(server.url, tmp_path / "one", ONE))
    until(lambda: first.connected)
    second = working(carrier(server.url, tmp_path / "one", ONE))
    time.sleep(1.2)
    assert not second.connected
    first.stop()
    until(lambda: second.connected)
    working(receiver(server.url, tmp_path / "owner"))
    one.append("key:web", events("one", 0, 10))
    until(lambda: written(tmp_path / "owner") == copied(ONE, tmp_path / "one"))


def test_a_folder_with_an_owner_is_not_carried(server, working, tmp_path):
    SpoolWriter(tmp_path / "one" / "spool", "collect").append("key:web", events("one", 0, 10))
    carrying = working(carrier(server.url, tmp_path / "one", ONE, is_owned=lambda: True))
    time.sleep(1.2)
    assert not carrying.connected


def test_what_was_carried_before_the_folder_had_an_owner_is_not_taken_twice(
    server, working, tmp_path
):
    SpoolWriter(tmp_path / "one" / "spool", "collect").append("key:web", events("one", 0, 10))
    carrying = working(carrier(server.url, tmp_path / "one", OWNER))
    until(lambda: carrying.connected and all(s.published for s in carrying._segments.values()))
    carrying.stop()
    taking = working(receiver(server.url, tmp_path / "one"))
    until(lambda: taking._waiting == 0)
    assert len(written(tmp_path / "one")) == 1


def test_a_copied_data_folder_is_told_and_loses_nothing(server, working, tmp_path):
    taking = working(receiver(server.url, tmp_path / "owner"))
    until(lambda: taking._waiting == 0)
    SpoolWriter(tmp_path / "one" / "spool", "collect").append("key:web", events("one", 0, 10))
    copy = working(carrier(server.url, tmp_path / "one", OWNER, keep_seconds=0))
    until(lambda: "delete machine.id" in copy.trouble)
    copy.stop()
    working(carrier(server.url, tmp_path / "one", ONE))
    until(lambda: written(tmp_path / "owner") == copied(ONE, tmp_path / "one"))


def test_segments_are_deleted_once_they_are_over_old_and_confirmed(server, working, tmp_path):
    spool = tmp_path / "one" / "spool"
    one = SpoolWriter(spool, "collect")
    one.append("key:web", events("one", 0, 10))
    one.close()
    one.append("key:web", events("one", 10, 20))
    wanted = copied(ONE, tmp_path / "one")
    over, written_on = sorted(place.name for place in spool.iterdir())
    carrying = working(carrier(server.url, tmp_path / "one", ONE, keep_seconds=0))
    time.sleep(1)
    assert len(written(tmp_path / "one")) == 2
    working(receiver(server.url, tmp_path / "owner"))
    until(lambda: not (spool / over).exists())
    time.sleep(0.5)
    assert (spool / written_on).exists()
    one.append("key:web", events("one", 20, 30))
    one.close()
    until(lambda: not list(spool.iterdir()))
    until(lambda: carrying.waiting == 0)
    kept = written(tmp_path / "owner")
    assert {name: kept[name][: len(data)] for name, data in wanted.items()} == wanted
    assert counted(tmp_path / "owner") == (30, 30)


def test_a_second_owner_takes_nothing(server, working, tmp_path):
    working(receiver(server.url, tmp_path / "owner"))
    time.sleep(1.5)
    second = working(receiver(server.url, tmp_path / "second", machine="e" * 16))
    until(lambda: second.trouble)
    assert "only one may own the warehouse" in second.trouble
    SpoolWriter(tmp_path / "one" / "spool", "collect").append("key:web", events("one", 0, 10))
    working(carrier(server.url, tmp_path / "one", ONE))
    until(lambda: written(tmp_path / "owner") == copied(ONE, tmp_path / "one"))
    assert written(tmp_path / "second") == {}


def test_a_machine_with_another_secret_is_told(server, working, tmp_path):
    taking = working(receiver(server.url, tmp_path / "owner"))
    until(lambda: taking._waiting == 0)
    SpoolWriter(tmp_path / "one" / "spool", "collect").append("key:web", events("one", 0, 10))
    stranger = working(carrier(server.url, tmp_path / "one", ONE, key=KEY[::-1] + b"x"))
    until(lambda: "secret.key" in stranger.trouble)
    assert written(tmp_path / "owner") == {}
    assert len(written(tmp_path / "one")) == 1


def test_a_password_is_used_and_never_told(working, tmp_path, caplog):
    more = 'authorization { user: "muster", password: "p@ss:word" }'
    with nats_server(more) as server:
        place = server.url.removeprefix("nats://")
        SpoolWriter(tmp_path / "one" / "spool", "collect").append("key:web", events("one", 0, 10))
        wrong = carrier(f"nats://muster:hush-hush@{place}", tmp_path / "one", ONE)
        wrong.start()
        until(lambda: wrong.trouble)
        wrong.stop()
        assert "hush-hush" not in caplog.text + (tmp_path / "one" / "carried.json").read_text()
        working(receiver(f"nats://muster:p%40ss%3Aword@{place}", tmp_path / "owner"))
        right = carrier(f"nats://muster:p%40ss%3Aword@{place}", tmp_path / "one", ONE)
        right.start()
        until(lambda: written(tmp_path / "owner") == copied(ONE, tmp_path / "one"))
        right.stop()


def test_over_tls_only_with_a_certificate_that_is_trusted(tmp_path, monkeypatch):
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "nats")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(
            x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False
        )
        .sign(key, hashes.SHA256())
    )
    own, secret = tmp_path / "cert.pem", tmp_path / "key.pem"
    own.write_bytes(made.public_bytes(Encoding.PEM))
    secret.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    SpoolWriter(tmp_path / "one" / "spool", "collect").append("key:web", events("one", 0, 10))
    with nats_server(f'tls {{ cert_file: "{own}", key_file: "{secret}" }}') as server:
        url = server.url.replace("nats://", "tls://")
        strange = carrier(url, tmp_path / "one", ONE)
        strange.start()
        until(lambda: "certificate" in strange.trouble.lower())
        strange.stop()
        monkeypatch.setenv("SSL_CERT_FILE", str(own))
        taking, carrying = receiver(url, tmp_path / "owner"), carrier(url, tmp_path / "one", ONE)
        taking.start()
        carrying.start()
        until(lambda: written(tmp_path / "owner") == copied(ONE, tmp_path / "one"))
        carrying.stop()
        taking.stop()


def test_an_owner_that_was_put_back_gets_the_rest_again(server, working, tmp_path):
    one = SpoolWriter(tmp_path / "one" / "spool", "collect")
    one.append("key:web", events("one", 0, 50))
    working(carrier(server.url, tmp_path / "one", ONE))
    owner = receiver(server.url, tmp_path / "owner")
    owner.start()
    until(lambda: written(tmp_path / "owner") == copied(ONE, tmp_path / "one"))
    owner.stop()
    ((name, data),) = written(tmp_path / "owner").items()
    (tmp_path / "owner" / "spool" / name).write_bytes(data[: data.index(b"\n") + 1])
    one.append("key:web", events("one", 50, 60))
    working(receiver(server.url, tmp_path / "owner"))
    until(lambda: written(tmp_path / "owner") == copied(ONE, tmp_path / "one"))
