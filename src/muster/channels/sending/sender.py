"""The sender (CH9): a process of its own that hands messages over, none of them twice.

It takes a chunk, asks again for each of its people whether the message may go, hands over what it
can in a quarter of a second, writes down the results, and begins again. So a pause, an unsubscribe
or a complaint counts for the next chunk, within a second.
"""

from __future__ import annotations

import asyncio
import json
import logging
import threading
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, ParamSpec, TypeVar

import uvloop
from django.conf import settings
from django.db import InterfaceError, OperationalError, close_old_connections, connection

from muster.channels.decide.asking import Terms, fence
from muster.channels.decide.rules import ORDER, Effect, Reason
from muster.channels.messages import tokens
from muster.channels.messages.mime import Personal, Skeleton
from muster.channels.sending import claims, sweeping
from muster.channels.sending.claims import Piece, Result
from muster.channels.sending.content import PERSON_COLUMNS, filled, message_of, person_values
from muster.channels.sending.journal import Ending, Journal, new_owner
from muster.channels.sending.models import Recipient, Send
from muster.channels.sending.news import announce
from muster.connect.smtp import (
    Connection,
    Letter,
    Outcome,
    Patience,
    Server,
    ServerTrouble,
    Verdict,
)
from muster.content.emails.compose import Compiled
from muster.kit import clock
from muster.kit.errors import Invalid, written_down
from muster.kit.tokens import Signer
from muster.people.consent.actions import suppress as keep_out
from muster.team.stores import stores
from muster.team.users.models import Workspace

log = logging.getLogger("muster.sender")
P = ParamSpec("P")
T = TypeVar("T")
State = Recipient.State

CHUNK_SECONDS = 0.25
FRESH_SECONDS = 0.7
"""No message begins later than this after the fence let it pass."""
QUICK_SECONDS = 0.1
"""Where answers come faster than this, the next message is announced with the present one."""
MOST_ATTEMPTS = 5
RETRY_AFTER = timedelta(minutes=1)
"""Before the second attempt; four times as long before each further one."""
SWEEP_SECONDS = 2.0
POLL_SECONDS = 0.3
"""How often a sender with nothing to do looks for work."""
RENEW_SECONDS = 20.0
IDLE_SECONDS = 30.0
DRAIN_SECONDS = 8.0
_EFFECT = {rule.reason: rule.effect for rule in ORDER}
_COLUMNS = ", ".join(
    (
        *("r.id", "r.attempt", "r.address", "r.key", "r.variant_id", "r.traits", "p.time_zone"),
        *(f"p.{name}" for name in PERSON_COLUMNS),
    )
)


def run(stop: threading.Event) -> None:
    """Send what is due until told to stop; returns at most ten seconds later."""
    server = Server.from_url(settings.MAIL_URL, name=_own_name())
    sender = Sender(server, settings.SENDER_CONNECTIONS)
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(sender.work(stop))


def _own_name() -> str:
    return (Workspace.here().sender_address.rpartition("@")[2] or "localhost").lower()


def _hang_up() -> None:
    # Looked up in the thread that uses it: every thread has a connection of its own.
    connection.close()


@dataclass(frozen=True)
class Mail:
    """One variant, ready to be filled in for one person after another."""

    message: Compiled
    skeleton: Skeleton


@dataclass(eq=False)
class Outgoing:
    """One message that the fence let pass, on its way out."""

    send: Send
    piece: Piece
    mail: Mail
    to: str
    key: str
    person: dict[str, Any]
    fresh_until: float
    """By the clock of the loop."""
    letter: Letter | None = None
    begun: bool = False
    """Whether its bytes may have gone out; from then on it is never given back."""


class Sender:
    """One sender with its connections."""

    def __init__(self, server: Server, connections: int) -> None:
        self.server = server
        self.connections = max(1, connections)
        self.trouble = ""
        """Why the mail server cannot be used now."""
        self._folder = settings.DATA.journal
        self._signer: Signer = stores().signer
        self._journal = Journal(self._folder, new_owner())
        self._database = ThreadPoolExecutor(1, thread_name_prefix="records")
        self._mails: dict[int, dict[int, Mail]] = {}
        self._ready: deque[Outgoing] = deque()
        self._filled = asyncio.Event()
        self._idle = asyncio.Event()
        self._wanted = asyncio.Event()
        self._open = 0
        self._busy: set[Outgoing] = set()
        self._results: list[tuple[Send, Result]] = []
        self._addresses_gone: list[tuple[Send, str]] = []
        self._refused_sender: dict[int, str] = {}
        self._limit = self.connections * 4
        self._latency = 0.0
        self._leaving = False

    async def work(self, stop: threading.Event) -> None:
        """Send until the event is set."""
        async with asyncio.TaskGroup() as group:
            workers = [group.create_task(self._hand_over()) for _ in range(self.connections)]
            minder = group.create_task(self._renew_leases())
            try:
                await self._loop(stop)
            finally:
                self._leaving = True
                await self._drain()
                minder.cancel()
                for worker in workers:
                    worker.cancel()
        await self._records(_hang_up)
        self._journal.close()
        self._database.shutdown()

    # What to do next

    async def _loop(self, stop: threading.Event) -> None:
        loop = asyncio.get_running_loop()
        swept = idle_since = loop.time() - SWEEP_SECONDS
        told = ""
        while not stop.is_set():
            try:
                if loop.time() - swept >= SWEEP_SECONDS:
                    await self._records(self._sweep)
                    swept = loop.time()
                worked = False
                for send in await self._records(due_sends, clock.now()):
                    worked |= await self._chunk(send)
                await self._write_results()
                if self.trouble != told:
                    told = self.trouble
                    await self._records(tell_trouble, told)
            except (OperationalError, InterfaceError) as error:
                # The record store is away: nothing new begins, and what is known is kept.
                log.warning("The record store does not answer: %s", error)
                await self._records(_hang_up)
                await asyncio.sleep(1)
                continue
            if worked:
                idle_since = loop.time()
            else:
                if loop.time() - idle_since > IDLE_SECONDS:
                    self._wanted.clear()
                await _wait_for(stop, POLL_SECONDS)

    async def _drain(self) -> None:
        """Let the messages that are under way come to their end."""
        self._give_back(list(self._ready))
        self._ready.clear()
        deadline = asyncio.get_running_loop().time() + DRAIN_SECONDS
        while self._busy and asyncio.get_running_loop().time() < deadline:
            await asyncio.sleep(0.02)
        try:
            await self._write_results()
        except (OperationalError, InterfaceError):
            log.exception("Results stay in the journal")

    async def _chunk(self, send: Send) -> bool:
        """Take a chunk, ask the fence, hand over; whether there was anything to do."""
        self._wanted.set()
        loop = asyncio.get_running_loop()
        if len(self._busy) >= self._open:
            # Every connection waits for an answer, or none can be opened.
            self._idle.clear()
            with suppress(TimeoutError):
                async with asyncio.timeout(CHUNK_SECONDS):
                    await self._idle.wait()
            return bool(self._busy) or self._open == 0
        tasks, asked = await self._records(self._take, send, self._limit)
        if not asked:
            return await self._records(finish, send, clock.now()) or False
        deadline = loop.time() + CHUNK_SECONDS
        for task in tasks:
            task.fresh_until = loop.time() + FRESH_SECONDS
        self._ready.extend(tasks)
        self._filled.set()
        while (self._ready or self._busy) and loop.time() < deadline:
            self._idle.clear()
            with suppress(TimeoutError):
                async with asyncio.timeout_at(deadline):
                    await self._idle.wait()
        left = list(self._ready)
        self._ready.clear()
        self._filled.clear()
        self._give_back(left)
        done = len(tasks) - len(left)
        self._limit = (
            min(claims.MOST, self._limit * 2)
            if not left
            else min(claims.MOST, max(self.connections, done + done // 4))
        )
        await self._write_results()
        return True

    # The record store, in its own thread

    async def _records(self, ask: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._database, lambda: ask(*args, **kwargs))

    def _sweep(self) -> None:
        close_old_connections()
        now = clock.now()
        sweeping.sweep(self._folder, now, myself=self._journal.owner)
        stop_the_rest()
        if self._journal.is_long and not self._busy:
            self._journal.close()
            self._journal = Journal(self._folder, new_owner())

    def _take(self, send: Send, limit: int) -> tuple[list[Outgoing], int]:
        """Claim, write it down, and ask the fence: the messages that may go, and how many asked."""
        now = clock.now()
        pieces = claims.claim(send.pk, self._journal.owner, limit=limit, now=now)
        if not pieces:
            return [], 0
        self._journal.claim([piece.pair for piece in pieces])
        mails = self._mails_of(send)
        terms = Terms.of(
            Workspace.here(),
            channel=send.channel,
            purpose=send.purpose,
            now=now,
            not_approved=not send.approved,
            topic=send.topic_id,
        )
        tasks = []
        for row in fence([piece.recipient for piece in pieces], _COLUMNS, terms):
            number, attempt, address, key, variant, traits, zone, *person, reason = row
            piece = Piece(number, attempt)
            if reason is not None:
                self._results.append((send, _kept_back(piece, reason, terms, zone or "")))
                continue
            given = json.loads(traits) if isinstance(traits, str) else traits
            tasks.append(
                Outgoing(
                    send=send,
                    piece=piece,
                    mail=mails[variant],
                    to=address,
                    key=key,
                    person=person_values(person, given),
                    fresh_until=0.0,
                )
            )
        return tasks, len(pieces)

    def _mails_of(self, send: Send) -> dict[int, Mail]:
        if send.pk not in self._mails:
            if len(self._mails) > 20:
                self._mails.clear()
            feedback = f"{send.public_id}:{send.campaign.public_id}:muster"
            self._mails[send.pk] = {
                variant.pk: Mail(
                    message_of(variant.kept),
                    Skeleton(
                        sender_name=variant.kept["sender_name"],
                        sender_address=variant.kept["sender_address"],
                        feedback_id=feedback,
                    ),
                )
                for variant in send.variants.all()
            }
        return self._mails[send.pk]

    async def _write_results(self) -> None:
        if self._results or self._addresses_gone or self._refused_sender:
            await self._records(self._write)

    def _write(self) -> None:
        now = clock.now()
        results, sends = list(self._results), {}
        claims.settle(self._journal.owner, [result for _send, result in results])
        # Only now that they are in the record store may they be forgotten here.
        del self._results[: len(results)]
        for send, result in results:
            if result.state in (State.SENT, State.FAILED):
                sends[send.pk] = send
        for send in sends.values():
            announce(send, owner=self._journal.owner)
        gone, self._addresses_gone = self._addresses_gone, []
        for send, address in gone:
            keep_out(
                send.channel,
                [address],
                reason="hard_bounce",
                now=now,
                source=f"send {send.public_id}",
            )
        refused, self._refused_sender = self._refused_sender, {}
        for number, answer in refused.items():
            pause_by_itself(number, answer)

    # The wires

    async def _hand_over(self) -> None:
        patience = Patience()
        while True:
            await self._wanted.wait()
            wire = Connection(self.server)
            try:
                await wire.open()
            except ServerTrouble as error:
                self.trouble = written_down(error, 300)
                log.warning("The mail server cannot be used: %s", error)
                await asyncio.sleep(patience.next())
                continue
            self.trouble = ""
            self._open += 1
            self._idle.set()
            try:
                if await self._use(wire):
                    patience.reset()
                else:
                    await asyncio.sleep(patience.next())
            finally:
                self._open -= 1
                wire.close()

    async def _use(self, wire: Connection) -> bool:
        """Hand over messages as long as the connection lives; whether any was answered."""
        answered = False
        task = following = None
        try:
            while True:
                task = following or await self._next(wire)
                following = None
                if task is None:
                    lives = wire.is_open
                    await wire.quit()
                    return lives or answered
                self._busy.add(task)
                if task.letter is None and self._letter(task) is None:
                    self._busy.discard(task)
                    task = None
                    continue
                if wire.pipelines and self._latency < QUICK_SECONDS and self._ready:
                    following = self._ready.popleft()
                    self._busy.add(following)
                    if self._letter(following) is None:
                        self._busy.discard(following)
                        following = None
                outcome = await self._send(wire, task, following)
                answered = answered or outcome.verdict is not Verdict.NOT_BEGUN
                self._busy.discard(task)
                task = None
                if not wire.is_open:
                    return answered
                if not self._ready:
                    self._idle.set()
        finally:
            # What was announced but not begun goes back; the server forgets it.
            for one in (task, following):
                if one is not None and one in self._busy:
                    self._busy.discard(one)
                    if not one.begun:
                        self._give_back([one])
            self._idle.set()

    async def _next(self, wire: Connection) -> Outgoing | None:
        """The next message; None when the connection is not wanted any more or is gone."""
        while True:
            if not wire.is_open or not self._wanted.is_set():
                return None
            if self._ready:
                return self._ready.popleft()
            self._filled.clear()
            self._idle.set()
            with suppress(TimeoutError):
                async with asyncio.timeout(1):
                    await self._filled.wait()

    def _letter(self, task: Outgoing) -> Letter | None:
        """The bytes of a message; None (and a result) if it cannot be made for this person."""
        try:
            rendered, unsubscribe = filled(
                task.mail.message, task.person, recipient=task.piece.recipient, signer=self._signer
            )
            skeleton = task.mail.skeleton
            content = skeleton.message(
                Personal(
                    to=task.to,
                    subject=rendered.subject,
                    html=rendered.html,
                    text=rendered.text,
                    key=task.key,
                    unsubscribe_url=unsubscribe,
                ),
                clock.now(),
            )
        except Invalid as error:
            self._cannot_be_made(task, error)
            return None
        except Exception as error:
            # What one person's data do to one mail must not stop everybody else's.
            log.exception("A message of %s could not be made", task.send.public_id)
            self._cannot_be_made(task, error)
            return None
        task.letter = Letter(
            skeleton.return_path(tokens.short(task.piece.recipient)),
            task.to,
            content,
            lambda: self._begin(task),
        )
        return task.letter

    def _cannot_be_made(self, task: Outgoing, error: Exception) -> None:
        self._results.append(
            (
                task.send,
                Result(
                    task.piece.recipient,
                    task.piece.attempt,
                    State.SKIPPED,
                    reason=Reason.RENDER_ERROR,
                    answer=f"{type(error).__name__}: {error}",
                ),
            )
        )

    def _begin(self, task: Outgoing) -> bool:
        if self._leaving or asyncio.get_running_loop().time() > task.fresh_until:
            return False
        task.begun = True
        self._journal.begin(task.piece.pair)
        return True

    async def _send(self, wire: Connection, task: Outgoing, following: Outgoing | None) -> Outcome:
        loop = asyncio.get_running_loop()
        began = loop.time()
        assert task.letter is not None  # noqa: S101
        outcome = await wire.send(task.letter, following.letter if following else None)
        self._latency += (loop.time() - began - self._latency) * 0.2
        self._note(task, outcome)
        return outcome

    def _note(self, task: Outgoing, outcome: Outcome) -> None:
        now = clock.now()
        if outcome.verdict is Verdict.NOT_BEGUN:
            if outcome.reply is not None:
                self.trouble = outcome.reply.text[:200]
            self._give_back([task])
            return
        reply = outcome.reply
        if outcome.stage == "mail" and outcome.verdict is Verdict.PERMANENT and reply is not None:
            # The server takes nothing from this sender: trying everybody would fail everybody.
            self._refused_sender[task.send.pk] = f"{reply.code} {reply.text}"
            self._give_back([task])
            return
        ending = judged(outcome, task.piece.attempt, now)
        self._journal.end(task.piece.pair, ending)
        due = None
        if ending.state == State.RETRY:
            due = now + RETRY_AFTER * 4 ** (task.piece.attempt - 1)
        if ending.reason == "bad_address":
            self._addresses_gone.append((task.send, task.to))
        self._results.append(
            (
                task.send,
                Result(
                    task.piece.recipient,
                    task.piece.attempt,
                    ending.state,
                    reason=ending.reason,
                    code=ending.code or None,
                    answer=ending.answer,
                    at=now,
                    due_at=due,
                ),
            )
        )

    def _give_back(self, tasks: Sequence[Outgoing]) -> None:
        self._results.extend(
            (
                task.send,
                Result(task.piece.recipient, task.piece.attempt, State.QUEUED, back=True),
            )
            for task in tasks
        )

    async def _renew_leases(self) -> None:
        while True:
            await asyncio.sleep(RENEW_SECONDS)
            numbers = [task.piece.recipient for task in self._busy]
            if numbers:
                await self._records(claims.renew, self._journal.owner, numbers, clock.now())


def judged(outcome: Outcome, attempt: int, now: datetime) -> Ending:
    """What an answer makes of a message."""
    reply = outcome.reply
    code = reply.code if reply else 0
    answer = reply.text if reply else ""
    if outcome.verdict is Verdict.ACCEPTED:
        state, reason = State.SENT, ""
    elif outcome.verdict is Verdict.UNKNOWN:
        state, reason = State.UNKNOWN, "no_answer"
    elif outcome.verdict is Verdict.TEMPORARY:
        state, reason = (State.RETRY if attempt < MOST_ATTEMPTS else State.FAILED), "temporary"
    else:
        gone = reply is not None and reply.enhanced.startswith("5.1.") and outcome.stage != "mail"
        state, reason = State.FAILED, "bad_address" if gone else "refused"
    return Ending(str(state), reason, code, answer, now)


def due_sends(now: datetime) -> list[Send]:
    """The sends whose messages may leave now; none while everything is halted."""
    if Workspace.here().halted:
        return []
    sends = Send.objects.filter(status=Send.Status.SENDING, started_at__lte=now)
    return list(sends.select_related("campaign").order_by("started_at", "pk"))


def finish(send: Send, now: datetime) -> bool:
    """End a send that has nothing open any more; never says that there was work to do."""
    open_rows = Recipient.objects.filter(send=send, state__in=Recipient.OPEN)
    if not open_rows.exists():
        Send.objects.filter(pk=send.pk, status=Send.Status.SENDING).update(
            status=Send.Status.DONE, ended_at=now
        )
    return False


def tell_trouble(text: str) -> None:
    """Show at the sends under way why they do not go on; empty when they do again."""
    Send.objects.filter(status=Send.Status.SENDING).update(trouble=text[:300])


def pause_by_itself(send_id: int, answer: str) -> None:
    """The mail server takes nothing from us: a person has to look before it goes on."""
    Send.objects.filter(pk=send_id, status=Send.Status.SENDING).update(
        status=Send.Status.PAUSED, trouble=answer[:300]
    )


def stop_the_rest() -> None:
    """What came back into the queue of a stopped send stays unsent."""
    stopped = Send.objects.filter(status=Send.Status.STOPPED)
    Recipient.objects.filter(send__in=stopped, state__in=[State.QUEUED, State.RETRY]).update(
        state=State.STOPPED, due_at=None
    )


def _kept_back(piece: Piece, reason: str, terms: Terms, zone: str) -> Result:
    """What the fence makes of a message that may not go now."""
    if _EFFECT[Reason(reason)] is Effect.DROP:
        return Result(piece.recipient, piece.attempt, State.SKIPPED, reason=reason)
    if reason == Reason.QUIET:
        due = terms.quiet_ends(zone)
        return Result(
            piece.recipient, piece.attempt, State.RETRY, reason=reason, due_at=due, back=True
        )
    return Result(piece.recipient, piece.attempt, State.QUEUED, back=True)


async def _wait_for(stop: threading.Event, seconds: float) -> None:
    # The event is set from a signal handler, so it is looked at, not waited for.
    loop = asyncio.get_running_loop()
    until = loop.time() + seconds
    while not stop.is_set() and loop.time() < until:
        await asyncio.sleep(0.05)
