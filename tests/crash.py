"""Kills the sender again and again while it sends, and counts what went wrong (CH9).

    python tests/crash.py --seed 1 --sends 2000 --kills 10 --db sqlite

A mail server in this process writes down every message that it accepts, before it answers, and
answers slowly, so that the kills fall inside. The last line is what came of it; it ends with 1 if a
message arrived twice, was lost, or if more are unknown than connections were open at the kills.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import random
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path

sys.path[:0] = [str(Path(__file__).parents[1] / "src"), str(Path(__file__).parents[1])]

CONNECTIONS = 4
PATIENCE = 600


class Sink:
    """A mail server that answers slowly and remembers what it accepted."""

    def __init__(self, seed: int, slowest: float) -> None:
        self.accepted: Counter[str] = Counter()
        self._random = random.Random(seed)
        self._slowest = slowest
        self._loop = asyncio.new_event_loop()
        self._server: asyncio.Server | None = None
        self.port = 0

    def start(self) -> None:
        started = threading.Event()

        async def serve() -> None:
            self._server = await asyncio.start_server(self._talk, "127.0.0.1", 0)
            self.port = self._server.sockets[0].getsockname()[1]
            started.set()

        self._loop.create_task(serve())
        threading.Thread(target=self._loop.run_forever, daemon=True).start()
        started.wait()

    async def _talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            writer.write(b"220 slow sink\r\n")
            while line := await reader.readline():
                word = line[:4].upper()
                if word == b"EHLO":
                    writer.write(b"250-slow sink\r\n250 PIPELINING\r\n")
                elif word == b"DATA":
                    writer.write(b"354 go on\r\n")
                    key = await self._message(reader)
                    if key is None:
                        return
                    # From here on the message counts as delivered, whether or not we can say so.
                    self.accepted[key] += 1
                    await asyncio.sleep(self._random.random() * self._slowest)
                    writer.write(b"250 kept\r\n")
                elif word == b"QUIT":
                    return
                else:
                    writer.write(b"250 ok\r\n")
                await writer.drain()
        except (ConnectionError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.close()

    async def _message(self, reader: asyncio.StreamReader) -> str | None:
        key = ""
        while line := await reader.readline():
            if line == b".\r\n":
                return key
            if line.startswith(b"X-Muster-Key: "):
                key = line[14:].strip().decode()
        return None


def prepare(people: int) -> int:
    """A workspace with so many people who all want mail, and a send that has begun; its number."""
    from django.core.management import call_command
    from django.utils import timezone

    from muster.content.emails.actions import make_inline
    from muster.people.models import ConsentEntry, ConsentState, Person
    from muster.plan.campaigns.models import Campaign
    from muster.team.models import User, Workspace

    call_command("migrate", verbosity=0, interactive=False)
    now = timezone.now()
    Workspace.objects.create(name="Crash", sender_address="crash@mail.example", messages_per_week=0)
    owner = User.objects.create_user("owner@mail.example", None, name="Owner", role="owner")
    campaign = Campaign.objects.create(
        name="Crash", starts=now.date(), ends=now.date(), currency="CNY", owner=owner
    )
    email = make_inline(
        campaign,
        {
            "subject": '你好 {{ first_name | default: "friend" }}',
            "html": '<p>Hello {{ first_name | default: "friend" }}, <a href="https://example.com/">see</a></p>',
        },
        by=owner,
    )
    persons = Person.objects.bulk_create(
        [
            Person(email=f"p{number}@example.com", first_name=f"P{number}")
            for number in range(people)
        ],
        batch_size=500,
    )
    entries = ConsentEntry.objects.bulk_create(
        [
            ConsentEntry(
                message_id=f"c{person.pk}", person=person, channel="email", purpose="marketing",
                state="granted", source="api", at=now,
            )
            for person in persons
        ],
        batch_size=500,
    )  # fmt: skip
    ConsentState.objects.bulk_create(
        [
            ConsentState(
                person=entry.person, channel="email", purpose="marketing", state="granted",
                at=now, entry=entry,
            )
            for entry in entries
        ],
        batch_size=500,
    )  # fmt: skip
    return begin(campaign, email, [person.pk for person in persons], owner)


def begin(campaign: object, email: object, people: list[int], owner: object) -> int:
    """Freeze a send to these people and let it begin."""
    import numpy as np
    from django.utils import timezone

    from muster.channels.sending.drawing import Drawn
    from muster.channels.sending.freezing import freeze
    from muster.channels.sending.models import Send, Variant

    now = timezone.now()
    send = Send.objects.create(
        campaign=campaign, name="Crash", rule={"all": []}, by=owner, approved="crash"
    )
    variant = Variant.objects.create(send=send, position=0, name="A", email=email)
    numbers = np.array(sorted(people), dtype=np.int64)
    size = freeze(send, Drawn(numbers, np.ones(len(numbers), dtype=np.int64), (variant,)), now)
    Send.objects.filter(pk=send.pk).update(
        status=Send.Status.SENDING, frozen_at=now, started_at=now, audience_size=size
    )
    return send.pk


@contextmanager
def sender() -> Iterator[subprocess.Popen[bytes]]:
    """A real sender in a process of its own."""
    child = subprocess.Popen([sys.executable, "-m", "muster", "send"], stderr=subprocess.DEVNULL)
    try:
        yield child
    finally:
        if child.poll() is None:
            child.kill()
        child.wait()


def run(people: int, kills: int, seed: int, slowest: float) -> dict[str, int]:
    """Send, kill, send on, kill …; what became of the messages."""
    from django.db import connection

    from muster.channels.sending.models import Recipient, Send

    lot = random.Random(seed)
    sink = Sink(seed, slowest)
    sink.start()
    os.environ["MUSTER_INBOX_URL"] = f"smtp://127.0.0.1:{sink.port}"
    os.environ["MUSTER_SENDER_CONNECTIONS"] = str(CONNECTIONS)
    number = prepare(people)
    killed = 0
    for _ in range(kills):
        before = sum(sink.accepted.values())
        left = people - before
        # So that every kill finds something to kill, each takes at most an even part of what is left.
        wanted = before + lot.randint(1, max(1, left // (kills - killed + 1)))
        with sender() as child:
            _wait(lambda goal=wanted: sum(sink.accepted.values()) >= goal, child)
            time.sleep(lot.random() * slowest)
            if Recipient.objects.filter(send=number, state__in=Recipient.OPEN).exists():
                killed += 1
            child.send_signal(signal.SIGKILL)
    with sender() as child:
        _wait(lambda: Send.objects.get(pk=number).status == Send.Status.DONE, child)
        child.send_signal(signal.SIGTERM)
        child.wait(15)
    connection.close()
    rows = list(Recipient.objects.filter(send=number).values_list("key", "state"))
    states = Counter(state for _key, state in rows)
    lost = sum(
        1
        for key, state in rows
        if state != "unknown" and (state != "sent" or sink.accepted[key] == 0)
    )
    told = _told(number)
    return {
        "duplicates": sum(1 for times in sink.accepted.values() if times > 1),
        "lost": lost + (people - len(rows)) + abs(told - states["sent"]),
        "unknown": states["unknown"],
        "kills": killed,
        "sends": len(rows),
    }


def _told(number: int) -> int:
    """How many different messages the event log says were sent."""
    import json

    from django.conf import settings

    said = set()
    for path in settings.DATA.spool.glob("*.ndjson"):
        for line in path.read_bytes().split(b"\n")[:-1]:
            event = json.loads(line)["e"]
            if event.get("event") == "Message Sent":
                said.add(event["messageId"])
    return len(said)


def _wait(reached: object, child: subprocess.Popen[bytes]) -> None:
    until = time.monotonic() + PATIENCE
    while not reached():  # type: ignore[operator]
        if child.poll() is not None:
            sys.exit(f"The sender ended by itself with {child.returncode}")
        if time.monotonic() > until:
            sys.exit("The sender does not get on")
        time.sleep(0.01)


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--sends", type=int, default=2000)
    parser.add_argument("--kills", type=int, default=10)
    parser.add_argument("--db", choices=["sqlite", "postgres"], default="sqlite")
    parser.add_argument("--slowest", type=float, default=0.05, help="seconds")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="muster-crash-") as folder:
        os.environ["MUSTER_DATA"] = folder
        os.environ["DJANGO_SETTINGS_MODULE"] = "muster.config.settings"
        os.environ["PYTHONPATH"] = os.pathsep.join(sys.path[:2])
        with _database(options.db) as address:
            os.environ["MUSTER_DATABASE_URL"] = address
            import django

            django.setup()
            found = run(options.sends, options.kills, options.seed, options.slowest)
    sys.stdout.write(" ".join(f"{name}={count}" for name, count in found.items()) + "\n")
    kept = not found["duplicates"] and not found["lost"]
    few = found["unknown"] <= CONNECTIONS * found["kills"]
    return 0 if kept and few and found["kills"] == options.kills else 1


def _database(kind: str) -> object:
    if kind == "sqlite":
        return nullcontext("")
    from tests.postgres import postgres

    return postgres()


if __name__ == "__main__":
    sys.exit(main())
