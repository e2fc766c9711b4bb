"""Tokens, scopes, idempotency keys."""

from __future__ import annotations

import json

import pytest
from django.test import Client

from muster.kit.errors import Invalid
from muster.team.models import OwnRole, Token, User, WriteKey
from muster.team.tokens import actions


class TestAToken:
    def test_is_stored_as_a_hash(self, owner):
        token, secret = actions.make_token("CRM", ["jobs:read"], user=owner, by=owner)
        assert secret not in json.dumps(list(Token.objects.values()), default=str)
        assert token.scopes == ["jobs:read"]

    def test_opens_only_what_its_scopes_say(self, api):
        assert api("GET", "/jobs", scopes=["jobs:read"]).status_code == 200
        refused = api("GET", "/users", scopes=["jobs:read"])
        assert refused.status_code == 403
        assert "team:manage" in refused.json()["detail"]

    def test_never_opens_more_than_its_person_may(self, api, user_with):
        refused = api("GET", "/users", scopes=["team:manage"], user=user_with("analyst"))
        assert refused.status_code == 403

    @pytest.mark.parametrize("end", ["revoked", "person left"])
    def test_ends_at_once(self, owner, user_with, end):
        person = user_with("admin")
        token, secret = actions.make_token("CRM", ["jobs:read"], user=person, by=owner)
        client = Client(headers={"Authorization": f"Bearer {secret}"})
        assert client.get("/api/v1/jobs").status_code == 200
        if end == "revoked":
            actions.revoke_token(token, by=owner)
        else:
            User.objects.filter(pk=person.pk).update(is_active=False)
        assert client.get("/api/v1/jobs").status_code == 401

    def test_with_an_unknown_scope_is_not_made(self, owner):
        with pytest.raises(Invalid, match="no scope"):
            actions.make_token("CRM", ["everything"], user=owner, by=owner)

    def test_is_shown_once_on_its_page(self, owner, client_for):
        client = client_for(owner)
        page = client.post(
            "/settings/tokens/add", {"name": "CRM", "scope": ["jobs:read"]}
        ).content.decode()
        secret = page.split("mt_")[1].split("<")[0]
        assert len(secret) > 30
        assert secret not in client.get("/settings/tokens").content.decode()


class TestAnIdempotencyKey:
    def call(self, api, name, key="k1"):
        return api("POST", "/tokens/keys", {"name": name}, headers={"Idempotency-Key": key})

    @pytest.fixture
    def one_token(self, owner):
        _token, secret = actions.make_token("CRM", ["settings:manage"], user=owner, by=owner)

        def call(method, path, body, headers):
            client = Client(headers={"Authorization": f"Bearer {secret}", **headers})
            return client.post(f"/api/v1{path}", json.dumps(body), content_type="application/json")

        return call

    def test_makes_a_repeated_call_act_once(self, one_token):
        first, second = self.call(one_token, "shop"), self.call(one_token, "shop")
        assert (first.status_code, second.status_code) == (201, 201)
        assert first.json() == second.json()
        assert second["Idempotent-Replay"] == "true"
        assert WriteKey.objects.count() == 1

    def test_with_another_body_is_refused(self, one_token):
        self.call(one_token, "shop")
        refused = self.call(one_token, "site")
        assert (refused.status_code, refused.json()["code"]) == (422, "key_reused")

    def test_of_another_token_is_another_key(self, one_token, api):
        self.call(one_token, "shop")
        assert self.call(api, "site").status_code == 201

    def test_does_not_open_doors(self, workspace):
        client = Client(headers={"Idempotency-Key": "k1"})
        assert (
            client.post("/api/v1/tokens/keys", "{}", content_type="application/json").status_code
            == 401
        )


class TestBadInputOfTheApi:
    def test_names_the_place(self, api):
        answer = api("POST", "/tokens", {"name": "x"})
        assert answer.status_code == 422
        assert answer.json()["errors"][0]["at"] == "/scopes"

    def test_a_taken_name_says_what_to_do(self, api):
        api("POST", "/tokens/keys", {"name": "shop"})
        answer = api(
            "POST", "/tokens/keys", {"name": "shop"}, headers={"Accept-Language": "zh-hant"}
        )
        assert answer.status_code == 422
        assert "shop" in answer.json()["errors"][0]["detail"]


class TestARefusal:
    """What is missing in words, who can give it, and its key for machines."""

    @pytest.fixture
    def admin(self, user_with):
        return user_with("admin", "Zhou Ting")

    def test_names_the_right_and_who_can_give_it(self, api, owner, admin, user_with):
        seller = user_with("sales", "Li Qiang")
        answer = api("GET", "/users", user=seller)
        said = answer.json()
        assert (answer.status_code, said["code"]) == (403, "forbidden")
        assert said["detail"] == (
            "Li Qiang lacks the right “Invite colleagues and set roles”. Wang Min and Zhou Ting can"
            " give it."
        )
        assert said["permission"] == "team.manage"
        assert "scope" not in said

    def test_is_in_the_callers_language(self, api, owner, admin, user_with):
        seller = user_with("sales", "Li Qiang")
        for language, word in (("zh-hans", "邀请同事"), ("zh-hant", "邀請同事")):
            said = api("GET", "/users", user=seller, headers={"Accept-Language": language}).json()
            assert word in said["detail"]
            assert "Wang Min" in said["detail"]
            assert "team.manage" not in said["detail"]

    def test_of_a_token_names_scope_and_right(self, api, owner):
        said = api("GET", "/users", scopes=["people:read"]).json()
        assert said["detail"] == (
            "This token lacks the scope team:manage (“Invite colleagues and set roles”). Wang Min"
            " can make a token that has it."
        )
        assert (said["scope"], said["permission"]) == ("team:manage", "team.manage")

    def test_of_more_than_the_call_itself_needs_says_the_same(self, api, owner):
        from datetime import date

        from muster.plan.overview.actions import start_campaign

        campaign = start_campaign(
            name="A", starts=date(2027, 1, 1), ends=date(2027, 1, 2), currency="CNY", by=owner
        )
        at, body = f"/campaigns/{campaign.public_id}", {"total_budget": "5"}
        said = api("PATCH", at, body, scopes=["campaigns:write"]).json()
        assert said["scope"] == "budget:write"
        analyst_like = OwnRole.objects.create(
            name="Planner", base="manager", permissions=["campaigns.see", "campaigns.edit"]
        )
        user = User.objects.create_user(
            "p@muster.test", name="Pu", role="manager", own_role=analyst_like
        )
        said = api("PATCH", at, body, user=user).json()
        assert said["permission"] == "budget.edit"
        assert "Change budgets and book costs" in said["detail"]

    def test_on_a_page_says_the_same(self, client_for, owner, admin, user_with):
        page = client_for(user_with("sales")).get("/settings/members")
        assert page.status_code == 403
        said = page.content.decode()
        assert "You lack the right “Invite colleagues and set roles”." in said
        assert "Wang Min and Zhou Ting can give it to you." in said

    def test_names_nobody_who_could_not_give_it(self, api, owner, user_with):
        bare = OwnRole.objects.create(name="Desk", base="admin", permissions=["team.manage"])
        user = user_with("admin", "Zhou Ting")
        User.objects.filter(pk=user.pk).update(own_role=bare)
        said = api("GET", "/campaigns", user=user_with("vendor")).json()["detail"]
        assert "Wang Min can give it" in said
        User.objects.filter(pk=owner.pk).update(is_active=False)
        said = api("GET", "/campaigns", user=user_with("store")).json()["detail"]
        assert "An owner or admin can give it" in said
