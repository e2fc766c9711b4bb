"""The inventory of tools: what is connected says so in words, the rest is noted by hand."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest
from django.core.cache import cache

from muster.kit import clock
from muster.kit.errors import Invalid
from muster.plan.calendar.models import Feed, ImportedCalendar
from muster.plan.campaigns.days import today
from muster.plan.readiness.models import Sighting
from muster.plan.tools import actions
from muster.plan.tools.models import Tool
from muster.plan.tools.registry import connections
from muster.plan.tools.views import monthly
from muster.team.changes.actions import bring_back, undo
from muster.team.members.handing import hand_over
from muster.team.robots.models import Robot
from muster.team.tokens.models import Token, WriteKey
from muster.team.users.models import Workspace

pytestmark = pytest.mark.django_db
HTMX = {"HX-Request": "true"}


@pytest.fixture(autouse=True)
def here(workspace):
    cache.clear()
    return workspace


def wires(key):
    return [
        (one.name, str(one.state), one.detail)
        for one in connections(lambda right: True)
        if one.key == key
    ]


def wire(key):
    [found] = wires(key)
    return found[1], found[2]


class TestConnections:
    def test_of_sites_by_their_last_event(self, stores):
        assert wire("site")[0] == "off"
        for name in ("Shop", "Blog", "Old shop"):
            WriteKey.objects.create(name=name)
        WriteKey.objects.create(name="Gone", revoked_at=clock.now())
        stores.stores.spool.append("key:Shop", [b'{"type":"track","event":"x","anonymousId":"a"}'])
        stores.settle()
        cache.clear()
        assert [(name, state) for name, state, _text in wires("site")] == [
            ("Blog", "off"),
            ("Old shop", "off"),
            ("Shop", "connected"),
        ]

    def test_of_sites_that_fell_silent(self, stores, monkeypatch):
        WriteKey.objects.create(name="Shop")
        last = {"key:Shop": clock.now() - timedelta(days=7, minutes=1)}
        monkeypatch.setattr("muster.plan.tools.own.last_by_source", lambda db: last)
        state, text = wire("site")
        assert state == "trouble"
        assert "more than a week" in text

    def test_of_sites_without_a_warehouse(self):
        WriteKey.objects.create(name="Shop")
        assert wire("site")[0] == "trouble"
        assert wire("warehouse")[0] == "trouble"

    def test_ask_the_warehouse_once_a_minute(self, stores, client_for, owner, monkeypatch):
        asked = []
        monkeypatch.setattr(
            "muster.plan.tools.own.last_by_source", lambda db: asked.append(db) or {}
        )
        client = client_for(owner)
        for _look in range(2):
            assert "DuckDB answers" in client.get("/tools").content.decode()
        assert len(asked) == 1

    def test_of_the_warehouse(self, stores):
        assert wire("warehouse") == ("connected", "DuckDB answers, in the data folder.")

    def test_of_robots(self):
        assert wire("robots")[0] == "off"
        Robot.objects.create(name="Team", kind="wecom", sealed=b"", used_at=clock.now())
        Robot.objects.create(name="Ops", kind="feishu", sealed=b"", trouble="keyword missing")
        found = {name: (state, text) for name, state, text in wires("robots")}
        assert found["Team"][0] == "connected"
        assert found["Ops"] == ("trouble", "Feishu answered: keyword missing")

    def test_of_calendars(self, owner):
        assert wire("calendars")[0] == "off"
        ImportedCalendar.objects.create(name="Trade fairs")
        assert wire("calendars")[1] == "Calendars brought in: 1. No program reads ours."
        Feed.objects.create(user=owner, name="Phone", hash="h", last_used_at=clock.now())
        assert "Read by a calendar program" in wire("calendars")[1]

    def test_of_programs(self, owner):
        assert wire("programs") == ("off", "No program has a token.")
        Token.objects.create(name="Late", hash="a", user=owner, expires_at=clock.now())
        assert wire("programs") == ("off", "No program has a token.")
        Token.objects.create(name="BI", hash="b", user=owner, last_used_at=clock.now())
        assert wire("programs")[0] == "connected"

    @pytest.mark.parametrize(
        ("address", "state"),
        [
            ("http://localhost:8000", "off"),
            ("http://m.shop.cn", "trouble"),
            ("https://m.shop.cn", "connected"),
        ],
    )
    def test_of_short_links(self, settings, address, state):
        settings.PUBLIC_URL = address
        assert wire("links")[0] == state

    def test_of_the_mail_server(self, settings):
        settings.INBOX = True
        assert wire("mail")[0] == "off"
        settings.INBOX, settings.EMAIL_HOST = False, "smtp.shop.cn"
        assert wire("mail") == (
            "connected",
            "smtp.shop.cn is set; nothing was sent through it yet.",
        )

    def test_of_the_sender_domain(self, campaign):
        assert wire("domain")[0] == "off"
        Workspace.objects.update(sender_address="tea@shop.cn")
        assert "not looked at yet" in wire("domain")[1]
        good = {"domain": "shop.cn", "spf": "pass", "dkim": "pass", "dmarc": "pass"}
        sighting = Sighting.objects.create(
            campaign=campaign, what="domain", mark="m", found=good, at=clock.now()
        )
        assert wire("domain") == ("connected", "SPF, DKIM and DMARC of shop.cn are right.")
        sighting.found = {**good, "spf": "missing"}
        sighting.save()
        state, text = wire("domain")
        assert state == "trouble"
        assert "no SPF record" in text


@pytest.fixture
def tool(owner):
    fields = {"name": "Canvas", "purpose": "Pictures", "monthly": Decimal("88.50"), "owner": owner}
    found, _change = actions.add_tool(fields, by=owner)
    return found


class TestOwnTools:
    def test_cost_in_the_workspace_currency_unless_said(self, tool, owner):
        usd = {"name": "Forms", "monthly": Decimal(20), "currency": "usd"}
        actions.add_tool(usd, by=owner)
        actions.add_tool({"name": "Ads", "monthly": Decimal("11.50")}, by=owner)
        actions.add_tool({"name": "Notes"}, by=owner)
        assert monthly(Tool.objects.all()) == {"CNY": Decimal(100), "USD": Decimal(20)}

    def test_of_a_name_that_a_colleague_takes_at_the_same_moment(self, owner, tool, monkeypatch):
        asked = []
        taken = actions._is_taken
        # The colleague comes between the question and the answer.
        monkeypatch.setattr(
            actions, "_is_taken", lambda one: (bool(asked) and taken(one)) or asked.append(one)
        )
        with pytest.raises(Invalid) as refused:
            actions.add_tool({"name": tool.name}, by=owner)
        assert [one.code for one in refused.value.errors] == ["taken"]
        assert Tool.objects.count() == 1

    def test_are_taken_back(self, owner, tool):
        _other, change = actions.add_tool({"name": "Forms"}, by=owner)
        undo(change, by=owner)
        assert list(Tool.objects.all()) == [tool]
        undo(actions.edit_tool(tool, {"owner": None, "monthly": None}, by=owner), by=owner)
        tool.refresh_from_db()
        assert (tool.owner, tool.monthly, tool.currency) == (owner, Decimal("88.50"), "CNY")
        bring_back(actions.drop_tool(tool, by=owner), by=owner)
        assert Tool.objects.get() == tool

    @pytest.mark.parametrize(
        ("wrong", "at"),
        [
            ({"name": " "}, "/name"),
            ({"name": "Canvas"}, "/name"),
            ({"monthly": Decimal(-1)}, "/monthly"),
            ({"monthly": Decimal(1), "currency": "ABC"}, "/currency"),
            ({"link": "javascript:alert(1)"}, "/link"),
        ],
        ids=["no-name", "same-name", "negative", "no-currency", "no-address"],
    )
    def test_that_cannot_be(self, tool, owner, wrong, at):
        with pytest.raises(Invalid) as refused:
            actions.add_tool({"name": "Other", **wrong}, by=owner)
        assert [one.at for one in refused.value.errors] == [at]

    def test_go_to_a_colleague_when_somebody_leaves(self, tool, owner, manager):
        hand_over(owner, manager)
        tool.refresh_from_db()
        assert tool.owner == manager


class TestPages:
    def test_show_connections_and_tools(self, client_for, owner, tool, stores):
        actions.edit_tool(tool, {"contract_ends": today() + timedelta(days=30)}, by=owner)
        text = client_for(owner).get("/tools").content.decode()
        for said in ("DuckDB answers", "Canvas", "88.50", "soon", "See to it"):
            assert said in text

    def test_say_what_all_cost_a_month(self, client_for, owner, tool):
        usd = {"name": "Forms", "monthly": Decimal(20), "currency": "USD"}
        actions.add_tool(usd, by=owner)
        assert "¥88.50 and $20.00 a month" in client_for(owner).get("/tools").content.decode()

    def test_are_filled_in_in_the_drawer(self, client_for, owner):
        client = client_for(owner)
        assert "tool-new" in client.get("/tools/add", headers=HTMX).content.decode()
        answer = client.post("/tools/add", {"name": "Forms", "monthly": "=x"}, headers=HTMX)
        assert answer.status_code == 422
        data = {"name": "Forms", "monthly": "2,000", "currency": "CNY"}
        assert client.post("/tools/add", data, headers=HTMX).status_code == 200
        tool = Tool.objects.get()
        assert tool.monthly == 2000
        path = f"/tools/{tool.public_id}"
        assert client.post(path, {"name": "Forms 2"}, headers=HTMX).status_code == 200
        assert Tool.objects.get().name == "Forms 2"
        assert client.post(f"{path}/drop", headers=HTMX).status_code == 204
        assert not Tool.objects.exists()

    def test_keep_costs_and_changes_to_those_who_may(self, client_for, user_with, tool):
        text = client_for(user_with("sales")).get("/tools").content.decode()
        assert "Canvas" in text
        assert "88.50" not in text
        assert "/tools/add" not in text
        assert 'href="/settings/tokens">See to it' not in text
        assert client_for(user_with("store")).get("/tools").status_code == 403

    def test_keep_what_settings_show_to_those_who_may(self, client_for, owner, user_with, settings):
        settings.INBOX, settings.EMAIL_HOST = False, "smtp.shop.cn"
        WriteKey.objects.create(name="Shop key")
        Robot.objects.create(name="Ops", kind="feishu", sealed=b"", trouble="keyword missing")
        Token.objects.create(name="BI", hash="b", user=owner)
        secrets = ("Shop key", "Ops", "keyword missing", "smtp.shop.cn", "Tokens: 1")
        shown = client_for(owner).get("/tools").content.decode()
        assert [one for one in secrets if one in shown] == list(secrets)
        shown = client_for(user_with("sales")).get("/tools").content.decode()
        assert [one for one in secrets if one in shown] == []
        assert "Group robot" in shown
        assert "in trouble" in shown


class TestApi:
    def test_keeps_what_settings_show_to_tokens_that_may(self, api):
        Robot.objects.create(name="Ops", kind="feishu", sealed=b"", trouble="keyword missing")

        def robot(**more):
            found = api("GET", "/tools", **more).json()["connections"]
            return next(one for one in found if one["key"] == "robots")

        assert (robot()["name"], robot()["detail"]) == ("Ops", "Feishu answered: keyword missing")
        few = robot(scopes=["campaigns:read"])
        assert (few["name"], few["state"]) == ("Group robot", "trouble")
        assert (few["detail"], few["fix"]) == (None, None)

    def test_lists_and_changes(self, api, tool, owner):
        found = api("GET", "/tools").json()
        assert {"mail", "domain", "links", "site", "warehouse"} <= {
            one["key"] for one in found["connections"]
        }
        assert found["items"][0]["monthly"] == {"amount": "88.50", "currency": "CNY"}
        body = {"name": "Forms", "monthly": {"amount": "20", "currency": "USD"}}
        made = api("POST", "/tools", body).json()
        assert made["monthly"]["currency"] == "USD"
        path = f"/tools/{made['id']}"
        changed = api("PATCH", path, {"owner": owner.public_id, "link": "https://f.example"}).json()
        assert (changed["owner"]["name"], changed["link"]) == ("Wang Min", "https://f.example")
        assert changed["monthly"]["amount"] == "20.00"
        assert api("DELETE", path).status_code == 204

    def test_keeps_costs_to_tokens_that_may(self, api, tool):
        few = ["campaigns:read", "campaigns:write"]
        assert api("GET", "/tools", scopes=few).json()["items"][0]["monthly"] is None
        path = f"/tools/{tool.public_id}"
        assert api("PATCH", path, {"monthly": "1"}, scopes=few).status_code == 403
