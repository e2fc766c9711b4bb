"""Personas: words, the numbers behind them, and who may touch them."""

from __future__ import annotations

import json

import pytest

from muster.kit.errors import Invalid, Refused
from muster.people.models import Persona, Segment
from muster.people.personas import actions
from muster.people.segments import actions as segments

pytestmark = pytest.mark.django_db


@pytest.fixture
def shop(stores, workspace):
    """Twelve members, nine of them of Shanghai; all may get mail."""
    events = []
    for n in range(12):
        city = "Shanghai" if n < 9 else "Hangzhou"
        events.append(
            {
                "type": "identify", "messageId": f"i{n}", "userId": f"m{n}",
                "traits": {"email": f"m{n}@tea.cn", "city": city, "level": "gold"},
                "timestamp": "2026-10-01T00:00:00Z",
            }
        )  # fmt: skip
        if n % 2 == 0:
            events.append(
                {
                    "type": "track", "event": "Consent Given", "messageId": f"c{n}",
                    "userId": f"m{n}", "timestamp": "2026-10-02T00:00:00Z",
                    "properties": {"channel": "email", "purpose": "marketing", "text": "x"},
                }
            )  # fmt: skip
    stores.stores.spool.append("muster", [json.dumps(event).encode() for event in events])
    stores.settle()


@pytest.fixture
def gold(owner, shop):
    return segments.create(
        "Gold members", {"trait": "level", "op": "eq", "value": "gold"}, by=owner
    )


class TestAPersona:
    def test_is_kept_true_by_its_segment(self, owner, gold):
        persona = actions.describe({"name": "Ms. Lin", "segment": gold}, by=owner)
        actions.refresh(persona)
        persona.refresh_from_db()
        assert persona.numbers["count"] == 12
        assert persona.numbers["reachable"]["email"] == 6
        assert persona.numbers["cities"] == [["Shanghai", 9, 0.75]]
        assert persona.counted_at is not None
        gold.refresh_from_db()
        assert gold.last_count == 12

    def test_is_drawn_from_what_is_typical_of_a_segment(self, owner, gold):
        persona = actions.from_segment(gold, by=owner)
        assert persona.name == "Gold members"
        assert "city: Shanghai (75 %)" in persona.who
        assert persona.numbers["count"] == 12

    def test_forgets_the_numbers_of_another_segment(self, owner, gold):
        persona = actions.from_segment(gold, by=owner)
        actions.change(persona, {"segment": None}, by=owner)
        persona.refresh_from_db()
        assert (persona.numbers, persona.counted_at) == ({}, None)
        with pytest.raises(Refused, match="No segment"):
            actions.refresh(persona)

    def test_of_nobody_is_not_drawn(self, owner, shop):
        empty = segments.create("None", {"trait": "level", "op": "eq", "value": "paper"}, by=owner)
        with pytest.raises(Refused, match="Nobody is in"):
            actions.from_segment(empty, by=owner)

    def test_needs_a_name_and_says_everything_that_is_wrong(self, owner):
        with pytest.raises(Invalid) as refused:
            actions.describe({"name": " ", "who": "x" * 1001, "age": 3}, by=owner)
        assert [one.at for one in refused.value.errors] == ["/age", "/name", "/who"]

    def test_is_not_overwritten_unseen(self, owner):
        persona = actions.describe({"name": "Ms. Lin"}, by=owner)
        actions.change(persona, {"who": "a mother"}, by=owner, version=1)
        with pytest.raises(actions.ChangedMeanwhile):
            actions.change(persona, {"who": "a student"}, by=owner, version=1)


class TestThePages:
    def test_show_cards_and_one_persona(self, client_for, owner, gold):
        persona = actions.from_segment(gold, by=owner)
        client = client_for(owner)
        assert "Gold members" in client.get("/personas").content.decode()
        text = client.get(f"/personas/{persona.public_id}").content.decode()
        assert "Shanghai" in text
        assert "No campaign is for this persona yet" in text

    def test_save_while_one_types(self, client_for, owner):
        persona = actions.describe({"name": "Ms. Lin"}, by=owner)
        body = {"name": "Ms. Lin", "pains": "no time", "channels": "email，社媒"}
        answer = client_for(owner).post(f"/personas/{persona.public_id}/write", body)
        assert answer.status_code == 200
        persona.refresh_from_db()
        assert (persona.pains, persona.channels) == ("no time", ["email", "社媒"])

    def test_are_read_only_for_those_who_do_not_plan(self, client_for, owner, user_with):
        persona = actions.describe({"name": "Ms. Lin"}, by=owner)
        client = client_for(user_with("content"))
        assert client.get(f"/personas/{persona.public_id}").status_code == 200
        answer = client.post(f"/personas/{persona.public_id}/write", {"name": "x"})
        assert answer.status_code == 403
        assert client_for(user_with("store")).get("/personas").status_code == 403


class TestTheApi:
    def test_describes_changes_and_takes_away(self, api, owner, gold):
        body = {"name": "Ms. Lin", "segment": gold.public_id, "channels": ["email"]}
        made = api("POST", "/personas", body)
        assert made.status_code == 201, made.content
        path = f"/personas/{made.json()['id']}"
        assert api("POST", f"{path}/refresh").json()["numbers"]["count"] == 12
        changed = api("PATCH", path, {"pains": "no time", "version": 1}).json()
        assert (changed["pains"], changed["channels"], changed["version"]) == (
            "no time", ["email"], 2,
        )  # fmt: skip
        assert api("PATCH", path, {"who": "x", "version": 1}).status_code == 409
        assert api("DELETE", path).status_code == 204
        assert api("GET", path).status_code == 404
        assert Persona.objects.get().deleted_at is not None

    def test_needs_the_scope(self, api):
        assert api("POST", "/personas", {"name": "x"}, scopes=["campaigns:read"]).status_code == 403

    def test_hides_segments_from_those_who_may_not_see_them(self, api, user_with, gold):
        writer = user_with("content")
        answer = api("GET", f"/segments/{gold.public_id}", user=writer)
        assert answer.status_code == 403
        assert Segment.objects.visible_to(writer).count() == 0
