"""Asking for a right that one lacks: who hears of it, how often, and what giving it needs."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from muster.kit.errors import Refused
from muster.team.changes.actions import undo
from muster.team.changes.models import Change
from muster.team.members.access import ask_for, asked, roles_with, wanted
from muster.team.members.actions import set_role
from muster.team.members.giving import save_role
from muster.team.models import Notice
from muster.team.users.models import OwnRole

pytestmark = pytest.mark.django_db


@pytest.fixture
def seller(user_with):
    return user_with("sales", "Chen Chen")


def told(user):
    rows = Notice.objects.filter(to=user, event="access_asked", closed_at=None)
    return [str(notice.text % notice.params) for notice in rows]


class TestAsking:
    def test_tells_those_who_can_give_the_right_and_nobody_else(self, seller, owner, user_with):
        admin, manager = user_with("admin"), user_with("manager")
        change = ask_for("content.edit", by=seller)
        # Which right it is, the member's page says in its reader's language.
        said = ["Chen Chen lacks a right and asks you for it."]
        assert (told(owner), told(admin), told(manager)) == (said, said, [])
        assert Notice.objects.first().url == f"/settings/members/{seller.public_id}"
        assert (change.verb, change.by, change.details["permission"]) == (
            "access_asked", seller, "content.edit",
        )  # fmt: skip
        assert change.details["to"] == [owner.public_id, admin.public_id]

    def test_is_done_once_a_day_for_each_right(self, seller, owner):
        ask_for("content.edit", by=seller)
        with pytest.raises(Refused, match="today already"):
            ask_for("content.edit", by=seller)
        ask_for("budget.see", by=seller)
        assert told(owner) == ["Chen Chen lacks a right and asks you for it."]
        Change.objects.update(at=timezone.now() - timedelta(hours=25))
        assert asked(seller, "content.edit") is None
        ask_for("content.edit", by=seller)

    def test_for_what_one_has_or_what_is_none_is_refused(self, seller, owner, client_for):
        with pytest.raises(Refused, match="already"):
            ask_for("leads.work", by=seller)
        assert client_for(seller).post("/access/nothing.do").status_code == 404

    def test_can_be_taken_back(self, seller, owner):
        change = ask_for("content.edit", by=seller)
        second = ask_for("budget.see", by=seller)
        undo(second, by=seller)
        assert len(told(owner)) == 1
        undo(change, by=seller)
        assert told(owner) == []
        assert asked(seller, "content.edit") is None

    def test_again_and_again_in_between_is_not(self, seller, owner):
        for _turn in range(3):
            undo(ask_for("content.edit", by=seller), by=seller)
        with pytest.raises(Refused, match="today already"):
            ask_for("content.edit", by=seller)
        assert told(owner) == []

    def test_is_not_offered_when_it_would_be_refused(self, seller, owner, client_for):
        client = client_for(seller)
        assert "<button" in client.get("/access/content.edit").content.decode()
        for _turn in range(3):
            undo(ask_for("content.edit", by=seller), by=seller)
        page = client.get("/access/content.edit").content.decode()
        assert "<button" not in page
        assert f"You asked often enough today. {owner.name} can give it to you." in page


class TestGiving:
    def test_ends_the_news(self, seller, owner):
        ask_for("content.edit", by=seller)
        assert wanted(seller) == ["content.edit"]
        set_role(seller, "executive", by=owner)
        assert told(owner)
        set_role(seller, "content", by=owner)
        assert told(owner) == []
        seller.refresh_from_db()
        assert wanted(seller) == []

    def test_by_what_their_role_may_do_now_ends_it_too(self, seller, owner):
        role = OwnRole.objects.create(name="Desk", base="sales", permissions=["leads.work"])
        set_role(seller, role.public_id, by=owner)
        seller.refresh_from_db()
        ask_for("content.edit", by=seller)
        save_role(role, "Desk", "sales", ["leads.work", "budget.see"], by=owner)
        assert told(owner)
        save_role(role, "Desk", "sales", ["leads.work", "content.edit"], by=owner)
        assert told(owner) == []

    def test_is_helped_by_the_roles_that_have_all_of_it(self, workspace):
        found = roles_with(["content.edit", "sends.start"])
        assert found == ["Channel operator", "Campaign manager", "Owner", "Admin"]
        assert roles_with(["team.manage"]) == ["Owner", "Admin"]

    def test_finds_what_is_needed_on_the_page_of_the_member(self, seller, owner, client_for):
        ask_for("sends.start", by=seller)
        page = client_for(owner).get(f"/settings/members/{seller.public_id}").content.decode()
        assert "Chen Chen asks for:" in page
        assert "Start sends that are approved" in page
        # An operator may not work on leads, which a seller may.
        assert "smallest first: Campaign manager · Owner · Admin" in page


class TestTheDoors:
    def test_a_refused_page_offers_to_ask(self, seller, owner, client_for):
        client = client_for(seller)
        page = client.get("/settings/members")
        assert page.status_code == 403
        assert 'hx-get="/access/team.manage"' in page.content.decode()
        assert "Ask for this right" in client.get("/access/team.manage").content.decode()
        answer = client.post("/access/team.manage")
        assert "Asked: Wang Min can give it to you." in answer.content.decode()
        assert '"undo"' in answer.headers["HX-Trigger"]
        assert "Asked: Wang Min" in client.get("/access/team.manage").content.decode()
        assert client.post("/access/team.manage").status_code == 409

    def test_a_refusal_of_another_kind_does_not(self, seller, client_for):
        assert 'hx-get="/access/' not in client_for(seller).get("/c/cmp_00000000").content.decode()

    def test_the_api_does_the_same(self, seller, owner, api):
        made = api("POST", "/users/me/access", {"permission": "content.edit"}, user=seller)
        assert made.status_code == 201, made.content
        assert made.json()["to"] == [owner.public_id]
        assert api("GET", "/users/me/access", user=seller).json() == {"items": ["content.edit"]}
        again = api("POST", "/users/me/access", {"permission": "content.edit"}, user=seller)
        assert (again.status_code, again.json()["code"]) == (409, "already_asked")
