"""What a dead sender leaves behind is settled from its journal (CH9)."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from muster.channels.sending import claims, journal
from muster.channels.sending.claims import Result
from muster.channels.sending.journal import Ending, Journal
from muster.channels.sending.models import Recipient
from muster.channels.sending.sweeping import sweep
from tests.channels.world import NOW, World, frozen

State = Recipient.State


@pytest.fixture
def send(world: World) -> Any:
    return frozen(world.send(), world.people(5))


def told(stores: Any, name: str) -> list[dict[str, Any]]:
    """The events of this name in the log."""
    lines = [
        json.loads(line)["e"]
        for path in sorted(stores.stores.spool.folder.glob("*.ndjson"))
        for line in path.read_bytes().splitlines()
    ]
    return [event for event in lines if event.get("event") == name]


class TestClaiming:
    def test_gives_each_message_to_one_sender(self, send):
        one = claims.claim(send.pk, "one", limit=3, now=NOW)
        two = claims.claim(send.pk, "two", limit=3, now=NOW)
        assert len(one), len(two) == (3, 2)
        assert not {p.recipient for p in one} & {p.recipient for p in two}
        assert {p.attempt for p in one} == {1}

    def test_leaves_alone_what_is_not_due(self, send):
        Recipient.objects.filter(send=send).update(
            state=State.RETRY, due_at=NOW + timedelta(minutes=1)
        )
        assert claims.claim(send.pk, "one", limit=9, now=NOW) == []
        assert len(claims.claim(send.pk, "one", limit=9, now=NOW + timedelta(minutes=2))) == 5

    def test_results_of_somebody_else_change_nothing(self, send):
        piece = claims.claim(send.pk, "one", limit=1, now=NOW)[0]
        result = Result(piece.recipient, piece.attempt, State.SENT, code=250, at=NOW)
        assert claims.settle("two", [result]) == 0
        older = Result(piece.recipient, piece.attempt - 1, State.FAILED)
        assert claims.settle("one", [older]) == 0
        assert claims.settle("one", [result]) == 1
        assert claims.settle("one", [result]) == 0
        row = Recipient.objects.get(pk=piece.recipient)
        assert (row.state, row.code, row.sent_at, row.announced) == ("sent", 250, NOW, False)

    def test_what_is_given_back_costs_no_attempt(self, send):
        piece = claims.claim(send.pk, "one", limit=1, now=NOW)[0]
        claims.settle("one", [Result(piece.recipient, piece.attempt, State.QUEUED, back=True)])
        again = claims.claim(send.pk, "one", limit=1, now=NOW)[0]
        assert again == piece


class TestAfterADeath:
    def die(self, folder: Path, send: Any) -> list[int]:
        """A sender that ended two messages, began one, and had not begun the other two."""
        log = Journal(folder, "dead")
        pieces = claims.claim(send.pk, "dead", limit=5, now=NOW)
        log.claim([piece.pair for piece in pieces])
        for piece in pieces[:3]:
            log.begin(piece.pair)
        log.end(pieces[0].pair, Ending("sent", "", 250, "kept", NOW))
        log.end(pieces[1].pair, Ending("failed", "bad_address", 550, "5.1.1 no user", NOW))
        log.close()
        return [piece.recipient for piece in pieces]

    def states(self, numbers: list[int]) -> list[str]:
        found = Recipient.objects.in_bulk(numbers)
        return [found[number].state for number in numbers]

    def test_ended_begun_and_not_begun_are_told_apart(self, send, tmp_path, stores):
        numbers = self.die(tmp_path, send)
        assert sweep(tmp_path, NOW) == 5
        assert self.states(numbers) == ["sent", "failed", "unknown", "queued", "queued"]
        assert sweep(tmp_path, NOW) == 0

    def test_results_are_told_to_the_event_log_once(self, send, tmp_path, stores):
        numbers = self.die(tmp_path, send)
        sweep(tmp_path, NOW)
        assert len(told(stores, "Message Sent")) == 1
        Recipient.objects.filter(pk__in=numbers[:2]).update(announced=False)
        sweep(tmp_path, NOW)
        events = told(stores, "Message Sent")
        assert len(events) == 2
        assert len({event["messageId"] for event in events}) == 1
        failed = told(stores, "Message Failed")[0]
        assert failed["properties"]["reason"] == "bad_address"
        assert failed["context"]["campaign"]["send_id"] == send.public_id

    def test_after_the_machine_itself_went_down_nothing_is_sent_again(
        self, send, tmp_path, stores, monkeypatch
    ):
        numbers = self.die(tmp_path, send)
        monkeypatch.setattr(journal, "boot", lambda: "another start")
        sweep(tmp_path, NOW)
        assert self.states(numbers) == ["sent", "failed", "unknown", "unknown", "unknown"]

    def test_messages_whose_claim_was_never_written_down_had_not_begun(
        self, send, tmp_path, stores, monkeypatch
    ):
        Journal(tmp_path, "dead").close()
        claims.claim(send.pk, "dead", limit=5, now=NOW)
        monkeypatch.setattr(journal, "boot", lambda: "another start")
        sweep(tmp_path, NOW)
        assert set(Recipient.objects.values_list("state", flat=True)) == {"queued"}

    def test_a_sender_that_is_only_silent_is_left_alone(self, send, tmp_path, stores):
        log = Journal(tmp_path, "silent")
        claims.claim(send.pk, "silent", limit=5, now=NOW)
        assert sweep(tmp_path, NOW + timedelta(hours=1)) == 0
        log.close()
        assert sweep(tmp_path, NOW + timedelta(hours=1)) == 5

    def test_a_sender_on_another_machine_is_taken_for_dead_after_a_while(
        self, send, tmp_path, stores
    ):
        claims.claim(send.pk, "elsewhere", limit=5, now=NOW)
        assert sweep(tmp_path, NOW + timedelta(minutes=10)) == 0
        assert sweep(tmp_path, NOW + timedelta(minutes=20)) == 5
        assert set(Recipient.objects.values_list("state", flat=True)) == {"unknown"}

    def test_a_line_that_death_cut_short_is_no_line(self, tmp_path):
        log = Journal(tmp_path, "dead")
        log.claim([(1, 1), (2, 1)])
        log.begin((1, 1))
        log.close()
        with log.path.open("ab") as file:
            file.write(b"e 1.1 sent - 25")
        account = journal.read(tmp_path, "dead")
        assert (account.of((1, 1)), account.of((2, 1))) == ("begun", "not_begun")
