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
