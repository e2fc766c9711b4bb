"""Comments: on anything that one may see; whoever is named, or works on it, hears of it."""

from __future__ import annotations

from datetime import date

import pytest

from muster.plan.overview.actions import start_campaign
from muster.team.comments.rules import mentioned
from muster.team.models import Comment, Notice

pytestmark = pytest.mark.django_db
NAMES = {"李娜": 1, "李娜娜": 2, "Wang Min": 3}


@pytest.mark.parametrize(
    ("text", "people"),
    [
        ("@李娜 请看", [1]),
        ("请@李娜娜看一下，@wang min too", [2, 3]),
        ("@李娜 @李娜", [1]),
        ("mail me at x@李娜", []),
        ("＠李娜", [1]),
        ("nobody", []),
        ("@王五", []),
    ],
)
def test_whose_names_stand_in_a_text(text, people):
    assert mentioned(text, NAMES) == people


@pytest.fixture
def manager(user_with):
    return user_with("manager", "Li Qiang")


@pytest.fixture
def analyst(user_with):
    return user_with("analyst", "Zhou Ting")


@pytest.fixture
def campaign(owner, manager):
    return start_campaign(
        name="Double 11",
        starts=date(2027, 11, 4),
        ends=date(2027, 11, 15),
        currency="CNY",
        owner=manager,
        by=owner,
    )


def say(client, campaign, text):
    return client.post(f"/comments/{campaign.public_id}", {"text": text})


class TestTalkingAboutACampaign:
    def test_tells_whoever_is_named_and_whoever_works_on_it(
        self, client_for, owner, manager, analyst, campaign
    ):
        answer = say(client_for(owner), campaign, "@Zhou Ting are these numbers right?")
        assert '<b class="at">@Zhou Ting</b>' in answer.content.decode()
        told = {(notice.to, notice.event) for notice in Notice.objects.all()}
        assert told == {(analyst, "mention"), (manager, "comment")}

    def test_whoever_has_talked_hears_what_is_said_later(
        self, client_for, owner, manager, analyst, campaign
    ):
        say(client_for(analyst), campaign, "Numbers are in.")
        say(client_for(owner), campaign, "Thanks.")
        assert Notice.objects.get(to=analyst).event == "comment"
        assert Notice.objects.get(to=manager).times == 2

    def test_is_on_the_page_of_its_activity(self, client_for, owner, campaign):
        say(client_for(owner), campaign, "See the <b>brief</b>.")
        page = client_for(owner).get(f"/c/{campaign.public_id}/activity").content.decode()
        assert "See the &lt;b&gt;brief&lt;/b&gt;." in page

    def test_is_not_for_those_who_may_not_see_the_campaign(
        self, client_for, owner, user_with, campaign
    ):
        store = user_with("store", "Store One")
        assert say(client_for(store), campaign, "Hello").status_code == 404
        say(client_for(owner), campaign, "@Store One hello")
        assert not Notice.objects.filter(to=store).exists()

    def test_only_the_writer_changes_and_takes_back(self, client_for, owner, manager, campaign):
        say(client_for(owner), campaign, "First.")
        comment = Comment.objects.get()
        url = f"/comment/{comment.public_id}"
        assert client_for(manager).post(f"{url}/edit", {"text": "Mine"}).status_code == 403
        assert (
            "Second." in client_for(owner).post(f"{url}/edit", {"text": "Second."}).content.decode()
        )
        answer = client_for(owner).post(f"{url}/delete")
        assert "Second." not in answer.content.decode()
        assert "/undo/" in answer.headers["HX-Trigger"]

    def test_naming_somebody_later_tells_only_them(
        self, client_for, owner, analyst, manager, campaign
    ):
        say(client_for(owner), campaign, "First.")
        Notice.objects.all().delete()
        url = f"/comment/{Comment.objects.get().public_id}/edit"
        client_for(owner).post(url, {"text": "First, @Zhou Ting."})
        assert [notice.to for notice in Notice.objects.all()] == [analyst]

    def test_settled_talk_is_folded_away(self, client_for, owner, campaign):
        say(client_for(owner), campaign, "Done?")
        url = f"/comment/{Comment.objects.get().public_id}/resolve"
        assert "1 settled" in client_for(owner).post(url).content.decode()

    def test_an_empty_comment_is_refused(self, client_for, owner, campaign):
        assert say(client_for(owner), campaign, "  ").status_code == 422


def test_names_are_found_by_pinyin(client_for, owner, user_with):
    user_with("content", "李娜")
    page = client_for(owner).get("/names?q=ln").content.decode()
    assert "李娜" in page
    assert "Wang Min" not in page


class TestTalkingAboutEverything:
    @pytest.fixture
    def things(self, campaign, owner, manager):
        """Kind → the thing, its page, and what one needs to see it."""
        from decimal import Decimal

        from muster.plan.budget.actions import add_line
        from muster.plan.facts.actions import write_down
        from muster.plan.goals.actions import set_goal
        from muster.plan.materials.actions import add_material
        from muster.plan.objectives.actions import make_objective
        from muster.plan.risks.actions import add_risk
        from muster.plan.strategy.actions import set_competitor
        from muster.plan.vendors.actions import add_vendor

        room = f"/c/{campaign.public_id}"
        fact = {"key": "price.hero", "name": "Price", "values": {"": "99"}}
        line = add_line(campaign, {"category": "media", "planned": Decimal(0)}, by=owner)
        target = {"metric": "orders", "target": Decimal(5)}
        days = {"starts": date(2027, 1, 1), "ends": date(2027, 12, 31)}
        return {
            "line": (line, f"{room}/budget/lines/{line.public_id}"),
            "goal": (set_goal(campaign, target, by=owner), f"{room}/brief"),
            "risk": (add_risk(campaign, {"title": "Rain"}, by=owner), f"{room}/plan/risks"),
            "fact": (write_down(campaign, fact, by=manager), f"{room}/brief/facts"),
            "material": (add_material("Bag", by=manager), "/materials"),
            "vendor": (add_vendor({"name": "Studio"}, by=owner), "/vendors"),
            "objective": (make_objective({"name": "More", **days}, by=manager), "/objectives"),
            "competitor": (
                set_competitor(campaign, {"name": "Other"}, by=owner),
                f"{room}/brief/strategy",
            ),
        }

    KINDS = ("line", "goal", "risk", "fact", "material", "vendor", "objective", "competitor")

    @pytest.mark.parametrize("kind", KINDS)
    def test_from_its_page_and_the_api(self, api, client_for, owner, things, kind):
        thing, page = things[kind]
        client, url = client_for(owner), f"/comments/{thing.public_id}"
        assert url in client.get(page).content.decode()
        htmx = {"HX-Request": "true"}
        client.post(url, {"text": "What about @Zhou Ting?"}, headers=htmx)
        drawer = client.get(f"{url}?drawer", headers=htmx).content.decode()
        assert "What about" in drawer
        assert "data-closes" in drawer
        assert "<html" not in drawer
        body = {"about": thing.public_id, "text": "And from the API"}
        assert api("POST", "/comments", body).status_code == 201
        said = api("GET", f"/comments?about={thing.public_id}").json()["items"]
        assert [one["text"] for one in said] == ["And from the API", "What about @Zhou Ting?"]

    @pytest.mark.parametrize("kind", KINDS)
    def test_tells_people_where_they_can_read_it(
        self, client_for, owner, manager, user_with, things, kind
    ):
        thing, _page = things[kind]
        accountant = user_with("manager", "Su", "su@muster.test")
        client_for(owner).post(f"/comments/{thing.public_id}", {"text": "@Su look"})
        notice = Notice.objects.get(to=accountant, event="mention")
        text = client_for(accountant).get(notice.url.partition("#")[0]).content.decode()
        assert "look" in text
        assert str(thing) in text
        heard = set(Notice.objects.filter(event="comment").values_list("to__name", flat=True))
        assert heard == (set() if kind == "vendor" else {"Li Qiang"})

    def test_a_budget_line_is_closed_to_those_who_see_no_money(
        self, api, client_for, user_with, things
    ):
        line, _page = things["line"]
        writer = user_with("content", "Mei")
        assert not writer.may("budget.see")
        assert client_for(writer).get(f"/comments/{line.public_id}").status_code == 404
        about = f"/comments?about={line.public_id}"
        assert api("GET", about, user=writer).status_code == 404
        body = {"about": line.public_id, "text": "@Mei x"}
        assert api("POST", "/comments", body).status_code == 201
        assert not Notice.objects.filter(to=writer).exists()
