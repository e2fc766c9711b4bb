"""Bringing in people from files, as they are."""

from __future__ import annotations

import csv
import gzip
import io
import json
import random
from datetime import UTC, datetime, timedelta
from typing import Any, ClassVar

import openpyxl
import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone

from muster.events import shape
from muster.kit.errors import Invalid, Refused
from muster.people.consent import actions as consent
from muster.people.consent import keeping
from muster.people.consent.actions import Word
from muster.people.consent.models import ConsentEntry, ConsentState, State, TopicState
from muster.people.identity.models import Identifier, Likeness
from muster.people.identity.records import PeopleRecords
from muster.people.imports import actions, jobs
from muster.people.imports.models import Import
from muster.people.profile.models import Person
from muster.team.jobs import runner
from muster.team.jobs.models import Job
from muster.team.stores import emit, wait_until_loaded, warehouse
from muster.team.stores import stores as current_stores
from muster.warehouse import witness
from muster.warehouse.loader import Loader

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

    @pytest.mark.parametrize(
        ("rows", "people"),
        [
            # The address of one row and the phone of another stand together in a third.
            (",a@b.cn,13800138001 ,,13800138001 ,c@d.cn,13800138001", 1),
            (",a@b.cn, ,a@b.cn,13800138001 ,,13800138001 ,c@d.cn,13800138002", 2),
            # One address with different phones is one, and so is one phone with other addresses.
            (",a@b.cn,13800138001 ,c@d.cn,13800138002 ,e@f.cn,13800138001 ,,13800138002", 2),
            # Whoever has no id yet gets it; another id is somebody else, as in a household.
            (",a@b.cn, k1,a@b.cn,13800138001 ,,13800138001", 1),
            ("k1,a@b.cn, k2,a@b.cn,13800138001 ,,13800138001", 2),
        ],
    )
    def test_people_are_counted_and_not_rows(self, bring: Any, rows: str, people: int) -> None:
        text = "id,email,phone\n" + rows.replace(" ", "\n") + "\n"
        counts = bring(text, {"id": "external_id"}).counts
        assert counts["new"] == people
        assert Person.objects.count() == people
        again = bring(text, {"id": "external_id"}).counts
        assert (again["new"], again["updated"]) == (0, people)
        assert Person.objects.count() == people

    @pytest.mark.parametrize("seed", [0, 26, 35, 36, 39, 40])
    def test_check_and_import_count_who_is_made(
        self, seed: int, bring: Any, owner: Any, run_jobs: Any
    ) -> None:
        rng = random.Random(seed)

        def row() -> str:
            external_id = rng.choice(["", "", "k1", "k2", "k3", "k4", "k5", "k6"])
            mail = rng.choice(["", *[f"m{n}@b.cn" for n in range(8)]])
            phone = rng.choice(["", *[f"1380013800{n}" for n in range(8)]])
            return f"{external_id},{mail},{phone}\n"

        bring("id,email,phone\n" + "".join(row() for _n in range(5)), {"id": "external_id"})
        before = set(Person.objects.values_list("pk", flat=True))
        text = "id,email,phone\n" + "".join(row() for _n in range(16))
        imported = actions.begin(io.BytesIO(text.encode()), "p.csv", by=owner)
        actions.match_by_name(imported, {"id": "external_id"})
        actions.start_check(imported, by=owner)
        run_jobs()
        imported.refresh_from_db()
        told = imported.counts
        actions.start(imported, by=owner)
        run_jobs()
        imported.refresh_from_db()
        assert imported.state == Import.State.DONE, imported.error
        spoken = {
            one.pk
            for one in Person.objects.all()
            if profile(one).get("last_import") == imported.public_id
        }
        made = set(Person.objects.values_list("pk", flat=True)) - before
        assert (told["new"], told["updated"]) == (len(made), len(spoken & before))
        assert imported.counts["new"] == told["new"]
        assert imported.counts["updated"] == told["updated"]

    def test_numeric_columns_become_numbers_and_zeros_stay(self, bring: Any) -> None:
        bring(CSV)
        traits = profile(Person.objects.get(external_id="c2"))
        assert traits["orders"] == 12.0
        assert traits["code"] == "008"

    def test_the_last_row_of_a_person_wins(self, bring: Any) -> None:
        bring(CSV)
        assert profile(Person.objects.get(external_id="c1"))["城市"] == "苏州"

    def test_blank_cells_say_nothing(self, bring: Any) -> None:
        bring("id,city\nc1,上海\n", {"id": "external_id"})
        bring("id,city,age\nc1,,30\n", {"id": "external_id"})
        traits = profile(Person.objects.get())
        assert (traits["city"], traits["age"]) == ("上海", 30.0)

    def test_what_is_mapped_stays_what_the_mapping_says(self, bring: Any) -> None:
        bring("customer_id,email,phone_number\n1,a@b.cn,123\n", {"customer_id": "external_id"})
        assert profile(Person.objects.get(external_id="1", email="a@b.cn"))["phone_number"] == 123.0

    def test_a_mixed_column_stays_text(self, bring: Any) -> None:
        bring("id,x\n1,5\n2,n/a\n", {"id": "external_id"})
        assert profile(Person.objects.get(external_id="1"))["x"] == "5"

    def test_the_country_code_na_is_a_text_like_any_other(self, bring: Any) -> None:
        bring("id,country\n1,NA\n", {"id": "external_id"})
        assert profile(Person.objects.get())["country"] == "NA"

    def test_is_what_every_identifier_of_it_names(self, bring: Any) -> None:
        imported = bring("id,email,phone\nc1,a@b.cn,13800138000\n,c@d.cn,\n")
        sources = Identifier.objects.order_by("pk").values_list("kind", "source")
        named = f"import:{imported.public_id}"
        assert sorted(sources) == [
            ("email", named), ("email", named), ("external_id", named), ("phone", named),
        ]  # fmt: skip
        assert not Identifier.objects.filter(last_seen=None).exists()

    def test_a_row_about_two_people_opens_a_review(self, bring: Any) -> None:
        bring("email,phone\na@b.cn,13800138000\nc@d.cn,13900139000\n")
        bring("email,phone,city\na@b.cn,13900139000,上海\n")
        phones = dict(Person.objects.values_list("email", "phone"))
        assert phones == {"a@b.cn": "+8613800138000", "c@d.cn": "+8613900139000"}
        pair = Likeness.objects.get()
        assert {pair.first.email, pair.second.email} == set(phones)


class TestAnErrorFile:
    def test_has_the_rows_with_field_reason_and_advice(self, bring: Any) -> None:
        imported = bring("id,email\n1,=cmd|' /C calc'!A0\n2,ok@b.cn\n")
        text = (settings.DATA.uploads / imported.errors_file).read_bytes()
        assert text.startswith(b"\xef\xbb\xbf")
        rows = list(csv.reader(io.StringIO(text.decode("utf-8-sig"))))
        assert len(rows) == 2
        assert rows[1][:3] == ["1", "'=cmd|' /C calc'!A0", "email"]
        assert rows[1][3] == "This is no e-mail address."

    def test_can_be_mended_and_brought_again(self, bring: Any) -> None:
        imported = bring("id,email,note\n1,bad,-5\n")
        path = settings.DATA.uploads / imported.errors_file
        mended = path.read_text("utf-8-sig").replace("bad", "good@b.cn", 1)
        bring(mended)
        person = Person.objects.get()
        assert person.email == "good@b.cn"
        assert profile(person)["note"] == -5.0
        assert "Error field" not in profile(person)


class TestRunningTwice:
    def test_adds_nothing(self, bring: Any, run_jobs: Any) -> None:
        imported = bring(CSV)
        events = count("SELECT count(*) FROM events")
        Job.objects.update(state=Job.State.QUEUED)
        run_jobs()
        again = Import.objects.get(pk=imported.pk)
        assert count("SELECT count(*) FROM events") == events
        assert again.counts == imported.counts
        assert Person.objects.count() == 3

    def test_the_same_file_updates(self, bring: Any) -> None:
        bring(CSV)
        assert (counts := bring(CSV).counts)["updated"] == 3
        assert counts["new"] == 0


class TestStopping:
    def test_keeps_what_was_imported(
        self, stores: Any, workspace: Any, owner: Any, run_jobs: Any
    ) -> None:
        text = "id\n" + "\n".join(f"c{n}" for n in range(5))
        imported = actions.begin(io.BytesIO(text.encode()), "p.csv", by=owner)
        actions.match_by_name(imported, {"id": "external_id"})
        job = actions.start(imported, by=owner)
        Job.objects.filter(pk=job.pk).update(cancel_asked=True)
        run_jobs()
        job.refresh_from_db()
        imported.refresh_from_db()
        assert (job.state, imported.state) == (Job.State.CANCELLED, Import.State.CANCELLED)
        assert Person.objects.count() == job.result.get("imported", 0)

    def test_before_it_began_gives_the_file_back(
        self, stores: Any, workspace: Any, owner: Any
    ) -> None:
        imported = actions.begin(io.BytesIO(b"id\n1\n"), "p.csv", by=owner)
        actions.match_by_name(imported, {"id": "external_id"})
        actions.start(imported, by=owner)
        actions.cancel(imported, by=owner)
        imported.refresh_from_db()
        assert imported.state == Import.State.UPLOADED

    def test_the_figures_below_are_told_to_be_of_the_whole_file(
        self, bring: Any, owner: Any, client_for: Any
    ) -> None:
        imported = bring("id\nc1\nc2\n", {"id": "external_id"})
        client, told = client_for(owner), "The whole file, as it was checked"
        page = client.get(reverse("people:one_import", args=[imported.pk])).content.decode()
        assert "2 rows imported" in page
        assert told not in page
        counts = {**imported.counts, "imported": 1}
        Import.objects.filter(pk=imported.pk).update(state=Import.State.CANCELLED, counts=counts)
        page = client.get(reverse("people:one_import", args=[imported.pk])).content.decode()
        assert "1 row imported" in page
        assert told in page

    def test_while_it_is_checked_nothing_is_said_to_have_begun(
        self, stores: Any, workspace: Any, owner: Any
    ) -> None:
        imported = actions.begin(io.BytesIO(b"id\n1\n"), "p.csv", by=owner)
        actions.match_by_name(imported, {"id": "external_id"})
        actions.start_check(imported, by=owner)
        with pytest.raises(Refused, match="still being checked"):
            actions.match(imported, {"id": "external_id"})
        with pytest.raises(Refused, match="still being checked"):
            actions.read_anew(imported, encoding="utf-8", separator=";")

    def test_an_import_cannot_be_started_twice(self, bring: Any, owner: Any) -> None:
        imported = bring(CSV)
        with pytest.raises(Refused):
            actions.start(imported, by=owner)


class TestTakingAnImportBack:
    def undo(self, imported: Import, owner: Any, run_jobs: Any) -> Import:
        actions.undo(imported, by=owner, now=timezone.now())
        run_jobs()
        imported.refresh_from_db()
        return imported

    def test_removes_whom_it_made_and_keeps_who_was_known_or_did_something(
        self, bring: Any, owner: Any, run_jobs: Any
    ) -> None:
        bring("id\nc1\n", {"id": "external_id"})
        imported = bring("id,city\nc1,x\nc2,x\nc3,x\n", {"id": "external_id"})
        place = emit([shape.event("Visited", user_id="c3")])
        wait_until_loaded(place)
        undone = self.undo(imported, owner, run_jobs)
        assert undone.state == Import.State.UNDONE
        assert (undone.counts["removed"], undone.counts["kept"]) == (1, 2)
        assert set(Person.objects.present().values_list("external_id", flat=True)) == {"c1", "c3"}
        assert profiles() == 2

    def test_the_same_people_can_be_brought_again(
        self, bring: Any, owner: Any, run_jobs: Any
    ) -> None:
        self.undo(bring(CSV), owner, run_jobs)
        assert profiles() == 0
        assert bring(CSV).counts["new"] == 3
        assert profiles() == 3
        assert Person.objects.get(external_id="c1").email == "li.na@example.com"

    @pytest.mark.parametrize("word", ["yes", "no"])
    def test_leaves_consent_as_it_was_before_the_file_spoke_of_it(
        self, word: str, bring: Any, owner: Any, run_jobs: Any
    ) -> None:
        mapping = {"id": "external_id", "ok": "consent:email:marketing"}
        bring("id\nc1\nc2\nc3\nc4\nc5\n", mapping={"id": "external_id"})
        people = {one.external_id: one for one in Person.objects.all()}
        topic = keeping.add_topic("Offers", by=owner)
        early = timezone.now() - timedelta(days=40)
        for who, say in (("c2", State.GRANTED), ("c3", State.WITHDRAWN)):
            said = Word(people[who], "email", "marketing", say, {"form": "1"}, "v1")
            consent.record([said], now=early, source="form")
        imported = bring(
            "id,ok,news\n" + "".join(f"c{n},{word},{word}\n" for n in range(1, 6)),
            {**mapping, "news": "consent:email:marketing:Offers"},
        )
        assert ConsentState.objects.filter(person=people["c1"]).count() == 1
        assert TopicState.objects.filter(topic=topic).count() == (5 if word == "no" else 4)
        consent.withdraw(
            people["c4"], "email", "marketing", now=timezone.now(), source="preferences"
        )
        self.undo(imported, owner, run_jobs)
        held = {"c2": "granted", "c3": "withdrawn", "c4": "withdrawn"}
        states = ConsentState.objects.select_related("entry")
        assert {one.person.external_id: one.state for one in states} == held
        assert states.get(person=people["c2"]).entry.text_version == "v1"
        assert states.get(person=people["c2"]).at == early
        assert not TopicState.objects.exists()
        assert self.in_warehouse() == held
        assert not ConsentEntry.objects.filter(
            person=people["c1"], state="withdrawn", source__startswith="undone"
        ).exists()
        again = bring("id,ok\nc1,yes\nc3,yes\n", mapping)
        assert again.counts["refused_consents"] == 1, "c3 withdrew before, c1 did not"
        held["c1"] = "granted"
        assert dict(states.values_list("person__external_id", "state")) == held
        assert self.in_warehouse() == held

    def in_warehouse(self) -> dict[str, str]:
        """What counts there of e-mail as a whole, of those of whom something is known."""
        with warehouse() as db:
            rows = db.con.execute(
                "SELECT person_id, state FROM consents WHERE topic = '' AND state <> 'unknown'"
            ).fetchall()
            assert not db.con.execute("SELECT 1 FROM consents WHERE topic <> ''").fetchall()
        names = dict(Person.objects.values_list("pk", "external_id"))
        return {names[person]: state for person, state in rows}

    @pytest.mark.parametrize("merged", ["never", "between", "afterwards"])
    def test_the_former_word_counts_with_its_moment_and_its_confirmation(
        self,
        merged: str,
        bring: Any,
        api: Any,
        owner: Any,
        run_jobs: Any,
        stores: Any,
    ) -> None:
        bring("id\nc1\nc2\n", mapping={"id": "external_id"})
        person, other = Person.objects.order_by("external_id")
        early = timezone.now() - timedelta(days=40)
        word = Word(person, "email", "marketing", State.GRANTED, {"form": "1"}, "v1")
        consent.record([word], now=early, source="double_opt_in")
        imported = bring("id,ok\nc1,no\n", {"id": "external_id", "ok": "consent:email:marketing"})
        with_other = {"other": person.public_id}
        if merged == "between":
            assert api("POST", f"/people/{other.public_id}/merge", with_other).status_code == 200
        stores.settle()
        self.undo(imported, owner, run_jobs)
        if merged == "afterwards":
            assert api("POST", f"/people/{other.public_id}/merge", with_other).status_code == 200
        stores.settle()
        owner_of_it = person if merged == "never" else other
        kept = ConsentState.objects.select_related("entry").get(person=owner_of_it)
        assert (kept.state, kept.at, kept.entry.source) == ("granted", early, "double_opt_in")
        held = [(owner_of_it.pk, "granted", early.replace(tzinfo=None), True)]
        assert self.words_in_warehouse() == held
        current = current_stores()
        loader = Loader(current.warehouse, current.spool.folder, PeopleRecords(rebuilding=True))
        loader.rebuild()
        assert self.words_in_warehouse() == held

    def test_where_nothing_was_said_before_nothing_counts_of_those_who_are_one(
        self, bring: Any, api: Any, owner: Any, run_jobs: Any, stores: Any
    ) -> None:
        bring("id\nc1\nc2\n", mapping={"id": "external_id"})
        person, other = Person.objects.order_by("external_id")
        imported = bring("id,ok\nc1,yes\n", {"id": "external_id", "ok": "consent:email:marketing"})
        api("POST", f"/people/{other.public_id}/merge", {"other": person.public_id})
        stores.settle()
        assert ConsentState.objects.get(person=other).state == "granted"
        self.undo(imported, owner, run_jobs)
        assert not ConsentState.objects.exists()
        assert self.words_in_warehouse() == []

    MAPPING: ClassVar = {"id": "external_id", "ok": "consent:email:marketing"}

    @pytest.mark.parametrize("merged", ["never", "between", "afterwards"])
    @pytest.mark.parametrize("order", [(0, 1), (1, 0)], ids=["oldest_first", "newest_first"])
    @pytest.mark.parametrize("word", ["yes", "no"])
    def test_what_several_files_said_counts_until_all_are_taken_back(
        self,
        word: str,
        order: tuple[int, int],
        merged: str,
        bring: Any,
        api: Any,
        owner: Any,
        run_jobs: Any,
        stores: Any,
    ) -> None:
        bring("id\nc1\nc2\n", mapping={"id": "external_id"})
        person, other = Person.objects.order_by("external_id")
        files = [bring(f"id,ok\nc1,{word}\n{' ' * n}", self.MAPPING) for n in range(2)]
        state = {"yes": "granted", "no": "withdrawn"}[word]
        holder = person

        def merge() -> Person:
            answer = api("POST", f"/people/{other.public_id}/merge", {"other": person.public_id})
            assert answer.status_code == 200
            stores.settle()
            return other

        assert self.everywhere(holder) == [state] * 3
        self.undo(files[order[0]], owner, run_jobs)
        assert self.everywhere(holder) == [state] * 3, "the other file says it too"
        if merged == "between":
            holder = merge()
            assert self.everywhere(holder) == [state] * 3
        self.undo(files[order[1]], owner, run_jobs)
        if merged == "afterwards":
            holder = merge()
        assert self.everywhere(holder) == ["unknown"] * 3
        current = current_stores()
        Loader(current.warehouse, current.spool.folder, PeopleRecords(rebuilding=True)).rebuild()
        assert self.everywhere(holder) == ["unknown"] * 3
        bring("id,ok\nc1,yes\n", self.MAPPING)
        assert self.everywhere(holder) == ["granted"] * 3, "nobody ever said no"

    @pytest.mark.parametrize("said", ["before", "between", "after"])
    def test_a_word_of_ones_own_outlasts_all_files(
        self, said: str, bring: Any, owner: Any, run_jobs: Any, stores: Any
    ) -> None:
        bring("id\nc1\n", mapping={"id": "external_id"})
        person = Person.objects.get()

        def confirm(moment: str) -> None:
            if moment == said:
                word = Word(person, "email", "marketing", State.GRANTED, {"form": "1"}, "v1")
                consent.record([word], now=timezone.now(), source="double_opt_in")
                stores.settle()

        confirm("before")
        first = bring("id,ok\nc1,no\n", self.MAPPING)
        confirm("between")
        second = bring("id,ok\nc1,no\n ", self.MAPPING)
        confirm("after")
        for imported in (first, second):
            self.undo(imported, owner, run_jobs)
        held = ConsentState.objects.select_related("entry").get()
        assert (held.state, held.entry.source) == ("granted", "double_opt_in")
        assert self.everywhere(person) == ["granted"] * 3
        assert self.words_in_warehouse() == [
            (person.pk, "granted", held.at.replace(tzinfo=None), True)
        ]

    def test_the_yes_counts_no_more_for_those_whom_the_file_made_either(
        self, bring: Any, owner: Any, run_jobs: Any, stores: Any
    ) -> None:
        first = bring("id,ok\nc1,yes\nc2,yes\nc3,yes\n", self.MAPPING)
        second = bring("id,ok\nc1,yes\n", self.MAPPING)
        wait_until_loaded(emit([shape.event("Visited", user_id="c2")]))
        undone = self.undo(first, owner, run_jobs)
        assert (undone.counts["removed"], undone.counts["kept"]) == (1, 2)
        known = {one.external_id: one for one in Person.objects.present()}
        assert set(known) == {"c1", "c2"}
        assert self.everywhere(known["c1"]) == ["granted"] * 3
        assert self.everywhere(known["c2"]) == ["unknown"] * 3
        self.undo(second, owner, run_jobs)
        assert self.everywhere(known["c1"]) == ["unknown"] * 3

    def everywhere(self, person: Person) -> list[str]:
        """What counts of e-mail in the record store, in the warehouse, and by the events alone."""
        kept = ConsentState.objects.filter(person=person).values_list("state", flat=True)
        with warehouse() as db:
            there = db.con.execute(
                "SELECT state FROM consents WHERE person_id = ?", [person.pk]
            ).fetchall()
            (events,) = db.con.execute("SELECT max(rowid) + 1 FROM events").fetchone()
            (heard,) = witness.testify(db, [person.pk], events)
        return [
            next(iter(kept), "unknown"),
            there[0][0] if there else "unknown",
            heard.consents.get(("email", "marketing", ""), "unknown"),
        ]

    def words_in_warehouse(self) -> list[Any]:
        with warehouse() as db:
            rows = db.con.execute('SELECT person_id, state, "at", confirmed FROM consents')
            return list(rows.fetchall())

    def test_works_where_it_failed_half_way(
        self, bring: Any, owner: Any, run_jobs: Any, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def fails(passage: object) -> None:
            raise OSError("the disk is full")

        monkeypatch.setattr(jobs._Passage, "consents", fails)
        imported = bring("id\nc1\n", {"id": "external_id"})
        assert imported.state == Import.State.FAILED
        assert Person.objects.present().count() == 1
        undone = self.undo(imported, owner, run_jobs)
        assert undone.state == Import.State.UNDONE
        assert not Person.objects.present().exists()

    def test_a_check_that_failed_leaves_nothing_to_take_back(
        self, stores: Any, workspace: Any, owner: Any, run_jobs: Any
    ) -> None:
        imported = actions.begin(io.BytesIO(b"id\nc1\n"), "p.csv", by=owner)
        actions.match_by_name(imported, {"id": "external_id"})
        (settings.DATA.uploads / imported.path).unlink()
        actions.start_check(imported, by=owner)
        run_jobs()
        imported.refresh_from_db()
        assert (imported.state, imported.can_be_undone_until) == (Import.State.FAILED, None)

    def test_works_for_seven_days(self, bring: Any, owner: Any) -> None:
        imported = bring(CSV)
        with pytest.raises(Refused, match="seven days"):
            actions.undo(imported, by=owner, now=timezone.now() + timedelta(days=8))


class TestConsentInAFile:
    FILE = "id,邮件订阅\nc1,是\nc2,退订\nc3,\nc4,perhaps\n"

    def test_is_taken_over_with_its_proof(self, bring: Any) -> None:
        imported = bring(self.FILE, {"id": "external_id", "邮件订阅": "consent:email:marketing"})
        states = dict(ConsentState.objects.values_list("person__external_id", "state"))
        assert states == {"c1": "granted", "c2": "withdrawn"}
        entry = ConsentState.objects.get(person__external_id="c1").entry
        assert entry.source == f"import:{imported.public_id}"
        assert entry.proof == {"text": "p.csv"}
        assert imported.counts["reasons"] == {"bad_consent": 1}

    def test_reaches_people_without_an_id_of_yours(self, bring: Any) -> None:
        bring("mail,ok\na@b.cn,yes\n", {"mail": "email", "ok": "consent:email:marketing"})
        assert ConsentState.objects.get().person.email == "a@b.cn"

    def test_says_until_when_it_holds_and_to_what_they_agreed(self, bring: Any) -> None:
        text = (
            "id,ok,until,words\n"
            "c1,yes,2099-06-30,privacy-3\n"
            "c2,yes,2099-06-30T18:00+02:00,\n"
            "c3,yes,,privacy-3\n"
            "c4,yes,next year,\n"
            "c5,yes,2020-01-01,\n"
            f"c6,yes,,{'x' * 61}\n"
            "c7,no,2020-01-01,\n"
        )
        mapping = {
            "id": "external_id",
            "ok": "consent:email:marketing",
            "until": "consent_expires_at",
            "words": "consent_text",
        }
        imported = bring(text, mapping)
        found = {
            state.person.external_id: (
                state.state,
                state.entry.expires_at,
                state.entry.text_version,
            )
            for state in ConsentState.objects.select_related("person", "entry")
        }
        # A day holds until it is over in Shanghai.
        assert found == {
            "c1": ("granted", datetime(2099, 6, 30, 16, tzinfo=UTC), "privacy-3"),
            "c2": ("granted", datetime(2099, 6, 30, 16, tzinfo=UTC), ""),
            "c3": ("granted", None, "privacy-3"),
            "c7": ("withdrawn", None, ""),
        }
        assert imported.counts["reasons"] == {
            "bad_expiry": 1,
            "past_expiry": 1,
            "long_text_version": 1,
        }
        errors = (settings.DATA.uploads / imported.errors_file).read_text("utf-8-sig").splitlines()
        (line,) = [line for line in errors if line.startswith("c4,")]
        assert "until" in line
        assert "It is not clear until when the consent holds" in line
        assert Person.objects.filter(external_id="c4").exists()

    def test_of_the_whole_file_may_be_said_once(
        self, api: Any, stores: Any, workspace: Any, run_jobs: Any
    ) -> None:
        def sent(**consent: str) -> Any:
            said = {"places": ["email:marketing"], "source": "Fair", **consent}
            body = {"mapping": json.dumps({"id": "external_id"}), "consent": json.dumps(said)}
            file = SimpleUploadedFile("p.csv", b"id\nc1\n", "text/csv")
            return api("POST", "/people/import", body, files={"file": file})

        for wrong in ({"expires_at": "soon"}, {"expires_at": "2020-01-01"}, {"text": "x" * 61}):
            answer = sent(**wrong)
            assert answer.status_code == 422
            assert answer.json()["errors"][0]["at"] == f"/consent/{next(iter(wrong))}"
        assert sent(expires_at="2099-06-30", text="fair-1").status_code == 202
        run_jobs()
        entry = ConsentState.objects.get().entry
        assert (entry.expires_at, entry.text_version) == (
            datetime(2099, 6, 30, 16, tzinfo=UTC), "fair-1",
        )  # fmt: skip

    @pytest.mark.parametrize(
        ("day", "code"), [("abc", "bad_day"), ("2026-02-30", "bad_day"), ("2999-01-01", "future")]
    )
    def test_a_day_on_which_nobody_agreed_is_refused_when_it_is_said(
        self, day: str, code: str, stores: Any, workspace: Any, owner: Any
    ) -> None:
        imported = actions.begin(io.BytesIO(b"id\nc1\n"), "p.csv", by=owner)
        said = {"places": ["email:marketing"], "source": "fair", "said_at": day}
        with pytest.raises(Invalid) as refused:
            actions.match(imported, {"id": "external_id"}, consent=said)
        assert [(one.at, one.code) for one in refused.value.errors] == [("/consent/said_at", code)]
        imported.refresh_from_db()
        assert imported.consent == {}

    def test_counts_from_the_day_on_which_they_agreed(
        self, stores: Any, workspace: Any, owner: Any, run_jobs: Any
    ) -> None:
        imported = actions.begin(io.BytesIO(b"id\nc1\n"), "p.csv", by=owner)
        today = timezone.now().astimezone(workspace.zone).date().isoformat()
        said = {"places": ["email:marketing"], "source": "fair", "said_at": today}
        actions.match(imported, {"id": "external_id"}, consent=said)
        actions.start(imported, by=owner)
        run_jobs()
        begins = datetime.fromisoformat(today).replace(tzinfo=workspace.zone)
        assert ConsentState.objects.get().at == begins

    def test_is_whole_where_the_import_was_killed_before_its_people_were_loaded(
        self, stores: Any, workspace: Any, owner: Any, run_jobs: Any, monkeypatch: Any
    ) -> None:
        class Killed(BaseException):
            """As if the process were gone."""

        def die(_timeout: float) -> bool:
            raise Killed

        monkeypatch.setattr(runner, "_SAY_EVERY", 0)
        rows = "".join(f"p{n}@b.cn,{'no' if n % 2 else 'yes'}\n" for n in range(20))
        imported = actions.begin(io.BytesIO(f"email,ok\n{rows}".encode()), "p.csv", by=owner)
        actions.match_by_name(imported, {"ok": "consent:email:marketing"})
        job = actions.start(imported, by=owner)
        with monkeypatch.context() as patched:
            # All rows are in the log by then, and none is loaded.
            patched.setattr(current_stores().loader, "wait_for", lambda _position, t: die(t))
            patched.setattr(current_stores().loader, "wait_for_all", die, raising=False)
            with pytest.raises(Killed):
                run_jobs()
        job.refresh_from_db()
        assert (job.state, job.result["through"]) == (Job.State.RUNNING, 21)
        assert not Person.objects.exists()
        Job.objects.filter(pk=job.pk).update(state=Job.State.QUEUED)
        run_jobs()
        stores.settle()
        imported.refresh_from_db()
        assert (imported.state, imported.counts["consents"]) == (Import.State.DONE, 20)
        assert imported.counts["reasons"] == {}
        said = dict(ConsentState.objects.values_list("person__email", "state"))
        assert said == {f"p{n}@b.cn": "withdrawn" if n % 2 else "granted" for n in range(20)}

    def test_that_finds_nobody_is_told(
        self, stores: Any, workspace: Any, owner: Any, run_jobs: Any, client_for: Any,
        monkeypatch: Any,
    ) -> None:  # fmt: skip
        loader = current_stores().loader
        wait = loader.wait_for_all

        def wait_and_erase(timeout: float) -> bool:
            done = wait(timeout)
            Person.objects.filter(email="gone@b.cn").update(email="", erased_at=timezone.now())
            Identifier.objects.filter(value="gone@b.cn").delete()
            return done

        monkeypatch.setattr(loader, "wait_for_all", wait_and_erase)
        text = b"email,ok\na@b.cn,no\ngone@b.cn,no\n,yes\nquiet@b.cn,\n"
        imported = actions.begin(io.BytesIO(text), "p.csv", by=owner)
        actions.match_by_name(imported, {"ok": "consent:email:marketing"})
        job = actions.start(imported, by=owner)
        run_jobs()
        imported.refresh_from_db()
        job.refresh_from_db()
        assert ConsentState.objects.get().person.email == "a@b.cn"
        reasons = {"no_identity": 1, "nobody": 1}
        assert (imported.counts["reasons"], job.result["reasons"]) == (reasons, reasons)
        told = (settings.DATA.uploads / imported.errors_file).read_text("utf-8-sig")
        assert [row[0] for row in csv.reader(io.StringIO(told))][1:] == ["", "gone@b.cn"]
        page = client_for(owner).get(reverse("people:one_import", args=[imported.pk]))
        assert "Nobody was found for what this row says of consent" in page.content.decode()

    def test_never_gives_back_what_was_withdrawn(self, bring: Any, owner: Any) -> None:
        bring("id\nc1\n", {"id": "external_id"})
        person = Person.objects.get()
        consent.withdraw(person, "email", "marketing", now=timezone.now(), source="preferences")
        imported = bring(self.FILE, {"id": "external_id", "邮件订阅": "consent:email:marketing"})
        assert ConsentState.objects.get(person=person).state == "withdrawn"
        assert imported.counts["refused_consents"] == 1
        text = (settings.DATA.uploads / imported.errors_file).read_text("utf-8-sig")
        mine = next(row for row in csv.reader(io.StringIO(text)) if row[0] == "c1")
        assert mine[2] == "邮件订阅", "the column of the file, as its author knows it"
        with warehouse() as db:
            said = "SELECT state FROM consents WHERE person_id = ?"
            assert db.con.execute(said, [person.pk]).fetchall() == [("withdrawn",)]


class TestAPackedFile:
    def test_is_unpacked_on_the_way_in(self, bring: Any) -> None:
        assert bring(gzip.compress(CSV.encode()), name="p.csv.gz").counts["imported"] == 3

    def test_that_is_damaged_is_refused(self, bring: Any) -> None:
        with pytest.raises(Refused):
            bring(gzip.compress(CSV.encode())[:-20], name="p.csv.gz")


class TestAFileOfObjects:
    ROWS: ClassVar[list[dict[str, object]]] = [
        {"email": "a@b.cn", "城市": "上海", "n": 1},
        {"email": "c@d.cn", "tags": ["x"], "n": 2},
    ]

    @pytest.mark.parametrize("indent", [None, 2])
    @pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "gb18030"])
    def test_may_be_one_array(self, indent: int | None, encoding: str, bring: Any) -> None:
        text = json.dumps(self.ROWS, ensure_ascii=False, indent=indent)
        imported = bring(text.encode(encoding), name="people.json")
        assert [c["name"] for c in imported.columns] == ["email", "城市", "n", "tags"]
        assert (imported.state, imported.counts["imported"]) == (Import.State.DONE, 2)
        assert profile(Person.objects.get(email="a@b.cn"))["城市"] == "上海"


class TestASheet:
    def test_with_a_note_only_is_passed_over_for_the_table(self, bring: Any) -> None:
        book = openpyxl.Workbook()
        book.active.append(["Members of the shop, as of May"])
        book.active.append(["Ask Li Na if anything is unclear"])
        members = book.create_sheet("members")
        members.append(["id", "email"])
        members.append(["c1", "a@b.cn"])
        file = io.BytesIO()
        book.save(file)
        imported = actions.begin(io.BytesIO(file.getvalue()), "members.xlsx", by=None)
        assert "Ask Li Na if anything is unclear" not in str(imported.columns)
        assert "c1" in str(imported.columns)

    def test_of_one_column_is_read_where_no_sheet_has_more(self, bring: Any) -> None:
        book = openpyxl.Workbook()
        book.active.append(["email"])
        book.active.append(["a@b.cn"])
        file = io.BytesIO()
        book.create_sheet("empty")
        book.save(file)
        assert bring(file.getvalue(), name="mails.xlsx").counts["imported"] == 1

    def test_ends_with_its_last_named_column(self, bring: Any) -> None:
        book = openpyxl.Workbook()
        book.active.append(["id", "email", *[None] * 1022])
        book.active.append(["c1", "a@b.cn", *[None] * 1022])
        file = io.BytesIO()
        book.active.cell(1, 1024).number_format = "0.00"
        book.save(file)
        imported = bring(file.getvalue(), name="wide.xlsx")
        assert [c["name"] for c in imported.columns] == ["id", "email"]
        assert imported.counts["imported"] == 1
        assert imported.counts["reasons"] == {}


class TestRefusedFiles:
    @pytest.mark.parametrize(
        ("data", "code"),
        [
            (b"", "empty"),
            (b"PK\x03\x04xx", "archive"),
            (b"%PDF-1.4", "not_a_table"),
            (b'{\n  "people.csv": {\n    "rows": 3\n  }\n}\n', "json"),
            (b'[{"email": "a@b.cn"}, {"email', "json"),
            (b"[]", "json"),
            (b"[[1, 2], [3, 4]]", "json"),
            (b"<html><body><table><tr><td>id</td></tr></table></body></html>", "web_page"),
            (b"\xef\xbb\xbf\n<!-- made by a shop -->\n<TABLE border=1><tr>", "web_page"),
        ],
    )
    def test_say_why_and_keep_nothing(self, db: None, owner: Any, data: bytes, code: str) -> None:
        with pytest.raises(Refused) as refused:
            actions.begin(io.BytesIO(data), "x.csv", by=owner)
        assert refused.value.code == code
        assert not Import.objects.exists()

    def test_a_file_without_anybody_in_it(self, db: None, owner: Any) -> None:
        imported = actions.begin(io.BytesIO(b"city\nx\n"), "x.csv", by=owner)
        with pytest.raises(Refused) as refused:
            actions.start(imported, by=owner)
        assert refused.value.code == "no_identity"


def count(query: str) -> int:
    with warehouse() as db:
        return int(db.con.execute(query).fetchone()[0])
