"""How a file is read and matched: sheet, row of the names, earlier matchings, values, two people."""

from __future__ import annotations

import csv
import io
import json
import random
from typing import Any

import openpyxl
import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from muster.events import shape
from muster.people.identity.models import Likeness
from muster.people.imports import actions
from muster.people.imports.models import Import
from muster.people.profile.models import Person
from muster.people.requests import actions as requests
from muster.team.stores import emit, wait_until_loaded, warehouse

NAMES = ["email", "城市", "性别"]


def workbook() -> bytes:
    """A note, members under a title in row 4, shops, an empty sheet and a hidden one."""
    book = openpyxl.Workbook()
    book.active.title = "note"
    book.active.append(["Members and shops"])
    members = book.create_sheet("会员")
    members["A2"] = "Members of May"
    for row, cells in enumerate([NAMES, ["a@b.cn", "上海", "F"], ["c@d.cn", "杭州", "女"]], 4):
        for column, cell in enumerate(cells, 1):
            members.cell(row, column, cell)
    shops = book.create_sheet("shops")
    shops.append(["email", "shop"])
    shops.append(["shop@b.cn", "Jing'an"])
    book.create_sheet("empty")
    hidden = book.create_sheet("old")
    hidden.append(["email", "n"])
    hidden.append(["old@b.cn", "1"])
    hidden.sheet_state = "hidden"
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def begin(text: str | bytes, owner: Any, name: str = "p.csv") -> Import:
    data = text.encode() if isinstance(text, str) else text
    return actions.begin(io.BytesIO(data), name, by=owner)


def traits(email: str) -> dict[str, Any]:
    from muster.warehouse.timeline import traits_of

    with warehouse() as db:
        return traits_of(db, Person.objects.get(email=email).pk)


@pytest.fixture
def page(stores: Any, workspace: Any, owner: Any, client_for: Any) -> Any:
    return client_for(owner)


@pytest.fixture
def bring(api: Any, stores: Any, workspace: Any, run_jobs: Any) -> Any:
    """Brings a file by the API; the import when all is done, or the answer that refuses it."""

    def bring(data: str | bytes, name: str = "p.csv", **said: Any) -> Any:
        data = data.encode() if isinstance(data, str) else data
        body = {
            key: json.dumps(one) if isinstance(one, dict) else str(one) for key, one in said.items()
        }
        file = SimpleUploadedFile(name, data)
        answer = api("POST", "/people/import", body, files={"file": file})
        if answer.status_code != 202:
            return answer
        run_jobs()
        got = api("GET", f"/people/imports/{answer.json()['import']}")
        assert got.status_code == 200, got.content
        return got.json()

    return bring


def post_file(page: Any, data: str | bytes, name: str = "p.csv") -> str:
    data = data.encode() if isinstance(data, str) else data
    answer = page.post("/people/import", {"file": SimpleUploadedFile(name, data)})
    return str(answer.headers["Location"])


def text(answer: Any) -> str:
    return str(answer.content.decode())


class TestASheetOnThePage:
    def test_is_the_first_table_until_another_is_chosen(self, page: Any) -> None:
        url = post_file(page, workbook(), "m.xlsx")
        shown = text(page.get(url))
        for offered in ("note", "会员", "shops"):
            assert f'<option value="{offered}"' in shown
        assert '<option value="old"' not in shown
        assert '<option value="empty"' not in shown
        imported = Import.objects.get()
        assert (imported.sheet, imported.header_row) == ("会员", 2)
        answer = page.post(f"{url}/format", {"sheet": "shops", "header_row": "2"}, follow=True)
        assert "Jing&#x27;an" in text(answer)
        imported.refresh_from_db()
        assert [c["name"] for c in imported.columns] == ["email", "shop"]
        assert imported.header_row == 1, "the row was chosen for the other sheet"

    def test_is_not_asked_for_where_there_is_one(self, page: Any) -> None:
        shown = text(page.get(post_file(page, "email,a\na@b.cn,1\n")))
        assert 'name="sheet"' not in shown
        assert 'name="header_row"' in shown

    def test_that_is_not_there_is_refused_in_the_readers_language(self, page: Any) -> None:
        url = post_file(page, workbook(), "m.xlsx")
        for sheet in ("nobody", "empty", "old"):
            answer = page.post(f"{url}/format", {"sheet": sheet})
            assert answer.status_code == 422
            assert f"no sheet “{sheet}” with anything in it" in text(answer)
            assert "note, 会员, shops" in text(answer)
        for language, words in (("zh-hans", "工作簿中没有名为"), ("zh-hant", "工作簿中沒有名為")):
            page.cookies["django_language"] = language
            answer = page.post(
                f"{url}/format", {"sheet": "x"}, headers={"Accept-Language": language}
            )
            assert words in text(answer)
        assert Import.objects.get().sheet == "会员"


class TestTheRowOfTheNames:
    TITLED = "Members of May,,\n,,\nemail,city,n\na@b.cn,上海,1\nc@d.cn,杭州,2\n"

    def test_is_chosen_and_the_preview_follows(self, page: Any, run_jobs: Any) -> None:
        url = post_file(page, self.TITLED)
        shown = text(page.get(url))
        assert "column names in row 1" in shown
        shown = text(page.post(f"{url}/format", {"header_row": "3"}, follow=True))
        assert "column names in row 3" in shown
        assert "What city becomes" in shown
        assert "Members of May" in shown, "the rows above stay in sight to choose from"
        page.post(f"{url}/match", {"target-0": "email", "target-1": "trait", "basis": "unknown"})
        run_jobs()
        page.post(f"{url}/run")
        run_jobs()
        assert Import.objects.get().counts["rows"] == 2
        assert traits("a@b.cn")["city"] == "上海"

    def test_deep_in_the_file_is_shown_with_what_is_around_it(self, page: Any) -> None:
        lines = "".join(f"note {n}\n" for n in range(1, 40))
        url = post_file(page, f"{lines}email\na@b.cn\n")
        shown = text(page.post(f"{url}/format", {"header_row": "40"}, follow=True))
        assert "note 39" in shown
        assert "note 3<" not in shown
        assert Import.objects.get().mapping == {"email": "email"}

    @pytest.mark.parametrize(
        ("row", "words"),
        [
            ("6", "There is no row 6: the last one with anything in it is row 5."),
            ("2", "Row 2 is empty"),
            ("1001", "rows 1 to 1000"),
            ("-1", "as a number"),
            ("three", "as a number"),
            ("9" * 30, "as a number"),
            ("²", "as a number"),
        ],
    )
    def test_that_cannot_be_one_is_refused(self, row: str, words: str, page: Any) -> None:
        url = post_file(page, self.TITLED)
        answer = page.post(f"{url}/format", {"header_row": row})
        assert answer.status_code == 422
        assert words in text(answer)
        assert Import.objects.get().header_row == 1

    def test_is_counted_as_the_spreadsheet_does(self, bring: Any) -> None:
        imported = bring(
            workbook(), "m.xlsx", sheet="会员", header_row=4, mapping={"email": "email"}
        )
        assert (imported["state"], imported["counts"]["rows"]) == ("done", 2)
        assert (imported["sheet"], imported["header_row"]) == ("会员", 4)
        assert traits("c@d.cn")["城市"] == "杭州"

    def test_may_be_said_by_programs_and_is_checked(self, bring: Any) -> None:
        before = set(settings.DATA.uploads.iterdir())
        for said, at, code in (
            ({"sheet": "nobody"}, "/sheet", "no_such_sheet"),
            ({"sheet": "会员", "header_row": 3}, "/header_row", "empty_row"),
            ({"sheet": "会员", "header_row": 7}, "/header_row", "no_such_row"),
            ({"header_row": -1}, "/header_row", "bad_row"),
        ):
            answer = bring(workbook(), "m.xlsx", **said)
            assert answer.status_code == 422
            found = answer.json()["errors"][0]
            assert (found["at"], found["code"]) == (at, code)
        for data, said, code in (
            ("email\na@b.cn\n", {"sheet": "会员"}, "no_sheets"),
            ('{"email": "a@b.cn"}\n', {"header_row": 1}, "no_header"),
        ):
            assert bring(data, **said).json()["errors"][0]["code"] == code
        assert not Import.objects.exists()
        assert set(settings.DATA.uploads.iterdir()) == before, "nothing is kept"


class TestAnEarlierMatching:
    MATCHED = {
        "target-0": "email",
        "target-1": "trait",
        "trait-1": "home",
        "target-2": "trait",
        "trait-2": "gender",
        "value-2-F": "女",
        "basis": "unknown",
    }
    FIRST = "email,城市,性别\na@b.cn,上海,F\n"

    def first(self, page: Any, run_jobs: Any) -> str:
        url = post_file(page, self.FIRST, "may.csv")
        page.post(f"{url}/match", self.MATCHED)
        run_jobs()
        page.post(f"{url}/run")
        run_jobs()
        return url

    def test_is_proposed_for_the_same_columns_in_any_order(self, page: Any, run_jobs: Any) -> None:
        self.first(page, run_jobs)
        shown = text(page.get(post_file(page, "性别,email,城市\nF,c@d.cn,杭州\n", "june.csv")))
        assert "Matched as in the import of" in shown
        assert "may.csv" in shown
        imported = Import.objects.latest("pk")
        assert imported.mapping == {"email": "email", "城市": "home", "性别": "gender"}
        assert imported.values == {"性别": {"F": "女"}}
        assert 'name="value-0-F" value="女"' in shown

    def test_is_not_proposed_for_other_columns(self, page: Any, run_jobs: Any) -> None:
        self.first(page, run_jobs)
        for other in ("email,城市\nc@d.cn,杭州\n", "email,城市,性别,n\nc@d.cn,杭州,F,1\n"):
            assert "Matched as in" not in text(page.get(post_file(page, other)))

    def test_is_let_go_of_to_begin_afresh(self, page: Any, run_jobs: Any) -> None:
        self.first(page, run_jobs)
        url = post_file(page, self.FIRST)
        shown = text(page.post(f"{url}/afresh", follow=True))
        assert "Matched as in" not in shown
        imported = Import.objects.latest("pk")
        assert imported.mapping == {"email": "email", "城市": "城市", "性别": "性别"}
        assert imported.values == {}

    def test_gives_way_to_what_is_chosen_this_time(self, page: Any, run_jobs: Any) -> None:
        self.first(page, run_jobs)
        url = post_file(page, self.FIRST)
        page.post(f"{url}/match", {**self.MATCHED, "target-1": "", "value-2-F": "F"})
        run_jobs()
        imported = Import.objects.latest("pk")
        assert imported.mapping == {"email": "email", "城市": "", "性别": "gender"}
        assert imported.values == {}
        assert "Matched as in" not in text(page.get(url))
        page.post(f"{url}/format", {"encoding": "utf-8", "separator": ","})
        imported.refresh_from_db()
        assert imported.mapping["城市"] == "", "reading it again changes no choice"

    def test_of_an_import_that_was_taken_back_is_none(
        self, page: Any, owner: Any, run_jobs: Any
    ) -> None:
        self.first(page, run_jobs)
        actions.undo(Import.objects.get(), by=owner, now=timezone.now())
        run_jobs()
        assert "Matched as in" not in text(page.get(post_file(page, self.FIRST)))

    def test_that_never_ran_is_none(self, page: Any) -> None:
        page.post(f"{post_file(page, self.FIRST)}/match", self.MATCHED)
        assert "Matched as in" not in text(page.get(post_file(page, self.FIRST)))

    def test_is_nothing_to_programs(self, page: Any, run_jobs: Any, bring: Any) -> None:
        self.first(page, run_jobs)
        imported = bring(self.FIRST)
        assert imported["mapping"] == {"email": "email", "城市": "城市", "性别": "性别"}
        assert imported["values"] == {}
        assert traits("a@b.cn")["性别"] == "F"

    def test_is_found_when_the_row_of_the_names_is_chosen(self, page: Any, run_jobs: Any) -> None:
        self.first(page, run_jobs)
        url = post_file(page, f"Members\n{self.FIRST}")
        assert "Matched as in" not in text(page.get(url))
        shown = text(page.post(f"{url}/format", {"header_row": "2"}, follow=True))
        assert "Matched as in" in shown


class TestValues:
    FILE = "email,gender,age\na@b.cn,F,30\nc@d.cn,female,31\ne@f.cn,女,unknown\ng@h.cn,,33\n"
    GENDER = {"F": "女", "female": "女"}

    def test_are_shown_with_their_rows_and_matched(self, page: Any, run_jobs: Any) -> None:
        more = "".join(f"p{n}@b.cn,F,{n % 7}\n" for n in range(2100))
        url = post_file(page, self.FILE + more)
        shown = text(page.get(url))
        assert "Counted in the first 2,000 rows" in shown
        page.post(
            f"{url}/match",
            {
                "target-0": "email",
                "target-1": "trait",
                "trait-1": "sex",
                "target-2": "trait",
                "value-1-F": "女",
                "value-1-female": " 女 ",
                "value-1-女": "女",
                "value-2-unknown": "",
                "basis": "unknown",
            },
        )
        run_jobs()
        imported = Import.objects.get()
        assert imported.counts["noted"]["values"] == 2101 + 1 + 1
        gender = next(c for c in imported.columns if c["name"] == "gender")
        assert gender["distinct"] == [["F", 2101], ["female", 1], ["女", 1]]
        shown = text(page.get(url))
        assert "Counted in the first" not in shown
        assert "2,101" in shown
        assert "Values that were matched to others" in shown
        assert "Replaced" in shown
        run_jobs()
        page.post(f"{url}/run")
        run_jobs()
        assert {traits(mail).get("sex") for mail in ("a@b.cn", "c@d.cn", "e@f.cn")} == {"女"}
        assert "sex" not in traits("g@h.cn"), "an empty cell stays empty"
        assert "age" not in traits("e@f.cn")
        assert traits("a@b.cn")["age"] == 30.0, "without the word the column is one of numbers"

    def test_are_matched_by_programs(self, bring: Any) -> None:
        imported = bring(self.FILE, values={"gender": self.GENDER})
        assert imported["values"] == {"gender": self.GENDER}
        assert imported["counts"]["noted"]["values"] == 2
        assert [traits(mail)["gender"] for mail in ("a@b.cn", "c@d.cn")] == ["女", "女"]
        report = (settings.DATA.uploads / Import.objects.get().report_file).read_text("utf-8-sig")
        rows = [row[1:] for row in csv.reader(io.StringIO(report)) if "matched to" in row[0]]
        assert rows == [
            ["Replaced", "2", "gender", "F", "女"],
            ["Replaced", "3", "gender", "female", "女"],
        ]

    @pytest.mark.parametrize(
        ("values", "at", "code"),
        [
            ({"nobody": {"F": "女"}}, "/values/nobody", "unknown_column"),
            ({"email": {"F": "女"}}, "/values/email", "no_trait"),
            ({"gender": {"": "女"}}, "/values/gender", "bad_value"),
            ({"gender": {"F": "x" * 201}}, "/values/gender", "bad_value"),
            ({"gender": ["F"]}, "/values/gender", "bad_values"),
            ({"gender": {"F": 1}}, "/values/gender", "bad_values"),
            ({"gender": {str(n): "x" for n in range(1001)}}, "/values", "too_many_values"),
        ],
    )
    def test_that_cannot_be_matched_are_refused(
        self, values: dict[str, Any], at: str, code: str, bring: Any
    ) -> None:
        answer = bring(self.FILE, values=values)
        assert answer.status_code == 422
        found = answer.json()["errors"][0]
        assert (found["at"], found["code"]) == (at, code)
        assert not Import.objects.exists()

    def test_of_a_column_that_is_no_trait_any_more_are_let_go(self, page: Any) -> None:
        url = post_file(page, self.FILE)
        said = {"target-0": "email", "target-1": "trait", "value-1-F": "女", "basis": "unknown"}
        imported = Import.objects.get()
        actions.match(imported, {}, values={"gender": self.GENDER})
        page.post(f"{url}/match", {**said, "target-1": "first_name"})
        imported.refresh_from_db()
        assert imported.values == {}

    def test_beyond_twenty_are_not_asked_for(self, page: Any) -> None:
        rows = "".join(f"p{n}@b.cn,{n % 20},{n % 21}\n" for n in range(42))
        shown = text(page.get(post_file(page, f"email,few,many\n{rows}")))
        assert 'name="value-1-19"' in shown
        assert 'name="value-2-' not in shown

    def test_of_a_wide_file_fit_into_one_form(self, page: Any, run_jobs: Any) -> None:
        names = ",".join(f"t{n}" for n in range(499))
        rows = "".join(
            f"p{row}@b.cn," + ",".join(f"{row}" for _n in range(499)) + "\n" for row in range(20)
        )
        url = post_file(page, f"email,{names}\n{rows}")
        shown = text(page.get(url))
        fields = {f"target-{n}": "trait" for n in range(1, 500)} | {"target-0": "email"}
        fields |= {f"trait-{n}": f"t{n}" for n in range(500)}
        fields |= {
            f"value-{n}-{v}": "x" for n in range(500) for v in range(20)
            if f'name="value-{n}-{v}"' in shown
        }  # fmt: skip
        # Twenty more are those of the addresses, which wait until they become a trait.
        assert len([one for one in fields if one.startswith("value-")]) == 980
        assert page.post(f"{url}/match", {**fields, "basis": "unknown"}).status_code == 302

    def test_that_name_somebody_who_is_erased_are_forgotten(
        self, page: Any, owner: Any, run_jobs: Any, bring: Any
    ) -> None:
        bring("email,note\na@b.cn,x\nc@d.cn,a@b.cn\n", values={"note": {"a@b.cn": "Li", "x": "y"}})
        person = Person.objects.get(email="a@b.cn")
        asked = requests.ask(person, "erasure", now=timezone.now(), how="", by=owner)
        requests.carry_out_erasure(asked, by=owner, now=timezone.now())
        run_jobs()
        imported = Import.objects.get()
        assert imported.values == {"note": {"x": "y"}}
        assert imported.beginning == []
        assert "a@b.cn" not in str(imported.columns)


class TestARowThatNamesTwoPeople:
    KNOWN = "id,email,phone\n,a@b.cn,13800138000\n,c@d.cn,13900139000\nk1,e@f.cn,13700137000\n"
    FILE = (
        "id,email,phone\n"
        ",a@b.cn,13900139000\n"  # the address of one, the phone of another
        "k1,e@f.cn,13700137000\n"
        ",g@h.cn,13600136000\n"
        "n1,e@f.cn,\n"  # somebody new with the address of k1
        "n2,,13600136000\n"  # the id of the one before last, who had none
        "n3,,13600136000\n"  # two people whom the file itself brings
    )

    def test_is_counted_and_listed_before_the_review_is_opened(
        self, page: Any, owner: Any, run_jobs: Any, bring: Any
    ) -> None:
        bring(self.KNOWN)
        assert not Likeness.objects.exists()
        url = post_file(page, self.FILE)
        page.post(
            f"{url}/match",
            {"target-0": "external_id", "target-1": "email", "target-2": "phone", "basis": "unknown"},
        )  # fmt: skip
        run_jobs()
        imported = Import.objects.latest("pk")
        assert imported.counts["noted"]["two_people"] == 3
        assert [row[:3] for row in imported.counts["examples"]["two_people"]] == [
            [2, "email · phone", "a@b.cn × +8613900139000"],
            [5, "id · email", "n1 × e@f.cn"],
            [7, "id · phone", "n3 × +8613600136000"],
        ]
        shown = text(page.get(url))
        assert "belong to different people" in shown
        assert "A review is opened" in shown
        assert not Likeness.objects.exists(), "nothing happens before it is imported"
        run_jobs()
        page.post(f"{url}/run")
        run_jobs()
        assert Likeness.objects.filter(why="ids_disagree").count() == 3
        imported.refresh_from_db()
        assert imported.counts["noted"]["two_people"] == 3

    def test_of_people_who_were_merged_is_none(
        self, page: Any, owner: Any, run_jobs: Any, bring: Any
    ) -> None:
        from muster.people.identity.merging import merge

        bring("email,phone\na@b.cn,13800138000\nc@d.cn,13900139000\n")
        first, second = Person.objects.order_by("pk")
        merge(first, second, by=owner, now=timezone.now())
        imported = bring("email,phone\na@b.cn,13900139000\n", dry_run="true")
        assert "two_people" not in imported["counts"]["noted"]

    def test_is_none_where_a_household_was_asked_about_before(
        self, bring: Any, run_jobs: Any
    ) -> None:
        household = "id,phone,n\nk1,13800138000,1\nk2,13800138000,2\n"
        assert bring(household)["counts"]["noted"]["two_people"] == 1
        Likeness.objects.all().delete()
        again = bring(household.replace(",1\n", ",3\n"))
        assert "two_people" not in again["counts"]["noted"]
        assert not Likeness.objects.exists()

    @pytest.mark.parametrize("seed", range(3))
    def test_is_told_whenever_the_record_store_finds_it(
        self, seed: int, bring: Any, stores: Any, workspace: Any
    ) -> None:
        rng = random.Random(seed)

        def row() -> tuple[str, str, str]:
            external_id = rng.choice(["", "", "k1", "k2", "k3", "k4", "k5", "k6"])
            mail = rng.choice(["", *[f"m{n}@b.cn" for n in range(8)]])
            phone = rng.choice(["", *[f"1380013800{n}" for n in range(8)]])
            return (external_id, mail, phone) if external_id + mail + phone else ("k1", "", "")

        def sent(rows: list[tuple[str, str, str]], **said: Any) -> Any:
            text = "id,email,phone\n" + "".join(",".join(one) + "\n" for one in rows)
            return bring(text, mapping={"id": "external_id"}, **said)

        sent([row() for _n in range(6)])
        rows = [row() for _n in range(30)]
        last = {(one[0] and "x" + one[0]) or one[1] or one[2]: n for n, one in enumerate(rows)}
        imported = sent(rows, dry_run="true")
        report = settings.DATA.uploads / Import.objects.latest("pk").report_file
        told = [
            int(row[2])
            for row in csv.reader(io.StringIO(report.read_text("utf-8-sig")))
            if "belong to different people" in row[0]
        ]
        assert imported["state"] == "checked"
        expected = []
        for number in sorted(last.values()):
            Likeness.objects.all().delete()
            external_id, mail, phone = rows[number]
            said = {"email": mail, "phone": phone}
            place = emit(
                [
                    shape.identify(
                        {key: one for key, one in said.items() if one}, user_id=external_id or None
                    )
                ]
            )
            wait_until_loaded(place)
            if Likeness.objects.exists():
                expected.append(number + 2)
        # Beyond them those are named who once had an address, and rows that were asked about before.
        assert set(expected) <= set(told)


class TestWithoutTheRight:
    def test_nothing_of_it_can_be_done(
        self, page: Any, owner: Any, user_with: Any, client_for: Any, api: Any
    ) -> None:
        url = post_file(page, "email\na@b.cn\n")
        analyst = user_with("analyst")
        client = client_for(analyst)
        for step in ("format", "match", "afresh", "run"):
            assert client.post(f"{url}/{step}", {"header_row": "1"}).status_code == 403
        file = {"file": SimpleUploadedFile("p.csv", b"email\na@b.cn\n")}
        answer = api("POST", "/people/import", {"sheet": "x"}, files=file, scopes=["people:read"])
        assert answer.status_code == 403
        assert Import.objects.get().state == Import.State.UPLOADED
