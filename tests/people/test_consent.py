"""What people allowed: topics, expiry, the words they saw, the law, and what they ask for."""

from __future__ import annotations

import io
import json
import re
import zipfile
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from muster.kit.errors import Refused
from muster.people.consent.actions import Word, record
from muster.people.consent.models import ConsentEntry, ConsentState, TopicState
from muster.people.consent.rules import Terms, laws
from muster.people.profile.models import Person
from muster.people.requests.models import PrivacyRequest
from muster.people.segments import counting
from muster.team.changes.actions import undo
from muster.team.changes.models import Change
from muster.team.stores import warehouse
from muster.warehouse import segments
from muster.warehouse.compile import Context
from muster.warehouse.rules import parse

GRANTED = {"channel": "email", "purpose": "marketing", "state": "granted"}
RULE = {"consent": GRANTED}


@pytest.fixture
def people(stores: Any, api: Any) -> list[str]:
    """Three people: a number of China, one of Germany, one of the United States."""
    made = []
    for name, phone in (("cn", "+8613800138000"), ("de", "+4915112345678"), ("us", "+14155550100")):
        said = {"external_id": name, "email": f"{name}@example.com", "phone": phone}
        answer = api("POST", "/people", said)
        assert answer.status_code == 201, answer.content
        made.append(answer.json()["id"])
    return made


def topic(api: Any, name: str) -> str:
    answer = api("POST", "/consent/topics", {"name": name, "says": "…"})
    assert answer.status_code == 201, answer.content
    return str(answer.json()["id"])


def held(api: Any, person: str) -> dict[tuple[str, str | None], dict[str, Any]]:
    items = api("GET", f"/people/{person}/consents").json()["items"]
    return {(one["channel"], one["topic_name"]): one for one in items}


class TestTheLaw:
    @pytest.mark.parametrize(
        ("law", "purpose", "consent", "months"),
        [
            ("pipl", "marketing", "opt_in", 0),
            ("pipl", "personalisation", "opt_out", 0),
            ("gdpr", "marketing", "opt_in", 36),
            ("can_spam", "marketing", "opt_out", 0),
            ("can_spam", "service", "none", 0),
        ],
    )
    def test_says_what_a_purpose_needs(
        self, law: str, purpose: str, consent: str, months: int
    ) -> None:
        rule = Terms(law).rule(purpose)
        assert (rule.consent, rule.months) == (consent, months)

    def test_names_the_paragraph_of_every_rule(self) -> None:
        for law in laws().values():
            assert law.carries_source
            assert law.days_source
            assert set(law.purposes) == {"marketing", "service", "personalisation"}
            assert all(rule.source for rule in law.purposes.values())

    def test_follows_the_country_only_when_that_is_wanted(self) -> None:
        assert Terms("pipl").law_of("DE").key == "pipl"
        assert Terms("pipl", by_country=True).law_of("DE").key == "gdpr"
        assert Terms("pipl", by_country=True).law_of("JP").key == "pipl"

    def test_the_shorter_time_counts(self) -> None:
        assert Terms("gdpr", months=12).rule("marketing").months == 12
        assert Terms("gdpr", months=48).rule("marketing").months == 36
        assert Terms("pipl", months=24).rule("marketing").months == 24


class TestExpiry:
    def test_what_has_lapsed_counts_as_none_everywhere(
        self, people: list[str], api: Any, stores: Any, owner: Any, client_for: Any
    ) -> None:
        soon = (datetime.now(UTC) + timedelta(days=2)).isoformat()
        for person, until in zip(people, (soon, None, None), strict=True):
            word = {**GRANTED, "expires_at": until}
            assert api("PUT", f"/people/{person}/consents", word).status_code == 200
        stores.settle()
        later = datetime.now(UTC) + timedelta(days=3)
        assert counting.count(RULE) == 3
        assert counting.count(RULE, now=later) == 2
        assert counting.count({"consent": {**GRANTED, "state": "unknown"}}, now=later) == 1
        over = datetime.now(UTC) - timedelta(minutes=1)
        ConsentState.objects.filter(expires_at__isnull=False).update(expires_at=over)
        assert ConsentState.objects.granted().count() == 2
        assert held(api, people[0])["email", None]["state"] == "unknown"
        page = client_for(owner).get(f"/people/{people[0]}").content.decode()
        assert "Lapsed" in page
        assert "since " in page
        assert "until " in page

    def test_a_moment_that_is_over_is_refused(self, people: list[str], api: Any) -> None:
        word = {**GRANTED, "expires_at": "2020-01-01T00:00:00Z"}
        answer = api("PUT", f"/people/{people[0]}/consents", word)
        assert answer.status_code == 422
        assert answer.json()["errors"][0]["at"].endswith("/expires_at")

    def test_the_law_ends_old_words_at_once_also_those_of_before(
        self, people: list[str], api: Any, stores: Any, owner: Any
    ) -> None:
        old = datetime.now(UTC) - timedelta(days=400)
        record([Word(Person.objects.get(external_id="cn"), **GRANTED)], now=old, source="form")
        record(
            [Word(Person.objects.get(external_id="us"), **GRANTED)],
            now=datetime.now(UTC),
            source="form",
        )
        stores.settle()
        assert counting.count(RULE) == 2
        answer = api("PUT", "/consent/law", {"law": "pipl", "months": 12})
        assert answer.status_code == 200
        assert ConsentState.objects.granted().count() == 1
        assert counting.count(RULE) == 1
        api("PUT", "/consent/law", {"law": "pipl"})
        assert ConsentState.objects.granted().count() == 2
        assert counting.count(RULE) == 2

    def test_a_change_of_law_is_taken_back(
        self, people: list[str], api: Any, stores: Any, owner: Any, user_with: Any, client_for: Any
    ) -> None:
        old = datetime.now(UTC) - timedelta(days=400)
        record([Word(Person.objects.get(external_id="cn"), **GRANTED)], now=old, source="form")
        api("PUT", "/consent/law", {"law": "gdpr", "months": 12, "by_country": True})
        assert ConsentState.objects.granted().count() == 0
        change = Change.objects.filter(verb="law_set").latest("pk")
        with pytest.raises(Refused):
            undo(change, by=user_with("sales"))
        undo(change, by=owner)
        assert ConsentState.objects.granted().count() == 1
        assert api("GET", "/consent/law").json() == {
            "law": "pipl", "by_country": False, "months": 0, "double_opt_in": False,
            "keep_events": 0,
        }  # fmt: skip
        page = (
            client_for(owner).post("/consent/law", {"law": "gdpr", "months": "0"}).content.decode()
        )
        back = re.search(r'action="(/[^"]*undo[^"]*)"', page)
        assert back is not None
        assert client_for(owner).post(back[1]).status_code == 302
        assert api("GET", "/consent/law").json()["law"] == "pipl"
        # What somebody else changed since stays.
        api("PUT", "/consent/law", {"law": "pipl", "months": 6})
        change = Change.objects.filter(verb="law_set").latest("pk")
        api("PUT", "/consent/law", {"law": "can_spam"})
        with pytest.raises(Refused, match="changed it again"):
            undo(change, by=owner)

    def test_a_followed_segment_lets_people_go_when_their_yes_lapses(
        self, people: list[str], api: Any, stores: Any
    ) -> None:
        from muster.people.segments.models import Segment, SegmentMember
        from muster.people.segments.refreshing import refresh

        soon = (datetime.now(UTC) + timedelta(hours=1)).isoformat()
        api("PUT", f"/people/{people[0]}/consents", {**GRANTED, "expires_at": soon})
        api("PUT", f"/people/{people[1]}/consents", GRANTED)
        stores.settle()
        made = api("POST", "/segments", {"name": "May be written to", "rule": RULE})
        assert made.status_code == 201
        segment = Segment.objects.get()
        refresh(datetime.now(UTC), [segment])
        assert SegmentMember.objects.filter(segment=segment).count() == 2
        refresh(datetime.now(UTC) + timedelta(hours=2), [segment])
        assert SegmentMember.objects.filter(segment=segment).count() == 1


class TestReach:
    def test_counts_who_may_be_written_to_by_the_law(
        self, people: list[str], api: Any, stores: Any
    ) -> None:
        api("PUT", f"/people/{people[0]}/consents", GRANTED)
        api("PUT", f"/people/{people[1]}/consents", {**GRANTED, "state": "withdrawn"})
        stores.settle()

        def reach() -> int:
            rule = {"trait": "email", "op": "exists"}
            return int(
                api("POST", "/segments/preview", {"rule": rule}).json()["reachable"]["email"]
            )

        assert reach() == 1
        api("PUT", "/consent/law", {"law": "can_spam"})
        assert reach() == 2
        api("PUT", "/consent/law", {"law": "gdpr", "by_country": True})
        # The one of China said yes, and the one of the United States said nothing.
        assert reach() == 2
        api("PUT", "/consent/law", {"law": "can_spam", "months": 1, "by_country": False})
        assert reach() == 2


class TestDoubleOptInByLaw:
    def test_a_yes_counts_once_it_is_confirmed(
        self, people: list[str], api: Any, stores: Any
    ) -> None:
        for person in people:
            api("PUT", f"/people/{person}/consents", GRANTED)
        stores.settle()
        api("PUT", "/consent/law", {"law": "pipl", "by_country": True})
        states = dict(
            ConsentState.objects.filter(channel="email").values_list("person__external_id", "state")
        )
        assert states == {"cn": "granted", "de": "pending", "us": "granted"}
        assert counting.count(RULE) == 2
        german = Person.objects.get(external_id="de")
        record([Word(german, **GRANTED)], now=datetime.now(UTC), source="double_opt_in")
        stores.settle()
        assert ConsentState.objects.get(person=german).state == "granted"
        assert counting.count(RULE) == 3

    def test_where_the_law_wants_proof_a_bare_yes_is_refused(
        self, people: list[str], api: Any
    ) -> None:
        api("PUT", "/consent/law", {"law": "gdpr"})
        bare = {"channel": "email", "purpose": "personalisation", "state": "granted"}
        answer = api("PUT", f"/people/{people[1]}/consents", bare)
        assert answer.status_code == 422
        assert "GDPR" in answer.json()["detail"]
        proven = {**bare, "proof": {"form": "account"}}
        assert api("PUT", f"/people/{people[1]}/consents", proven).status_code == 200


class TestTopics:
    def test_one_can_be_refused_and_the_rest_stays(
        self, people: list[str], api: Any, stores: Any
    ) -> None:
        new, offers = topic(api, "新品"), topic(api, "优惠")
        api("PUT", f"/people/{people[0]}/consents", GRANTED)
        word = {**GRANTED, "state": "withdrawn", "topic": offers}
        assert api("PUT", f"/people/{people[0]}/consents", word).status_code == 200
        api("PUT", f"/people/{people[0]}/consents", {**GRANTED, "topic": "新品"})
        stores.settle()
        states = held(api, people[0])
        assert {key[1]: one["state"] for key, one in states.items()} == {
            None: "granted",
            "新品": "granted",
            "优惠": "withdrawn",
        }
        assert counting.count(RULE) == 1
        assert counting.count({"consent": {**GRANTED, "topic": new}}) == 1
        refused = {**GRANTED, "state": "withdrawn"}
        assert counting.count({"consent": {**refused, "topic": "优惠"}}) == 1
        assert counting.count({"consent": refused}) == 0
        rule = {"consent": {**refused, "topic": offers}}
        said = api("POST", "/segments/preview", {"rule": rule}).json()["summary"]
        assert "优惠" in said["zh-hans"]
        assert "优惠" in said["en"]

    def test_an_unknown_one_is_named(self, people: list[str], api: Any) -> None:
        topic(api, "新品")
        answer = api("PUT", f"/people/{people[0]}/consents", {**GRANTED, "topic": "Golf"})
        assert answer.status_code == 422
        assert "新品" in answer.json()["detail"]
        answer = api("POST", "/segments/preview", {"rule": {"consent": {**GRANTED, "topic": "x"}}})
        assert answer.status_code == 422

    def test_a_file_brings_them_and_undoes_no_refusal(
        self, people: list[str], api: Any, stores: Any, run_jobs: Any
    ) -> None:
        offers = topic(api, "优惠")
        api(
            "PUT",
            f"/people/{people[1]}/consents",
            {**GRANTED, "state": "withdrawn", "topic": offers},
        )
        stores.settle()
        table = b"id,wants\ncn,yes\nde,yes\nus,no\n"
        mapping = json.dumps({"id": "external_id", "wants": "consent:email:marketing:优惠"})
        file = io.BytesIO(table)
        file.name = "wants.csv"
        answer = api("POST", "/people/import", {"mapping": mapping}, files={"file": file})
        assert answer.status_code == 202, answer.content
        run_jobs()
        stores.settle()
        states = dict(TopicState.objects.values_list("person__external_id", "state"))
        assert states == {"cn": "granted", "de": "withdrawn", "us": "withdrawn"}
        assert not ConsentState.objects.exists()

    def test_merging_takes_the_stricter_word(
        self, people: list[str], api: Any, stores: Any
    ) -> None:
        offers = topic(api, "优惠")
        api("PUT", f"/people/{people[0]}/consents", {**GRANTED, "topic": offers})
        api(
            "PUT",
            f"/people/{people[1]}/consents",
            {**GRANTED, "state": "withdrawn", "topic": offers},
        )
        api("POST", f"/people/{people[0]}/merge", {"other": people[1]})
        assert held(api, people[0])["email", "优惠"]["state"] == "withdrawn"
        rule = {"consent": {**GRANTED, "state": "withdrawn", "topic": offers}}
        assert counting.count(rule) == 1
        api("POST", f"/people/{people[0]}/unmerge")
        assert held(api, people[0])["email", "优惠"]["state"] == "granted"

    def test_are_kept_on_their_page(self, api: Any, owner: Any, client_for: Any) -> None:
        team = client_for(owner)
        team.post("/consent/topics/add", {"name": "新品", "says": "先知道"})
        (made,) = api("GET", "/consent/topics").json()["items"]
        assert made["name"] == "新品"
        assert "新品" in team.get("/consent/topics").content.decode()
        answer = team.post(f"/consent/topics/{made['id']}/remove")
        assert "/undo/" in answer.headers["HX-Trigger"]
        assert api("GET", "/consent/topics").json()["items"] == []

    def test_need_the_right(self, user_with: Any, client_for: Any) -> None:
        client = client_for(user_with("analyst"))
        assert client.post("/consent/topics/add", {"name": "x"}).status_code == 403
        assert client.post("/consent/law", {"law": "gdpr", "months": 0}).status_code == 403


class TestAPause:
    def test_is_no_reach_while_it_holds_and_no_consent(
        self, people: list[str], api: Any, stores: Any
    ) -> None:
        end = datetime.now(UTC) + timedelta(days=30)
        pause = {"channel": "email", "purpose": "pause", "state": "granted"}
        for person in people[:2]:
            assert api("PUT", f"/people/{person}/consents", GRANTED).status_code == 200
        assert api("PUT", f"/people/{people[0]}/consents", pause).status_code == 422, "no end"
        said = {**pause, "expires_at": end.isoformat()}
        assert api("PUT", f"/people/{people[0]}/consents", said).status_code == 200
        stores.settle()
        found = api("POST", "/segments/preview", {"rule": RULE}).json()
        assert (found["count"], found["reachable"]["email"]) == (2, 1)
        with warehouse() as db:
            later = Context(end + timedelta(seconds=1))
            assert segments.reachable(db, parse({"random": {"percent": 100}}), later)["email"] == 2

    def test_a_limit_says_how_many(self, people: list[str], api: Any) -> None:
        limit = {"channel": "email", "purpose": "frequency", "state": "granted"}
        for proof in ({}, {"at_most": 0}, {"at_most": "2"}, {"at_most": True}):
            answer = api("PUT", f"/people/{people[0]}/consents", {**limit, "proof": proof})
            assert answer.status_code == 422
        said = {**limit, "proof": {"at_most": 2}}
        assert api("PUT", f"/people/{people[0]}/consents", said).status_code == 200


class TestTexts:
    def test_are_kept_in_versions_and_told_with_the_consent(
        self, people: list[str], api: Any, owner: Any, client_for: Any
    ) -> None:
        words = {"name": "Newsletter", "language": "en", "words": "I want the newsletter."}
        first = api("POST", "/consent/texts", words).json()
        assert api("POST", "/consent/texts", words).json()["code"] == first["code"]
        second = api("POST", "/consent/texts", {**words, "words": "I want it weekly."}).json()
        assert (first["number"], second["number"]) == (1, 2)
        word = {**GRANTED, "text_version": first["code"]}
        api("PUT", f"/people/{people[0]}/consents", word)
        shown = held(api, people[0])["email", None]
        assert (shown["text_version"], shown["text"]) == (first["code"], words["words"])
        team = client_for(owner)
        assert words["words"] in team.get(f"/people/{people[0]}").content.decode()
        packed = team.post(f"/people/{people[0]}/access").content
        with zipfile.ZipFile(io.BytesIO(packed)) as archive:
            texts = json.loads(archive.read(f"{people[0]}/consent_texts.json"))
        assert [(one["code"], one["words"]) for one in texts] == [(first["code"], words["words"])]

    def test_come_back_from_the_log(self, people: list[str], api: Any, stores: Any) -> None:
        words = {"name": "Newsletter", "language": "en", "words": "Yes."}
        code = api("POST", "/consent/texts", words).json()["code"]
        api("PUT", f"/people/{people[0]}/consents", {**GRANTED, "text_version": "Newsletter"})
        ConsentEntry.objects.all().delete()
        from muster.people.identity.records import PeopleRecords
        from muster.warehouse.loader import Loader
        from muster.warehouse.store import Warehouse

        again = Warehouse(None, b"k" * 32)
        Loader(again, stores.stores.spool.folder, PeopleRecords(rebuilding=True)).run_once()
        assert ConsentEntry.objects.get().text_version == code
        again.close()


class TestRequests:
    def test_are_due_by_the_law_of_the_person(self, people: list[str], api: Any) -> None:
        api("PUT", "/consent/law", {"law": "pipl", "by_country": True})
        days = {}
        for person in people:
            made = api("POST", "/requests", {"person": person, "kind": "erasure"}).json()
            asked, due = (datetime.fromisoformat(made[key]) for key in ("asked_at", "due_at"))
            days[made["law"]] = (due - asked).days
        assert days == {"pipl": 15, "gdpr": 30, "can_spam": 45}
        again = api("POST", "/requests", {"person": people[0], "kind": "erasure"})
        assert again.status_code == 201
        assert PrivacyRequest.objects.count() == 3

    def test_how_it_was_asked_is_masked_like_the_person(
        self, people: list[str], owner: Any, user_with: Any, client_for: Any
    ) -> None:
        said = {"kind": "access", "how": "mail from spare@example.com, then 13912345678"}
        client_for(owner).post(f"/people/{people[0]}/requests", said)
        assert "spare@example.com" in client_for(owner).get("/consent/requests").content.decode()
        for role in ("analyst", "operator", "manager"):
            page = client_for(user_with(role)).get("/consent/requests").content.decode()
            assert "mail from s***@example.com, then 139****5678" in page
            assert "spare@" not in page

    def test_are_carried_out_from_the_list(
        self, people: list[str], api: Any, stores: Any, owner: Any, client_for: Any, run_jobs: Any
    ) -> None:
        team = client_for(owner)
        for kind in ("access", "erasure"):
            team.post(f"/people/{people[0]}/requests", {"kind": kind, "how": "by e-mail"})
        page = team.get("/consent/requests").content.decode()
        assert "cn@example.com" in page
        access, erasure = (PrivacyRequest.objects.get(kind=k) for k in ("access", "erasure"))
        packed = team.post(f"/consent/requests/{access.public_id}/access").content
        with zipfile.ZipFile(io.BytesIO(packed)) as archive:
            told = json.loads(archive.read(f"{people[0]}/requests.json"))
        assert {one["kind"] for one in told} == {"access", "erasure"}
        assert team.post(f"/consent/requests/{erasure.public_id}/erase").status_code == 302
        run_jobs()
        assert api("GET", f"/people/{people[0]}").status_code == 404
        assert "cn@example.com" not in team.get("/consent/requests").content.decode()
        states = dict(PrivacyRequest.objects.values_list("kind", "state"))
        assert states == {"access": "done", "erasure": "done"}
        assert not PrivacyRequest.objects.exclude(how="").exists()

    def test_late_ones_stand_out_and_a_no_needs_a_reason(
        self, people: list[str], api: Any, owner: Any, client_for: Any
    ) -> None:
        made = api("POST", "/requests", {"person": people[0], "kind": "access"}).json()
        PrivacyRequest.objects.update(due_at=datetime.now(UTC) - timedelta(days=1))
        assert "Overdue" in client_for(owner).get("/consent/requests").content.decode()
        assert api("POST", f"/requests/{made['id']}/decline", {"answer": ""}).status_code == 422
        done = api("POST", f"/requests/{made['id']}/decline", {"answer": "Not their data"}).json()
        assert done["state"] == "declined"
        again = api("POST", f"/requests/{made['id']}/decline", {"answer": "once more"})
        assert again.status_code == 409

    def test_few_may_carry_them_out(
        self, people: list[str], api: Any, user_with: Any, client_for: Any
    ) -> None:
        made = api("POST", "/requests", {"person": people[0], "kind": "access"}).json()
        client = client_for(user_with("service"))
        assert client.get("/consent/requests").status_code == 200
        assert client.post(f"/consent/requests/{made['id']}/access").status_code == 403
