"""What programs are promised of the API as a whole: how it says no, repeats and guards."""

from __future__ import annotations

import json
from collections import defaultdict
from datetime import date
from typing import Any

import duckdb
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from ninja import Schema

from muster.channels.models import Send
from muster.config.api import api as described
from muster.events import names
from muster.events.shape import event, identify
from muster.people.profile.models import Person
from muster.plan.campaigns.actions import create_campaign
from muster.team import stores as team_stores
from muster.warehouse.store import Rebuilding

KNOWN = {"trait": "external_id", "op": "exists"}


def problem(answer: Any) -> dict[str, Any]:
    assert answer.headers["Content-Type"] == "application/problem+json", answer.content[:200]
    found: dict[str, Any] = json.loads(answer.content)
    assert found["status"] == answer.status_code
    assert found["code"]
    assert found["detail"]
    return found


class TestSayingNo:
    def test_an_unknown_address_is_a_problem(self, api: Any) -> None:
        assert problem(api("GET", "/nothing/here"))["code"] == "not_found"

    def test_a_wrong_method_is_a_problem(self, stores: Any, api: Any) -> None:
        answer = api("DELETE", "/segments")
        assert problem(answer)["code"] == "method_not_allowed"
        assert "GET" in answer.headers["Allow"]

    def test_a_nul_character_in_an_address_is_no_text(self, api: Any) -> None:
        answer = api("GET", "/people?email=%00")
        assert (answer.status_code, problem(answer)["code"]) == (400, "nul_character")

    @pytest.mark.parametrize("body", [b"{bad", b"[" * 100_000, b"\xff\xfe"])
    def test_a_body_that_is_no_json_says_so(self, owner: Any, token: str, body: bytes) -> None:
        client = Client(headers={"Authorization": f"Bearer {token}"})
        answer = client.post("/api/v1/people", data=body, content_type="application/json")
        assert (answer.status_code, problem(answer)["code"]) == (400, "bad_json")

    def test_a_body_beyond_every_size_is_refused(self, owner: Any, token: str) -> None:
        client = Client(headers={"Authorization": f"Bearer {token}"})
        body = json.dumps({"external_id": "x" * 3_000_000})
        answer = client.post("/api/v1/people", data=body, content_type="application/json")
        assert (answer.status_code, problem(answer)["code"]) == (413, "too_large")

    @pytest.mark.parametrize("cursor", ["abc", "-1", "²", "9" * 30])
    def test_a_cursor_that_we_did_not_give(self, stores: Any, api: Any, cursor: str) -> None:
        answer = api("GET", f"/people?cursor={cursor}")
        assert (answer.status_code, problem(answer)["code"]) == (422, "bad_cursor")

    def test_speaks_the_language_of_the_caller(self, stores: Any, api: Any) -> None:
        answer = api("GET", "/people?limit=0", headers={"Accept-Language": "zh-CN"})
        assert problem(answer)["errors"][0]["detail"] == "这里至少要是 1。"

    def test_a_bad_rule_names_its_places_in_the_body(self, stores: Any, api: Any) -> None:
        rule = {"all": [KNOWN, {"event": "Bought", "count": {"gte": -1}}]}
        answer = api("POST", "/segments/preview", {"rule": rule})
        assert [found["at"] for found in problem(answer)["errors"]] == ["/rule/all/1/count/gte"]

    def test_signs_that_no_database_keeps_are_taken_out(self, stores: Any, api: Any) -> None:
        answer = api("POST", "/people", {"external_id": "a\0b", "traits": {"city": "x\ud800"}})
        assert answer.status_code == 201
        assert answer.json()["external_id"] == "ab"


@pytest.fixture
def token(owner: Any) -> str:
    from muster.team.roles import SCOPES
    from muster.team.tokens.actions import make_token

    return make_token("test", list(SCOPES), user=owner, by=None)[1]


class TestLaterReading:
    def test_why_a_job_failed_is_said_in_the_readers_language(
        self, stores: Any, api: Any, run_jobs: Any
    ) -> None:
        from django.conf import settings

        csv = SimpleUploadedFile("老客.csv", b"external_id\nu1\n")
        job = api("POST", "/people/import", {}, files={"file": csv}).json()["job"]
        for path in settings.DATA.uploads.iterdir():
            path.unlink()
        run_jobs()
        said = [
            api("GET", f"/jobs/{job}", headers={"Accept-Language": language}).json()["error"]
            for language in ("en", "zh-CN")
        ]
        assert said == [
            "The file 老客.csv is gone. Bring it again.",
            "文件 老客.csv 已不存在。请重新导入。",
        ]


class TestRepeating:
    def upload(self, token: str, boundary: str, content: bytes) -> Any:
        parts = (
            f'--{boundary}\r\nContent-Disposition: form-data; name="file"; filename="p.csv"\r\n'
            "Content-Type: text/csv\r\n\r\n"
        ).encode()
        client = Client(headers={"Authorization": f"Bearer {token}", "Idempotency-Key": "k"})
        return client.post(
            "/api/v1/people/import",
            data=parts + content + f"\r\n--{boundary}--\r\n".encode(),
            content_type=f"multipart/form-data; boundary={boundary}",
        )

    def test_an_upload_counts_once_whatever_its_boundaries(self, stores: Any, token: str) -> None:
        first = self.upload(token, "aaa", b"external_id\nu1\n")
        again = self.upload(token, "bbb", b"external_id\nu1\n")
        assert (first.status_code, again.status_code) == (202, 202)
        assert first.json() == again.json()
        assert again.headers["Idempotent-Replay"] == "true"
        assert problem(self.upload(token, "ccc", b"external_id\nu2\n"))["code"] == "key_reused"

    def test_a_large_upload_may_carry_a_key(self, stores: Any, token: str) -> None:
        rows = b"".join(b"u%d,somewhere in a long street\n" % n for n in range(80_000))
        assert self.upload(token, "aaa", b"external_id,street\n" + rows).status_code == 202


class TestRights:
    def test_a_token_makes_none_that_may_do_more(self, api: Any) -> None:
        body = {"name": "more", "scopes": ["people:read", "settings:manage"]}
        answer = api("POST", "/tokens", body, scopes=["settings:manage"])
        assert (answer.status_code, problem(answer)["code"]) == (403, "forbidden")

    def test_somebody_elses_jobs_are_not_to_be_seen(
        self, stores: Any, api: Any, user_with: Any
    ) -> None:
        csv = SimpleUploadedFile("p.csv", b"external_id,email\nu1,not an address\n")
        job = api("POST", "/people/import", {}, files={"file": csv}).json()["job"]
        analyst = user_with("analyst")
        assert api("GET", f"/jobs/{job}", user=analyst).status_code == 404
        assert api("GET", "/jobs", user=analyst).json()["items"] == []
        assert api("GET", f"/jobs/{job}").status_code == 200

    def test_the_rows_to_mend_can_be_fetched_with_the_token(
        self, stores: Any, api: Any, run_jobs: Any
    ) -> None:
        csv = SimpleUploadedFile("p.csv", b"external_id,email\nu1,not an address\n")
        job = api("POST", "/people/import", {}, files={"file": csv}).json()["job"]
        run_jobs()
        address = api("GET", f"/jobs/{job}").json()["errors_url"]
        answer = api("GET", address.removeprefix("/api/v1"))
        assert answer.status_code == 200
        assert b"not an address" in b"".join(answer.streaming_content)

    def test_a_user_needs_an_address(self, api: Any) -> None:
        answer = api("POST", "/users", {"email": "nowhere", "role": "analyst"})
        assert (answer.status_code, problem(answer)["code"]) == (422, "bad_email")


class TestAskingRules:
    @pytest.fixture
    def people(self, stores: Any, workspace: Any) -> Any:
        team_stores.emit([identify({"city": "Suzhou"}, user_id=name) for name in ("u1", "u2")])
        stores.settle()
        return stores

    def test_lists_who_matches_a_rule_that_is_not_kept(self, people: Any, api: Any) -> None:
        answer = api("POST", "/segments/people", {"rule": {**KNOWN, "op": "eq", "value": "u2"}})
        person = Person.objects.get(external_id="u2")
        assert answer.json() == {"people": [person.public_id], "count": 1}

    def test_a_segment_is_found_by_id_and_by_name(self, people: Any, api: Any) -> None:
        kept = api("POST", "/segments", {"name": "Known & loved", "rule": KNOWN}).json()
        for said in (kept["id"], "Known %26 loved"):
            found = api("GET", f"/people?segment={said}").json()["items"]
            assert {person["external_id"] for person in found} == {"u1", "u2"}

    def test_nobody_is_meant_by_an_empty_address(self, people: Any, api: Any) -> None:
        assert api("GET", "/people?email=").json()["items"] == []


def _a_send(owner: Any) -> str:
    campaign = create_campaign(
        name="Double 11",
        starts=date(2026, 11, 4),
        ends=date(2026, 11, 15),
        currency="CNY",
        by=owner,
    )
    return Send.objects.create(campaign=campaign, name="Wave", rule={"all": []}, by=owner).public_id


class TestAnUnknownSend:
    def test_is_refused_like_any_unknown_name(self, stores: Any, api: Any, owner: Any) -> None:
        for unknown in ("unknown", "snd_00000001"):
            rule = {"message": {"send": unknown, "state": "opened"}}
            for whole in (rule, {"not": rule}, {"any": [KNOWN, rule]}):
                answer = api("POST", "/segments/preview", {"rule": whole})
                assert answer.status_code == 422, answer.content
                problem = answer.json()["errors"][0]
                assert problem["code"] == "unknown_send"
                assert f"There is no send {unknown}." in problem["detail"]
        rule = {"message": {"send": _a_send(owner), "state": "opened"}}
        assert api("POST", "/segments/preview", {"rule": rule}).json()["count"] == 0


class TestWhileNumbersAreRebuilt:
    def test_nobody_is_told_too_little(
        self, stores: Any, api: Any, owner: Any, client_for: Any
    ) -> None:
        stores.stores.spool.append("muster", [event("Bought", user_id="u1")])
        stores.settle()
        rule = {"event": "Bought"}
        asked = {"rule": rule}
        assert api("POST", "/segments/preview", asked).json()["count"] == 1
        with pytest.raises(Rebuilding), stores.stores.warehouse.write():
            raise duckdb.IOException("IO Error: Corrupt database file: computed checksum 1 …")
        no = api("POST", "/segments/preview", asked)
        assert (no.status_code, no.json()["code"]) == (503, "rebuilding")
        assert int(no.headers["Retry-After"]) > 0
        assert "rebuilt from the event log" in no.json()["detail"]
        page = client_for(owner).get("/insights/web")
        assert page.status_code == 200
        assert "rebuilt from the event log" in page.content.decode()
        ready = Client().get("/readyz")
        assert ready.status_code == 503
        assert "rebuilt from the event log" in ready.json()["warehouse"]
        stores.settle()
        assert api("POST", "/segments/preview", asked).json()["count"] == 1
        assert "rebuilt" not in Client().get("/readyz").json()["warehouse"]


class TestAPublicWriteKey:
    def test_cannot_make_a_message_look_opened(self, stores: Any, api: Any, owner: Any) -> None:
        writer, send = stores.stores.spool, _a_send(owner)
        context = {"campaign": {"send_id": send, "message_id": "m"}}
        writer.append("muster", [event(names.MESSAGE_SENT, user_id="u1", context=context)])
        writer.append("key:shop", [event(names.MESSAGE_OPENED, user_id="u1", context=context)])
        stores.settle()
        rule = {"message": {"send": send, "state": "opened"}}
        assert api("POST", "/segments/preview", {"rule": rule}).json()["count"] == 0
        writer.append("muster", [event(names.MESSAGE_OPENED, user_id="u1", context=context)])
        stores.settle()
        assert api("POST", "/segments/preview", {"rule": rule}).json()["count"] == 1

    def test_cannot_break_the_list_of_traits(
        self, stores: Any, owner: Any, client_for: Any, api: Any
    ) -> None:
        traits = {"": 1, '"; DROP TABLE profiles': 2, "City": "a", "city": "b"}
        stores.stores.spool.append("key:shop", [identify(traits, user_id="u1")])
        stores.settle()
        kept = api("POST", "/segments", {"name": "All", "rule": KNOWN}).json()
        page = client_for(owner).get(f"/segments/{kept['id']}")
        assert page.status_code == 200


class TestTheReference:
    def test_names_every_operation_and_its_scope(self, db: None) -> None:
        client = Client(headers={"Accept-Language": "en"})
        page = client.get("/api/v1/docs").content.decode()
        for path in client.get("/api/v1/openapi.json").json()["paths"]:
            assert path in page
        assert "segments:write" in page
        assert "<script>" not in page


def test_every_body_is_described_under_a_name_of_its_own():
    # Of two bodies with one name the description would show only one.
    def below(kind):
        for one in kind.__subclasses__():
            yield one
            yield from below(one)

    described.get_openapi_schema()
    places = defaultdict(set)
    for one in below(Schema):
        if one.__module__.startswith("muster.") and "[" not in one.__name__:
            places[one.__name__].add(one.__module__)
    assert {name: where for name, where in places.items() if len(where) > 1} == {}
