"""The touchpoint map: its gaps and why, its cells, tasks out of gaps, and live people."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from muster.kit.errors import Invalid, Refused
from muster.people.personas.actions import describe
from muster.plan.campaigns.models import Campaign
from muster.plan.readiness.checks import readiness
from muster.plan.strategy import actions, asking, rules
from muster.plan.strategy.asking import Live, Numbers
from muster.plan.strategy.map import touch_map
from muster.plan.strategy.models import Cell
from muster.plan.strategy.rules import Gap, Reason, Said


def said(stage, channel="email", text="Hello", **more):
    return Said(stage, channel, text, has_maker=more.pop("has_maker", True), **more)


EVERY = [said(stage) for stage in rules.STAGES]


class TestGaps:
    @pytest.mark.parametrize(
        ("cells", "channels", "expected"),
        [
            (EVERY, ["email"], []),
            (EVERY[:-1], ["email"], [Gap(Reason.SILENT_STAGE, "loyalty")]),
            (EVERY, ["email", "sms"], [Gap(Reason.UNUSED_CHANNEL, channel="sms")]),
            ([*EVERY[:-1], said("loyalty", text="", is_left_out=True)], ["email"], []),
            (
                [*EVERY[:-1], said("loyalty", has_maker=False)],
                ["email"],
                [Gap(Reason.NOBODY, "loyalty", "email", "Hello")],
            ),
            ([*EVERY[:-1], said("loyalty", has_maker=False, is_ready=True)], ["email"], []),
            (
                [],
                ["email"],
                [
                    *(Gap(Reason.SILENT_STAGE, stage) for stage in rules.STAGES),
                    Gap(Reason.UNUSED_CHANNEL, channel="email"),
                ],
            ),
        ],
    )
    def test_are_found_with_their_reason(self, cells, channels, expected):
        assert rules.gaps(cells, channels) == expected

    @pytest.mark.parametrize(
        ("people", "most", "expected"),
        [(None, 100, 0), (0, 100, 0), (1, 100, 1), (26, 100, 2), (100, 100, 4), (1, 1, 3)],
    )
    def test_warmth_grows_in_quarters(self, people, most, expected):
        assert rules.heat(people, most) == expected


@pytest.mark.django_db
class TestCells:
    def test_are_filled_changed_and_emptied(self, campaign, owner):
        actions.set_cell(campaign, "interest", "email", {"text": "Teaser"}, by=owner, version=0)
        cell = campaign.cells.get()
        assert (cell.text, cell.status, cell.version) == ("Teaser", "planned", 1)
        actions.set_cell(campaign, "interest", "email", {"status": "ready"}, by=owner, version=1)
        with pytest.raises(actions.ChangedMeanwhile):
            actions.set_cell(campaign, "interest", "email", {"text": "x"}, by=owner, version=1)
        actions.set_cell(campaign, "interest", "email", {"text": " ", "status": "ready"}, by=owner)
        assert not campaign.cells.exists()

    @pytest.mark.parametrize(
        ("stage", "fields", "at"),
        [
            ("fame", {"text": "x"}, "/stage"),
            ("interest", {"text": "x" * 301}, "/text"),
            ("interest", {"link": "javascript:alert(1)"}, "/link"),
            ("interest", {"link": "//evil.example"}, "/link"),
            ("interest", {"status": "maybe"}, "/status"),
            ("interest", {"colour": "red"}, "/colour"),
        ],
    )
    def test_that_make_no_sense_are_refused(self, campaign, owner, stage, fields, at):
        with pytest.raises(Invalid) as refused:
            actions.set_cell(campaign, stage, "email", fields, by=owner)
        assert refused.value.errors[0].at == at
        assert not Cell.objects.exists()

    def test_of_a_closed_campaign_stay(self, campaign, owner):
        Campaign.objects.update(status="archived")
        campaign.refresh_from_db()
        with pytest.raises(Refused, match="closed"):
            actions.set_cell(campaign, "interest", "email", {"text": "x"}, by=owner)

    def test_become_tasks(self, campaign, owner, manager):
        actions.set_cell(
            campaign, "interest", "email", {"text": "Teaser mail", "owner": manager}, by=owner
        )
        task = actions.make_task(campaign, "interest", "email", by=owner)
        # Five working days before Wednesday 4 November.
        assert (task.title, task.due) == ("Teaser mail", date(2026, 10, 28))
        assert {(d.letter, d.user) for d in task.duties.all()} == {("A", owner), ("R", manager)}
        assert campaign.cells.get().status == "making"
        with pytest.raises(Refused, match="makes this already"):
            actions.make_task(campaign, "interest", "email", by=owner)

    def test_that_are_gaps_become_tasks_too(self, campaign, owner):
        task = actions.make_task(campaign, "loyalty", "wecom", by=owner)
        assert task.title == "Content for “Loyalty” on WeCom"
        assert campaign.cells.get(stage="loyalty").task == task


@pytest.mark.django_db
class TestTheMap:
    def test_asks_for_an_answer_before_the_launch(self, campaign, owner):
        def text():
            answers = {a.question.key: a for a in readiness(campaign).answers}
            found = answers["content.map_has_no_gaps"].findings
            # A map that was begun has to be whole (S09); whether to make one is one's own choice.
            assert all(one.blocks == campaign.cells.exists() for one in found)
            return [str(one) for one in found]

        assert text()[0].startswith("No touchpoint is planned")
        for stage in rules.STAGES[:-1]:
            fields = {"text": stage, "owner": owner}
            actions.set_cell(campaign, stage, "email", fields, by=owner)
        assert text() == ["The touchpoint map has gaps: 1."]
        actions.set_cell(campaign, "loyalty", "email", {"status": "left_out"}, by=owner)
        assert text() == []

    def test_shows_people_once_the_campaign_runs(self, campaign, owner, monkeypatch):
        at = datetime(2026, 11, 6, tzinfo=UTC)
        numbers = Numbers({("interest", "email"): Live(200, 50)}, at)
        monkeypatch.setattr(asking, "_numbers", [lambda campaign: numbers])
        assert touch_map(campaign).as_of is None
        Campaign.objects.update(status="running")
        campaign.refresh_from_db()
        found = touch_map(campaign)
        square = next(s for row in found.rows for s in row.squares if s.stage == "interest")
        assert (square.channel, square.live.people, square.live.rate) == ("email", 200, 0.25)
        assert (square.heat, found.as_of) == (4, at)


@pytest.mark.django_db
class TestThePage:
    @pytest.fixture
    def client(self, client_for, owner):
        return client_for(owner)

    def test_shows_map_gaps_and_competitors(self, client, campaign, owner):
        actions.set_cell(campaign, "interest", "email", {"text": "Teaser"}, by=owner)
        actions.set_competitor(campaign, {"name": "Other Tea", "does": "Discounts"}, by=owner)
        text = client.get(f"/c/{campaign.public_id}/brief/strategy").content.decode()
        assert "Teaser" in text
        assert "Nothing is said in the stage “Awareness”" in text
        assert "Other Tea" in text

    def test_opens_and_saves_a_cell(self, client, campaign):
        path = f"/c/{campaign.public_id}/brief/strategy/cell"
        assert "What it says" in client.get(f"{path}?stage=service&channel=sms").content.decode()
        body = {"stage": "service", "channel": "sms", "text": "Delivery", "status": "planned",
                "version": "0"}  # fmt: skip
        assert client.post(path, body).status_code == 204
        assert campaign.cells.get().text == "Delivery"
        assert client.post(path, {**body, "text": "Late"}).status_code == 409
        assert client.get(f"{path}?stage=fame&channel=sms").status_code == 404

    def test_takes_personas_competitors_and_words(self, client, campaign, owner):
        persona = describe({"name": "Ms. Lin"}, by=owner)
        base = f"/c/{campaign.public_id}/brief/strategy"
        assert (
            "Ms. Lin" in client.post(f"{base}/personas", {"persona": persona.pk}).content.decode()
        )
        assert campaign.meant.get().persona == persona
        client.post(f"{base}/personas", {"persona": persona.pk, "drop": "1"})
        assert not campaign.meant.exists()
        assert client.post(f"{base}/rival", {"name": "Other Tea"}).status_code == 200
        rival = campaign.rivals.get()
        client.post(f"{base}/rival", {"rival": rival.pk, "does": "Discounts"})
        rival.refresh_from_db()
        assert (rival.name, rival.does) == ("Other Tea", "Discounts")
        client.post(f"{base}/rival", {"rival": rival.pk, "drop": "1"})
        assert not campaign.rivals.exists()
        client.post(f"{base}/words", {"message": "One sentence"})
        campaign.refresh_from_db()
        assert campaign.message == "One sentence"

    def test_is_read_only_for_those_who_do_not_plan(self, client_for, user_with, campaign):
        reader = client_for(user_with("content"))
        base = f"/c/{campaign.public_id}/brief/strategy"
        assert reader.get(base).status_code == 200
        assert reader.post(f"{base}/rival", {"name": "x"}).status_code == 403


@pytest.mark.django_db
class TestTheApi:
    def test_speaks_of_the_whole_strategy(self, api, campaign, owner):
        base = f"/campaigns/{campaign.public_id}/strategy"
        body = {"stage": "interest", "channel": "email", "text": "Teaser", "owner": owner.email}
        answer = api("PUT", f"{base}/cells", body)
        assert answer.status_code == 200, answer.content
        rival = api("POST", f"{base}/competitors", {"name": "Other Tea"}).json()
        persona = describe({"name": "Ms. Lin"}, by=owner)
        api("PUT", f"{base}/personas", {"personas": [persona.public_id]})
        whole = api("GET", base).json()
        assert [(c["stage"], c["text"], c["reached"]) for c in whole["cells"]] == [
            ("interest", "Teaser", None)
        ]
        assert len([gap for gap in whole["gaps"] if gap["reason"] == "silent_stage"]) == 5
        assert whole["competitors"] == [rival]
        assert whole["personas"] == [{"id": persona.public_id, "name": "Ms. Lin"}]
        made = api("POST", f"{base}/task", {"stage": "interest", "channel": "email"}).json()
        assert made["title"] == "Teaser"

    def test_refuses_strangers_and_unknown_personas(self, api, campaign):
        base = f"/campaigns/{campaign.public_id}/strategy"
        body = {"stage": "interest", "channel": "email", "text": "x"}
        assert api("PUT", f"{base}/cells", body, scopes=["campaigns:read"]).status_code == 403
        answer = api("PUT", f"{base}/personas", {"personas": ["psn_00000000"]})
        assert answer.json()["errors"][0]["at"] == "/personas/0"


def test_touchpoints_are_ready_or_left_out_before_the_launch(campaign):
    from muster.plan.readiness.checks import readiness

    key = "content.touchpoints_are_filled"
    assert readiness(campaign).answer(key) is None
    cell = campaign.cells.create(stage="interest", channel="email", text="Teaser")
    campaign.cells.create(stage="service", channel="email", text="Help", status="left_out")
    campaign.cells.create(stage="loyalty", channel="email", text="Thanks", status="making")
    (finding,) = readiness(campaign).answer(key).open
    assert finding.blocks
    assert str(finding).startswith("Touchpoints that are not ready: 2, first “Teaser”.")
    campaign.cells.update(status="ready")
    assert readiness(campaign).answer(key).passed
    assert cell.text
