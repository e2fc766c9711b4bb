"""Double opt-in: only a click of one's own counts; and the archive of everything about somebody."""

from __future__ import annotations

import io
import json
import re
import zipfile
from email.message import EmailMessage
from typing import Any

import pytest
from django.test import Client

from muster.connect.smtp import Outcome, Verdict
from muster.people.consent.models import ConsentEntry, ConsentState, ConsentText
from muster.people.profile.models import Person

PHONE = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like "
    "Gecko) Version/17.5 Mobile/15E148 Safari/604.1"
)


@pytest.fixture
def mailed(monkeypatch: pytest.MonkeyPatch) -> list[EmailMessage]:
    """The mails that were handed over."""
    sent: list[EmailMessage] = []

    def take(mail: EmailMessage) -> Outcome:
        sent.append(mail)
        return Outcome(Verdict.ACCEPTED, "body")

    monkeypatch.setattr("muster.people.consent.confirming.hand_over", take)
    return sent


@pytest.fixture
def li_na(stores: Any, api: Any) -> Person:
    said = {"external_id": "c1", "email": "li.na@example.com", "traits": {"city": "Xi'an"}}
    assert api("POST", "/people", said).status_code == 201
    return Person.objects.get()


def link(mail: EmailMessage) -> str:
    found = re.search(r"/confirm/[\w-]+", mail.get_content())
    assert found
    return found[0]


def state() -> str:
    return ConsentState.objects.get(channel="email", purpose="marketing").state


class TestDoubleOptIn:
    def test_counts_only_once_confirmed(
        self, li_na: Person, mailed: list[EmailMessage], owner: Any, client_for: Any, stores: Any
    ) -> None:
        team = client_for(owner)
        assert team.post(f"/people/{li_na.public_id}/ask").status_code == 200
        assert state() == "pending"
        assert mailed[0]["To"] == "li.na@example.com"
        anybody = Client(headers={"Accept-Language": "en"})
        for _time in range(2):  # a scanner of the mail server looks first
            page = anybody.get(link(mailed[0]))
            assert "l***@example.com" in page.content.decode()
        anybody.head(link(mailed[0]))
        assert state() == "pending"
        for _time in range(2):
            assert "Thank you" in anybody.post(link(mailed[0])).content.decode()
        stores.settle()
        assert state() == "granted"
        granted = ConsentEntry.objects.get(state="granted")
        asked = ConsentEntry.objects.get(state="pending")
        assert (granted.source, granted.proof["how"]) == ("double_opt_in", "double_opt_in")
        assert granted.text_version == asked.text_version != ""

    def test_asks_and_proves_in_the_language_of_the_reader(
        self, li_na: Person, mailed: list[EmailMessage], owner: Any, client_for: Any
    ) -> None:
        Person.objects.update(language="zh-hans")
        team = client_for(owner)
        team.post(f"/people/{li_na.public_id}/ask")
        page = team.get(f"/people/{li_na.public_id}").content.decode()
        assert "E-mail: not confirmed yet" in page
        assert "E-mail: not asked" not in page
        assert "优惠与资讯" in mailed[0].get_content()
        assert "Offers and news" not in mailed[0].get_content()
        assert "Offers" not in ConsentText.objects.get().words
        anybody = Client(headers={"Accept-Language": "zh-hans", "User-Agent": PHONE})
        assert "优惠与资讯" in anybody.get(link(mailed[0])).content.decode()
        anybody.post(link(mailed[0]))
        page = team.get(f"/people/{li_na.public_id}").content.decode()
        for said in ("Confirmed from the mailbox", "asked ", "with Safari · iPhone"):
            assert said in page
        assert "Confirmation by e-mail · " in page
        for raw in ("double_opt_in", "double opt-in", "Mozilla/5.0", "+00:00 ·"):
            assert raw not in page

    def test_an_old_link_gives_nothing_back(
        self, li_na: Person, mailed: list[EmailMessage], owner: Any, client_for: Any, api: Any
    ) -> None:
        client_for(owner).post(f"/people/{li_na.public_id}/ask")
        word = {"channel": "email", "purpose": "marketing", "state": "withdrawn"}
        api("PUT", f"/people/{li_na.public_id}/consents", word)
        assert Client().post(link(mailed[0])).status_code == 404
        assert state() == "withdrawn"

    def test_a_forged_link_leads_nowhere(self, li_na: Person) -> None:
        assert Client().post("/confirm/AAAAAAAAAAAAAAAAAAAAAAAx").status_code == 404

    def test_nobody_is_asked_twice_in_a_day_or_against_their_will(
        self, li_na: Person, mailed: list[EmailMessage], owner: Any, client_for: Any
    ) -> None:
        team = client_for(owner)
        team.post(f"/people/{li_na.public_id}/ask")
        assert team.post(f"/people/{li_na.public_id}/ask").status_code == 409
        team.post("/consent/suppress", {"address": "li.na@example.com"})
        ConsentState.objects.all().delete()
        assert team.post(f"/people/{li_na.public_id}/ask").status_code == 409
        assert len(mailed) == 1


class TestTheArchive:
    def test_holds_everything_also_of_who_was_merged(
        self, li_na: Person, api: Any, owner: Any, client_for: Any
    ) -> None:
        twin = api("POST", "/people", {"external_id": "c2", "phone": "13800138000"}).json()["id"]
        word = {"channel": "sms", "state": "granted", "proof": {"form": "shop"}}
        api("PUT", f"/people/{twin}/consents", word)
        api("POST", f"/people/{li_na.public_id}/merge", {"other": twin})
        answer = client_for(owner).post(f"/people/{li_na.public_id}/access")
        with zipfile.ZipFile(io.BytesIO(answer.content)) as archive:
            told = {
                name.rpartition("/")[2]: json.loads(archive.read(name))
                for name in archive.namelist()
            }
        assert {r["external_id"] for r in told["person.json"]["records"]} == {"c1", "c2"}
        assert told["person.json"]["traits"]["city"] == "Xi'an"
        assert told["consents.json"][0]["proof"] == {"form": "shop"}
        assert {"Profile Updated", "Consent Given"} <= {e["name"] for e in told["events.json"]}
        assert told["messages.json"] == []

    def test_is_given_to_few(self, li_na: Person, user_with: Any, client_for: Any) -> None:
        client = client_for(user_with("operator"))
        assert client.post(f"/people/{li_na.public_id}/access").status_code == 403
