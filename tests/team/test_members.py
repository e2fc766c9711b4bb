"""Set-up, invitations and roles."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.core import mail
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from muster.kit.errors import Refused
from muster.team.members import actions
from muster.team.models import Change, Invitation, OwnRole, User, Workspace

PASSWORD = "correct horse battery staple"
SETUP = {
    "workspace": "青禾茶饮",
    "name": "王敏",
    "email": "wang.min@muster.test",
    "password": PASSWORD,
    "time_zone": "Asia/Shanghai",
}


class TestTheFirstStart:
    def test_leads_every_page_to_set_up(self, db):
        assert Client().get("/campaigns")["Location"] == "/setup"

    def test_takes_four_answers_and_signs_in(self, db, stores):
        client = Client(headers={"Accept-Language": "zh-hans"})
        answer = client.post("/setup", SETUP)
        assert (answer.status_code, answer["Location"]) == (302, "/")
        owner, place = User.objects.get(), Workspace.objects.get()
        assert (owner.role, owner.language, place.name) == ("owner", "zh-hans", "青禾茶饮")
        assert (place.currency, place.time_zone) == ("CNY", "Asia/Shanghai")
        assert client.get("/settings").status_code == 200

    def test_refuses_a_weak_password_beside_its_field(self, db):
        answer = Client(headers={"Accept-Language": "en"}).post(
            "/setup", {**SETUP, "password": "short"}
        )
        assert answer.status_code == 422
        assert "12 characters" in answer.content.decode()
        assert not Workspace.objects.exists()

    def test_gives_the_machines_owner_a_name_and_keeps_the_tokens(self, db, stores, settings):
        early = {"Authorization": f"Bearer {settings.DATA.admin_token()}"}
        made = Client(headers=early).post(
            "/api/v1/tokens", {"name": "shop", "scopes": ["jobs:read"]}, "application/json"
        )
        Client().post("/setup", SETUP)
        assert [user.email for user in User.objects.all()] == ["wang.min@muster.test"]
        token = {"Authorization": f"Bearer {made.json()['token']}"}
        assert Client(headers=token).get("/api/v1/jobs").status_code == 200

    def test_works_once(self, owner):
        assert Client().get("/setup")["Location"] == "/login"
        with pytest.raises(Refused, match="set up already"):
            actions.set_up(**SETUP, language="en")


class TestSigningIn:
    def test_by_address_and_password(self, owner):
        client = Client()
        answer = client.post("/login", {"login": owner.email, "password": PASSWORD})
        assert answer.status_code == 302
        assert client.get("/settings").status_code == 200

    def test_never_tells_which_part_was_wrong(self, owner):
        def complaint(login):
            answer = Client(headers={"Accept-Language": "en"}).post(
                "/login", {"login": login, "password": "x" * 14}
            )
            return re.findall(
                r"<p class=\"error.*?</p>|<ul.*?errorlist.*?</ul>", answer.content.decode(), re.S
            )

        assert complaint(owner.email) == complaint("stranger@muster.test")

    def test_is_the_only_way_nobody_signs_up(self, owner):
        answer = Client().post(
            "/account/signup/", {"email": "new@muster.test", "password1": PASSWORD}
        )
        assert User.objects.count() == 1
        assert answer.status_code == 200

    def test_to_the_demo_only_where_there_is_one(self, owner):
        assert Client().post("/demo/enter").status_code == 409
        Workspace.objects.update(demo=True)
        assert Client().post("/demo/enter")["Location"] == "/"
        assert Client(REMOTE_ADDR="192.0.2.7").post("/demo/enter").status_code == 409


class TestInviting:
    def test_sends_a_link_that_works_once(
        self, owner, client_for, stores, django_capture_on_commit_callbacks
    ):
        with django_capture_on_commit_callbacks(execute=True):
            client_for(owner).post(
                "/settings/members/invite", {"email": "Li.Na@muster.test", "role": "analyst"}
            )
        link = re.search(r"/invite/\S+", mail.outbox[0].body)[0]
        joined = Client().post(link, {"name": "李娜", "password": PASSWORD})
        assert joined.status_code == 302
        colleague = User.objects.get(email="li.na@muster.test")
        assert (colleague.name, colleague.role) == ("李娜", "analyst")
        assert Client().get(link).status_code == 409

    def test_a_forged_link_opens_nothing(self, owner, stores):
        assert Client().get("/invite/AAAAAAAAAAAAAAAAAAAAAAEuMQ").status_code == 409

    def test_is_for_those_who_manage_the_team(self, user_with, client_for):
        answer = client_for(user_with("analyst")).post(
            "/settings/members/invite", {"email": "a@b.test", "role": "owner"}
        )
        assert answer.status_code == 403

    def test_an_admin_makes_no_owners(self, user_with, client_for, stores):
        answer = client_for(user_with("admin")).post(
            "/settings/members/invite", {"email": "a@b.test", "role": "owner"}
        )
        assert answer.status_code == 409


class TestRolesOfMembers:
    def test_the_last_owner_stays(self, owner):
        with pytest.raises(Refused, match="must stay owner"):
            actions.set_role(owner, "analyst", by=owner)

    def test_leaving_ends_the_session_at_once(self, owner, user_with, client_for):
        analyst = user_with("analyst")
        client = client_for(analyst)
        assert client.get("/settings").status_code == 200
        actions.deactivate(analyst, by=owner)
        assert client.get("/settings").status_code == 302

    def test_a_change_of_role_can_be_undone_for_ten_minutes(self, owner, user_with, client_for):
        analyst = user_with("analyst")
        actions.set_role(analyst, "legal", by=owner)
        change = Change.objects.get(verb="role_set")
        client_for(owner).post(f"/undo/{change.public_id}")
        analyst.refresh_from_db()
        assert analyst.role == "analyst"

    def test_nobody_undoes_what_another_did(self, owner, user_with, client_for):
        analyst = user_with("analyst")
        actions.set_role(analyst, "legal", by=owner)
        change = Change.objects.get(verb="role_set")
        assert client_for(user_with("admin")).post(f"/undo/{change.public_id}").status_code == 404


class TestLanguages:
    @pytest.mark.parametrize(
        ("language", "lang", "word"),
        [
            ("zh-hans", "zh-Hans", "登录"),
            ("zh-hant", "zh-Hant-TW", "登入"),
            ("en", "en", "Sign in"),
        ],
    )
    def test_the_sign_in_page_speaks_the_readers(self, workspace, language, lang, word):
        page = Client(headers={"Accept-Language": language}).get("/login").content.decode()
        assert f'<html lang="{lang}"' in page
        assert word in page


class TestAForgottenPassword:
    def test_leads_to_our_own_address_whatever_host_was_named(
        self, workspace: Any, owner: Any, mailoutbox: list[Any], settings: Any
    ) -> None:
        there = Client(headers={"Host": "evil.example"})
        assert there.post("/forgot", {"email": owner.email}).status_code == 400
        assert mailoutbox == []
        settings.ALLOWED_HOSTS = ["*"]
        there.post("/forgot", {"email": owner.email})
        assert "evil.example/" not in mailoutbox[0].body
        assert "http://localhost:8000/account/password/reset/key/" in mailoutbox[0].body


class TestHowPagesLook:
    """What a person chooses in the profile holds on every page."""

    @pytest.fixture
    def choose(self, client_for, owner):
        client = client_for(owner)

        def save(**chosen):
            values = {
                "name": "Wang Min", "language": "en", "time_zone": "Asia/Shanghai",
                "theme": "system", "density": "comfortable", "numbers": "full", "start_page": "work",
                "shortcuts": "on", **chosen,
            }  # fmt: skip
            values = {name: value for name, value in values.items() if value is not None}
            assert client.post("/settings/profile", values).status_code == 302
            return client

        return save

    @pytest.mark.parametrize("language", ["en", "zh-hans", "zh-hant"])
    def test_density_numbers_and_keys_are_said_to_every_page(self, choose, language):
        client = choose(language=language, density="compact", numbers="myriad", shortcuts=None)
        for path in ("/my", "/settings", "/campaigns"):
            head = client.get(path).content.decode().partition("<head>")[0]
            for said in ('data-density="compact"', 'data-numbers="myriad"', 'data-shortcuts="off"'):
                assert said in head

    def test_nothing_is_said_of_what_was_not_chosen(self, choose):
        head = choose().get("/my").content.decode().partition("<head>")[0]
        assert "data-density" not in head
        assert "data-shortcuts" not in head

    def test_one_begins_where_one_wants_to_as_long_as_one_may(self, choose, owner):
        client = choose(start_page="calendar")
        assert client.get("/").headers["Location"] == "/calendar"
        owner.refresh_from_db()
        owner.role = "vendor"
        owner.save()
        assert client.get("/").headers["Location"] == "/my"

    def test_only_places_of_the_menu_can_be_chosen(self, client_for, owner):
        client = client_for(owner)
        page = client.get("/settings/profile").content.decode()
        assert '<option value="calendar">' in page
        answer = client.post("/settings/profile", {"start_page": "https://elsewhere.example"})
        assert answer.status_code == 422


class TestInvitingMany:
    """A list of addresses and roles: every row is judged, the good ones are invited."""

    LIST = (
        "姓名,邮箱,角色\n"
        "李娜,Li.Na@muster.test,内容与设计\n"
        "王五,wang@muster.test,analyst\n"
        "无名,nobody,analyst\n"
        "赵六,zhao@muster.test,wizard\n"
        "李娜,li.na@muster.test,sales\n"
        "王敏,owner@muster.test,sales\n"
        "钱七,qian@muster.test,\n"
    )

    @pytest.fixture
    def look(self, client_for, owner):
        def post(text, encoding="utf-8", user=owner, **more):
            file = SimpleUploadedFile("list.csv", text.encode(encoding))
            return client_for(user).post(
                "/settings/members/list", {"file": file, "otherwise": "sales", **more}
            )

        return post

    @pytest.mark.parametrize("encoding", ["utf-8", "gb18030", "utf-8-sig"])
    def test_shows_what_is_wrong_row_by_row_and_invites_the_rest(
        self, look, client_for, owner, stores, encoding, mailoutbox
    ):
        User.objects.filter(pk=owner.pk).update(email="owner@muster.test")
        page = look(self.LIST, encoding).content.decode()
        for said in (
            "“nobody” is no e-mail address.",
            "There is no role “wizard” here.",
            "Stands in row 2 already.",
            "owner@muster.test works here already.",
        ):
            assert said in page
        assert not Invitation.objects.exists()
        good = re.findall(
            r'name="email" value="([^"]+)"><input [^>]*name="role" value="([^"]+)"', page
        )
        assert good == [
            ("li.na@muster.test", "content"),
            ("wang@muster.test", "analyst"),
            ("qian@muster.test", "sales"),
        ]
        values = {"email": [one for one, _role in good], "role": [role for _one, role in good]}
        client_for(owner).post("/settings/members/list/send", values)
        assert list(Invitation.objects.order_by("pk").values_list("email", "role")) == good

    def test_takes_pasted_cells(self, client_for, owner):
        page = client_for(owner).post(
            "/settings/members/list", {"pasted": "role\temail\nanalyst\tli@muster.test"}
        )
        assert 'value="li@muster.test"' in page.content.decode()

    def test_judges_again_when_it_is_sent(self, client_for, owner, user_with, stores):
        values = {"email": ["sales@muster.test", "li@muster.test"], "role": ["sales", "sales"]}
        user_with("sales")
        answer = client_for(owner).post("/settings/members/list/send", values, follow=True)
        assert [one.email for one in Invitation.objects.all()] == ["li@muster.test"]
        assert "sales@muster.test works here already." in answer.content.decode()

    @pytest.mark.parametrize(
        ("text", "said"),
        [("name,role\nLi,sales\n", "No column is called e-mail"), ("", "empty")],
    )
    def test_says_what_is_wrong_with_the_whole(self, look, text, said):
        answer = look(text)
        assert answer.status_code == 422
        assert said in answer.content.decode()

    def test_lets_nobody_give_more_than_they_have(self, look, user_with, owner, stores):
        admin = user_with("admin")
        role = OwnRole.objects.create(
            name="Desk", base="admin", permissions=["team.manage", "work.see"]
        )
        actions.set_role(admin, role.public_id, by=owner)
        page = look("email,role\nx@muster.test,admin\ny@muster.test,owner\n", user=admin)
        assert 'name="email"' not in page.content.decode()
        values = {"email": ["x@muster.test"], "role": ["admin"]}
        client = Client(headers={"Accept-Language": "en"})
        client.force_login(admin, backend="django.contrib.auth.backends.ModelBackend")
        client.post("/settings/members/list/send", values)
        assert not Invitation.objects.exists()
