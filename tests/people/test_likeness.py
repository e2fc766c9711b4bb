"""Who may be the same person: found by blocks, decided by people."""

from __future__ import annotations

from typing import Any

import pyarrow as pa
import pytest

from muster.people.identity.models import Likeness
from muster.people.profile.hashing import address_hash
from muster.people.profile.models import Person
from muster.team.changes.models import Change
from muster.warehouse.alike import MOST_IN_A_BLOCK, PEOPLE, alike


def pairs(*people: tuple[str, str, str]) -> list[tuple[int, int, str]]:
    """Pairs among people (e-mail, phone, name), numbered from 1."""
    rows = [(number, *one) for number, one in enumerate(people, 1)]
    found = alike(pa.table(list(map(list, zip(*rows, strict=True))), schema=PEOPLE))
    return [tuple(row.values()) for row in found.to_pylist()]


class TestComparing:
    @pytest.mark.parametrize(
        ("first", "second", "why"),
        [
            (("a@b.cn", "", "Li Na"), ("a@b.cn", "", "Wang Wei"), "same_email"),
            (("", "+8613800138000", "李娜"), ("", "+8613800138000", "李娜"), "phone_and_name"),
            (("", "+4930123456", "Jon Smith"), ("", "+4930123456", "John Smith"), "phone_and_name"),
            (("", "+8613800138000", "李娜"), ("", "+8613800138000", "王强"), "same_phone"),
            (("anna.li@gmail.com", "", ""), ("annali+shop@gmail.com", "", ""), "same_mailbox"),
            (("li.na@qq.com", "", "Li Na"), ("li.na1@qq.com", "", "LI  NA"), "name_and_mailbox"),
        ],
    )
    def test_the_strongest_sign_is_named(self, first: Any, second: Any, why: str) -> None:
        assert pairs(first, second) == [(1, 2, why)]

    @pytest.mark.parametrize(
        ("first", "second"),
        [
            (("", "", ""), ("", "", "")),
            (("", "", "Li Na"), ("", "", "Li Na")),
            (("anna.li@qq.com", "", ""), ("annali@qq.com", "", "")),
            (("zhou@qq.com", "", "Li Na"), ("18812@qq.com", "", "Li Na")),
            (("tea0001@qq.com", "", "Li Na"), ("tea0002@qq.com", "", "Li Na")),
            (("li.na@qq.com", "", "Li Na"), ("li.na@163.com", "", "Li Na")),
        ],
    )
    def test_others_are_no_pair(self, first: Any, second: Any) -> None:
        assert pairs(first, second) == []

    def test_the_address_of_an_office_says_nothing(self) -> None:
        office = [("info@b.cn", "", "")] * (MOST_IN_A_BLOCK + 1)
        assert pairs(*office) == []
        assert len(pairs(*office[1:])) == MOST_IN_A_BLOCK * (MOST_IN_A_BLOCK - 1) / 2


@pytest.fixture
def pair(stores: Any, workspace: Any) -> tuple[Person, Person]:
    phone = "+8613800138000"
    both = [
        Person.objects.create(
            external_id=number,
            phone=phone,
            phone_hash=address_hash("phone", phone),
            last_name="李",
            first_name=first,
        )
        for number, first in (("c1", "娜"), ("c2", "小娜"))
    ]
    return both[0], both[1]


class TestDeciding:
    def test_a_search_puts_them_up_once(
        self, pair: tuple[Person, Person], owner: Any, client_for: Any, run_jobs: Any
    ) -> None:
        client = client_for(owner)
        client.post("/people/duplicates/search")
        run_jobs()
        page = client.get("/people/duplicates").content.decode()
        assert "1 pair may be one person" in page
        assert "李小娜" in page
        client.post("/people/duplicates/search")
        run_jobs()
        assert Likeness.objects.count() == 1

    def test_one_person_is_merged_with_a_trace(
        self, pair: tuple[Person, Person], owner: Any, client_for: Any
    ) -> None:
        likeness = self._put_up(pair)
        client = client_for(owner)
        page = client.get(f"/people/duplicates/{likeness.public_id}").content.decode()
        assert page.count("+8613800138000") >= 2
        said = {"decision": "merge", "kept": "second", "reason": "told us"}
        answer = client.post(f"/people/duplicates/{likeness.public_id}/decide", said)
        assert answer.headers["HX-Redirect"].endswith("/people/duplicates")
        pair[0].refresh_from_db()
        likeness.refresh_from_db()
        assert (pair[0].merged_into, likeness.state) == (pair[1], "merged")
        assert Change.objects.get(verb="merged").details["reason"] == "told us"
        profile = client.get(f"/people/{pair[0].public_id}")
        assert profile.headers["Location"].endswith(pair[1].public_id)
        profile = client.get(f"/people/{pair[1].public_id}").content.decode()
        assert "Merged from" in profile
        client.post(f"/people/{pair[1].public_id}/unmerge", {"other": pair[0].public_id})
        likeness.refresh_from_db()
        assert likeness.state == "apart"
        assert Person.objects.present().count() == 2

    def test_two_people_need_a_reason_and_are_not_asked_again(
        self, pair: tuple[Person, Person], owner: Any, client_for: Any, run_jobs: Any
    ) -> None:
        likeness = self._put_up(pair)
        client = client_for(owner)
        address = f"/people/duplicates/{likeness.public_id}/decide"
        assert client.post(address, {"decision": "apart"}).status_code == 422
        client.post(address, {"decision": "apart", "reason": "mother and daughter"})
        client.post("/people/duplicates/search")
        run_jobs()
        likeness.refresh_from_db()
        assert (likeness.state, likeness.reason) == ("apart", "mother and daughter")
        assert Person.objects.present().count() == 2

    @pytest.mark.parametrize("decision", ["rubbish", ""])
    def test_anything_but_the_two_answers_changes_nothing(
        self, pair: tuple[Person, Person], owner: Any, client_for: Any, decision: str
    ) -> None:
        likeness = self._put_up(pair)
        address = f"/people/duplicates/{likeness.public_id}/decide"
        assert client_for(owner).post(address, {"decision": decision}).status_code == 422
        likeness.refresh_from_db()
        assert likeness.state == "open"
        assert Person.objects.present().count() == 2

    def test_who_may_not_change_people_only_looks(
        self, pair: tuple[Person, Person], user_with: Any, client_for: Any
    ) -> None:
        likeness = self._put_up(pair)
        client = client_for(user_with("analyst"))
        page = client.get(f"/people/duplicates/{likeness.public_id}").content.decode()
        assert "13800138000" not in page
        assert "138****8000" in page
        said = {"decision": "merge"}
        answer = client.post(f"/people/duplicates/{likeness.public_id}/decide", said)
        assert answer.status_code == 403

    def test_from_the_page_of_a_person(
        self, pair: tuple[Person, Person], owner: Any, client_for: Any
    ) -> None:
        client = client_for(owner)
        address = f"/people/{pair[0].public_id}/merge"
        assert client.post(address, {"other": "nobody"}).status_code == 422
        assert client.post(address, {"other": "c2"}).status_code == 200
        assert list(Person.objects.present()) == [pair[0]]

    def _put_up(self, pair: tuple[Person, Person]) -> Likeness:
        from django.utils import timezone

        from muster.people.identity.likeness import search

        assert search(now=timezone.now()) == 1
        return Likeness.objects.get()
