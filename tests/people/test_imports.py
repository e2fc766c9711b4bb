"""Bringing in people from files, as they are."""

from __future__ import annotations

import io
from typing import Any

import pytest

from muster.people.consent import actions as consent
from muster.people.consent.models import ConsentState
from muster.people.imports import actions
from muster.people.imports.models import Import
from muster.people.profile.models import Person
from muster.team.stores import warehouse

CSV = """id,email,phone,姓名,城市,orders,code
c1,Li.Na@Example.com,138 0013 8000,李娜,上海,3,007
c2,broken@@example.com,13900139000,王伟,杭州,12,008
c3,,12,张三,上海,1,009
,,,没有,北京,2,010
c1,li.na@example.com,13800138000,李娜,苏州,4,011
"""


@pytest.fixture
def bring(stores: Any, workspace: Any, owner: Any, run_jobs: Any) -> Any:
    """Imports a text as a program would: `bring("a,b\\n1,2", {"a": "external_id"})`."""

    def bring(text: str | bytes, mapping: dict[str, str] | None = None, name: str = "p.csv") -> Any:
        data = text.encode() if isinstance(text, str) else text
        imported = actions.begin(io.BytesIO(data), name, by=owner)
        actions.match_by_name(imported, mapping or {})
        actions.start(imported, by=owner)
        run_jobs()
        imported.refresh_from_db()
        return imported

    return bring


def profile(person: Person) -> dict[str, Any]:
    from muster.warehouse.timeline import traits_of

    with warehouse() as db:
        return traits_of(db, person.pk)


def profiles() -> int:
    with warehouse() as db:
        return int(db.con.execute("SELECT count(*) FROM profiles").fetchone()[0])


class TestImportingAFile:
    def test_makes_the_people_that_are_usable(self, bring: Any) -> None:
        imported = bring(CSV)
        assert imported.state == Import.State.DONE, imported.error
        assert set(Person.objects.values_list("external_id", flat=True)) == {"c1", "c2", "c3"}
        li_na = Person.objects.get(external_id="c1")
        assert (li_na.email, li_na.phone) == ("li.na@example.com", "+8613800138000")
        assert (li_na.last_name, li_na.first_name) == ("李", "娜")

    def test_counts_what_became_of_each_row(self, bring: Any) -> None:
        counts = bring(CSV).counts
        assert (counts["rows"], counts["new"], counts["updated"]) == (5, 3, 0)
        assert (counts["duplicate"], counts["invalid"], counts["imported"]) == (1, 1, 3)
        assert counts["reasons"] == {"bad_email": 1, "bad_phone": 1, "no_identity": 1}

    def test_numeric_columns_become_numbers_and_zeros_stay(self, bring: Any) -> None:
        bring(CSV)
        traits = profile(Person.objects.get(external_id="c2"))
        assert traits["orders"] == 12.0
        assert traits["code"] == "008"

    def test_the_last_row_of_a_person_wins(self, bring: Any) -> None:
        bring(CSV)
        assert profile(Person.objects.get(external_id="c1"))["城市"] == "苏州"
