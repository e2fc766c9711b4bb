"""The palette's own memory: what a person pinned, what can be done with an entry, what is new."""

from __future__ import annotations

import json
import re
from urllib.parse import quote

import pytest

from muster.team.models import Pin
from muster.team.search.actions import MOST

pytestmark = pytest.mark.django_db


@pytest.fixture
def campaign(owner):
    from datetime import date
    from decimal import Decimal

    from muster.plan.models import Campaign

    def make(name):
        return Campaign.objects.create(
            name=name, starts=date(2027, 3, 1), ends=date(2027, 3, 9), currency="CNY",
            total_budget=Decimal(1000), owner=owner,
        )  # fmt: skip

    return make


@pytest.fixture
def ask(client_for, owner):
    """The titles of the palette's answer: `ask("spring", at="/c/…")`."""

    def find(query="", at="", user=owner):
        address = f"/search?palette=1&q={quote(query)}&at={quote(at)}"
        page = client_for(user).get(address).content.decode()
        return re.findall(
            r'class="option" href="([^"]+)".*?<span class="grow">(.*?)</span>', page, re.DOTALL
        )

    return find


def pin(client, url, title="Something"):
    return client.post("/search/pin", {"url": url, "title": title})


class TestPins:
    def test_come_first_with_and_without_words_and_only_for_whom_they_are(
        self, ask, client_for, owner, user_with, campaign
    ):
        spring, _other = campaign("Spring sale"), campaign("Spring coats")
        url = f"/c/{spring.public_id}"
        assert ask()[0][0] != url
        answer = pin(client_for(owner), url, "Spring sale")
        assert "pins-changed" in json.loads(answer.headers["HX-Trigger"])
        assert ask()[0] == (url, "Spring sale")
        assert ask("spr")[0] == (url, "Spring sale")
        assert url not in [one for one, _title in ask("coats")[:1]]
        assert ask(user=user_with("analyst"))[0][0] != url

    def test_carry_the_name_that_holds_now(self, ask, client_for, owner, campaign):
        spring = campaign("Spring sale")
        pin(client_for(owner), f"/c/{spring.public_id}", "Spring sale")
        spring.name = "Summer sale"
        spring.save()
        assert ask()[0][1] == "Summer sale"

    def test_of_what_the_palette_does_not_list_are_kept_by_their_title(
        self, ask, client_for, owner
    ):
        pin(client_for(owner), "/people/per_7", "Ms. Li")
        assert ask()[0] == ("/people/per_7", "Ms. Li")
        assert ask("li")[0] == ("/people/per_7", "Ms. Li")
        assert "/people/per_7" not in dict(ask("spring"))

    def test_are_taken_away_by_pinning_again(self, client_for, owner):
        client = client_for(owner)
        pin(client, "/calendar")
        pin(client, "/calendar")
        assert not Pin.objects.exists()

    @pytest.mark.parametrize(
        "url", ["https://elsewhere.example/", "//elsewhere.example/", "javascript:x", "/\\evil", ""]
    )
    def test_lead_nowhere_else(self, client_for, owner, url):
        assert pin(client_for(owner), url).status_code == 422
        assert not Pin.objects.exists()

    def test_are_twelve_at_most(self, client_for, owner):
        client = client_for(owner)
        answers = [pin(client, f"/c/{n}").status_code for n in range(MOST + 1)]
        assert answers == [204] * MOST + [409]


class TestAnEntry:
    def test_of_a_campaign_offers_what_can_be_done_with_it(self, client_for, owner, campaign):
        url = f"/c/{campaign('Spring sale').public_id}"
        page = client_for(owner).get(f"/search/actions?url={url}&title=Spring").content.decode()
        for text in ("Open in a new tab", "Pin it to the top", "Copy this campaign", "Book a cost"):
            assert text in page

    def test_offers_no_more_than_one_may(self, client_for, user_with, campaign):
        url = f"/c/{campaign('Spring sale').public_id}"
        legal, guest = client_for(user_with("legal")), client_for(user_with("vendor"))
        assert "Copy this campaign" not in legal.get(f"/search/actions?url={url}").content.decode()
        assert "Plan of" in legal.get(f"/search/actions?url={url}").content.decode()
        assert "Plan of" not in guest.get(f"/search/actions?url={url}").content.decode()

    def test_says_whether_it_is_pinned(self, client_for, owner):
        client = client_for(owner)
        pin(client, "/calendar")
        assert "No longer pin it" in client.get("/search/actions?url=/calendar").content.decode()

    def test_is_quoted_whatever_it_is_called(self, client_for, owner):
        title = '"><script>alert(1)</script>'
        page = client_for(owner).get(f"/search/actions?url=/x&title={quote(title)}")
        assert "<script>alert" not in page.content.decode()


class TestCreating:
    def test_uses_the_words_and_the_campaign_at_hand(self, ask, campaign):
        spring, _latest = campaign("Spring sale"), campaign("Latest")
        found = {title: url for url, title in ask("Zeppelin", at=f"/c/{spring.public_id}/budget")}
        for title, start, anchor in (
            ("Campaign “Zeppelin”", "/campaigns/new?blank=1&amp;name=Zeppelin", ""),
            ("Task “Zeppelin”", f"/c/{spring.public_id}/plan?name=Zeppelin", "#new-task"),
            ("Risk “Zeppelin”", f"/c/{spring.public_id}/plan/risks?name=Zeppelin", "#add-risk"),
            ("Segment “Zeppelin”", "/segments?name=Zeppelin", "#new-segment"),
            ("E-mail “Zeppelin”", f"/c/{spring.public_id}/content?name=Zeppelin", "#new-name"),
        ):
            assert found[title].startswith(start)
            assert found[title].endswith(anchor)

    def test_stands_after_what_was_found_however_much_that_is(self, ask, campaign):
        for n in range(40):
            campaign(f"Spring {n}")
        titles = [title for _url, title in ask("spring")]
        assert len(titles) == 30
        offered = [title for title in titles if title.endswith("“spring”")]
        assert offered == titles[-len(offered) :]
        assert {"Campaign “spring”", "Task “spring”", "E-mail “spring”"} <= set(offered)

    def test_is_not_offered_for_people_sums_and_silence(self, ask, campaign):
        campaign("Spring sale")
        for query in ("", "@spring", "#spring", "=1+1"):
            assert not [title for _url, title in ask(query) if "“" in title]

    def test_is_offered_to_those_who_may(self, ask, user_with, campaign):
        campaign("Spring sale")
        assert ask("Zeppelin", user=user_with("vendor")) == []
        titles = [title for _url, title in ask("Zeppelin", user=user_with("content"))]
        assert titles == ["E-mail “Zeppelin”"]

    @pytest.mark.parametrize(
        ("path", "value"),
        [
            ("/campaigns/new?blank=1&name=Zeppelin", 'value="Zeppelin"'),
            ("/c/{id}/plan?name=Zeppelin", ">Zeppelin</textarea>"),
            ("/c/{id}/plan/risks?name=Zeppelin", 'value="Zeppelin"'),
            ("/segments?name=Zeppelin", 'value="Zeppelin"'),
            ("/c/{id}/content?name=Zeppelin", 'value="Zeppelin"'),
            ("/content?name=Zeppelin", 'value="Zeppelin"'),
        ],
    )
    def test_finds_the_name_in_the_form(self, client_for, owner, campaign, stores, path, value):
        path = path.format(id=campaign("Spring sale").public_id)
        assert value in client_for(owner).get(path).content.decode()


class TestSteps:
    def test_away_from_a_campaign_ask_which_one(self, ask, campaign):
        spring, autumn, draft = campaign("Spring sale"), campaign("Autumn"), campaign("Draft")
        for one in (spring, autumn):
            one.status = "running"
            one.save()
        at = {f"/c/{one.public_id}#steps" for one in (spring, autumn)}
        for query in (">pause", "＞暂停", ">暫停", ">zt"):
            found = ask(query, at="/calendar")
            assert {url for url, title in found if title == "Pause"} == at
        for query in (">pause spring", ">暂停Spring", ">pause  spring sale"):
            paused = [url for url, title in ask(query) if title == "Pause"]
            assert paused == [f"/c/{spring.public_id}#steps"]
        assert "Pause" not in [title for _url, title in ask("p")]
        submitted = [url for url, title in ask(">submit") if title == "Submit for approval"]
        assert submitted == [f"/c/{draft.public_id}#steps"]

    def test_on_a_campaign_name_it_once(self, ask, campaign):
        spring = campaign("Spring sale")
        spring.status = "running"
        spring.save()
        found = ask(">pause", at=f"/c/{spring.public_id}")
        assert [title for _url, title in found].count("Pause") == 1

    def test_say_so_where_no_campaign_can_take_them(self, ask, campaign):
        campaign("Draft")
        assert ("/campaigns", "“Pause”: no campaign is at a stage for it") in ask(">pause")

    def test_are_for_those_who_may(self, ask, campaign, user_with):
        campaign("Spring sale")
        titles = [title for _url, title in ask(">pause", user=user_with("analyst"))]
        assert titles == ["Segment “pause”"]


class TestPeople:
    def test_are_colleagues_and_customers(self, ask, owner, user_with, stores):
        from muster.people.models import Person

        seller = user_with("sales", "林小满")
        person = Person.objects.create(first_name="", last_name="林", email="lin@x.test")
        for query in ("@林", "＠林"):
            urls = [url for url, _title in ask(query)]
            assert f"/settings/members/{seller.public_id}" in urls
            assert f"/people/{person.public_id}" in urls
        assert f"/settings/members/{seller.public_id}" in [url for url, _t in ask("@lxm")]
        # Who manages nobody sees what a colleague answers for.
        urls = [url for url, _title in ask("@林", user=user_with("analyst"))]
        assert f"/campaigns?owner={seller.pk}" in urls
        assert ask("@林", user=user_with("vendor")) == []


class TestHelp:
    def test_leads_to_the_page_and_its_help(self, ask, campaign, user_with):
        spring = campaign("Spring sale")
        for query in ("?raci", "？责任矩阵"):
            assert ask(query) == [
                (f"/c/{spring.public_id}/plan/raci#shortcuts", "Duties: what R, A, C and I mean")
            ]
        titles = [title for _url, title in ask("?", at="/calendar")]
        assert titles[0] == "Help for this page"
        assert "Calendar: moving things by keyboard" in titles
        guest = [title for _url, title in ask("?", user=user_with("vendor"))]
        assert guest == [
            "Search: the signs at the beginning",
            "My work: in which order, and by which keys",
        ]

    def test_of_the_open_page_is_shown_on_it(self, client_for, owner, campaign):
        campaign("Spring sale")
        page = client_for(owner).get("/search?palette=1&q=%3F&at=/calendar").content.decode()
        assert page.count('data-opens="shortcuts"') == 2
