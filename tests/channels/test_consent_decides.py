"""Topics, expiry and the law decide who gets a send, by the hand of the database (PE3, CH8)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.test import Client

from muster.channels.decide.asking import Terms, fence
from muster.channels.messages import tokens
from muster.channels.sending.checks import checks
from muster.channels.sending.models import Recipient, Send
from muster.channels.sending.review import review
from muster.channels.sending.why import why
from muster.people.consent import keeping
from muster.people.consent.actions import Word, record
from muster.people.consent.models import ConsentEntry, ConsentState, Topic, TopicState
from muster.people.consent.rules import Terms as Law
from muster.people.models import Person
from muster.team.models import Workspace
from tests.channels.world import NOW, World, drawn, frozen, states

YES = ("email", "marketing", "granted")
NO = ("email", "marketing", "withdrawn")


def lost(send: Send, people: list[Person]) -> dict[str, int]:
    found = review(send, NOW, drawn(send, people))
    assert found.audience == found.left + sum(line.lost for line in found.lines)
    return {line.reason: line.lost for line in found.lines if line.lost}


@pytest.fixture
def offers(owner: Any) -> Topic:
    return keeping.add_topic("优惠", by=owner)


class TestATopic:
    def test_leaves_out_who_opted_out_of_it(self, world: World, stores: Any, offers: Topic) -> None:
        gets, left, only, nothing = (world.person(name) for name in ("gets", "left", "only", "no"))
        ConsentState.objects.filter(person__in=[only, nothing]).delete()
        record([Word(left, *NO, topic=offers)], now=NOW, source="preferences")
        record([Word(only, *YES, topic=offers)], now=NOW, source="preferences")
        people = [gets, left, only, nothing]
        assert lost(world.send(topic=offers), people) == {"unsubscribed": 1, "no_consent": 1}
        # A send without a topic goes by the channel as a whole.
        assert lost(world.send(), people) == {"no_consent": 2}
        send = frozen(world.send(topic=offers), people)
        assert states(send) == {
            "gets": "queued",
            "left": "skipped unsubscribed",
            "only": "queued",
            "no": "skipped no_consent",
        }
        assert "优惠" in str(why(send, left).params["topic"])
        assert why(send, left).reason == "left_topic"

    def test_refused_while_a_send_is_under_way_counts_for_the_next_chunk(
        self, world: World, stores: Any, offers: Topic
    ) -> None:
        one, other = world.people(2)
        send = frozen(world.send(topic=offers), [one, other])
        rows = list(Recipient.objects.filter(send=send).order_by("pk").values_list("pk", flat=True))
        record([Word(other, *NO, topic=offers)], now=NOW, source="preferences")
        terms = Terms.of(
            Workspace.here(), channel="email", purpose="marketing", now=NOW, topic=offers.pk
        )
        assert fence(rows, "p.id", terms) == [(one.pk, None), (other.pk, "unsubscribed")]

    def test_binds_the_approval(self, world: World, owner: Any, offers: Topic) -> None:
        from muster.channels.sending.fingerprint import fingerprint

        send = world.send()
        before = fingerprint(send)
        send.topic = offers
        assert fingerprint(send) != before

    def test_is_named_by_the_api(self, world: World, api: Any, offers: Topic) -> None:
        body = {
            "campaign": world.campaign.public_id,
            "rule": {"trait": "last_seen", "op": "exists"},
            "content": {"subject": "广告 Hi", "html": "<p>Hi</p>"},
            "topic": "优惠",
        }
        made = api("POST", "/sends", body)
        assert made.status_code == 201, made.content
        assert made.json()["topic"] == {"id": offers.public_id, "name": "优惠"}
        assert api("POST", "/sends", {**body, "topic": "Golf"}).status_code == 422


class TestExpiry:
    def test_a_lapsed_yes_is_none(self, world: World) -> None:
        people = world.people(3)
        moments = (NOW - timedelta(seconds=1), NOW + timedelta(days=1), None)
        for person, until in zip(people, moments, strict=True):
            ConsentState.objects.filter(person=person).update(expires_at=until)
        assert lost(world.send(), people) == {"no_consent": 1}

    def test_a_no_never_lapses(self, world: World) -> None:
        person = world.person("left", consent="withdrawn")
        ConsentState.objects.update(expires_at=NOW - timedelta(days=1))
        assert lost(world.send(), [person]) == {"unsubscribed": 1}


class TestTheLaw:
    @pytest.fixture
    def abroad(self, world: World) -> list[Person]:
        """Nobody said anything, but one in each country said no."""
        phones = {"cn": "+8613800138000", "de": "+4915112345678", "us": "+14155550100"}
        silent = [world.person(name, consent="", phone=phone) for name, phone in phones.items()]
        said_no = [
            world.person(f"{name}-no", consent="withdrawn", phone=phone)
            for name, phone in phones.items()
        ]
        return silent + said_no

    @pytest.mark.parametrize(
        ("law", "without_consent"),
        [
            (Law("pipl"), 3),
            (Law("gdpr"), 3),
            (Law("can_spam"), 0),
            (Law("pipl", by_country=True), 2),
            (Law("can_spam", by_country=True), 2),
        ],
    )
    def test_says_whether_silence_is_enough(
        self, world: World, owner: Any, abroad: list[Person], law: Law, without_consent: int
    ) -> None:
        keeping.set_terms(law, by=owner)
        expected = {"unsubscribed": 3} | (
            {"no_consent": without_consent} if without_consent else {}
        )
        assert lost(world.send(), abroad) == expected

    def test_who_was_asked_and_did_not_answer_is_not_silent(self, world: World, owner: Any) -> None:
        keeping.set_terms(Law("can_spam"), by=owner)
        assert lost(world.send(), [world.person("asked", consent="pending")]) == {"no_consent": 1}

    def test_service_messages_need_no_consent(self, world: World, owner: Any) -> None:
        person = world.person("buyer", consent="")
        assert lost(world.send(purpose="service"), [person]) == {}
        assert lost(world.send(purpose="marketing"), [person]) == {"no_consent": 1}

    def test_says_what_an_advertisement_carries(
        self, world: World, owner: Any, workspace: Any
    ) -> None:
        def texts() -> str:
            return " ".join(one.text for one in checks(world.send()))

        assert "“广告” or “AD”" in texts()
        assert "postal address, which an" not in texts()
        keeping.set_terms(Law("can_spam"), by=owner)
        assert "“广告” or “AD”" not in texts()
        (blocking,) = [
            one for one in checks(world.send()) if "postal address, which an" in one.text
        ]
        assert blocking.blocks
        assert "7704" in str(blocking.params["source"])
        Workspace.objects.update(postal_address="1 Tea Road")
        assert "postal address, which an" not in texts()


class TestThePageOfPreferences:
    @pytest.fixture
    def door(self, world: World, stores: Any, offers: Topic, owner: Any) -> str:
        keeping.add_topic("新品", by=owner)
        frozen(world.send(topic=offers), world.people(1))
        Recipient.objects.update(state="sent", sent_at=NOW)
        number = Recipient.objects.get().pk
        token = tokens.sign(stores.stores.signer, tokens.UNSUBSCRIBE, number)
        return f"/u/{token}"

    def test_lets_a_person_choose_topic_by_topic(
        self, door: str, world: World, stores: Any, offers: Topic
    ) -> None:
        reader = Client(headers={"Accept-Language": "en"})
        page = reader.get(f"{door}?lang=en").content.decode()
        assert page.count('name="topic"') == 2
        assert page.count("checked") == 2
        new = Topic.objects.get(name="新品")
        done = reader.post(f"{door}?lang=en", {"act": "topics", "topic": [new.public_id]})
        assert "It holds from now on" in done.content.decode()
        assert [(s.topic.name, s.state) for s in TopicState.objects.all()] == [
            ("优惠", "withdrawn")
        ]
        (entry,) = ConsentEntry.objects.filter(topic=offers)
        assert (entry.source, entry.proof["how"]) == ("preferences", "page")
        person = Person.objects.get()
        assert lost(world.send(topic=offers), [person]) == {"unsubscribed": 1}
        assert lost(world.send(topic=new), [person]) == {}
        assert ConsentState.objects.get().state == "granted"
        # Saving the same again writes nothing down.
        reader.post(door, {"act": "topics", "topic": [new.public_id]})
        assert ConsentEntry.objects.filter(topic__isnull=False).count() == 1
        reader.post(door, {"act": "topics", "topic": [new.public_id, offers.public_id]})
        assert lost(world.send(topic=offers), [person]) == {}

    def test_says_what_still_comes_where_no_topic_is_chosen(
        self, door: str, world: World, stores: Any, offers: Topic
    ) -> None:
        reader = Client(headers={"Accept-Language": "en"})
        assert "gets offers and news" in reader.get(f"{door}?lang=en").content.decode()
        page = reader.post(f"{door}?lang=en", {"act": "topics"}).content.decode()
        assert "has chosen no topic" in page
        assert "gets offers and news" not in page
        person = Person.objects.get()
        for topic in Topic.objects.all():
            assert lost(world.send(topic=topic), [person]) == {"unsubscribed": 1}
        assert lost(world.send(), [person]) == {}

    def test_leaving_everything_is_still_one_click(
        self, door: str, world: World, stores: Any
    ) -> None:
        Client().post(door, {"List-Unsubscribe": "One-Click"})
        assert ConsentState.objects.get().state == "withdrawn"
        assert ConsentEntry.objects.filter(at__gte=datetime(2026, 1, 1, tzinfo=UTC)).exists()
