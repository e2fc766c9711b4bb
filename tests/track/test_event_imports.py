"""Bringing in events from files."""

from __future__ import annotations

import io
import json
from typing import Any

import pyarrow as pa
import pyarrow.parquet as parquet
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from muster.people.profile.models import Person
from muster.team.jobs.models import Job
from muster.team.stores import warehouse
from muster.track.imports import actions

ORDERS = """customer,when,total,note,code
c1,2026-05-01 10:00,12.50,first,001
c2,2026-05-02 10:00,7,,002
,2026-05-02 11:00,7,nobody,003
c1,yesterday,7,,004
"""
MAP = {"customer": "userId", "when": "timestamp", "total": "properties.total"}


@pytest.fixture
def bring(stores: Any, workspace: Any, owner: Any, run_jobs: Any) -> Any:
    """Imports a file of events and gives its job."""

    def bring(
        data: str | bytes, mapping: dict[str, str], name: str = "e.csv", event: str = ""
    ) -> Job:
        raw = data.encode() if isinstance(data, str) else data
        job = actions.begin(io.BytesIO(raw), name, mapping, event=event, by=owner)
        run_jobs()
        job.refresh_from_db()
        return job

    return bring


def rows(query: str) -> list[Any]:
    with warehouse() as db:
        return db.con.execute(query).fetchall()


class TestATableOfEvents:
    def test_makes_people_by_external_id_as_they_appear(self, bring: Any) -> None:
        job = bring(ORDERS, MAP, event="Order Completed")
        assert job.state == Job.State.DONE, job.error
        assert sorted(Person.objects.values_list("external_id", flat=True)) == ["c1", "c2"]

    def test_counts_the_rows_that_could_not_be_used(self, bring: Any) -> None:
        result = bring(ORDERS, MAP, event="Order Completed").result
        assert (result["rows"], result["imported"], result["invalid"]) == (4, 2, 2)
        assert result["reasons"] == {"no_person": 1, "bad_time": 1}

    def test_times_without_a_zone_are_those_of_the_workspace(self, bring: Any) -> None:
        bring(ORDERS, MAP, event="Order Completed")
        # 10:00 in Shanghai is 02:00 UTC.
        (first,) = rows('SELECT "at"::VARCHAR, revenue::VARCHAR FROM events ORDER BY "at" LIMIT 1')
        assert first == ("2026-05-01 02:00:00", "12.5000")

    def test_unmapped_columns_become_properties_and_keep_their_zeros(self, bring: Any) -> None:
        bring(ORDERS, MAP, event="Order Completed")
        ((props,),) = rows('SELECT props FROM events ORDER BY "at" LIMIT 1')
        assert json.loads(props) == {"total": 12.5, "note": "first", "code": "001"}

    def test_the_same_file_counts_once(self, bring: Any) -> None:
        bring(ORDERS, MAP, event="Order Completed")
        bring(ORDERS, MAP, event="Order Completed")
        assert rows("SELECT count(*) FROM events") == [(2,)]

    def test_channel_and_campaign_are_where_reports_look(self, bring: Any) -> None:
        bring(
            "u,ch,ca\nx,email,May\n",
            {"u": "userId", "ch": "channel", "ca": "campaign"},
            event="Visit",
        )
        assert rows("SELECT channel, campaign, name FROM events") == [("email", "May", "Visit")]


class TestCallsOfTheTrackingApi:
    LINES = "\n".join(
        [
            '{"type":"identify","userId":"a","traits":{"city":"上海","email":"A@b.cn"}}',
            '{"type":"track","event":"Signed Up","userId":"a","timestamp":"2026-01-01T00:00:00Z",'
            '"messageId":"m1","context":{"muster":{"person_id":77}},"properties":{"plan":"x"}}',
            '{"type":"track","userId":"a"}',
            "not json",
        ]
    )

    def test_need_no_mapping(self, bring: Any) -> None:
        result = bring(self.LINES, {}, "e.ndjson").result
        assert (result["imported"], result["reasons"]) == (2, {"no_event": 1, "bad_line": 1})
        assert Person.objects.get(external_id="a").email == "a@b.cn"

    def test_cannot_name_people_by_our_numbers(self, bring: Any) -> None:
        bring(self.LINES, {}, "e.ndjson")
        person = Person.objects.get(external_id="a").pk
        assert rows("SELECT DISTINCT person_id FROM events") == [(person,)]


class TestAParquetFile:
    def test_keeps_its_types(self, bring: Any) -> None:
        table = pa.table(
            {"id": [7, 8], "event": ["A", "B"], "price": [1.5, None], "ok": [True, False]}
        )
        file = io.BytesIO()
        parquet.write_table(table, file)
        bring(file.getvalue(), {"id": "userId"}, "e.parquet")
        assert sorted(Person.objects.values_list("external_id", flat=True)) == ["7", "8"]
        ((props,),) = rows("SELECT props FROM events WHERE name = 'A'")
        assert json.loads(props) == {"price": 1.5, "ok": True}


class TestTheApiOfEvents:
    def test_lines_of_no_known_type_come_back_in_the_language_of_who_brought_them(
        self, stores: Any, api: Any, owner: Any, run_jobs: Any
    ) -> None:
        owner.language = "zh-hans"
        owner.save()
        lines = (
            b'{"type": "track", "userId": "q", "event": "Visit"}\n{"type": "trak", "userId": "q"}\n'
        )
        file = SimpleUploadedFile("e.ndjson", lines)
        job = api("POST", "/events/import", {}, files={"file": file}).json()["job"]
        run_jobs()
        told = api("GET", f"/jobs/{job}").json()
        assert (told["result"]["imported"], told["result"]["reasons"]) == (1, {"bad_type": 1})
        errors = b"".join(api("GET", f"/jobs/{job}/errors").streaming_content).decode("utf-8-sig")
        assert "没有这种类型的事件。" in errors

    def test_answers_with_a_job(self, stores: Any, api: Any, run_jobs: Any) -> None:
        file = SimpleUploadedFile("e.csv", b"userId,event\nq,Visit\n", "text/csv")
        answer = api("POST", "/events/import", {"mapping": "{}"}, files={"file": file})
        assert answer.status_code == 202, answer.content
        run_jobs()
        assert api("GET", f"/jobs/{answer.json()['job']}").json()["state"] == "done"

    def test_says_which_column_is_not_there(self, stores: Any, api: Any) -> None:
        file = SimpleUploadedFile("e.csv", b"userId,event\nq,Visit\n", "text/csv")
        answer = api(
            "POST", "/events/import", {"mapping": '{"who": "userId"}'}, files={"file": file}
        )
        assert answer.status_code == 422
        assert answer.json()["code"] == "unknown_column"

    def test_says_that_nothing_names_the_event(self, stores: Any, api: Any) -> None:
        file = SimpleUploadedFile("e.csv", b"userId,x\nq,Visit\n", "text/csv")
        answer = api("POST", "/events/import", {}, files={"file": file})
        assert answer.json()["code"] == "no_event"
