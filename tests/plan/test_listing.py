"""The list of campaigns: what is asked for, figures, totals, and the same effort for any number."""

from __future__ import annotations

import io
import json
import re
from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.core.cache import cache
from django.db import connection
from django.test.utils import CaptureQueriesContext
from openpyxl import load_workbook

from muster.plan.brief.fingerprint import fingerprint
from muster.plan.budget.actions import book_cost
from muster.plan.budget.measured import Outcome
from muster.plan.campaigns.actions import edit_campaign
from muster.plan.campaigns.days import today
from muster.plan.campaigns.models import Campaign
from muster.plan.goals.solver import Reachable
from muster.plan.overview.models import SavedView, Tag
from muster.plan.risks.models import Risk
from muster.plan.tasks.models import Task

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def nothing_kept():
    cache.clear()


@pytest.fixture
def client(client_for, owner):
    return client_for(owner)


@pytest.fixture
def page(client):
    return lambda query="": client.get(f"/campaigns{query}").content.decode()


class TestTheList:
    def test_filters_by_person_purpose_and_name(self, page, start, manager):
        start(name="Mine", strategy="launch")
        start(name="Hers", owner=manager, strategy="retain")
        assert "Hers" not in page("?strategy=launch")
        text = page(f"?owner={manager.pk}")
        assert ">Hers<" in text
        assert ">Mine<" not in text
        assert page("?q=her").count('name="chosen"') == 1

    @pytest.mark.parametrize(
        ("sort", "first"),
        [("name", "Alpha"), ("-name", "Zulu"), ("budget", "Zulu"), ("starts", "Alpha")],
    )
    def test_sorts(self, page, start, sort, first):
        later = {"starts": date(2027, 1, 1), "ends": date(2027, 1, 5)}
        start(name="Alpha", total_budget=Decimal(10), goals=[], **later)
        start(name="Zulu", total_budget=Decimal(99_000), goals=[])
        text = page(f"?sort={sort}")
        other = {"Alpha": "Zulu", "Zulu": "Alpha"}[first]
        assert text.index(f">{first}<") < text.index(f">{other}<")

    def test_shows_how_warm_the_days_of_a_year_are(self, page, start, owner):
        for name, first, last in (
            ("One", date(2026, 11, 1), date(2026, 11, 4)),
            ("Two", date(2026, 11, 3), date(2026, 11, 12)),
            ("Three", date(2026, 11, 3), date(2026, 11, 3)),
            ("Over the year", date(2025, 12, 30), date(2026, 1, 2)),
        ):
            start(name=name, starts=first, ends=last, goals=[])
        text = page("?view=heat&year=2026")
        days = re.findall(r'cal-heat h-(\d)[^"]*" href="[^"]*day=([^"]+)"', text)
        warm = {day: int(level) for level, day in days}
        assert len(warm) == 365
        assert [warm[f"2026-11-{n:02}"] for n in (2, 3, 4, 5, 13)] == [1, 3, 2, 1, 0]
        assert (warm["2026-01-02"], warm["2026-01-03"]) == (1, 0)
        assert ": 3 campaigns at once." in text
        for name in ("One", "Two", "Three"):
            assert re.search(rf'2026" title="[^"]*{name}|title="[^"]*Nov 3[^"]*{name}', text)
        assert "year=2025" in text
        assert "None of them runs in this year." in page("?view=heat&year=2030")
        assert f">{today().year}</h2>" in page("?view=heat&year=99999")
        # What is filtered out warms nothing.
        assert "Never more than one campaign at a time." in page("?view=heat&year=2026&q=one")
        assert "No campaign fits" in page("?view=heat&year=2026&q=nothing")

    def test_groups_by_quarter(self, page, start):
        start(name="Autumn")
        start(name="Spring", starts=date(2027, 2, 1), ends=date(2027, 2, 5), goals=[])
        text = page("?group=quarter")
        assert text.index("2027 Q1") < text.index("2026 Q4")

    def test_sums_everything_that_fits_not_only_the_page(self, page, start, owner):
        for n in range(55):
            start(name=f"C{n}", total_budget=Decimal(1000), goals=[])
        first = Campaign.objects.first()
        book_cost(first, kind="actual", amount=Decimal(250), at=date(2026, 11, 5), by=owner,
                  category="media")  # fmt: skip
        start(name="US", currency="USD", total_budget=Decimal(7), goals=[])
        text = page()
        assert "CN¥250<span" in text
        assert "CN¥55,000" in text
        assert "55 campaigns in CNY" in text
        assert "1 / 2" in text

    def test_says_why_to_worry(self, page, campaign):
        Campaign.objects.update(starts=today(), ends=today() + timedelta(days=9))
        for days in (2, 5):
            Task.objects.create(campaign=campaign, title="T", due=today() - timedelta(days=days))
        Task.objects.create(
            campaign=campaign, title="Done", due=today() - timedelta(days=30), status="done"
        )
        assert "2 tasks are late, the longest by 5 days" in page()
        Task.objects.all().delete()
        Risk.objects.create(campaign=campaign, title="Rain", status="fired")
        assert "It is happening: Rain." in page()

    def test_names_the_next_milestone(self, page, campaign):
        for title, days, status in (("Old", 1, "done"), ("Next", 5, "todo"), ("Later", 9, "todo")):
            Task.objects.create(
                campaign=campaign, title=f"{title} gate", milestone=True, days=0, status=status,
                due=today() + timedelta(days=days),
            )  # fmt: skip
        text = page()
        assert "Next gate" in text
        assert "Later gate" not in text

    def test_works_out_readiness_apart_and_keeps_it(self, page, client, campaign):
        text = page()
        address = f"/campaigns/figures?ids={campaign.public_id}"
        assert address in text
        assert client.get(address).status_code == 204
        text = page()
        assert address not in text
        assert ">…<" not in text
        # Whoever changes the campaign makes the list ask again.
        client.post(f"/c/{campaign.public_id}/brief/strategy/words", {"message": "New"})
        assert address in page()

    def test_asks_the_store_as_often_for_many_as_for_few(self, client, start):
        def count():
            with CaptureQueriesContext(
                connection,
            ) as asked:
                assert client.get("/campaigns?group=owner").status_code == 200
            return len(asked)

        for n in range(3):
            start(name=f"C{n}")
        client.get("/campaigns")
        few = count()
        for n in range(30):
            start(name=f"D{n}")
        assert count() == few

    @pytest.mark.parametrize("look", ["board", "timeline"])
    def test_looks_otherwise(self, page, start, look):
        start(name="Autumn")
        start(name="Spring", starts=date(2027, 2, 1), ends=date(2027, 2, 5), goals=[])
        text = page(f"?view={look}")
        assert ">Autumn<" in text
        assert ">Spring<" in text

    def test_timeline_counts_quarters(self, page, start):
        start()
        start(name="Spring", starts=date(2027, 4, 30), ends=date(2027, 5, 5), goals=[])
        text = page("?view=timeline")
        # 1 October 2026 to 30 June 2027 are 273 days; 2027 begins after 92, April after 182.
        for name, at in (("2026 Q4", "0.0"), ("2027 Q1", "33.7"), ("2027 Q2", "66.67")):
            assert f'x="{at}%" y="14" dx="2">{name}<' in text


class TestViews:
    def test_are_kept_shared_and_forgotten(self, client, client_for, manager, start):
        start()
        body = {"name": "Launches", "query": "strategy=launch&group=owner", "shared": "on"}
        answer = client.post("/campaigns/views", body)
        assert answer.headers["Location"] == "/campaigns?strategy=launch&group=owner"
        assert "Launches" in client_for(manager).get("/campaigns").content.decode()
        view = SavedView.objects.get()
        path = f"/campaigns/views/{view.public_id}/drop"
        assert client_for(manager).post(path).status_code == 404
        client.post(path)
        assert not SavedView.objects.exists()

    def test_of_ones_own_are_nobody_elses(self, client, client_for, manager, start):
        start()
        client.post("/campaigns/views", {"name": "Private", "query": ""})
        assert "Private" not in client_for(manager).get("/campaigns").content.decode()


class TestBulk:
    def test_hands_over_what_is_ticked(self, client, start, manager):
        one, other = start(name="A"), start(name="B", goals=[])
        client.post("/campaigns/bulk", {"do": "owner", "to": manager.pk, "chosen": [one.public_id]})
        one.refresh_from_db()
        other.refresh_from_db()
        assert (one.owner, other.owner == manager) == (manager, False)

    def test_says_what_stays(self, client, start):
        one, running = start(name="A"), start(name="B", goals=[])
        Campaign.objects.filter(pk=running.pk).update(status="running")
        answer = client.post("/campaigns/bulk", {"do": "archive", "all": "1", "query": ""})
        assert "One stays as it is: B." in answer.headers["HX-Trigger"]
        one.refresh_from_db()
        assert one.status == "archived"

    def test_keeps_to_the_filter(self, client, start):
        start(name="A", strategy="launch")
        start(name="B", goals=[])
        client.post("/campaigns/bulk", {"do": "archive", "all": "1", "query": "strategy=launch"})
        assert Campaign.objects.get(name="B").status == "draft"

    def test_is_closed_to_readers(self, client_for, user_with, campaign):
        answer = client_for(user_with("content")).post("/campaigns/bulk", {"do": "archive"})
        assert answer.status_code == 403


class TestExport:
    def test_gives_typed_cells(self, client, start):
        start(name="=1+1")
        book = load_workbook(io.BytesIO(client.get("/campaigns/export.xlsx").content))
        head, row = list(book.active.iter_rows(values_only=True))
        cells = dict(zip(head, row, strict=True))
        assert cells["Campaign"] == "'=1+1"
        assert cells["First day"].date() == date(2026, 11, 4)
        assert cells["Total budget"] == 500_000

    def test_disarms_formulas_and_hides_money(self, client_for, user_with, start):
        start(name="=1+1")
        answer = client_for(user_with("content")).get("/campaigns/export.csv")
        text = answer.content.decode("utf-8-sig")
        assert "'=1+1" in text
        assert "500000" not in text


def told(answer):
    return json.loads(answer.headers["HX-Trigger"])["toast"]


class TestTags:
    @pytest.fixture
    def bulk(self, client):
        def post(*campaigns, **data):
            chosen = [one.public_id for one in campaigns]
            return client.post("/campaigns/bulk", {"chosen": chosen, **data})

        return post

    def test_are_put_on_and_taken_off_many_with_one_undo(self, bulk, client, start):
        spring, autumn = start(name="Spring"), start(name="Autumn", goals=[])
        bulk(autumn, do="tag", tag="Tea")
        answer = bulk(spring, autumn, do="tag", tag=" Tea ")
        assert told(answer)["text"] == "One campaign is changed."
        assert [one.name for one in spring.tags.all()] == ["Tea"]
        client.post(told(answer)["undo"])
        # Autumn had the tag before, so undo leaves it there.
        assert (spring.tags.count(), autumn.tags.count()) == (0, 1)
        bulk(spring, do="tag", tag="Tea")
        answer = bulk(spring, autumn, do="untag", tag="Tea")
        assert told(answer)["text"] == "2 campaigns are changed."
        assert not Tag.objects.exists()
        client.post(told(answer)["undo"])
        assert Tag.objects.filter(name="Tea").count() == 2

    def test_need_a_word_and_the_right(self, bulk, client_for, user_with, start):
        spring = start(name="Spring")
        assert bulk(spring, do="tag", tag="  ").status_code == 422
        data = {"chosen": [spring.public_id], "do": "tag", "tag": "Tea"}
        assert client_for(user_with("analyst")).post("/campaigns/bulk", data).status_code == 403
        assert not Tag.objects.exists()

    def test_find_campaigns_and_stand_in_the_list_and_the_activity(self, bulk, page, client, start):
        spring = start(name="Spring")
        start(name="Autumn", goals=[])
        bulk(spring, do="tag", tag="茶")
        text = page("?tag=茶")
        assert ">Spring<" in text
        assert ">Autumn<" not in text
        assert (
            "put the tag “茶” on" in client.get(f"/c/{spring.public_id}/activity").content.decode()
        )

    def test_leave_approvals_and_other_undos_alone(self, bulk, client, start, owner):
        spring = start(name="Spring")
        change = edit_campaign(spring, {"name": "Summer"}, by=owner)
        before = fingerprint(Campaign.objects.get(pk=spring.pk))
        bulk(spring, do="tag", tag="Tea")
        assert fingerprint(Campaign.objects.get(pk=spring.pk)) == before
        client.post(f"/undo/{change.public_id}")
        assert Campaign.objects.get(pk=spring.pk).name == "Spring"

    def test_owners_of_many_come_back_by_one_undo(self, bulk, client, start, manager, owner):
        both = [start(name="Spring"), start(name="Autumn", goals=[])]
        answer = bulk(*both, do="owner", to=manager.pk)
        assert Campaign.objects.filter(owner=manager).count() == 2
        client.post(told(answer)["undo"])
        assert Campaign.objects.filter(owner=owner).count() == 2


class TestColumns:
    def test_are_remembered_per_person_and_only_of_what_one_may_see(
        self, client, page, client_for, user_with, start
    ):
        start(name="Spring")
        assert "Next milestone</th>" in page()
        assert "ROI</th>" not in page()
        client.post("/campaigns/columns", {"column": ["roi", "audience", "password"]})
        heads = page().partition("<tbody>")[0]
        assert "ROI</th>" in heads
        assert "Audience size</th>" in heads
        assert "Next milestone</th>" not in heads
        designer = client_for(user_with("content"))
        designer.post("/campaigns/columns", {"column": ["roi", "budget", "audience"]})
        heads = designer.get("/campaigns").content.decode().partition("<tbody>")[0]
        assert "ROI" not in heads
        assert "Budget" not in heads
        assert "Audience size</th>" in heads
        assert (
            "Next milestone</th>"
            in client_for(user_with("legal")).get("/campaigns").content.decode()
        )

    def test_of_return_and_audience_are_worked_out_apart(
        self, client, page, start, monkeypatch, stores
    ):
        spring = start(name="Spring")
        draft = start(name="Draft", goals=[])
        Campaign.objects.filter(pk=spring.pk).update(status="running")
        brought = Outcome(cost=Decimal(2000), revenue=Decimal(5200), leads=None, buyers=None)
        monkeypatch.setattr("muster.plan.budget.measured._measures", [lambda campaign: brought])
        reach = Reachable(people=12_480, name="Double 11-1")
        monkeypatch.setattr("muster.plan.goals.history._reach", [lambda campaign: reach])
        client.post("/campaigns/columns", {"column": ["roi", "audience"]})
        assert "160%" not in page()
        client.get(f"/campaigns/figures?ids={spring.public_id},{draft.public_id}")
        text = page()
        # (5200 - 2000) / 2000; a draft has brought nothing yet.
        assert text.count("160%") == 1
        assert text.count("12,480") == 2
