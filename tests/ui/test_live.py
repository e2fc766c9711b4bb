"""Live pages: a stream tells what has news, and ends when the server does."""

from __future__ import annotations

import asyncio

import pytest

from muster.ui import live


@pytest.fixture
def thermometer(monkeypatch):
    """A topic whose version the test sets."""
    monkeypatch.setattr(live, "_topics", {})
    monkeypatch.setattr(live, "close_old_connections", lambda: None)
    degrees = {"1": "20", "2": "20"}
    live.topic("heat")(lambda number: degrees.get(number, ""))
    return degrees


async def _events(stream, changes):
    """What the stream says after each change."""
    said = [(await anext(stream)).decode()]
    for change in changes:
        change()
        said.append((await anext(stream)).decode())
    return said


class TestAStream:
    def test_says_which_thing_changed(self, thermometer):
        async def story():
            stream = live.stream(
                ["heat:1", "heat:2"], lambda name: True, asyncio.Event(), every=0.01
            )
            return await _events(stream, [lambda: thermometer.update({"2": "21"})])

        assert asyncio.run(story())[1] == "event: heat:2\ndata: 21\n\n"

    def test_ends_when_the_server_stops(self, thermometer):
        async def story():
            stopped = asyncio.Event()
            stream = live.stream(["heat:1"], lambda name: True, stopped, every=60)
            await anext(stream)
            stopped.set()
            return [line async for line in stream]

        assert asyncio.run(story()) == []

    def test_gives_a_sign_of_life_while_nothing_happens(self, thermometer, monkeypatch):
        monkeypatch.setattr(live, "HEARTBEAT", 2)

        async def story():
            stream = live.stream(["heat:1"], lambda name: True, asyncio.Event(), every=0.001)
            return await _events(stream, [lambda: None])

        assert asyncio.run(story())[1].startswith(":")


class TestTopics:
    def test_that_nobody_registered_are_left_out(self, thermometer):
        assert live.known(["heat:1", "rain:1"], lambda name: True) == ["heat:1"]

    def test_that_the_reader_may_not_follow_are_left_out(self, thermometer):
        assert live.known(["heat:1", "heat:2"], lambda name: name == "heat:2") == ["heat:2"]

    def test_are_followed_once_and_not_without_end(self, thermometer):
        asked = ["heat:1"] * 3 + [f"heat:{number}" for number in range(100)]
        assert len(live.known(asked, lambda name: True)) == live.MOST
