"""The pages of the plan, as the people who use them see them."""

from __future__ import annotations

import json
from datetime import date, datetime, timedelta
from decimal import Decimal

import pytest
from django.utils import timezone

from muster.plan.brief.actions import submit
from muster.plan.campaigns.actions import edit_campaign
from muster.plan.campaigns.models import Campaign
from muster.plan.campaigns.workspace import _tiles, tile
from muster.plan.goals.progress import Progress, _sources
from muster.team.changes.conflict import Opened, settled
from muster.team.changes.models import Change
from muster.ui.live import versions
from muster.ui.palette import find

pytestmark = pytest.mark.django_db


@pytest.fixture
def page(client_for, owner):
    """The text of a page: `page("/campaigns")`."""
    client = client_for(owner)

    def text(path, status=200, **more):
        answer = client.get(path, **more)
        assert answer.status_code == status, answer.content[:500]
        return answer.content.decode()

    return text


@pytest.fixture
def post(client_for, owner):
    client = client_for(owner)
    return lambda path, data=None, **more: client.post(path, data or {}, **more)


def events(answer):
    return json.loads(answer.headers["HX-Trigger"])


class TestTheList:
    def test_without_campaigns_offers_four_ways_to_begin(self, page):
        text = page("/campaigns")
        assert text.count('class="card c3"') == 4
        for address in ("", "?blank=1", "#from-node", "#brief-text"):
            assert f'href="/campaigns/new{address}"' in text

    def test_shows_figures_and_totals(self, page, start):
        start()
        start(name="Second", total_budget=Decimal(100_000))
        text = page("/campaigns")
        assert "Double 11" in text
        assert "CN¥600,000" in text
        assert "First-time buyers" in text

    def test_finds_by_name_and_status(self, page, start):
        start()
        start(name="会员日")
        assert "Double 11" not in page("/campaigns?q=会员")
        assert "No campaign fits" in page("/campaigns?status=running")

    def test_hides_money_from_those_who_may_not_see_it(self, client_for, user_with, campaign):
        text = client_for(user_with("content")).get("/campaigns").content.decode()
        assert "Double 11" in text
        assert "500,000" not in text

    def test_is_closed_to_store_staff(self, client_for, user_with):
        assert client_for(user_with("store")).get("/campaigns").status_code == 403


class TestANewCampaign:
    FORM = {
        "name": "春季上新",
        "starts": "2027-03-01",
        "length": "13",
        "currency": "CNY",
        "total_budget": "50万",
        "metric": "conversion_rate",
        "target": "4.5%",
        "baseline": "3%",
    }

    def test_is_shown_before_it_is_made(self, post, owner):
        text = post("/campaigns/new/preview", {**self.FORM, "owner": owner.pk}).content.decode()
        assert "CN¥300,000" in text  # 60 % of 500,000 for media
        assert "CN¥60,000" in text  # 12 % contingency
        assert "4.5%" in text
        assert not Campaign.objects.exists()

    def test_is_made_with_goal_budget_and_checkpoints(self, post, owner):
        answer = post("/campaigns/new", {**self.FORM, "owner": owner.pk})
        made = Campaign.objects.get()
        assert answer.headers["Location"] == f"/c/{made.public_id}"
        goal = made.goals.get()
        assert (goal.target, goal.baseline) == (Decimal("0.045"), Decimal("0.03"))
        assert goal.checkpoints == ["2027-03-04", "2027-03-07", "2027-03-10"]
        assert made.total_budget == 500_000
        assert sum(line.planned for line in made.lines.all()) == 500_000

    def test_that_makes_no_sense_is_explained_beside_the_fields(self, post, owner):
        wrong = {**self.FORM, "owner": owner.pk, "length": "0", "target": "many"}
        answer = post("/campaigns/new", wrong)
        assert answer.status_code == 422
        text = answer.content.decode()
        assert "greater than or equal to 1" in text
        assert "“many” is no number" in text


class TestTheOverview:
    def test_of_a_draft_lists_the_next_things(self, page, start):
        text = page(f"/c/{start(goals=[]).public_id}")
        assert "It has no goal yet" in text
        assert "One thing</a> blocks the launch" in text

    def test_of_a_running_campaign_says_where_it_stands(self, page, campaign, monkeypatch):
        today = timezone.now().date()
        begun = {"starts": today - timedelta(days=4), "ends": today + timedelta(days=5)}
        Campaign.objects.update(status="running", **begun)
        campaign.goals.update(starts=begun["starts"], due=begun["ends"])
        value = Progress(Decimal(300), timezone.now())
        monkeypatch.setattr("muster.plan.goals.progress._sources", [lambda c, g: value])
        text = page(f"/c/{campaign.public_id}")
        assert "300 of 500" in text
        assert "ahead" in text
        assert "CN¥0 of CN¥500,000" in text

    def test_shows_tiles_of_other_parts_to_those_who_may_see_them(
        self, campaign, client_for, owner, user_with, monkeypatch
    ):
        monkeypatch.setattr("muster.plan.campaigns.workspace._tiles", dict(_tiles))

        @tile("plan/tiles/activity.html", 1, "insights.see")
        def extra(campaign, user):
            return {"changes": []}

        address = f"/c/{campaign.public_id}"
        assert b'id="tile-extra"' in client_for(owner).get(address).content
        assert b'id="tile-extra"' not in client_for(user_with("legal")).get(address).content

    def test_of_what_is_not_there_is_a_plain_no(self, page, campaign):
        Campaign.objects.update(deleted_at=timezone.now())
        page(f"/c/{campaign.public_id}", 404)
        page("/c/cmp_00000000", 404)


class TestSteps:
    def test_say_what_was_done_and_offer_the_way_back(self, post, campaign):
        Campaign.objects.update(status="running")
        answer = post(f"/c/{campaign.public_id}/step/pause", headers={"HX-Request": "true"})
        assert answer.status_code == 204
        assert events(answer)["toast"]["undo"].startswith("/undo/chg_")
        assert "plan-changed" in events(answer)
        post(events(answer)["toast"]["undo"])
        assert Campaign.objects.get().status == "running"

    def test_that_make_no_sense_are_refused(self, post, campaign):
        assert post(f"/c/{campaign.public_id}/step/pause").status_code == 409
        assert post(f"/c/{campaign.public_id}/step/explode").status_code == 404

    def test_are_not_for_readers(self, client_for, user_with, campaign):
        client = client_for(user_with("analyst"))
        assert client.post(f"/c/{campaign.public_id}/step/archive").status_code == 403
        assert b"Submit for approval" not in client.get(f"/c/{campaign.public_id}").content

    def test_putting_away_offers_to_bring_it_back(self, post, page, campaign):
        answer = post(f"/c/{campaign.public_id}/delete")
        text = page(answer.headers["Location"])
        assert "is put away" in text
        assert f"/c/{campaign.public_id}" not in text


class TestTheBrief:
    def goal_form(self, goal, **changes):
        fields = {
            "metric": goal.metric, "target": "500", "baseline": "236", "starts": "2026-11-04",
            "due": "2026-11-15", "primary": "on", **changes,
        }  # fmt: skip
        return {f"{goal.public_id}-{name}": value for name, value in fields.items()}

    def test_shows_the_meter_of_each_goal(self, page, campaign):
        text = page(f"/c/{campaign.public_id}/brief")
        assert "SMART 5/5" in text
        assert "Nothing blocks" in text or "blocks the launch" in text or "block the launch" in text

    def test_saves_a_goal_as_it_is_typed(self, post, campaign):
        goal = campaign.goals.get()
        url = f"/c/{campaign.public_id}/goals/{goal.public_id}"
        answer = post(url, self.goal_form(goal, statement="提升品牌知名度", target="1,200"))
        assert answer.status_code == 200
        assert "names a wish" in answer.content.decode()
        # 1,200 is five times 236: only the metric passes.
        assert "SMART 1/5" in answer.content.decode()
        goal.refresh_from_db()
        assert goal.target == 1200

    def test_keeps_the_good_goal_when_nonsense_is_typed(self, post, campaign):
        goal = campaign.goals.get()
        url = f"/c/{campaign.public_id}/goals/{goal.public_id}"
        answer = post(url, self.goal_form(goal, target="much", due="2026-10-01"))
        assert answer.status_code == 422
        goal.refresh_from_db()
        assert goal.target == 500

    def test_saves_the_strategy_as_it_is_typed(self, post, campaign, owner):
        fields = {
            "name": "Double 11", "starts": "2026-11-04", "ends": "2026-11-15", "owner": owner.pk,
            "message": "First box, half price", "channels": ["email", "store"],
        }  # fmt: skip
        answer = post(f"/c/{campaign.public_id}/brief/save", fields)
        assert answer.status_code == 200
        campaign.refresh_from_db()
        assert campaign.message == "First box, half price"
        assert campaign.channels == ["email", "store"]
        wrong = post(f"/c/{campaign.public_id}/brief/save", {**fields, "ends": "2026-11-01"})
        assert wrong.status_code == 422

    def test_is_read_only_for_readers(self, client_for, user_with, campaign):
        text = client_for(user_with("legal")).get(f"/c/{campaign.public_id}/brief").content
        assert b"<form data-autosave" not in text


class TestTheBudgetPage:
    def test_shows_the_rules_with_exact_sums(self, page, campaign):
        campaign.lines.filter(category="contingency").update(planned=Decimal(30_000))
        text = page(f"/c/{campaign.public_id}/budget")
        assert "The contingency is 6% of the total. Add CN¥20,000 to it." in text

    def test_changes_one_cell(self, post, campaign):
        line = campaign.lines.first()
        url = f"/c/{campaign.public_id}/budget/lines/{line.public_id}"
        assert post(url, {"planned": "12万"}).status_code == 204
        assert post(url, {"has_core": "1"}).status_code == 204
        line.refresh_from_db()
        assert (line.planned, line.core, line.label) == (120_000, False, "Media")
        assert post(url, {"planned": "lots"}).status_code == 422

    def test_books_a_cost_or_says_why_not(self, post, page, campaign):
        url = f"/c/{campaign.public_id}/budget/costs"
        entry = {"kind": "actual", "amount": "¥500,000.01", "at": "2026-11-08"}
        answer = post(url, entry)
        assert answer.status_code == 422
        assert "0.01 CNY over the total" in answer.content.decode()
        answer = post(url, {**entry, "amount": "8,000", "note": "Print & press"})
        assert "close-dialog" in events(answer)
        assert "Print &amp; press" in page(f"/c/{campaign.public_id}/budget")
        cost = campaign.costs.get()
        assert post(f"{url}/{cost.public_id}/reverse").status_code == 204
        assert campaign.costs.count() == 2

    def test_is_closed_to_those_who_may_not_see_money(self, client_for, user_with, campaign):
        client = client_for(user_with("content"))
        assert client.get(f"/c/{campaign.public_id}/budget").status_code == 403
        analyst = client_for(user_with("analyst"))
        assert analyst.get(f"/c/{campaign.public_id}/budget").status_code == 200
        assert analyst.post(f"/c/{campaign.public_id}/budget/split").status_code == 403


class TestTheReviewRoom:
    def test_shows_the_plan_and_takes_the_decision(self, page, post, campaign, manager):
        asked = submit(campaign, by=manager, note="As agreed on Monday")
        text = page(f"/reviews/{asked.public_id}")
        assert "As agreed on Monday" in text
        assert "CN¥300,000" in text
        answer = post(f"/reviews/{asked.public_id}/decide", {"verdict": "sent_back"})
        assert answer.status_code == 422
        post(f"/reviews/{asked.public_id}/decide", {"verdict": "approved"})
        assert Campaign.objects.get().status == "ready"
        assert "Li Qiang asked for approval" in page(f"/reviews/{asked.public_id}")

    def test_offers_an_owner_the_waiver_and_nobody_else(
        self, page, post, client_for, campaign, owner, manager
    ):
        asked = submit(campaign, by=owner)
        assert "Waive four eyes" in page(f"/reviews/{asked.public_id}")
        other = client_for(manager).get(f"/reviews/{asked.public_id}").content.decode()
        assert "Waive four eyes" not in other
        url = f"/reviews/{asked.public_id}/decide"
        assert post(url, {"verdict": "approved"}).status_code == 409
        assert post(url, {"verdict": "approved", "waiver": "on"}).status_code == 302
        assert "approved their own request" in page(f"/reviews/{asked.public_id}")

    def test_warns_when_the_plan_changed_since(self, page, campaign, manager):
        asked = submit(campaign, by=manager)
        Campaign.objects.update(message="something else")
        assert "It was changed after approval was asked for" in page(f"/reviews/{asked.public_id}")


class TestActivity:
    def test_tells_it_in_sentences(self, page, campaign, post):
        post(f"/c/{campaign.public_id}/submit")
        text = page(f"/c/{campaign.public_id}/activity")
        assert "Wang Min began the campaign" in text
        assert "Wang Min set the goal “First-time buyers”" in text
        assert "Wang Min asked for approval of “Double 11”" in text


class TestThePalette:
    def test_finds_campaigns_by_pinyin_and_their_actions(self, start, owner, user_with):
        start(name="双十一预热")
        Campaign.objects.update(status="running")
        titles = [str(entry.title) for entry in find(owner, "ssyyr")]
        assert titles[0] == "双十一预热"
        assert "New task in 双十一预热" in [str(entry.title) for entry in find(owner, ">双十一")]
        assert "New campaign" in [str(entry.title) for entry in find(owner, "")]
        assert not any("双十一" in str(e.title) for e in find(user_with("store"), "双十一"))


class TestLiveNews:
    def test_come_with_every_change(self, campaign, post):
        before = versions([campaign.topic])
        post(f"/c/{campaign.public_id}/budget/total", {"total_budget": "600000"})
        assert versions([campaign.topic]) != before
        assert versions(["campaign:cmp_00000000"]) == {"campaign:cmp_00000000": ""}


class TestProgress:
    def test_is_asked_of_nobody_when_no_part_measures(self, campaign, monkeypatch):
        monkeypatch.setattr("muster.plan.goals.progress._sources", [])
        from muster.plan.goals.shown import shown_goal

        shown = shown_goal(campaign, campaign.goals.get(), date(2026, 11, 9))
        assert shown.value is None
        # Six of twelve days have passed: half of 500.
        assert shown.expected == 250
        assert isinstance(_sources, list)


class TestTheHistory:
    def test_says_what_was_and_what_is_and_brings_it_back(self, client_for, owner, start):
        campaign = start(name="Double 11")
        edit_campaign(campaign, {"message": "Half price"}, by=owner)
        edit_campaign(campaign, {"message": "One third off"}, by=owner)
        client = client_for(owner)
        page = client.get(f"/c/{campaign.public_id}/activity").content.decode()
        assert "<del>Half price</del>" in page
        assert "<ins>One third off</ins>" in page
        assert "<ins>Half price</ins>" in page  # what the first change made of it
        latest = Change.objects.filter(verb="edited").order_by("-pk")[0]
        client.post(f"/c/{campaign.public_id}/activity/{latest.public_id}/restore")
        campaign.refresh_from_db()
        assert campaign.message == "Half price"
        assert Change.objects.filter(verb="edited").count() == 3  # restoring is a change as well

    def test_is_read_by_those_who_may_not_change(self, client_for, owner, user_with, start):
        campaign = start(name="Double 11")
        change = edit_campaign(campaign, {"message": "Half price"}, by=owner)
        client = client_for(user_with("analyst"))
        assert "Half price" in client.get(f"/c/{campaign.public_id}/activity").content.decode()
        url = f"/c/{campaign.public_id}/activity/{change.public_id}/restore"
        assert client.post(url).status_code == 403

    def test_keeps_older_values_for_thirty_days(self, client_for, owner, start):
        campaign = start(name="Double 11")
        change = edit_campaign(campaign, {"message": "Half price"}, by=owner)
        Change.objects.filter(pk=change.pk).update(at=change.at - timedelta(days=31))
        url = f"/c/{campaign.public_id}/activity/{change.public_id}/restore"
        assert client_for(owner).post(url).status_code == 409
        assert (
            "Bring the older"
            not in client_for(owner).get(f"/c/{campaign.public_id}/activity").content.decode()
        )


class TestTwoPeopleOneBrief:
    @pytest.fixture
    def opened(self, start, user_with):
        campaign = start(name="Double 11")
        return campaign, user_with("manager", "Li Qiang"), timezone.now().isoformat()

    def save(self, client, campaign, since, **changed):
        body = {
            "name": campaign.name,
            "starts": campaign.starts,
            "ends": campaign.ends,
            "owner": campaign.owner_id,
            "message": campaign.message,
            "audience": campaign.audience,
            "since": since,
            **changed,
        }
        return client.post(f"/c/{campaign.public_id}/brief/save", body)

    def test_what_each_changed_is_kept(self, client_for, owner, opened):
        campaign, other, since = opened
        self.save(client_for(other), campaign, since, message="Half price")
        assert self.save(client_for(owner), campaign, since, audience="Students").status_code == 200
        campaign.refresh_from_db()
        assert (campaign.message, campaign.audience) == ("Half price", "Students")

    def test_what_both_changed_is_asked_about_and_nothing_is_lost(self, client_for, owner, opened):
        campaign, other, since = opened
        self.save(client_for(other), campaign, since, message="Half price")
        mine = {"message": "One third off", "audience": "Students"}
        answer = self.save(client_for(owner), campaign, since, **mine)
        assert answer.status_code == 409
        text = answer.content.decode()
        assert "Li Qiang wrote: Half price" in text
        assert "You wrote: One third off" in text
        campaign.refresh_from_db()
        assert (campaign.message, campaign.audience) == ("Half price", "Students")
        assert (
            self.save(client_for(owner), campaign, since, **mine, mine="message").status_code == 200
        )
        campaign.refresh_from_db()
        assert campaign.message == "One third off"
        # Typing on is no new clash: the last word on it is one's own.
        again = {**mine, "message": "One third off today"}
        assert self.save(client_for(owner), campaign, since, **again).status_code == 200

    def test_who_waited_for_the_other_is_asked_as_well(self, owner, opened):
        campaign, other, since = opened
        mine = {"message": "One third off"}
        # Read before the colleague saved, as a request that ran beside it would have.
        stale = Campaign.objects.get(pk=campaign.pk)
        edit_campaign(campaign, {"message": "Half price"}, by=other)
        seen = Opened(datetime.fromisoformat(since))
        with settled(stale, mine, since=seen, by=owner) as (keep, clashes):
            assert keep == {}
            assert [clash.theirs for clash in clashes] == ["Half price"]

    def test_each_sees_that_the_other_is_there(self, client_for, owner, opened):
        campaign, other, _since = opened
        page = {"page": campaign.public_id}
        assert "is here" not in client_for(other).post("/here", page).content.decode()
        assert "Li Qiang is here" in client_for(owner).post("/here", page).content.decode()
        assert (
            "Wang Min is here"
            in client_for(other).get(f"/c/{campaign.public_id}/brief").content.decode()
        )
