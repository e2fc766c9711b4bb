"""A send through the API, from the draft to the last person; the counts always add up (CH1)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from muster.channels.sending import actions
from muster.channels.sending.models import Recipient, Send
from muster.channels.sending.sender import finish
from muster.content.emails.models import Email
from muster.events.shape import identify
from muster.people.models import Person
from muster.plan.approvals.models import ApprovalRequest, Decision
from muster.plan.campaigns.models import Campaign
from muster.plan.readiness.checks import readiness
from tests.channels.world import World

CONTENT = {"subject": "Hi", "html": "<p>Hello</p>"}
GROUP_RULE = {"trait": "group", "op": "eq", "value": "one"}


@pytest.fixture
def people(world: World, stores: Any) -> list[Person]:
    """Ten people whom the warehouse knows: five in group one, five in group two."""
    made = world.people(10)
    stores.stores.spool.append(
        "muster",
        [
            identify({"group": "one" if place < 5 else "two"}, person_id=person.pk)
            for place, person in enumerate(made)
        ],
    )
    stores.settle()
    return made


@pytest.fixture
def body(world: World, people: list[Person]) -> dict[str, Any]:
    return {
        "campaign": world.campaign.public_id,
        "rule": {"any": [GROUP_RULE, {"trait": "group", "op": "eq", "value": "two"}]},
        "channel": "email",
        "content": CONTENT,
    }


class TestASendThroughTheApi:
    @pytest.mark.parametrize(
        ("days", "code"), [(-1, "past"), (366 * 20, "out_of_range")], ids=["over", "far"]
    )
    def test_begins_neither_in_the_past_nor_in_another_age(self, api, body, days, code):
        body["at"] = (timezone.now() + timedelta(days=days)).isoformat()
        answer = api("POST", "/sends", body)
        assert answer.status_code == 422
        found = answer.json()["errors"][0]
        assert (found["at"], found["code"]) == ("/at", code)
        assert not Send.objects.exists()

    def test_goes_from_draft_to_start(self, api, body):
        made = api("POST", "/sends", body)
        assert made.status_code == 201, made.content
        send = made.json()
        assert (send["status"], send["audience"]) == ("draft", None)
        seen = api("GET", f"/sends/{send['id']}/review").json()
        assert (seen["audience"], seen["left"]) == (10, 10)
        early = api("POST", f"/sends/{send['id']}/start")
        assert (early.status_code, early.json()["code"]) == (409, "not_approved")
        assert api("POST", f"/sends/{send['id']}/approve").json()["status"] == "approved"
        begun = api("POST", f"/sends/{send['id']}/start").json()
        assert begun["status"] == "sending"
        assert begun["audience"] == sum(begun["counts"].values()) == 10
        assert begun["counts"]["queued"] == 10

    def test_may_go_ahead_of_its_campaign_which_is_said_everywhere(
        self, api, body, client_for, owner
    ):
        campaign = Campaign.objects.get()
        Campaign.objects.update(status="draft")
        number = api("POST", "/sends", body).json()["id"]
        blocking = [one for one in readiness(campaign).opened if one.blocks]
        assert blocking
        text = f"is not launched yet; checks that block its launch: {len(blocking)}."
        (said,) = [
            one
            for one in api("GET", f"/sends/{number}/review").json()["checks"]
            if text in one["text"]
        ]
        assert (said["blocks"], said["fix_at"]) == (False, f"/c/{campaign.public_id}/readiness")
        client = client_for(owner)
        page = client.get(f"/sends/{number}/review").text
        assert text in page
        assert said["fix_at"] in page
        api("POST", f"/sends/{number}/ask")
        room = client.get(f"/reviews/{ApprovalRequest.objects.get().public_id}").text
        assert text in room
        api("POST", f"/sends/{number}/approve")
        assert api("POST", f"/sends/{number}/start").json()["status"] == "sending"
        activity = client.get(f"/c/{campaign.public_id}/activity").text
        assert "before its campaign was launched" in activity

    def test_of_a_running_campaign_says_nothing_of_its_launch(self, api, body, client_for, owner):
        Campaign.objects.update(status="running")
        number = api("POST", "/sends", body).json()["id"]
        assert "not launched" not in str(api("GET", f"/sends/{number}/review").json()["checks"])
        api("POST", f"/sends/{number}/approve")
        api("POST", f"/sends/{number}/start")
        page = client_for(owner).get(f"/c/{body['campaign']}/activity").text
        assert "before its campaign was launched" not in page

    def test_begins_once_however_often_it_is_started(self, api, body):
        number = api("POST", "/sends", body).json()["id"]
        api("POST", f"/sends/{number}/approve")
        for _twice in range(2):
            assert api("POST", f"/sends/{number}/start").status_code == 200
        assert Recipient.objects.count() == 10

    def test_holds_out_by_a_share_or_by_a_rule(self, api, body):
        number = api("POST", "/sends", {**body, "holdout": 0.5}).json()["id"]
        seen = api("GET", f"/sends/{number}/review").json()
        assert seen["left"] + seen["held_out"] == 10
        assert seen["held_out"] > 0
        number = api("POST", "/sends", {**body, "holdout": {"rule": GROUP_RULE}}).json()["id"]
        assert api("GET", f"/sends/{number}/review").json()["held_out"] == 5

    def test_an_experiment_of_the_past_is_rebuilt_by_rules(self, api, body):
        body["variants"] = [
            {"name": "Mens", "content": CONTENT, "rule": GROUP_RULE},
            {
                "name": "Womens",
                "content": {**CONTENT, "subject": "Ho"},
                "rule": {"not": GROUP_RULE},
            },
        ]
        del body["content"]
        number = api("POST", "/sends", body).json()["id"]
        seen = api("GET", f"/sends/{number}/review").json()
        assert [(v["name"], v["people"]) for v in seen["variants"]] == [("Mens", 5), ("Womens", 5)]

    def test_shows_its_recipients_masked_without_the_scope(self, api, body):
        number = api("POST", "/sends", body).json()["id"]
        api("POST", f"/sends/{number}/approve")
        api("POST", f"/sends/{number}/start")
        clear = api("GET", f"/sends/{number}/recipients?state=queued&limit=3").json()
        assert [row["address"] for row in clear["items"]] == [
            f"p{number}@example.com" for number in range(3)
        ]
        assert clear["next"]
        masked = api("GET", f"/sends/{number}/recipients", scopes=["sends:read"]).json()
        assert {row["address"] for row in masked["items"]} == {"p***@example.com"}
        assert api("GET", f"/sends/{number}/recipients?state=nowhere").status_code == 422

    def test_pauses_goes_on_and_stops(self, api, body):
        number = api("POST", "/sends", body).json()["id"]
        assert api("POST", f"/sends/{number}/pause").status_code == 409
        api("POST", f"/sends/{number}/approve")
        api("POST", f"/sends/{number}/start")
        assert api("POST", f"/sends/{number}/pause").json()["status"] == "paused"
        assert api("POST", f"/sends/{number}/resume").json()["status"] == "sending"
        stopped = api("POST", f"/sends/{number}/stop").json()
        assert stopped["status"] == "stopped"
        assert stopped["counts"]["stopped"] == 10

    @pytest.mark.parametrize(
        ("wrong", "at"),
        [
            ({"rule": {"all": [GROUP_RULE, {"trait": "x", "op": "no"}]}}, "/rule/all/1/op"),
            ({"holdout": {"rule": {"trait": "x", "op": "no"}}}, "/holdout/rule/op"),
            ({"holdout": "NaN"}, "/holdout"),
            ({"hold_out": 0.1}, "/hold_out"),
            ({"content": {**CONTENT, "subject": "{{ nobody }}"}}, "/content/subject"),
            ({"content": {"subject": "Hi"}}, "/content"),
            (
                {"variants": [{"content": CONTENT, "rule": {"trait": "x", "op": "no"}}]},
                "/variants/0/rule/op",
            ),
            (
                {"variants": [{"content": CONTENT}, {"content": {"html": "x"}}]},
                "/variants/1/content/subject",
            ),
            ({"at": "2031-01-02T00:00:00Z", "not_after": "2031-01-01T00:00:00Z"}, "/not_after"),
            ({"at": "2020-01-02T00:00:00+08:00"}, "/at"),
            ({"at": "2020-01-02T00:00:00"}, "/at"),
        ],
    )
    def test_says_where_in_the_body_it_is_wrong(self, api, body, wrong, at):
        mails = Email.objects.count()
        answer = api("POST", "/sends", {**body, **wrong})
        assert answer.status_code == 422, answer.content
        assert Email.objects.count() == mails, "a mail was left over"
        assert at in [error["at"] for error in answer.json()["errors"]]
        assert Send.objects.count() == 0

    def test_a_bad_word_in_a_start_is_said_in_the_callers_language(self, api, body):
        number = api("POST", "/sends", body).json()["id"]
        answer = api(
            "POST", f"/sends/{number}/start", {"hold": "x"}, headers={"Accept-Language": "zh-CN"}
        )
        assert answer.json()["errors"] == [
            {"at": "/hold", "code": "int_parsing", "detail": "这里必须是一个整数。"}
        ]

    @pytest.mark.parametrize(
        ("wrong", "code"),
        [
            ({"channel": "fax"}, "unknown_channel"),
            ({"holdout": 1.5}, "bad_share"),
            ({"holdout": "many"}, "bad_share"),
            ({"content": "eml_00000000"}, "unknown_email"),
            ({"rule": None}, "no_audience"),
            ({"rule": {"trait": "x", "op": "like", "value": 1}}, "unknown_operator"),
            ({"variants": [{"name": "A", "content": CONTENT}] * 2}, "same_name"),
            (
                {
                    "variants": [
                        {"name": "A", "content": CONTENT, "share": 0.2},
                        {"name": "B", "content": CONTENT, "share": 0.2},
                    ]
                },
                "shares_add_up",
            ),
        ],
    )
    def test_says_what_is_wrong_with_a_bad_one(self, api, body, wrong, code):
        answer = api("POST", "/sends", {**body, **wrong})
        assert answer.status_code == 422, answer.content
        if code != "unknown_operator":
            assert answer.json()["code"] == code
        assert Send.objects.count() == 0


class TestApproving:
    def test_alone_an_owner_waives_and_it_is_written_down(self, api, body):
        number = api("POST", "/sends", body).json()["id"]
        api("POST", f"/sends/{number}/approve")
        assert Decision.objects.get().waiver

    def test_with_colleagues_nobody_approves_what_they_asked_for(self, api, body, user_with):
        manager, legal = user_with("manager"), user_with("legal")
        number = api("POST", "/sends", body, user=manager).json()["id"]
        api("POST", f"/sends/{number}/ask", user=manager)
        own = api("POST", f"/sends/{number}/approve", user=manager)
        assert (own.status_code, own.json()["code"]) == (409, "own_request")
        assert api("POST", f"/sends/{number}/approve", user=legal).json()["status"] == "approved"

    def test_a_refused_approval_leaves_everything_as_it_was(self, api, body, user_with):
        legal = user_with("legal")
        number = api("POST", "/sends", body).json()["id"]
        refused = api("POST", f"/sends/{number}/approve", user=legal)
        assert refused.status_code in (403, 409)
        assert api("GET", f"/sends/{number}").json()["status"] == "draft"
        assert not ApprovalRequest.objects.exists()

    def test_nothing_starts_in_a_campaign_that_is_closed(self, api, body, world):
        number = api("POST", "/sends", body).json()["id"]
        api("POST", f"/sends/{number}/approve")
        Campaign.objects.filter(pk=world.campaign.pk).update(status="reviewed")
        refused = api("POST", f"/sends/{number}/start")
        assert refused.status_code == 409
        assert "is closed" in refused.json()["detail"]

    def test_an_edit_of_the_mail_voids_it(self, api, body, world):
        number = api("POST", "/sends", body).json()["id"]
        api("POST", f"/sends/{number}/approve")
        Email.objects.exclude(pk=world.mail.pk).update(subject="Something else")
        assert api("POST", f"/sends/{number}/start").json()["code"] == "not_approved"

    def test_a_change_of_the_send_voids_it(self, api, body, world):
        number = api("POST", "/sends", body).json()["id"]
        api("POST", f"/sends/{number}/approve")
        send = actions.change(Send.objects.get(), by=world.owner, holdout=None, rule=GROUP_RULE)
        assert (send.status, send.approved) == ("draft", "")


class TestSchedules:
    def test_begin_when_their_time_has_come(self, api, body, world):
        from django.utils import timezone

        now = timezone.now()
        number = api("POST", "/sends", {**body, "at": (now + timedelta(hours=1)).isoformat()})
        number = number.json()["id"]
        api("POST", f"/sends/{number}/approve")
        assert api("POST", f"/sends/{number}/start").json()["status"] == "scheduled"
        assert actions.start_due(now) == 0
        assert actions.start_due(now + timedelta(hours=1, seconds=1)) == 1
        assert Send.objects.get().status == "sending"

    def test_ask_a_person_when_it_is_too_late(self, api, body, world):
        from django.utils import timezone

        now = timezone.now()
        at = (now + timedelta(hours=1)).isoformat()
        number = api("POST", "/sends", {**body, "at": at}).json()["id"]
        api("POST", f"/sends/{number}/approve")
        api("POST", f"/sends/{number}/start")
        assert actions.start_due(now + timedelta(hours=3)) == 0
        assert Send.objects.get().status == "missed"


class TestTheEnd:
    def test_comes_when_nothing_is_open(self, api, body):
        from django.utils import timezone

        number = api("POST", "/sends", body).json()["id"]
        api("POST", f"/sends/{number}/approve")
        api("POST", f"/sends/{number}/start")
        send = Send.objects.get()
        finish(send, timezone.now())
        assert Send.objects.get().status == "sending"
        Recipient.objects.update(state="sent")
        finish(send, timezone.now())
        assert Send.objects.get().status == "done"
