"""The pages of sends say what the API says, and show names only to those who may see them."""

from __future__ import annotations

import re
from typing import Any

import pytest

from muster.channels.sending import actions
from muster.channels.sending.models import Recipient, Send
from muster.events.shape import identify
from muster.kit.errors import Refused
from muster.people.models import Person
from muster.people.segments.models import Segment
from muster.plan.campaigns.models import Campaign
from muster.team.changes.actions import undo
from tests.channels.world import World, frozen

HTMX = {"HX-Request": "true"}


@pytest.fixture
def segment(world: World, stores: Any) -> Segment:
    """Four people, one of them without consent."""
    made = [*world.people(3), world.person("silent", consent="")]
    stores.stores.spool.append(
        "muster", [identify({"vip": True}, person_id=person.pk) for person in made]
    )
    stores.settle()
    return Segment.objects.create(
        name="VIP", rule={"trait": "vip", "op": "eq", "value": True}, by=world.owner
    )


@pytest.fixture
def send(world: World, segment: Segment) -> Send:
    return world.send(segment=segment, rule=None)


class TestTheReviewPage:
    def test_shows_who_gets_it_and_who_does_not(self, send, client_for, owner, api):
        page = client_for(owner).get(f"/sends/{send.public_id}/review").text
        seen = api("GET", f"/sends/{send.public_id}/review").json()
        assert (seen["audience"], seen["left"]) == (4, 3)
        assert "Segment “VIP”" in page
        assert "No consent for this channel" in page
        assert "Ask for approval" in page

    def test_warns_of_a_definition_that_is_not_saved(self, send, segment, client_for, owner):
        url = f"/sends/{send.public_id}/review"
        said = "“VIP” has changes that are not saved. This send goes by what is saved."
        assert said not in client_for(owner).get(url).text
        Segment.objects.filter(pk=segment.pk).update(draft={"trait": "vip", "op": "exists"})
        assert said in client_for(owner).get(url).text

    def test_answers_for_one_person(self, send, client_for, owner):
        client = client_for(owner)
        client.defaults["HTTP_HX_REQUEST"] = "true"
        person = Person.objects.get(first_name="silent")
        url = f"/sends/{send.public_id}/review/why"
        assert "Has never agreed" in client.get(url, {"who": person.public_id}).text
        assert "Gets the message." in client.get(url, {"who": "p0@example.com"}).text
        assert "Nobody has this name" in client.get(url, {"who": "nobody"}).text

    def test_lists_the_people_behind_a_line_masked(self, send, client_for, user_with, owner):
        url = f"/sends/{send.public_id}/review/people?reason=no_consent"
        assert "silent@example.com" in client_for(owner).get(url, headers=HTMX).text
        masked = client_for(user_with("operator")).get(url, headers=HTMX).text
        assert "s***@example.com" in masked
        assert "silent@example.com" not in masked

    def test_previews_the_mail_without_rights(self, send, client_for, owner):
        variant = send.variants.get()
        url = f"/sends/{send.public_id}/preview/{variant.public_id}"
        page = client_for(owner).get(url, {"as": "chinese"})
        assert "你好 小雨" in page.text
        assert page.headers["Content-Security-Policy"].startswith("sandbox")

    def test_leads_from_asking_to_sending(self, send, client_for, owner):
        client = client_for(owner)
        base = f"/sends/{send.public_id}"
        assert client.post(f"{base}/ask").status_code == 302
        assert client.post(f"{base}/approve", {"waiver": "on"}).status_code == 302
        assert "Send to 3 people" in client.get(f"{base}/review").text
        started = client.post(f"{base}/start")
        assert started.headers["Location"] == base
        page = client.get(base).text
        assert "nothing has left yet" in page
        assert Recipient.objects.filter(state="queued").count() == 3

    def test_asks_to_type_the_number_of_a_large_send(self, send, client_for, owner, monkeypatch):
        monkeypatch.setattr(actions, "TYPED_ABOVE", 2)
        client = client_for(owner)
        base = f"/sends/{send.public_id}"
        client.post(f"{base}/approve", {"waiver": "on"})
        refused = client.post(f"{base}/start", {"count": "4"})
        assert refused.status_code == 409
        assert Recipient.objects.count() == 0
        assert client.post(f"{base}/start", {"count": "3"}).status_code == 302
        assert Recipient.objects.count() == 4


class TestTheProgressPage:
    def test_adds_up_and_explains(self, world, client_for, owner):
        people = world.people(5)
        send = frozen(world.send(), people, [1, 1, 1, 1, 0])
        rows = list(Recipient.objects.filter(send=send).order_by("pk"))
        for row, (state, reason) in zip(
            rows, [("sent", ""), ("failed", "refused"), ("unknown", "no_answer")], strict=False
        ):
            Recipient.objects.filter(pk=row.pk).update(
                state=state, reason=reason, code=554, answer="5.7.1 no"
            )
        page = client_for(owner).get(f"/sends/{send.public_id}").text
        assert "The states add up to the audience." in page
        assert "They may have arrived" in page
        assert "The mail server refused the message" in page
        assert "Held out" in page

    def test_filters_its_people(self, world, client_for, owner):
        send = frozen(world.send(), world.people(2))
        Recipient.objects.filter(address="p0@example.com").update(state="sent")
        url = f"/sends/{send.public_id}/recipients"
        page = client_for(owner).get(url, {"state": "sent"}, headers=HTMX).text
        assert "p0@example.com" in page
        assert "p1@example.com" not in page


class TestTheListOfSends:
    def test_shows_everything_and_offers_a_new_one(self, send, client_for, owner, user_with):
        page = client_for(owner).get("/sends").text
        assert "First pick" in page
        assert "New send" in page
        assert "New send" not in client_for(user_with("analyst")).get("/sends").text

    def test_is_a_tab_of_the_campaign(self, send, client_for, owner):
        page = client_for(owner).get(f"/c/{send.campaign.public_id}/sends")
        assert page.status_code == 200
        assert "First pick" in page.text

    def test_a_new_one_is_made_from_who_and_what(self, world, segment, client_for, owner):
        client = client_for(owner)
        assert client.get("/sends/new").status_code == 200
        assert client.post("/sends/new", {}).status_code == 422
        made = client.post(
            "/sends/new",
            {
                "campaign": world.campaign.pk, "segment": segment.pk, "email": world.mail.pk,
                "holdout": "10",
            },
        )  # fmt: skip
        send = Send.objects.get()
        assert made.headers["Location"] == f"/sends/{send.public_id}/review"
        assert str(send.holdout) == "0.10000"
        changed = client.post(
            f"/sends/{send.public_id}/edit", {"segment": segment.pk, "email": world.mail.pk}
        )
        assert changed.status_code == 302
        assert Send.objects.get().holdout is None
        told = client.post(f"/sends/{send.public_id}/remove", follow=True).text
        assert not Send.objects.exists()
        client.post(re.search(r'data-undo="([^"]+)"', told)[1])
        again = Send.objects.get()
        assert (again.public_id, again.segment, again.variants.count()) == (
            send.public_id, segment, 1,
        )  # fmt: skip


class TestAPersonsPage:
    def test_shows_their_messages(self, world, client_for, owner):
        person = world.people(1)[0]
        frozen(world.send(), [person])
        page = client_for(owner).get(f"/people/{person.public_id}")
        if page.status_code == 404:
            pytest.skip("no page of a person yet")
        assert "First pick" in page.text


class TestADraftThatWasRemoved:
    def test_comes_back_without_what_was_asked(self, world, owner):
        send = world.send()
        actions.ask_approval(send, by=owner)
        change = actions.remove(Send.objects.get(pk=send.pk), by=owner)
        undo(change, by=owner)
        again = Send.objects.get(pk=send.pk)
        assert (again.status, again.approved) == ("draft", "")

    def test_comes_back_into_no_closed_campaign(self, world, owner):
        send = world.send()
        change = actions.remove(send, by=owner)
        Campaign.objects.update(status="archived")
        with pytest.raises(Refused, match="closed since"):
            undo(change, by=owner)
        assert not Send.objects.exists()
