"""What the send journals know beyond the record store, and what is held until a person looks (CH9)."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from muster.channels.sending import actions
from muster.channels.sending.halting import hold_after_restore
from muster.channels.sending.journal import Ending, Journal
from muster.channels.sending.models import Recipient, Send
from muster.channels.sending.reconciling import reconcile
from muster.channels.sending.sender import due_sends
from muster.team.users.models import Workspace
from muster.ui.middleware import said
from tests.channels.world import NOW, World, frozen


@pytest.fixture
def send(world: World, stores: Any) -> Send:
    return frozen(world.send(), world.people(4))


@pytest.fixture
def numbers(send: Send) -> list[int]:
    return list(Recipient.objects.order_by("pk").values_list("pk", flat=True))


@pytest.fixture
def folder(numbers: list[int], tmp_path: Path) -> Path:
    """The journal of a sender that went on after the backup: the record store knows nothing of it.

    One message ended, one was refused, one begun, one only claimed.
    """
    log = Journal(tmp_path, "later")
    log.claim([(number, 1) for number in numbers])
    for number in numbers[:3]:
        log.begin((number, 1))
    log.end((numbers[0], 1), Ending("sent", "", 250, "kept", NOW + timedelta(minutes=1)))
    log.end((numbers[1], 1), Ending("failed", "refused", 550, "no", NOW + timedelta(minutes=1)))
    log.close()
    return tmp_path


def states() -> list[str]:
    return list(Recipient.objects.order_by("pk").values_list("state", flat=True))


class TestAfterARestore:
    def test_what_the_journals_know_is_not_sent_again(self, send, numbers, folder):
        Workspace.objects.update(halted=True)
        found = reconcile(folder)
        assert states() == ["sent", "failed", "unknown", "queued"]
        assert found["settled"] == {"sent": 1, "failed": 1, "unknown": 1}
        assert [one["send"] for one in found["unknown"]] == [send.public_id]
        assert found["held"]
        assert reconcile(folder)["settled"] == {"sent": 0, "failed": 0, "unknown": 0}

    def test_an_older_journal_speaks_of_other_messages_of_the_same_number(self, send, folder):
        Workspace.objects.update(halted=True)
        Send.objects.update(frozen_at=NOW + timedelta(days=9999))
        reconcile(folder)
        assert states() == ["queued"] * 4

    def test_while_nothing_is_held_a_living_queue_is_left_alone(self, send, folder):
        assert not reconcile(folder)["held"]
        assert states() == ["queued"] * 4


class TestHolding:
    def test_nothing_leaves_and_what_was_under_way_waits_for_a_person(self, send, world):
        later = world.send()
        Send.objects.filter(pk=later.pk).update(
            status="scheduled", starts_at=NOW - timedelta(minutes=5), approved="x"
        )
        assert hold_after_restore(made_at=NOW, now=NOW) == 1
        send.refresh_from_db()
        later.refresh_from_db()
        assert (send.status, later.status) == ("paused", "missed")
        assert "2026-11-06 04:00 UTC" in said(send.trouble)
        assert due_sends(NOW) == []

    def test_what_is_scheduled_does_not_begin_while_all_is_held(self, world, stores):
        Send.objects.filter(pk=world.send().pk).update(
            status="scheduled", starts_at=NOW, not_after=NOW + timedelta(minutes=30)
        )
        Workspace.objects.update(halted=True)
        assert actions.start_due(NOW) == 0
        assert Send.objects.get().status == "scheduled"

    def test_pages_that_send_say_so_and_an_owner_lets_it_go_on(
        self, send, owner, client_for, user_with
    ):
        Workspace.objects.update(halted=True)
        manager = client_for(user_with("manager"))
        for address in ("/sends", f"/sends/{send.public_id}", f"/sends/{send.public_id}/review"):
            page = manager.get(address).text
            assert "All sending is halted" in page, address
            assert "/sends/release" not in page
        assert manager.post("/sends/release").status_code == 403
        assert "/sends/release" in client_for(owner).get("/sends").text
        client_for(owner).post("/sends/release")
        assert not Workspace.here().halted
        assert "All sending is halted" not in client_for(owner).get("/sends").text


class TestWhatIsUnknown:
    def test_is_settled_when_a_journal_tells_how_it_ended(self, numbers, folder, stores):
        Recipient.objects.filter(pk__in=numbers[:3]).update(
            state="unknown", owner="later", attempt=1, reason="interrupted"
        )
        found = reconcile(folder)
        assert states() == ["sent", "failed", "unknown", "queued"]
        assert found["settled"] == {"sent": 1, "failed": 1, "unknown": 0}
        assert len(found["unknown"]) == 1
