"""Short links, their codes and tags, through the doors people use."""

from __future__ import annotations

from datetime import date
from urllib.parse import parse_qsl, urlsplit

import pytest

from muster.collector.links import Links
from muster.plan.campaigns.models import Campaign
from muster.track.links.doors import short
from muster.track.links.models import ShortLink
from tests.collector.asking import Asking

pytestmark = pytest.mark.django_db(transaction=True)
PHONE = {"user-agent": "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) MicroMessenger/8.0"}


@pytest.fixture
def campaign(owner):
    days = {"starts": date(2026, 11, 1), "ends": date(2026, 11, 12)}
    return Campaign.objects.create(name="Double 11", owner=owner, currency="CNY", **days)


@pytest.fixture
def link(api, campaign):
    """A poster at the door of store 12."""
    body = {
        "target": "https://shop.example/autumn#tea",
        "channel": "store",
        "campaign": campaign.public_id,
        "placement": "Store 12 door",
    }
    answer = api("POST", "/links", body)
    assert answer.status_code == 201
    return answer.json()


class TestAShortLink:
    def test_leads_to_its_address_with_its_tags(self, link, campaign, tmp_path):
        assert link["target"] == (
            "https://shop.example/autumn?utm_source=store&utm_medium=qr"
            f"&utm_campaign={campaign.public_id}&utm_content=store-12-door#tea"
        )
        asking = Asking(tmp_path, Links(lambda _t: None, lambda _t: None, short))
        path = "/s/" + link["address"].rpartition("/")[2]
        answer = asking.request("GET", path, headers=PHONE)
        assert (answer.status_code, answer.headers["location"]) == (302, link["target"])

    def test_tells_scans_clicks_and_machines_apart(
        self, link, campaign, stores, api, client_for, owner
    ):
        code = link["address"].rpartition("/")[2]
        folder = stores.stores.spool.folder
        asking = Asking(folder, Links(lambda _t: None, lambda _t: None, short))
        for path, agent in (
            (f"/s/{code}/q", PHONE),
            (f"/s/{code.upper()}/q", PHONE),
            (f"/s/{code}", PHONE),
            (f"/s/{code}", {"user-agent": "curl/8.0"}),
        ):
            assert asking.request("GET", path, headers=agent).status_code == 302
        stores.settle()
        found = api("GET", "/links").json()["items"][0]
        assert (found["scans"], found["clicks"], found["machines"]) == (2, 1, 1)
        event = asking.events()[0]
        assert event["event"] == "Code Scanned"
        assert event["properties"]["placement"] == "Store 12 door"
        assert event["context"]["campaign"]["campaign_id"] == campaign.public_id
        text = client_for(owner).get("/links").content.decode()
        assert f"/s/{code}" in text
        assert "Double 11" in text

    @pytest.mark.parametrize("path", ["/s/nothere", "/s/", "/s/https://evil.example", "/s//q"])
    def test_leads_nowhere_but_to_what_was_made(self, link, tmp_path, path):
        asking = Asking(tmp_path, Links(lambda _t: None, lambda _t: None, short))
        answer = asking.request("GET", path)
        assert answer.status_code == 404
        assert "location" not in answer.headers

    def test_leads_nowhere_once_it_is_taken_away_and_can_be_brought_back(
        self, link, client_for, owner
    ):
        code = link["address"].rpartition("/")[2]
        client = client_for(owner)
        client.post(f"/links/{link['id']}/remove")
        assert short(code) is None
        assert f"/s/{code}" not in client.get("/links").content.decode()
        ShortLink.objects.update(deleted_at=None)
        assert short(code) is not None

    @pytest.mark.parametrize(
        "target", ["javascript:alert(1)", "/autumn", "https://", "ftp://x.cn/"]
    )
    def test_is_not_made_of_what_is_no_address(self, api, target):
        answer = api("POST", "/links", {"target": target, "channel": "store"})
        assert answer.status_code == 422
        assert answer.json()["errors"][0]["at"] == "/target"

    def test_is_made_on_the_page_too(self, client_for, owner, campaign):
        client = client_for(owner)
        fields = {"target": "https://shop.example/", "channel": "social", "campaign": campaign.pk}
        assert client.post("/links/new", fields).status_code == 302
        assert "utm_medium=social" in ShortLink.objects.get().target
        wrong = client.post("/links/new", {**fields, "target": "shop"})
        assert wrong.status_code == 422
        assert "no address of the web" in wrong.content.decode()

    def test_is_for_those_who_may(self, link, client_for, user_with):
        assert client_for(user_with("vendor")).get("/links").status_code == 403
        analyst = client_for(user_with("analyst"))
        assert analyst.get("/links").status_code == 200
        assert analyst.post(f"/links/{link['id']}/remove").status_code == 403


class TestTheBuilder:
    BODY = {
        "target": "https://shop.example/",
        "channel": "social",
        "name": "双11 大促 ABC",
        "placement": "Door & Window",
        "term": "Green Tea",
    }

    @pytest.mark.parametrize(("path", "said"), [("/links/tag", "url"), ("/links", "target")])
    def test_names_as_the_checker_wants_it(self, api, workspace, path, said):
        made = api("POST", path, self.BODY).json()[said]
        tags = dict(parse_qsl(urlsplit(made).query))
        assert tags == {
            "utm_source": "wechat",
            "utm_medium": "social",
            "utm_campaign": "双11-大促-abc",
            "utm_content": "door-window",
            "utm_term": "green-tea",
        }
        (checked,) = api("POST", "/links/check", {"urls": [made]}).json()["links"]
        assert checked["findings"] == []

    @pytest.mark.parametrize("path", ["/links/tag", "/links"])
    def test_refuses_a_channel_whose_visits_would_count_as_none(self, api, campaign, path):
        answer = api("POST", path, {**self.BODY, "channel": "zzz"})
        assert answer.status_code == 422
        (error,) = answer.json()["errors"]
        assert (error["at"], error["code"]) == ("/channel", "unknown_channel")
        # One that a campaign has made for itself is known there.
        campaign.channels = ["zzz"]
        campaign.save()
        own = {**self.BODY, "channel": "zzz", "campaign": campaign.public_id}
        assert api("POST", path, own).status_code in (200, 201)


class TestACode:
    @pytest.mark.parametrize(
        ("kind", "begin"), [("svg", b"<?xml"), ("png", b"\x89PNG"), ("pdf", b"%PDF")]
    )
    def test_is_a_file_of_its_kind(self, link, client_for, owner, api, kind, begin):
        answer = client_for(owner).get(f"/links/{link['id']}/code.{kind}")
        assert answer.content.startswith(begin)
        assert "attachment" in answer["Content-Disposition"]
        assert api("GET", f"/links/{link['id']}/code.{kind}").content.startswith(begin)

    def test_is_of_no_other_kind(self, link, client_for, owner):
        assert client_for(owner).get(f"/links/{link['id']}/code.exe").status_code == 404


class TestTheChecker:
    def test_finds_and_mends_on_the_page_and_in_the_api(self, client_for, owner, api, workspace):
        url = "https://shop.example/?UTM_Source=WeiXin&utm_medium=Social&utm_campaign=Double 11"
        body = api("POST", "/links/check", {"urls": [url]}).json()["links"][0]
        assert body["mended"] == (
            "https://shop.example/?utm_source=wechat&utm_medium=social&utm_campaign=double-11"
        )
        assert body["group"] == "social"
        text = client_for(owner).post("/links/check", {"urls": url}).content.decode()
        assert "utm_campaign=double-11" in text
