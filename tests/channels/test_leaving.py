"""What people in the market see and do behind the links of a message (PE3, CH9, CO3)."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from itertools import count
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from muster.channels.decide.asking import Terms, fence
from muster.channels.links.doors import Links
from muster.channels.messages import tokens
from muster.channels.sending.models import Recipient
from muster.channels.sending.why import why
from muster.people.consent.models import ConsentText
from muster.people.consent.reaching import reachable
from muster.people.identity.erasing import erase
from muster.people.identity.records import PeopleRecords
from muster.people.models import ConsentEntry, ConsentState, Person
from muster.team.models import Workspace
from muster.warehouse.loader import Loader
from muster.warehouse.store import Warehouse
from tests.channels.world import NOW, World, frozen, states


@pytest.fixture
def recipient(world: World) -> Recipient:
    send = frozen(world.send(), world.people(1))
    Recipient.objects.update(state="sent", sent_at=NOW, attempt=1)
    return Recipient.objects.get(send=send)


def link(stores: Any, purpose: str, recipient: Recipient, number: int | None = None) -> str:
    return tokens.sign(stores.stores.signer, purpose, recipient.pk, number)


def state() -> str:
    return ConsentState.objects.get().state


def told(stores: Any, name: str) -> list[dict[str, Any]]:
    return [event for event in told_calls(stores) if event.get("event") == name]


class TestUnsubscribing:
    def test_looking_changes_nothing(self, recipient, stores):
        url = f"/u/{link(stores, tokens.UNSUBSCRIBE, recipient)}"
        page = Client(headers={"Accept-Language": "en"}).get(url)
        assert page.status_code == 200
        assert Client().head(url).status_code == 200
        assert "Unsubscribe now" in page.text
        assert "p***@example.com" in page.text
        assert "p0@example.com" not in page.text
        assert state() == "granted"

    def test_one_click_of_the_mail_program_is_enough(self, recipient, stores):
        client = Client(enforce_csrf_checks=True)
        url = f"/u/{link(stores, tokens.UNSUBSCRIBE, recipient)}"
        for _twice in range(2):
            answer = client.post(url, {"List-Unsubscribe": "One-Click"})
            assert (answer.status_code, answer.content) == (200, b"")
        assert state() == "withdrawn"
        event = told(stores, "Unsubscribed")
        assert len(event) == 1
        assert event[0]["properties"]["how"] == "one_click"
        assert event[0]["context"]["campaign"]["message_id"] == recipient.key

    def test_a_person_can_leave_say_why_and_come_back(self, recipient, stores):
        client = Client(headers={"Accept-Language": "en"})
        url = f"/u/{link(stores, tokens.UNSUBSCRIBE, recipient)}"
        assert "You are unsubscribed" in client.post(url, {"act": "unsubscribe"}).text
        assert state() == "withdrawn"
        thanks = client.post(url, {"act": "reason", "reason": "too_many", "words": "really"})
        assert "Thank you" in thanks.text
        assert told(stores, "Unsubscribe Reason Given")[0]["properties"] == {
            "reason": "too_many really"
        }
        assert "Unsubscribe now" in client.post(url, {"act": "come_back"}).text
        assert state() == "granted"

    @pytest.mark.parametrize(
        ("language", "words"), [("zh-hans", "退订"), ("zh-hant", "取消訂閱"), ("en", "Unsubscribe")]
    )
    def test_speaks_three_languages(self, recipient, stores, language, words):
        url = f"/u/{link(stores, tokens.UNSUBSCRIBE, recipient)}?lang={language}"
        assert words in Client().get(url).text

    def test_a_broken_link_says_so_in_one_sentence(self, workspace, stores):
        page = Client(headers={"Accept-Language": "en"}).get("/u/abc")
        assert page.status_code == 404
        assert "This link is not complete" in page.text

    def test_somebody_erased_sees_no_address(self, recipient, stores):
        from muster.people.models import Person

        Person.objects.update(erased_at=NOW, email="", first_name="")
        page = Client().get(f"/u/{link(stores, tokens.UNSUBSCRIBE, recipient)}")
        assert page.status_code == 200
        assert "@" not in page.text.split("<main")[1].split("</main")[0]


class TestErasing:
    def test_leaves_a_number_in_the_sends_and_the_counts_as_they_are(self, world, stores):
        gone, stays = people = world.people(2)
        frozen(world.send(), people)
        Recipient.objects.update(
            state="failed", answer="550 <p0@example.com> who?", traits={"city": "苏州"}
        )
        erase([gone.pk], now=NOW)
        rows = Recipient.objects.order_by("pk").values_list(
            "person_id", "state", "address", "traits", "answer"
        )
        assert rows[0] == (gone.pk, "failed", "", None, "")
        assert rows[1][:4] == (stays.pk, "failed", "p1@example.com", {"city": "苏州"})

    def test_somebody_whose_turn_comes_later_gets_nothing(self, world, stores):
        gone, stays = people = world.people(2)
        send = frozen(world.send(), people)
        erase([gone.pk], now=NOW)
        rows = list(Recipient.objects.filter(send=send).order_by("pk").values_list("pk", flat=True))
        terms = Terms.of(Workspace.here(), channel="email", purpose="marketing", now=NOW)
        assert fence(rows, "p.id", terms) == [(gone.pk, "erased"), (stays.pk, None)]


class TestTheMessageInTheBrowser:
    def test_shows_what_was_sent_in_a_frame_without_rights(self, recipient, stores):
        page = Client().get(f"/v/{link(stores, tokens.VIEW, recipient)}")
        assert page.status_code == 200
        assert "你好 p0" in page.text
        assert page.headers["Content-Security-Policy"].startswith("sandbox")
        assert "/o/" not in page.text

    def test_wants_a_token_of_its_own(self, recipient, stores):
        token = link(stores, tokens.UNSUBSCRIBE, recipient)
        assert Client().get(f"/v/{token}").status_code == 404


class TestTheDoorsOfTheCollector:
    def test_know_what_a_token_stands_for(self, recipient, stores):
        links = Links(stores.stores.signer)
        opened = links.open_(link(stores, tokens.OPEN, recipient))
        assert opened is not None
        assert opened.person_id == recipient.person_id
        assert opened.sent_at == NOW
        assert opened.campaign["message_id"] == recipient.key
        assert opened.campaign["variant"] == "A"
        clicked = links.click(link(stores, tokens.CLICK, recipient, 0))
        assert clicked is not None
        assert clicked.target.startswith("https://tea.example/pick?utm_source=muster")
        assert clicked.campaign == opened.campaign

    def test_know_nothing_of_forged_ones(self, recipient, stores):
        links = Links(stores.stores.signer)
        assert links.open_("abc") is None
        assert links.click(link(stores, tokens.OPEN, recipient)) is None
        assert links.click(link(stores, tokens.CLICK, recipient, 9)) is None

    def test_ask_the_records_once(self, recipient, stores, django_assert_num_queries):
        links = Links(stores.stores.signer)
        token = link(stores, tokens.CLICK, recipient, 0)
        links.click(token)
        with django_assert_num_queries(0):
            assert links.click(token) is not None


class TestFewerMessages:
    """A pause, a limit of one's own, and the language: one click each, and it holds at once."""

    @pytest.fixture
    def visit(self, recipient: Recipient, stores: Any) -> Any:
        client = Client(headers={"Accept-Language": "en"})
        url = f"/u/{link(stores, tokens.UNSUBSCRIBE, recipient)}"
        return lambda **form: (client.post(url, form) if form else client.get(url)).text

    def next_send(self, world: World, recipient: Recipient, **more: Any) -> str:
        person = Person.objects.get(pk=recipient.person_id)
        return states(frozen(world.send(**more), [person]))["p0"]

    def at_the_fence(self, world: World, recipient: Recipient, now: datetime) -> str | None:
        """What is said of somebody who stands in a list that was frozen before."""
        terms = Terms.of(Workspace.here(), channel="email", purpose="marketing", now=now)
        ((_pk, reason),) = fence([recipient.pk], "r.id", terms)
        return reason

    @pytest.fixture(autouse=True)
    def clock(self, monkeypatch: pytest.MonkeyPatch) -> None:
        seconds = count()
        monkeypatch.setattr(timezone, "now", lambda: NOW + timedelta(seconds=next(seconds)))

    @pytest.mark.parametrize("days", [30, 60, 90])
    def test_a_pause_holds_until_it_ends_by_itself(self, days, visit, world, recipient):
        Recipient.objects.update(sent_at=NOW - timedelta(days=10))
        assert "You have a pause" in visit(act="pause", days=str(days))
        end = ConsentEntry.objects.get(purpose="pause").expires_at
        assert NOW + timedelta(days=days) < end < NOW + timedelta(days=days, minutes=1)
        assert self.at_the_fence(world, recipient, NOW) == "paused"
        assert self.at_the_fence(world, recipient, end - timedelta(seconds=1)) == "paused"
        assert self.at_the_fence(world, recipient, end + timedelta(seconds=1)) is None
        assert self.next_send(world, recipient) == "skipped paused"
        assert self.next_send(world, recipient, purpose="service") == "queued"
        person = Person.objects.get(pk=recipient.person_id)
        assert reachable([person]) == {person.pk: ()}
        assert ConsentState.objects.granted().get().purpose == "marketing"

    def test_it_is_proven_with_the_words_that_were_shown(self, visit, recipient):
        visit(act="pause", days="30")
        entry = ConsentEntry.objects.get(purpose="pause")
        assert entry.source == "preferences"
        assert entry.expires_at - entry.at == timedelta(days=30)
        assert entry.proof["message"] == recipient.key
        words = ConsentText.objects.get(code=entry.text_version).words
        assert "No offers or news by e-mail for as long" in words

    def test_it_can_be_ended_and_ends_with_coming_back(self, visit, world, recipient):
        visit(act="pause", days="90")
        assert "The pause is over" in visit(act="pause", days="0")
        assert self.at_the_fence(world, recipient, NOW) is None
        visit(act="pause", days="90")
        visit(act="unsubscribe")
        visit(act="come_back")
        assert self.at_the_fence(world, recipient, NOW) is None

    def test_other_numbers_are_refused_and_looking_changes_nothing(self, visit, recipient, stores):
        client = Client()
        url = f"/u/{link(stores, tokens.UNSUBSCRIBE, recipient)}"
        long = ["9" * 5000, "0" * 5000, "３０"]
        wrong = {
            "pause": ("days", ["31", "-1", "", "x", *long]),
            "limit": ("most", ["9", "x", *long]),
        }
        for act, (name, values) in wrong.items():
            for value in values:
                assert client.post(url, {"act": act, name: value}).status_code == 422
        assert client.post(url, {"act": "language", "language": "xx"}).status_code == 422
        unknown = {"act": "topics", "topic": ["9" * 5000, "top_" + "9" * 5000]}
        assert client.post(url, unknown).status_code == 200, "there are no topics to choose"
        client.get(url + "?act=pause&days=30")
        assert ConsentEntry.objects.count() == 1
        assert Person.objects.get(pk=recipient.person_id).language == ""

    def test_a_limit_counts_where_it_is_lower_than_ours(self, visit, world, recipient):
        Workspace.objects.update(messages_per_week=3, quiet_from=None, quiet_until=None)
        person = Person.objects.get(pk=recipient.person_id)
        assert self.next_send(world, recipient) == "queued"
        html = visit(act="limit", most="1")
        assert 'aria-pressed="true"' in html
        assert 'name="most" value="3"' not in html, "three a week come anyway"
        assert self.next_send(world, recipient) == "skipped capped"
        assert self.next_send(world, recipient, purpose="service") == "queued"
        assert why(world.send(), person).reason in ("capped", "outside")
        visit(act="limit", most="2")
        assert self.next_send(world, recipient) == "queued"
        visit(act="limit", most="1")
        visit(act="limit", most="0")
        assert self.next_send(world, recipient) == "queued"
        said = ConsentEntry.objects.filter(purpose="frequency").order_by("pk")
        assert [entry.proof.get("at_most") for entry in said] == [1, 2, 1, None]

    def test_where_we_send_without_limit_theirs_holds(self, visit, world, recipient):
        Workspace.objects.update(messages_per_week=0, quiet_from=None, quiet_until=None)
        assert self.next_send(world, recipient) == "queued"
        visit(act="limit", most="1")
        assert self.next_send(world, recipient) == "skipped capped"

    def test_the_language_is_the_persons_from_now_on(self, visit, recipient, stores):
        assert "你的消息使用的语言" in visit(act="language", language="zh-hans")
        assert Person.objects.get(pk=recipient.person_id).language == "zh-hans"
        (said,) = [e for e in told_calls(stores) if e["type"] == "identify"]
        assert said["traits"] == {"language": "zh-hans"}
        assert "你的消息使用的语言" in visit()

    def test_the_wishes_come_back_from_the_log(self, visit, world, recipient, stores):
        visit(act="pause", days="60")
        visit(act="limit", most="1")
        kept = list(ConsentEntry.objects.exclude(purpose="marketing").order_by("pk").values(
            "purpose", "state", "proof", "expires_at", "text_version"))  # fmt: skip
        ConsentEntry.objects.exclude(purpose="marketing").delete()
        again = Warehouse(None, b"k" * 32)
        Loader(again, stores.stores.spool.folder, PeopleRecords(rebuilding=True)).run_once()
        again.close()
        assert list(ConsentEntry.objects.exclude(purpose="marketing").order_by("pk").values(
            "purpose", "state", "proof", "expires_at", "text_version")) == kept  # fmt: skip
        assert self.at_the_fence(world, recipient, NOW) == "paused"


def told_calls(stores: Any) -> list[dict[str, Any]]:
    return [
        json.loads(line)["e"]
        for path in sorted(stores.stores.spool.folder.glob("*.ndjson"))
        for line in path.read_bytes().splitlines()
    ]
