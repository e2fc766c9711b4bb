"""What the owner does with messages that come twice, too early, or from strangers."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from datetime import UTC, datetime

import nats
import pytest

from muster.events.far.link import Limits, stream
from muster.events.far.wire import CONSUMER, STREAM, Asked, Foreign, Have, Slice, copy_name
from tests.events.far.machines import KEY, ONE, OWNER, receiver, until, written
from tests.nats import nats_server

SEGMENT = "collect7-20261127101112131415-000001.ndjson"
COPY = copy_name(ONE, SEGMENT)


@pytest.fixture(scope="module")
def server():
    with nats_server() as running:
        yield running


@pytest.fixture
def owner(server, tmp_path):
    """A receiver over an empty stream."""

    async def clear(client):
        js = client.jetstream()
        with suppress(nats.js.errors.NotFoundError):
            await js.delete_stream(STREAM)

    over(server, clear)
    taking = receiver(server.url, tmp_path)
    taking.start()
    until(lambda: taking._waiting == 0)
    yield taking
    taking.stop()


def over(server, work):
    """Do something over a connection of its own."""

    async def run():
        client = await nats.connect(server.url)
        try:
            return await work(client)
        finally:
            await client.close()

    return asyncio.run(run())


def publish(server, *messages):
    """Publish (subject, data, headers), in this order."""

    async def work(client):
        js = await stream(client, Limits())
        for subject, data, headers in messages:
            await js.publish(subject, data, headers=headers)

    over(server, work)


def piece(start, data, attempt=0, key=KEY, machine=ONE, segment=SEGMENT):
    one = Slice(machine, segment, start, data)
    return one.subject, data, one.headers(key, attempt)


def left(server):
    """What the stream still holds."""

    async def work(client):
        info = await client.jetstream().consumer_info(STREAM, CONSUMER)
        return info.num_pending + info.num_ack_pending

    return over(server, work)


def test_a_repetition_brings_only_what_is_new(server, owner, tmp_path):
    publish(server, piece(0, b"one\n"), piece(0, b"one\n", 1), piece(0, b"one\ntwo\n"))
    publish(server, piece(4, b"two\nthree\n"), piece(8, b"thr"))
    until(lambda: written(tmp_path) == {COPY: b"one\ntwo\nthree\n"})
    until(lambda: left(server) == 0)
    assert owner.counters["repeated"] == 2
    assert owner.counters["bytes"] == 14


def test_what_is_behind_a_gap_waits_until_it_is_filled(server, owner, tmp_path):
    publish(server, piece(4, b"two\n"), piece(8, b"three\n"))
    until(lambda: owner.counters["ahead"] >= 2)
    assert written(tmp_path) == {}
    publish(server, piece(0, b"one\n"))
    until(lambda: written(tmp_path) == {COPY: b"one\ntwo\nthree\n"})
    until(lambda: left(server) == 0)


def test_what_is_never_filled_does_not_stay_for_ever(server, owner, tmp_path, monkeypatch):
    monkeypatch.setattr("muster.events.far.receiver.MOST_TRIES", 2)
    publish(server, piece(4, b"two\n"))
    until(lambda: left(server) == 0)
    publish(server, piece(0, b"one\n"), piece(4, b"two\n", 1))
    until(lambda: written(tmp_path) == {COPY: b"one\ntwo\n"})


@pytest.mark.parametrize(
    "message",
    [
        pytest.param(("muster.log.x", b"hello", None), id="nothing-of-ours"),
        pytest.param((f"muster.log.{ONE}", b"hello", {"Muster-Segment": SEGMENT}), id="no-place"),
        pytest.param(piece(0, b"one\n", key=b"other" * 6), id="another-secret"),
        pytest.param(piece(0, b"x\n", segment="../../etc/passwd"), id="out-of-the-folder"),
        pytest.param(piece(0, b"x\n", segment="a/b-1-1.ndjson"), id="a-folder-in-the-name"),
        pytest.param(piece(0, b"x\n", machine="ABC"), id="no-machine"),
        pytest.param((*piece(0, b"one\n")[:1], b"two\n", piece(0, b"one\n")[2]), id="changed"),
        pytest.param((f"muster.log.{'2' * 16}", *piece(0, b"one\n")[1:]), id="of-another-machine"),
    ],
)
def test_what_we_did_not_say_is_thrown_away(server, owner, tmp_path, message):
    publish(server, message)
    until(lambda: owner.counters["foreign"] == 1)
    until(lambda: left(server) == 0)
    assert written(tmp_path) == {}
    publish(server, piece(0, b"one\n", 1))
    until(lambda: written(tmp_path) == {COPY: b"one\n"})


def test_says_how_far_it_came(server, owner, tmp_path):
    publish(server, piece(0, b"one\n"))
    until(lambda: written(tmp_path))
    other = "collect8-20261127101112131415-000001.ndjson"

    async def ask(client):
        asked = Asked("n1", [SEGMENT, other, "../spool"])
        answer = await client.request(f"muster.log.have.{ONE}", asked.encode(), timeout=5)
        return answer.data

    answer = over(server, ask)
    have = Have.read(KEY, answer, "n1")
    assert have.owner == OWNER
    assert have.lengths == {SEGMENT: 4, other: 0, "../spool": 0}
    with pytest.raises(Foreign):
        Have.read(KEY, answer, "n2")
    with pytest.raises(Foreign):
        Have.read(b"x" * 32, answer, "n1")


def test_nothing_is_acknowledged_that_the_disk_does_not_take(server, tmp_path, monkeypatch, owner):
    import os

    def full(descriptor):
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr("muster.events.far.receiver.os.fdatasync", full)
        publish(server, piece(0, b"one\n"))
        until(lambda: "No space" in owner.trouble)
        assert left(server) == 1
        assert (tmp_path / "spool" / COPY).stat().st_size == 0
    assert os.fdatasync is not full
    until(lambda: written(tmp_path) == {COPY: b"one\n"})
    until(lambda: owner.trouble == "")


def test_tells_how_old_what_came_is(server, tmp_path):
    told = []
    taking = receiver(server.url, tmp_path, arrived=told.append)
    taking.start()
    line = b'{"at":"2026-11-%02dT10:00:00.000000Z","from":"key:web","e":{}}\n'
    data = line % 20 + line % 21
    publish(server, piece(0, data, 5, segment="late-1-1.ndjson"))
    until(lambda: told)
    taking.stop()
    assert told == [datetime(2026, 11, 20, 10, tzinfo=UTC)]
