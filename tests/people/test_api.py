"""The API of people."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from muster.events.shape import event
from muster.people.consent.models import ConsentEntry, Suppression
from muster.people.profile.models import Person
from muster.team import stores as team_stores

LI_NA = {
    "external_id": "c1",
    "email": "Li.Na@Example.com",
    "phone": "13800138000",
    "last_name": "李",
    "first_name": "娜",
    "traits": {"city": "上海"},
    "tags": ["VIP"],
}


@pytest.fixture
def li_na(stores: Any, api: Any) -> str:
    answer = api("POST", "/people", LI_NA)
    assert answer.status_code == 201, answer.content
    return str(answer.json()["id"])


class TestOnePerson:
    def test_is_added_with_traits_and_tags(self, li_na: str, api: Any) -> None:
        found = api("GET", f"/people/{li_na}").json()
        assert (found["email"], found["phone"], found["name"]) == (
            "li.na@example.com",
            "+8613800138000",
            "李娜",
        )
        assert found["traits"]["city"] == "上海"
        assert found["tags"] == ["VIP"]

    def test_is_masked_without_the_scope(self, li_na: str, api: Any) -> None:
        found = api("GET", f"/people/{li_na}", scopes=["people:read"]).json()
        assert (found["name"], found["email"], found["phone"]) == (
            "李*",
            "l***@example.com",
            "138****8000",
        )
        assert found["first_name"] == "娜"[:1]

    def test_traits_are_masked_without_the_scope(self, li_na: str, api: Any) -> None:
        api("PATCH", f"/people/{li_na}", {"traits": {"备用邮箱": "b@c.cn", "level": 3}})
        assert api("GET", f"/people/{li_na}").json()["traits"]["备用邮箱"] == "b@c.cn"
        masked = api("GET", f"/people/{li_na}", scopes=["people:read"]).json()["traits"]
        assert (masked["city"], masked["level"], masked["备用邮箱"]) == ("上海", 3.0, "***")

    def test_is_found_in_any_way_of_writing(self, li_na: str, api: Any) -> None:
        for query in ("email=LI.NA@example.com", "phone=138 0013 8000", "external_id=c1"):
            assert [p["id"] for p in api("GET", f"/people?{query}").json()["items"]] == [li_na]
        assert api("GET", "/people?email=other@example.com").json() == {"items": [], "next": None}

    def test_is_not_added_twice(self, li_na: str, api: Any) -> None:
        answer = api("POST", "/people", {"email": "li.na@EXAMPLE.com"})
        assert (answer.status_code, answer.json()["code"]) == (409, "already_known")

    def test_a_word_for_no_id_is_no_id(self, api: Any) -> None:
        answer = api("POST", "/people", {"external_id": "Undefined", "email": "x@example.com"})
        assert (answer.status_code, answer.json()["errors"][0]["at"]) == (422, "/external_id")

    def test_is_changed_and_values_are_taken_away(self, li_na: str, api: Any) -> None:
        change = {"phone": None, "traits": {"city": None, "level": 3}, "tags": ["new"]}
        found = api("PATCH", f"/people/{li_na}", change).json()
        assert found["phone"] is None
        assert found["tags"] == ["new"]
        assert ("city" in found["traits"], found["traits"]["level"]) == (False, 3.0)

    @pytest.mark.parametrize("said", [{"email": "LI.NA@example.com"}, {"phone": "138 0013 8000"}])
    def test_does_not_get_the_address_of_another(
        self, li_na: str, api: Any, said: dict[str, str]
    ) -> None:
        other = {"email": "other@example.com", "phone": "13900139000"}
        person = api("POST", "/people", other).json()["id"]
        answer = api("PATCH", f"/people/{person}", said)
        assert (answer.status_code, answer.json()["code"]) == (409, "already_known")
        found = api("GET", f"/people/{person}").json()
        assert (found["email"], found["phone"]) == ("other@example.com", "+8613900139000")
        assert api("PATCH", f"/people/{li_na}", {**said, "last_name": "王"}).status_code == 200

    def test_bad_addresses_are_named(self, li_na: str, api: Any) -> None:
        answer = api("PATCH", f"/people/{li_na}", {"email": "x", "phone": "12"})
        assert answer.status_code == 422
        assert [e["at"] for e in answer.json()["errors"]] == ["/email", "/phone"]

    def test_is_erased_and_stays_suppressed(self, li_na: str, api: Any) -> None:
        assert api("DELETE", f"/people/{li_na}").status_code == 204
        assert api("GET", f"/people/{li_na}").status_code == 404
        assert set(Suppression.objects.values_list("channel", "reason")) == {
            ("email", "erased"),
            ("sms", "erased"),
        }
        assert Person.objects.get().email == ""

    def test_has_a_time_line_in_pages(self, li_na: str, api: Any) -> None:
        first = api("GET", f"/people/{li_na}/timeline?limit=1").json()
        rest = api("GET", f"/people/{li_na}/timeline?cursor={first['next']}").json()
        assert len(first["items"]) == 1
        assert {e["name"] for e in first["items"] + rest["items"]} == {
            "Profile Updated",
            "Person Tagged",
        }

    def test_its_time_line_tells_nobody_who_it_is(self, li_na: str, stores: Any, api: Any) -> None:
        said = {
            "order_id": "o-1",
            "email": "li.na@example.com",
            "shipping": {"name": "Li Na", "street": "Long Road 5"},
            "note": "calls li.na@example.com or +86 13800138000",
            "products": [{"name": "Green tea"}],
        }
        number = Person.objects.get().pk
        address = "https://shop.example/thanks?mail=li.na%40example.com"
        team_stores.emit(
            [
                event("Order Completed", person_id=number, properties=said),
                event("Page Viewed", person_id=number, properties={"url": address}),
            ]
        )
        stores.settle()
        clear = api("GET", f"/people/{li_na}/timeline").json()["items"]
        assert said in [happened["properties"] for happened in clear]
        hidden = api("GET", f"/people/{li_na}/timeline", scopes=["people:read"])
        for known in ("li.na", "Long Road", "13800138000", "Li Na"):
            assert known not in hidden.content.decode()
        orders = [one for one in hidden.json()["items"] if one["name"] == "Order Completed"]
        assert orders[0]["properties"]["products"] == [{"name": "Green tea"}]

    def test_nobody_else_may_read_it(self, li_na: str, api: Any) -> None:
        assert api("GET", f"/people/{li_na}", scopes=["sends:read"]).status_code == 403


class TestConsents:
    def test_are_put_as_they_are_got(self, li_na: str, api: Any) -> None:
        word = {
            "channel": "email",
            "purpose": "marketing",
            "state": "granted",
            "proof": {"ip": "1.2.3.4"},
        }
        api("PUT", f"/people/{li_na}/consents", word)
        got = api("GET", f"/people/{li_na}/consents").json()
        got["items"][0]["state"] = "withdrawn"
        put = api("PUT", f"/people/{li_na}/consents", got).json()
        assert [one["state"] for one in put["items"]] == ["withdrawn"]
        masked = api("GET", f"/people/{li_na}/consents", scopes=["people:read"]).json()
        assert masked["items"][0]["proof"] == {"ip": "***"}

    def test_count_when_the_call_answers(self, li_na: str, api: Any) -> None:
        word = {
            "channel": "email",
            "purpose": "marketing",
            "state": "granted",
            "proof": {"form": "f1"},
        }
        said = api("PUT", f"/people/{li_na}/consents", word).json()["items"]
        assert [(s["state"], s["source"], s["proof"]) for s in said] == [
            ("granted", "api", {"form": "f1"})
        ]
        said = api("PUT", f"/people/{li_na}/consents", [{**word, "state": "withdrawn"}]).json()[
            "items"
        ]
        assert [s["state"] for s in said] == ["withdrawn"]

    def test_are_written_once_though_the_loader_hears_of_them_too(
        self, li_na: str, api: Any, stores: Any
    ) -> None:
        api("PUT", f"/people/{li_na}/consents", {"channel": "email", "state": "granted"})
        stores.settle()
        assert ConsentEntry.objects.count() == 1

    def test_unknown_channels_are_refused(self, li_na: str, api: Any) -> None:
        answer = api("PUT", f"/people/{li_na}/consents", {"channel": "pigeon", "state": "granted"})
        assert (answer.status_code, answer.json()["code"]) == (422, "unknown_value")


class TestImporting:
    def bring(self, api: Any, run_jobs: Any, **more: str) -> Any:
        file = SimpleUploadedFile("p.csv", b"no,mail\n1,a@b.cn\n2,x\n", "text/csv")
        answer = api(
            "POST",
            "/people/import",
            {"mapping": '{"no": "external_id", "mail": "email"}', **more},
            files={"file": file},
        )
        assert answer.status_code == 202, answer.content
        run_jobs()
        return api("GET", f"/jobs/{answer.json()['job']}").json()

    def test_ends_with_counts_and_the_rows_to_mend(
        self, stores: Any, api: Any, run_jobs: Any
    ) -> None:
        job = self.bring(api, run_jobs)
        assert (job["state"], job["result"]["imported"], job["result"]["flawed"]) == ("done", 2, 1)
        assert job["errors_url"]

    def test_only_says_what_would_happen(self, stores: Any, api: Any, run_jobs: Any) -> None:
        job = self.bring(api, run_jobs, dry_run="true")
        assert (job["state"], job["result"]["new"]) == ("done", 2)
        assert not Person.objects.exists()

    @pytest.mark.parametrize(
        ("mapping", "code"),
        [
            ('{"x": "email"}', "unknown_column"),
            ('{"no": "consent:fax:y"}', "unknown_target"),
            ('{"no": "a\\u0000b"}', "bad_name"),
            ("[", "not_json"),
            ('{"no": ""}', "no_identity"),
        ],
    )
    def test_a_wrong_mapping_is_explained(
        self, stores: Any, api: Any, mapping: str, code: str
    ) -> None:
        file = SimpleUploadedFile("p.csv", b"no,mal\n1,2\n", "text/csv")
        answer = api("POST", "/people/import", {"mapping": mapping}, files={"file": file})
        assert (answer.status_code, answer.json()["code"]) == (422, code)
