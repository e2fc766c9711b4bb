"""The sender at work, in this process, against a mail server that answers as told (CH9)."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from muster.channels.sending import actions, sender
from muster.channels.sending.models import Recipient, Send
from muster.channels.sending.sender import Sender
from muster.connect.smtp import Server
from muster.people.models import Person, Suppression
from tests.channels.world import World, frozen
from tests.connect.servers import Scripted, good, listening

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, settings: Any, monkeypatch: Any) -> None:
    settings.DATA = type(settings.DATA)(tmp_path)
    monkeypatch.setattr(sender, "SWEEP_SECONDS", 0.1)


def sent_by(
    server: Scripted, over: Callable[[], bool], *, connections: int = 2, seconds: float = 20
) -> None:
    """Let a sender work until something is so."""
    stop = threading.Event()

    async def work() -> None:
        async with listening(server) as port:
            one = Sender(Server("127.0.0.1", port), connections)
            working = asyncio.create_task(one.work(stop))
            until = time.monotonic() + seconds
            while not await asyncio.to_thread(_asked, over) and time.monotonic() < until:
                await asyncio.sleep(0.02)
                if working.done():
                    break
            stop.set()
            await working

    asyncio.run(work())


def _asked(over: Callable[[], bool]) -> bool:
    from django.db import OperationalError, connection

    try:
        return over()
    except OperationalError:
        # A database in memory does not wait for what another connection writes; asked again.
        return False
    finally:
        connection.close()


def done(send: Send) -> Callable[[], bool]:
    return lambda: Send.objects.get(pk=send.pk).status != Send.Status.SENDING


def states(send: Send) -> dict[str, str]:
    names = dict(Person.objects.values_list("pk", "first_name"))
    rows = Recipient.objects.filter(send=send).order_by("pk")
    return {names[row.person_id]: f"{row.state} {row.reason}".strip() for row in rows}


class TestASend:
    def test_reaches_everybody_once_and_is_done(self, world: World):
        send = frozen(world.send(), world.people(40))
        server = Scripted(good)
        sent_by(server, done(send))
        send.refresh_from_db()
        assert send.status == Send.Status.DONE
        assert len(server.contents) == 40
        keys = {
            line[14:].strip()
            for content in server.contents
            for line in content.split(b"\r\n")
            if line.startswith(b"X-Muster-Key: ")
        }
        assert keys == {key.encode() for key in Recipient.objects.values_list("key", flat=True)}
        assert not Recipient.objects.filter(announced=False).exists()

    def test_says_of_each_what_the_server_said(self, world: World):
        send = frozen(world.send(), world.people(4))

        def answer(command: str) -> str:
            if "p1@" in command and command.startswith("RCPT"):
                return "550 5.1.1 no such user"
            if "p2@" in command and command.startswith("RCPT"):
                return "451 4.7.1 come back later"
            if "p3@" in command and command.startswith("RCPT"):
                return "554 5.7.1 we do not want that"
            return good(command)

        sent_by(Scripted(answer), lambda: _open(send) == 1)
        assert states(send) == {
            "p0": "sent",
            "p1": "failed bad_address",
            "p2": "retry temporary",
            "p3": "failed refused",
        }
        assert Suppression.objects.get().reason == "hard_bounce"
        retry = Recipient.objects.get(state="retry")
        assert retry.due_at is not None
        assert (retry.attempt, retry.code, retry.answer) == (1, 451, "4.7.1 come back later")

    def test_leaves_out_who_unsubscribed_meanwhile(self, world: World):
        people = world.people(3)
        send = frozen(world.send(), people)
        world.says(people[1], "withdrawn")
        server = Scripted(good)
        sent_by(server, done(send))
        assert states(send) == {"p0": "sent", "p1": "skipped unsubscribed", "p2": "sent"}
        assert len(server.contents) == 2

    def test_marks_as_unknown_what_got_no_answer(self, world: World):
        send = frozen(world.send(), world.people(2))
        sent_by(Scripted(lambda c: None if c == "<content>" else good(c)), done(send))
        assert states(send) == {"p0": "unknown no_answer", "p1": "unknown no_answer"}

    def test_pauses_by_itself_when_the_server_takes_nothing_from_us(self, world: World):
        send = frozen(world.send(), world.people(3))
        sent_by(
            Scripted(lambda c: "550 5.7.1 not you" if c.startswith("MAIL") else good(c)), done(send)
        )
        send.refresh_from_db()
        assert (send.status, send.trouble) == ("paused", "550 5.7.1 not you")
        assert set(states(send).values()) == {"queued"}

    def test_does_nothing_while_all_sending_is_halted(self, world: World, workspace: Any):
        send = frozen(world.send(), world.people(2))
        workspace.halted = True
        workspace.save()
        server = Scripted(good)
        sent_by(server, lambda: False, seconds=0.6)
        assert set(states(send).values()) == {"queued"}
        assert server.contents == []

    def test_stops_for_good_when_told(self, world: World):
        send = frozen(world.send(), world.people(60))
        server = Scripted(lambda c: _slowly(c))
        started = threading.Event()

        def over() -> bool:
            if len(server.contents) >= 3 and not started.is_set():
                started.set()
                actions.stop(Send.objects.get(pk=send.pk), by=world.owner)
            return started.is_set() and _open(send) == 0

        sent_by(server, over)
        found = set(states(send).values())
        assert found == {"sent", "stopped"}
        assert len(server.contents) == sum(s == "sent" for s in states(send).values())


def _slowly(command: str) -> str:
    if command == "<content>":
        time.sleep(0.02)
    return good(command)


def _open(send: Send) -> int:
    return Recipient.objects.filter(send=send, state__in=Recipient.OPEN).count()
