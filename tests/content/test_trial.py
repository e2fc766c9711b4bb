"""A test of an e-mail reaches a colleague, and nobody and nothing else (CO3)."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from django.core import mail

from muster.channels.sending.models import Recipient
from muster.content.emails import actions
from muster.content.emails.models import Email
from muster.people.profile.models import Person
from muster.plan.campaigns.models import Campaign


@pytest.fixture
def email(owner: Any, workspace: Any, stores: Any) -> Email:
    campaign = Campaign.objects.create(
        name="Tea", starts=date(2026, 11, 1), ends=date(2026, 11, 30), currency="CNY", owner=owner
    )
    content = {
        "subject": "Hi {{ first_name | default: 'friend' }}\r\nBcc: x@evil.example",
        "html": '<p>Tea for {{ first_name | default: "you" }}: <a href="https://tea.example">see</a></p>',
    }
    return actions.make_inline(campaign, content, by=owner)


def test_goes_to_oneself_marked_and_counted_nowhere(email, owner, client_for):
    answer = client_for(owner).post(f"/emails/{email.public_id}/test", {"person": "typical"})
    assert answer.status_code == 204
    assert owner.email in answer.headers["HX-Trigger"]
    (sent,) = mail.outbox
    assert sent.to == [owner.email]
    assert (sent.cc, sent.bcc) == ([], [])
    assert sent.subject.startswith("[Test] Hi Anna")
    assert sent.extra_headers["X-Muster-Test"] == "yes"
    assert "\n" not in sent.message()["Subject"].replace("\n ", "")
    html = sent.alternatives[0][0]
    assert "Tea for Anna" in html
    assert "https://tea.example" in html
    assert "/o/" not in html
    assert not Recipient.objects.exists()


def test_goes_to_nobody_who_does_not_work_here(email, owner, client_for, api):
    Person.objects.create(email="li@example.com")
    page = client_for(owner).post(f"/emails/{email.public_id}/test", {"to": "li@example.com"})
    assert page.status_code == 422
    answer = api("POST", f"/emails/{email.public_id}/test", {"to": "li@example.com"})
    assert (answer.status_code, answer.json()["code"]) == (422, "not_a_colleague")
    assert mail.outbox == []


def test_only_those_who_write_mails_send_one(email, user_with, client_for):
    for role, status in (("analyst", 403), ("store", 403), ("content", 204)):
        answer = client_for(user_with(role)).post(f"/emails/{email.public_id}/test", {})
        assert answer.status_code == status, role


def test_a_person_is_told_to_nobody_who_may_not_see_them(email, owner, user_with, client_for, api):
    person = Person.objects.create(first_name="Xiaoyu", email="xiaoyu@example.com")
    analyst = user_with("analyst")
    address = f"/emails/{email.public_id}/test"
    body = {"to": analyst.email, "person": person.public_id}
    assert client_for(owner).post(address, body).status_code == 204
    assert "Xiaoyu" not in mail.outbox[0].alternatives[0][0]
    assert api("POST", address, body).status_code == 404
    masked = api(
        "GET",
        f"/emails/{email.public_id}/preview?person={person.public_id}",
        scopes=["content:read", "people:read"],
    )
    assert "Xiaoyu" not in masked.content.decode()
    unseen = api(
        "GET",
        f"/emails/{email.public_id}/preview?person={person.public_id}",
        scopes=["content:read"],
    )
    assert unseen.status_code == 404
