"""Files as people really have them: letters, repairs, what looks wrong, and the way back."""

from __future__ import annotations

import csv
import io
import json
import os
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from django.conf import settings
from django.utils import timezone

from muster.kit.errors import Invalid, Refused
from muster.kit.tables import open_table
from muster.people.consent.models import ConsentState
from muster.people.imports import actions
from muster.people.imports.models import Import
from muster.people.imports.repairs import FOR_PEOPLE, REPAIRS, disposable_domains
from muster.people.profile.models import Person
from muster.people.profile.rules import normal_email, normal_phone
from muster.team.stores import warehouse

HAND = Path(__file__).parent / "importing.py"


@pytest.fixture
def bring(stores: Any, workspace: Any, owner: Any, run_jobs: Any) -> Any:
    """Imports a text as on the page, with the repairs of the page or those that are named."""

    def bring(
        text: str | bytes,
        mapping: dict[str, str] | None = None,
        repairs: Any = FOR_PEOPLE,
        name: str = "p.csv",
    ) -> Any:
        data = text.encode() if isinstance(text, str) else text
        imported = actions.begin(io.BytesIO(data), name, by=owner)
        actions.match_by_name(imported, mapping or {}, repairs)
        actions.start(imported, by=owner)
        run_jobs()
        imported.refresh_from_db()
        assert imported.state == Import.State.DONE, imported.error
        return imported

    return bring


def traits(external_id: str) -> dict[str, Any]:
    from muster.warehouse.timeline import traits_of

    with warehouse() as db:
        return traits_of(db, Person.objects.get(external_id=external_id).pk)


PEOPLE = "会员号,姓名,手机,邮箱,城市\n" + "".join(
    f"c{i},王小{'明雨娜'[i % 3]},1380013{8000 + i},p{i}@example.com,{('上海', '杭州')[i % 2]}\n"
    for i in range(20)
)
IN_TRADITIONAL = "會員號,姓名,手機,郵箱,城市\n" + "".join(
    f"c{i},陳小{'明雨娜'[i % 3]},1380013{8000 + i},p{i}@example.com,{('臺北', '高雄')[i % 2]}\n"
    for i in range(20)
)
OBJECTS = "".join(
    json.dumps({"会员号": f"c{i}", "邮箱": f"p{i}@example.com", "城市": "上海"}, ensure_ascii=False)
    + "\n"
    for i in range(20)
)
ENCODINGS = {
    "utf-8": lambda t: t.encode(),
    "utf-8 with mark": lambda t: t.encode("utf-8-sig"),
    "utf-16-le": lambda t: t.encode("utf-16-le"),
    "utf-16-be": lambda t: t.encode("utf-16-be"),
    "utf-16-le with mark": lambda t: b"\xff\xfe" + t.encode("utf-16-le"),
    "utf-16-be with mark": lambda t: b"\xfe\xff" + t.encode("utf-16-be"),
    "gbk": lambda t: t.encode("gbk"),
    "gb18030": lambda t: t.encode("gb18030"),
}


class TestLetters:
    @pytest.mark.parametrize("encoding", ENCODINGS)
    @pytest.mark.parametrize("kind", ["csv", "tsv", "ndjson"])
    def test_come_through_in_every_encoding(self, tmp_path: Path, encoding: str, kind: str) -> None:
        text = {"csv": PEOPLE, "tsv": PEOPLE.replace(",", "\t"), "ndjson": OBJECTS}[kind]
        path = tmp_path / "kept"
        path.write_bytes(ENCODINGS[encoding](text))
        found = open_table(path, f"people.{kind}")
        rows = [dict(zip(found.header, cells, strict=True)) for _n, cells in found.rows()]
        assert len(rows) == 20
        assert rows[3]["会员号"] == "c3"
        assert rows[3]["邮箱"] == "p3@example.com"
        assert rows[3]["城市"] == ("上海" if kind == "ndjson" else "杭州")

    def test_traditional_ones_come_through_in_big5(self, tmp_path: Path) -> None:
        path = tmp_path / "kept"
        path.write_bytes(IN_TRADITIONAL.encode("big5"))
        found = open_table(path, "people.csv")
        assert found.header == ("會員號", "姓名", "手機", "郵箱", "城市")
        assert [cells[4] for _n, cells in found.rows()][:2] == ["臺北", "高雄"]

    @pytest.mark.parametrize("encoding", ENCODINGS)
    def test_reach_the_people(self, bring: Any, encoding: str) -> None:
        bring(ENCODINGS[encoding](PEOPLE))
        assert Person.objects.get(external_id="c3").phone == "+8613800138003"
        assert Person.objects.count() == 20

    def test_of_a_sheet_reach_the_people(self, bring: Any) -> None:
        book = openpyxl.Workbook()
        for row in csv.reader(io.StringIO(PEOPLE)):
            # A sheet holds a phone as a number.
            book.active.append([int(c) if c.isdigit() else c for c in row])
        data = io.BytesIO()
        book.save(data)
        bring(data.getvalue(), name="people.xlsx")
        assert Person.objects.get(external_id="c7").phone == "+8613800138007"

    def test_a_line_that_is_no_object_is_named(self, bring: Any) -> None:
        imported = bring(OBJECTS + '{"会员号": "c99"\n', name="p.ndjson")
        assert imported.counts["imported"] == 20
        assert imported.counts["reasons"]["not_json"] == 1
        assert "c99" in (settings.DATA.uploads / imported.errors_file).read_text("utf-8-sig")


class TestRealFiles:
    def test_every_odd_file_is_imported_or_refused_with_a_sentence(
        self, shared_data: Path, workspace: Any, stores: Any, owner: Any, run_jobs: Any
    ) -> None:
        files = sorted(p for p in (shared_data / "messy_csv").rglob("*") if p.is_file())
        outcomes: Counter[str] = Counter()
        for path in files:
            try:
                imported = actions.begin(io.BytesIO(path.read_bytes()), path.name, by=owner)
            except Refused as refused:
                sentence = str(refused)
                assert path.name in sentence, sentence
                assert sentence.endswith("."), sentence
                outcomes["refused"] += 1
                continue
            first = imported.columns[0]["name"]
            actions.match(imported, {one["name"]: "" for one in imported.columns})
            actions.match(imported, {first: "external_id"})
            actions.start_check(imported, by=owner)
            run_jobs()
            imported.refresh_from_db()
            assert imported.state == Import.State.CHECKED, (path.name, imported.error)
            rows = sum(1 for _row in actions.table_of(imported).rows())
            assert imported.counts["rows"] == rows, path.name
            counted = ("new", "updated", "duplicate", "invalid")
            assert sum(imported.counts[name] for name in counted) == rows, path.name
            outcomes["read"] += 1
        # Those that `keep` unpacks are read here, and archives, old sheets and empty ones refused.
        assert outcomes["read"] + outcomes["refused"] == len(files) == 258
        assert outcomes["read"] >= 221

    def test_every_phone_is_brought_into_its_form(self, shared_data: Path) -> None:
        with (shared_data / "phone_numbers" / "vectors.csv").open(encoding="utf-8") as file:
            rows = list(csv.DictReader(file))
        wrong = [
            row
            for row in rows
            if normal_phone(row["input"], row["region"])
            != (row["e164"] if row["valid"] == "True" else None)
        ]
        assert len(rows) == 1000
        assert wrong == []

    def test_every_address_is_taken_or_refused(self, shared_data: Path) -> None:
        path = shared_data / "email_address_vectors" / "isemail_tests.json"
        cases = json.loads(path.read_text(encoding="utf-8"))["tests"]
        # What can be written to: addresses as such, whether or not their domain answers; space
        # around them is cut off, as around every cell.
        taken = {"valid", "dnsWarnNoRecord", "dnsWarnNoMXRecord"}
        for address, diagnosis in cases:
            bare = address.strip()
            expected = diagnosis in taken or (
                address != bare and (bare, "valid") in {tuple(one) for one in cases}
            )
            assert (normal_email(address) is not None) is expected, (address, diagnosis)
        assert len(cases) == 103

    def test_disposable_domains_are_mostly_known_to_others(self, shared_data: Path) -> None:
        folder = shared_data / "mail_domains"
        others = set(json.loads((folder / "disposable-email-domains__index.json").read_text()))
        ours = set(disposable_domains())
        assert len(ours & others) > 2000
        assert not ours & {"gmail.com", "qq.com", "163.com", "outlook.com", "yahoo.com"}


MESSY = """id,email,phone,city,joined,spent
c1,Ａnna＠example．com,１３８００１３８０００,上海　浦东,2026/5/4,10
c2,bo b@example.com,+86 138-0013-8002,Ｓuzhou,2026年5月6日,20
c3,c@example.com,1.3800138003E+10,Xi  an,2026-05-07,30
c4,13800138004,d@example.com,a,2026.5.8,40
c5,e@example.com,1.38E+10,b,2026-5-9,50
"""


class TestRepairs:
    def test_are_made_and_counted(self, bring: Any) -> None:
        counts = bring(MESSY).counts
        assert counts["noted"] == {
            "width": 2,  # an address and a phone
            "spaces": 1,
            "phone_form": 1,
            "scientific": 1,
            "swapped": 2,
            "text": 3,
            "dates": 4,
        }
        people = {p.external_id: (p.email, p.phone) for p in Person.objects.all()}
        assert people == {
            "c1": ("anna@example.com", "+8613800138000"),
            "c2": ("bob@example.com", "+8613800138002"),
            "c3": ("c@example.com", "+8613800138003"),
            "c4": ("d@example.com", "+8613800138004"),
            "c5": ("e@example.com", ""),
        }
        assert [traits(f"c{n}")["joined"] for n in range(1, 6)] == [
            f"2026-05-0{n}" for n in (4, 6, 7, 8, 9)
        ]
        assert [traits(f"c{n}")["city"] for n in (1, 2, 3)] == ["上海 浦东", "Suzhou", "Xi an"]

    def test_that_would_invent_digits_are_not_made(self, bring: Any) -> None:
        imported = bring(MESSY)
        assert imported.counts["reasons"] == {"rounded": 1}
        rows = (settings.DATA.uploads / imported.errors_file).read_text("utf-8-sig")
        assert "1.38E+10" in rows

    def test_that_nobody_wants_are_not_made(self, bring: Any) -> None:
        imported = bring(MESSY, repairs=())
        assert imported.counts["noted"]["dates"] == 4  # counted all the same
        assert traits("c1")["joined"] == "2026/5/4"
        assert traits("c1")["city"] == "上海　浦东"
        assert Person.objects.get(external_id="c1").email == ""
        assert imported.counts["reasons"] == {"bad_email": 3, "bad_phone": 3, "rounded": 1}

    @pytest.mark.parametrize("kind", list(REPAIRS))
    def test_are_chosen_one_by_one(self, bring: Any, kind: str) -> None:
        bring(MESSY, repairs=(kind,))
        c1, c4 = Person.objects.get(external_id="c1"), Person.objects.get(external_id="c4")
        assert (c1.phone != "") is (kind == "width")
        assert (c4.email != "") is (kind == "swapped")
        assert (traits("c1")["joined"] == "2026-05-04") is (kind == "dates")
        assert (traits("c1")["city"] == "上海 浦东") is (kind == "text")
        assert (Person.objects.get(external_id="c3").phone != "") is (kind == "scientific")
        assert (Person.objects.get(external_id="c2").email != "") is (kind == "spaces")

    def test_of_programs_leave_traits_as_they_were_sent(self, api: Any, bring: Any) -> None:
        imported = bring(MESSY, repairs=("width", "spaces"))
        assert traits("c1")["joined"] == "2026/5/4"
        answer = api("GET", f"/people/imports/{imported.public_id}").json()
        assert answer["repairs"] == ["width", "spaces"]
        assert answer["counts"]["noted"]["dates"] == 4

    def test_zeros_come_back_only_where_all_ids_are_equally_long(self, bring: Any) -> None:
        text = "id,x\n00123,a\n00456,b\n789,c\n"
        assert bring(text).counts["noted"] == {"zeros": 1}
        assert Person.objects.filter(external_id="789").exists()
        bring(text, repairs=("zeros",))
        assert Person.objects.filter(external_id="00789").exists()

    @pytest.mark.parametrize(
        ("days", "made"),
        [
            (("13/5/2026", "4/5/2026"), ["2026-05-13", "2026-05-04"]),
            (("5/13/2026", "5/4/2026"), ["2026-05-13", "2026-05-04"]),
            (("4/5/2026", "6/7/2026"), ["4/5/2026", "6/7/2026"]),
            (("13/5/2026", "5/14/2026"), ["13/5/2026", "5/14/2026"]),
            (("20260504", "2026-05-06"), ["2026-05-04", "2026-05-06"]),
            (("2026/13/45", "2026/1/2"), ["2026/13/45", "2026-01-02"]),
        ],
    )
    def test_of_dates_go_by_what_the_column_tells(
        self, bring: Any, days: Any, made: list[str]
    ) -> None:
        bring("id,join_date\n" + "".join(f"d{i},{day}\n" for i, day in enumerate(days)))
        assert [str(traits(f"d{i}")["join_date"]) for i in range(2)] == made

    def test_that_do_not_exist_are_refused(self, bring: Any) -> None:
        with pytest.raises(Invalid, match="is no repair"):
            bring(MESSY, repairs=("everything",))


class TestWhatLooksWrong:
    def test_is_named_and_imported_as_it_is(self, bring: Any) -> None:
        rows = [
            f"c{i},p{i}@example.com,1380013{1000 + i},1990-01-01,30,{i % 9 + 1}" for i in range(40)
        ]
        rows += [f"s{i},s{i}@example.com,13800138000,1991-02-03,31,5" for i in range(12)]
        rows += [
            "t1,x@gmaill.com,13900139000,1900-01-01,30,5",
            "t2,y@mailinator.com,13900139001,1850-06-01,130,5",
            "t3,z@qq.com,13900139002,2090-01-01,-1,90000",
        ]
        imported = bring("id,email,phone,birthday,age,spent\n" + "\n".join(rows) + "\n")
        noted = imported.counts["noted"]
        del noted["phone_form"]
        assert noted == {
            "typo_domain": 1,
            "disposable": 1,
            "shared_phone": 12,
            "two_people": 11,  # the first of the twelve has the phone
            "birthday": 3,
            "age": 2,
            "amount": 1,
        }
        assert imported.counts["examples"]["typo_domain"][0][2:] == ["x@gmaill.com", "x@gmail.com"]
        assert Person.objects.get(external_id="t1").email == "x@gmaill.com"
        assert traits("t3")["spent"] == 90000.0

    @pytest.mark.parametrize("domain", ["mail.com", "ymail.com", "sina.cn", "163.net", "a163.org"])
    def test_is_not_a_provider_that_resembles_another(self, bring: Any, domain: str) -> None:
        assert "typo_domain" not in bring(f"id,email\n1,a@{domain}\n").counts["noted"]

    def test_is_found_among_prices(self, bring: Any) -> None:
        amounts = [(29 + n % 7) / 7 for n in range(60)] + [90_000 / 7]
        rows = "".join(f"a{n},{amount:.2f}\n" for n, amount in enumerate(amounts))
        assert bring("id,spent\n" + rows).counts["noted"] == {"amount": 1}

    def test_is_no_amount_among_amounts_that_all_differ(self, bring: Any) -> None:
        # Spread over four powers of ten: 10,000 is not strange here.
        values = [10 ** (i % 5) for i in range(50)]
        text = "id,spent\n" + "".join(f"{i},{v}\n" for i, v in enumerate(values))
        # median 100, MAD 99: 0.6745 × 9900 ÷ 99 = 67 and 100 times the median.
        assert bring(text).counts["noted"] == {"amount": 10}
        values = [10 ** (i % 3) for i in range(50)]
        text = "id,spent\n" + "".join(f"{i},{v}\n" for i, v in enumerate(values))
        # 100 is ten times the median.
        assert "amount" not in bring(text).counts["noted"]


class TestThePage:
    def test_shows_before_the_import_what_is_mended_and_lets_choose(
        self, stores: Any, workspace: Any, owner: Any, client_for: Any, run_jobs: Any
    ) -> None:
        page = client_for(owner)
        url = page.post("/people/import", {"pasted": MESSY}).headers["Location"]
        columns = page.get(url).context["columns"]
        fields = {f"target-{i}": one["choice"] for i, one in enumerate(columns)}
        fields |= {f"trait-{i}": one["trait_name"] for i, one in enumerate(columns)}
        page.post(
            f"{url}/match", {**fields, "basis": "unknown", "repairs": "1", "repair": ["width"]}
        )
        run_jobs()
        shown = page.get(url).content.decode()
        assert "row 2: １３８００１３８０００ → +8613800138000" in shown
        assert "Not mended" in shown
        assert not Person.objects.exists()
        report = b"".join(page.get(f"{url}/report").streaming_content).decode("utf-8-sig")
        rows = list(csv.reader(io.StringIO(report)))
        assert rows[0] == [
            "What",
            "What was done",
            "Row",
            "Column",
            "In the file",
            "Becomes or means",
        ]
        assert [r[1:] for r in rows if "power of ten" in r[0]] == [
            ["Not mended", "4", "phone", "1.3800138003E+10", "'+8613800138003"]
        ]
        page.post(f"{url}/run")
        run_jobs()
        assert Person.objects.get(external_id="c1").phone == "+8613800138000"
        assert "Download this report" in page.get(url).content.decode()

    def test_keeps_the_report_from_strangers(
        self, bring: Any, client_for: Any, user_with: Any
    ) -> None:
        imported = bring(MESSY)
        stranger = client_for(user_with("analyst"))
        assert stranger.get(f"/imports/{imported.public_id}/report").status_code == 403


class TestTheWayBack:
    FIRST = (
        "id,email,phone,name,city,orders\nc1,a@x.cn,13800138000,李娜,上海,3\nc2,b@x.cn,,,杭州,\n"
    )
    SECOND = (
        "id,email,phone,name,city,orders,level\n"
        "c1,new@x.cn,13900139000,王伟,苏州,9,gold\nc2,b@x.cn,13700137000,张三,,7,\nc9,n@x.cn,,,,1,\n"
    )

    def state(self) -> Any:
        people = Person.objects.present().order_by("external_id")
        fields = ("external_id", "email", "phone", "first_name", "last_name", "email_hash")
        return [
            (
                *(getattr(p, f) for f in fields),
                {
                    k: v
                    for k, v in traits(p.external_id).items()
                    if v is not None and k != "last_seen"
                },
            )
            for p in people
        ]

    def test_restores_exactly_what_was_before(self, bring: Any, owner: Any, run_jobs: Any) -> None:
        bring(self.FIRST)
        before = self.state()
        imported = bring(self.SECOND)
        assert self.state() != before
        actions.undo(imported, by=owner, now=timezone.now())
        run_jobs()
        imported.refresh_from_db()
        counts = imported.counts
        assert (counts["removed"], counts["kept"], counts["restored"]) == (1, 2, 2)
        assert self.state() == before

    def test_leaves_what_was_said_since(self, bring: Any, owner: Any, run_jobs: Any) -> None:
        bring(self.FIRST)
        imported = bring(self.SECOND)
        bring("id,city,email\nc1,南京,later@x.cn\n", {"id": "external_id"})
        actions.undo(imported, by=owner, now=timezone.now())
        run_jobs()
        person = Person.objects.get(external_id="c1")
        assert (person.email, person.phone) == ("later@x.cn", "+8613800138000")
        assert traits("c1")["city"] == "南京"
        assert traits("c1")["orders"] == 3.0

    def test_takes_the_consent_along(self, bring: Any, owner: Any, run_jobs: Any) -> None:
        place = {"id": "external_id", "ok": "consent:email:marketing"}
        bring("id,ok\nc1,yes\nc2,\n", place)
        imported = bring("id,ok\nc1,no\nc2,yes\n", place)
        actions.undo(imported, by=owner, now=timezone.now())
        run_jobs()
        states = dict(ConsentState.objects.values_list("person__external_id", "state"))
        assert states == {"c1": "granted"}, "of c2 nothing is known, as before"


class TestDataQuality:
    def test_says_what_each_source_knows(
        self, bring: Any, client_for: Any, user_with: Any, stores: Any
    ) -> None:
        rows = "".join(f"c{i},{f'p{i}@example.com' if i < 8 else ''},{i < 5}\n" for i in range(10))
        place = {"id": "external_id", "mail": "email", "ok": "consent:email:marketing"}
        bring("id,mail,ok\n" + rows.replace("True", "yes").replace("False", ""), place)
        from muster.events import shape
        from muster.events.spool import lines

        visit = [shape.event("Visited", user_id=f"c{i}") for i in (0, 9)]
        stores.stores.spool.append_lines(lines(timezone.now(), "key:shop", visit))
        stores.settle()
        page = client_for(user_with("analyst")).get("/people/quality")
        found = {one["key"] or one["is_import"]: one for one in page.context["sources"]}
        assert [found[True][k] for k in ("people", "email", "phone", "allowed")] == [
            10,
            0.8,
            0,
            0.5,
        ]
        assert found[True]["mark"].word == "Has gaps"
        assert [found["shop"][k] for k in ("people", "email", "allowed")] == [2, 0.5, 0.5]
        assert found["shop"]["mark"].word == "Full of gaps"
        assert page.context["totals"] == {
            "people": 10, "with_email": 8, "with_phone": 0, "neither": 2, "allowed": 5
        }  # fmt: skip
        assert "p1@example.com" not in page.content.decode()


class TestAKill:
    def test_in_the_middle_loses_and_doubles_nothing(self, tmp_path: Path) -> None:
        """A real process is killed twice while it imports; a third one ends the work."""
        environment = {
            **os.environ,
            "MUSTER_DATA": str(tmp_path / "data"),
            "DJANGO_SETTINGS_MODULE": "muster.config.settings",
            "PYTHONPATH": os.pathsep.join([str(Path(__file__).parents[2] / "src"), *sys.path]),
        }

        def run(rows_until_kill: int) -> Any:
            return subprocess.run(
                [sys.executable, str(HAND), str(rows_until_kill)],
                env=environment,
                capture_output=True,
                text=True,
                timeout=200,
                check=False,
            )

        assert run(3000).returncode == -9
        assert run(3000).returncode == -9
        ended = run(0)
        assert ended.returncode == 0, ended.stderr[-2000:]
        said = json.loads(ended.stdout.splitlines()[-1])
        assert said["state"] == "done"
        assert (said["people"], said["profiles"], said["events"]) == (9000, 9000, 9000)
        assert (said["imported"], said["new"]) == (9000, 9000)
        # The second and third process went on where the one before had come to.
        assert said["lines"] < 9000 + 2 * 3000
        assert said["left"] == []
