"""Approvals: for one version, by another person, with a reason when sent back."""

from __future__ import annotations

import pytest

from muster.kit.errors import Forbidden, Invalid, Refused
from muster.plan.approvals.actions import ask, decide
from muster.plan.approvals.deciders import waiting_for
from muster.plan.approvals.models import ApprovalRequest, is_approved
from muster.plan.approvals.rules import Attempt, No, Signature, open_steps, refusal
from muster.plan.approvals.subjects import Subject, _subjects, subject
from muster.team.changes.models import Change

pytestmark = pytest.mark.django_db


@pytest.fixture
def thing(monkeypatch):
    """A thing that can be approved; its version is `thing["version"]`."""
    monkeypatch.setattr("muster.plan.approvals.subjects._subjects", dict(_subjects))
    state = {"version": "a" * 64, "decided": []}

    @subject("thing")
    class Thing(Subject):
        def fingerprint(self, object_id):
            return state["version"]

        def decided(self, request, decision):
            state["decided"].append(decision.verdict)

    return state


@pytest.fixture
def asked(thing, campaign, manager):
    def request(by=manager):
        return ask(
            "thing",
            7,
            title="The thing",
            url="/thing",
            fingerprint=thing["version"],
            campaign=campaign,
            by=by,
        )

    return request


class TestASignature:
    def test_counts_only_for_the_work_it_was_given_for(self):
        given = [Signature("copy", "old"), Signature("legal", "now")]
        assert open_steps(["copy", "legal"], given, "now") == ["copy"]

    @pytest.mark.parametrize(
        ("no", "changes"),
        [
            (None, {}),
            (No.CLOSED, {"is_open": False}),
            (No.CHANGED, {"is_changed": True}),
            (None, {"is_changed": True, "approves": False, "has_note": True}),
            (No.OWN_REQUEST, {"asked_it": True}),
            (No.OWN_REQUEST, {"asked_it": True, "is_owner": True}),
            (No.WAIVER_NOT_YOURS, {"asked_it": True, "waiver": True}),
            (None, {"asked_it": True, "is_owner": True, "waiver": True}),
            (No.NOTE_MISSING, {"approves": False}),
            (None, {"approves": False, "has_note": True, "asked_it": True}),
        ],
    )
    def test_is_given_or_not(self, no, changes):
        facts = {
            "is_open": True, "is_changed": False, "approves": True, "asked_it": False,
            "is_owner": False, "waiver": False, "has_note": False,
        }  # fmt: skip
        assert refusal(Attempt(**{**facts, **changes})) == no


class TestAnApproval:
    def test_counts_for_exactly_that_version(self, thing, asked, owner):
        decide(asked(), "approved", by=owner)
        assert is_approved("thing", 7, thing["version"])
        assert is_approved("thing", 7, "b" * 64) is None
        assert is_approved("thing", 8, thing["version"]) is None
        assert thing["decided"] == ["approved"]

    def test_is_void_when_the_work_changed_meanwhile(self, thing, asked, owner):
        request = asked()
        thing["version"] = "b" * 64
        with pytest.raises(Refused, match="changed after"):
            decide(request, "approved", by=owner)

    def test_is_not_given_to_oneself(self, asked, manager):
        with pytest.raises(Refused, match="own request"):
            decide(asked(), "approved", by=manager)
        with pytest.raises(Refused, match="Only an owner"):
            decide(asked(), "approved", by=manager, waiver=True)

    def test_an_owner_may_waive_and_it_is_written_down(self, thing, asked, owner):
        decide(asked(by=owner), "approved", by=owner, waiver=True)
        assert is_approved("thing", 7, thing["version"]).waiver
        assert Change.objects.get(verb="approved").details["waiver"] is True

    def test_is_not_for_everybody(self, asked, user_with):
        with pytest.raises(Forbidden):
            decide(asked(), "approved", by=user_with("analyst"))

    def test_is_given_once(self, asked, owner):
        request = asked()
        decide(request, "approved", by=owner)
        with pytest.raises(Refused, match="decided already"):
            decide(request, "sent_back", by=owner, note="no")
        with pytest.raises(Refused, match="approved already"):
            asked()


class TestSendingBack:
    def test_needs_a_reason(self, asked, owner):
        with pytest.raises(Invalid) as caught:
            decide(asked(), "sent_back", by=owner, note="  ")
        assert caught.value.errors[0].at == "/note"

    def test_closes_the_request_without_approving(self, thing, asked, owner):
        decide(asked(), "sent_back", by=owner, note="The price is wrong")
        assert is_approved("thing", 7, thing["version"]) is None
        assert not ApprovalRequest.objects.filter(closed_at=None).exists()


class TestAskingAgain:
    def test_for_the_same_version_gives_the_same_request(self, asked):
        assert asked() == asked()

    def test_for_a_new_version_closes_the_old_request(self, thing, asked):
        first = asked()
        thing["version"] = "b" * 64
        second = asked()
        first.refresh_from_db()
        assert not first.is_open
        assert second.is_open


class TestWhoMayDecide:
    def test_colleagues_but_not_the_one_who_asked(self, asked, owner, manager, user_with):
        request = asked()
        assert list(waiting_for(owner)) == [request]
        assert list(waiting_for(manager)) == []
        assert list(waiting_for(user_with("content"))) == []
