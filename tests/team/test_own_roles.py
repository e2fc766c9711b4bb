"""Roles of the workspace's own: made from the table, never more than one has, denied by default."""

from __future__ import annotations

import re

import pytest
from django.test import Client

from muster.kit.errors import Invalid, Refused
from muster.team.members import actions
from muster.team.members.giving import drop_role, given, save_role
from muster.team.models import Change, Invitation, OwnRole, User
from muster.team.roles import PERMISSIONS, ROLES

pytestmark = pytest.mark.django_db
PASSWORD = "correct horse battery staple"
MANAGER = ROLES["manager"].permissions


@pytest.fixture
def make(owner):
    """Makes a role from another: `make("Junior", "manager", less={"sends.start"})`."""

    def act(name, base="manager", less=(), more=(), by=None):
        ticked = (ROLES[base].permissions - set(less)) | set(more)
        save_role(None, name, base, ticked, by=by or owner)
        return OwnRole.objects.get(name=name)

    return act


@pytest.fixture
def limited(make, user_with, owner):
    """An admin of members who may not see addresses nor change settings."""
    role = make("People desk", "admin", less={"people.pii", "people.export", "settings.manage"})
    user = user_with("admin", "Zhou Li")
    actions.set_role(user, role.public_id, by=owner)
    return User.objects.get(pk=user.pk)


class TestARole:
    def test_decides_alone_what_its_people_may_do(self, make, user_with, owner):
        role = make("Junior", less={"sends.start", "budget.edit"}, more={"people.export"})
        user = user_with("sales")
        actions.set_role(user, role.public_id, by=owner)
        user = User.objects.get(pk=user.pk)
        assert user.permissions == (MANAGER - {"sends.start", "budget.edit"}) | {"people.export"}
        assert (user.role, user.role_name) == ("manager", "Junior")
        assert user.may("campaigns.edit")
        assert not user.may("sends.start")

    def test_gives_nothing_by_a_right_that_does_not_exist(self, make):
        role = make("Junior")
        OwnRole.objects.update(permissions=["campaigns.see", "everything", ""])
        assert OwnRole.objects.get(pk=role.pk).allowed == {"campaigns.see"}

    def test_follows_a_change_at_once(self, make, user_with, owner, client_for):
        role = make("Junior")
        user = user_with("sales")
        actions.set_role(user, role.public_id, by=owner)
        client = client_for(User.objects.get(pk=user.pk))
        assert client.get("/campaigns/new").status_code == 200
        save_role(role, "Junior", "manager", MANAGER - {"campaigns.edit"}, by=owner)
        assert client.get("/campaigns/new").status_code == 403

    @pytest.mark.parametrize(
        ("name", "base", "match"),
        [("", "manager", "name"), ("Boss", "owner", "but owner"), ("X", "wizard", "of the table")],
    )
    def test_needs_a_name_and_a_base(self, owner, name, base, match):
        with pytest.raises(Invalid, match=match):
            save_role(None, name, base, [], by=owner)

    def test_goes_only_when_nobody_has_it_or_is_invited_with_it(
        self, make, user_with, owner, stores
    ):
        role = make("Junior")
        actions.invite("li@muster.test", role.public_id, by=owner)
        with pytest.raises(Refused, match="invited"):
            drop_role(role, by=owner)
        Invitation.objects.all().delete()
        user = user_with("sales")
        actions.set_role(user, role.public_id, by=owner)
        with pytest.raises(Refused, match="Junior"):
            drop_role(role, by=owner)
        actions.set_role(User.objects.get(pk=user.pk), "sales", by=owner)
        drop_role(role, by=owner)
        assert not OwnRole.objects.exists()

    def test_is_given_by_an_invitation(self, make, owner, stores):
        role = make("Junior", less={"people.see"})
        _invitation, link = actions.invite("li@muster.test", role.public_id, by=owner)
        token = link.rpartition("/")[2]
        assert (
            "Junior"
            in Client(headers={"Accept-Language": "en"}).get(f"/invite/{token}").content.decode()
        )
        user = actions.accept(token, name="Li", password=PASSWORD)
        assert user.own_role == role
        assert not user.may("people.see")


class TestNobodyGivesMoreThanTheyHave:
    def test_by_making_a_role(self, limited):
        with pytest.raises(Refused, match=r"lack some of its rights"):
            save_role(None, "Spy", "sales", ["people.pii"], by=limited)

    def test_by_widening_a_role_not_even_their_own(self, limited):
        role = limited.own_role
        with pytest.raises(Refused, match=r"lack some of its rights"):
            save_role(role, role.name, "admin", set(PERMISSIONS), by=limited)

    def test_by_giving_a_role_of_the_table(self, limited, user_with):
        with pytest.raises(Refused, match=r"lack some of its rights"):
            actions.set_role(user_with("sales"), "admin", by=limited)
        with pytest.raises(Refused, match=r"lack some of its rights"):
            actions.set_role(limited, "admin", by=limited)

    def test_by_inviting(self, limited):
        with pytest.raises(Refused, match=r"lack some of its rights"):
            actions.invite("friend@muster.test", "admin", by=limited)
        assert not Invitation.objects.exists()

    def test_by_inviting_with_the_base_of_a_role(self, limited, make, api):
        # It ticks nothing, but counts as admin where a step asks for a role by its name.
        role = make("Guest", "admin", less=PERMISSIONS).public_id
        with pytest.raises(Refused, match=r"lack some of its rights"):
            actions.invite("friend@muster.test", role, by=limited)
        body = {"email": "friend@muster.test", "role": role, "name": "Friend"}
        answer = api("POST", "/users", body, user=limited, scopes=["team:manage"])
        assert answer.status_code == 409

    def test_by_an_invitation_that_waited_until_they_had_less(self, make, user_with, owner, stores):
        admin = user_with("admin")
        _invitation, link = actions.invite("friend@muster.test", "admin", by=admin)
        actions.set_role(admin, "sales", by=owner)
        with pytest.raises(Refused):
            actions.accept(link.rpartition("/")[2], name="Friend", password=PASSWORD)

    def test_by_the_api(self, limited, api):
        body = {"email": "friend@muster.test", "role": "admin", "name": "Friend"}
        answer = api("POST", "/users", body, user=limited, scopes=["team:manage"])
        assert answer.status_code == 409
        assert not User.objects.filter(email="friend@muster.test").exists()

    def test_nor_takes_rights_from_those_who_have_more(self, limited, user_with):
        admin = user_with("admin", email="second@muster.test")
        for act in (
            lambda: actions.set_role(admin, "sales", by=limited),
            lambda: actions.deactivate(admin, by=limited),
        ):
            with pytest.raises(Refused, match=r"may do more than you"):
                act()

    def test_and_rights_that_one_lacks_stay_as_they_are(self, make, limited, owner):
        role = make("Export desk", "sales", more={"people.pii"})
        ticked = ROLES["sales"].permissions - {"insights.see"}
        save_role(role, "Export desk", "sales", ticked, by=limited)
        assert OwnRole.objects.get(pk=role.pk).allowed == ticked | {"people.pii"}


class TestThePages:
    def test_make_change_and_list_a_role(self, client_for, owner):
        client = client_for(owner)
        page = client.get("/settings/roles/new?from=sales").content.decode()
        assert set(re.findall(r'name="may" value="([a-z.]+)" checked', page)) == (
            ROLES["sales"].permissions
        )
        client.post("/settings/roles/new?from=sales", {"name": "Store desk", "may": ["people.see"]})
        role = OwnRole.objects.get()
        assert (role.base, role.allowed) == ("sales", {"people.see"})
        table = client.get("/settings/roles").content.decode()
        assert f"/settings/roles/{role.public_id}" in table
        answer = client.post(f"/settings/roles/{role.public_id}", {"name": "", "may": []})
        assert answer.status_code == 422
        assert "Give the role a name." in answer.content.decode()
        client.post(f"/settings/roles/{role.public_id}/drop")
        assert not OwnRole.objects.exists()

    def test_offer_nothing_that_one_lacks(self, client_for, limited):
        page = client_for(limited).get("/settings/roles/new?from=admin").content.decode()
        assert page.count(" disabled") == 3
        assert "you lack it yourself" in page

    def test_are_for_those_who_manage_the_team(self, client_for, user_with, make):
        role = make("Junior")
        client = client_for(user_with("manager"))
        for path in ("/settings/roles/new?from=sales", f"/settings/roles/{role.public_id}"):
            assert client.get(path).status_code == 403

    def test_there_is_no_second_owner_role(self, client_for, owner):
        assert client_for(owner).get("/settings/roles/new?from=owner").status_code == 404

    def test_a_member_gets_and_shows_it(self, client_for, owner, user_with, make):
        role, user = make("Junior"), user_with("sales", "Li Na")
        values = {"role": role.public_id, "hours_per_day": "8", "skills": ""}
        client_for(owner).post(f"/settings/members/{user.public_id}", values)
        assert User.objects.get(pk=user.pk).own_role == role
        assert "Junior" in client_for(owner).get("/settings/members").content.decode()
        change = Change.objects.get(verb="role_set")
        client_for(owner).post(f"/undo/{change.public_id}")
        assert User.objects.get(pk=user.pk).permissions == ROLES["sales"].permissions

    def test_view_as_shows_no_more_than_either_may(
        self, client_for, owner, limited, make, user_with
    ):
        role, user = make("Junior", less={"insights.see"}), user_with("sales", "Li Na")
        actions.set_role(user, role.public_id, by=owner)
        client = client_for(owner)
        client.post(f"/settings/members/{user.public_id}/view")
        assert client.get("/campaigns/new").status_code == 200
        assert client.get("/insights/funnel").status_code == 403
        desk = client_for(limited)
        assert limited.may("insights.see")
        desk.post(f"/settings/members/{owner.public_id}/view")
        assert desk.get("/settings/general").status_code == 403


def test_given_names_both_kinds(make):
    role = make("Junior", less={"people.see"})
    assert given("sales").permissions == ROLES["sales"].permissions
    assert given(role.public_id).permissions == MANAGER - {"people.see"}
    with pytest.raises(Invalid, match="There is no role"):
        given("wizard")


class TestTheApi:
    def test_lists_the_table_as_it_is(self, api, make):
        role = make("Junior", less={"sends.start"})
        items = {one["id"]: one for one in api("GET", "/roles").json()["items"]}
        assert set(items) == {*ROLES, role.public_id}
        for key, one in ROLES.items():
            assert set(items[key]["permissions"]) == one.permissions
            assert items[key]["built_in"] is True
        assert items["owner"]["people"] == 1
        own = items[role.public_id]
        assert (own["name"], own["base"], own["built_in"]) == ("Junior", "manager", False)
        assert set(own["permissions"]) == MANAGER - {"sends.start"}
        rights = api("GET", "/roles/rights").json()["items"]
        assert [one["id"] for one in rights] == list(PERMISSIONS)
        assert rights[0]["name"] == PERMISSIONS[rights[0]["id"]]

    def test_makes_changes_gives_and_drops_one(self, api, user_with):
        made = api("POST", "/roles", {"name": "Desk", "base": "sales"})
        assert made.status_code == 201
        assert set(made.json()["permissions"]) == ROLES["sales"].permissions
        at = f"/roles/{made.json()['id']}"
        body = {"permissions": ["work.see", "campaigns.see"]}
        assert api("PATCH", at, body).json()["permissions"] == ["campaigns.see", "work.see"]
        user = user_with("analyst")
        api("PATCH", f"/users/{user.public_id}", {"role": made.json()["id"]})
        assert User.objects.get(pk=user.pk).permissions == {"work.see", "campaigns.see"}
        assert api("GET", at).json()["people"] == 1
        assert api("DELETE", at).status_code == 409
        api("PATCH", f"/users/{user.public_id}", {"role": "analyst"})
        assert api("DELETE", at).status_code == 204
        assert api("GET", at).status_code == 404

    def test_refuses_what_the_page_refuses(self, api, limited, user_with):
        wrong = {"name": "X", "base": "sales", "permissions": ["everything"]}
        answer = api("POST", "/roles", wrong)
        assert answer.json()["errors"][0]["at"] == "/permissions/0"
        assert api("POST", "/roles", {"name": "X", "base": "owner"}).status_code == 422
        assert api("POST", "/roles", {"name": "X", "base": "wizard"}).status_code == 422
        assert api("PATCH", "/roles/manager", {"name": "X"}).json()["code"] == "built_in"
        assert api("DELETE", "/roles/manager").status_code == 409
        more = {"name": "X", "base": "sales", "permissions": ["people.pii"]}
        assert api("POST", "/roles", more, user=limited).json()["code"] == "more_than_own"
        assert api("GET", "/roles", user=user_with("manager")).status_code == 403
        assert OwnRole.objects.count() == 1

    def test_finance_is_offered_ready(self, client_for, owner):
        client = client_for(owner)
        assert '<option value="finance">Finance</option>' in client.get("/settings/roles").text
        page = client.get("/settings/roles/new?from=finance").text
        ticked = set(re.findall(r'name="may" value="([a-z.]+)" checked', page))
        # A preset of the executives that may post what was spent (labour rates they see already).
        assert ticked == ROLES["executive"].permissions | {"budget.edit"}
        assert 'value="Finance"' in page
        client.post("/settings/roles/new?from=finance", {"name": "Finance", "may": sorted(ticked)})
        role = OwnRole.objects.get()
        assert (role.base, role.allowed) == ("executive", ticked)
