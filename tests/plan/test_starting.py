"""Templates: days counted by hand, nothing left after taking back, sound goals and budgets."""

from __future__ import annotations

import io
import re
import zipfile
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from django.apps import apps
from django.core.files.uploadedfile import SimpleUploadedFile

from muster.kit.days import WorkCalendar
from muster.kit.errors import Invalid, Refused
from muster.plan.budget import rules as budget
from muster.plan.budget.models import BudgetLine
from muster.plan.campaigns.models import Campaign
from muster.plan.goals import rules as goals
from muster.plan.goals.history import Baseline
from muster.plan.risks.models import Risk
from muster.plan.starting import brief_text, documents, rules
from muster.plan.starting.actions import Wanted, made, start_from
from muster.plan.starting.copying import template_of
from muster.plan.starting.shelf import templates
from muster.plan.starting.showing import effects
from muster.plan.strategy.map import found_gaps
from muster.plan.strategy.models import Cell
from muster.plan.tasks.models import Task
from muster.team.changes.actions import undo
from muster.team.roles import ROLES
from muster.warehouse.metrics import METRICS

KEYS = ("big_sale", "product_launch", "member_day", "offline_event", "win_back", "b2b_webinar")
CHINA = WorkCalendar("CN")

# Counted on the calendars of 2025 and 2026 as decreed: off 1–3 Jan, 15–23 Feb, 25–27 Sep and
# 1–7 Oct 2026; worked 4 Jan, 14 and 28 Feb, 20 Sep and 10 Oct 2026.
BY_HAND = [
    ("big_sale", "2026-11-11", "kickoff 09-10 09-10, visuals 09-21 10-08, warmup 11-04 11-10, watch 11-12 11-16, encore 11-19 11-20, retro 12-02 12-02"),
    ("big_sale", "2026-02-26", "kickoff 12-24 12-24, visuals 01-06 01-15, warmup 02-12 02-25, watch 02-27 03-02, encore 03-05 03-06, retro 03-19 03-19"),
    ("big_sale", "2026-10-01", "kickoff 08-06 08-06, visuals 08-18 08-27, warmup 09-23 09-30, watch 10-08 10-10, encore 10-09 10-10, retro 10-22 10-22"),
    ("product_launch", "2026-11-11", "position 08-31 09-03, visuals 09-15 09-28, tease 11-05 11-10, second 11-19 11-23, retro 12-02 12-02"),
    ("product_launch", "2026-02-26", "position 12-12 12-17, visuals 12-29 01-12, tease 02-13 02-25, second 03-06 03-10, retro 03-19 03-19"),
    ("product_launch", "2026-10-01", "position 07-27 07-30, visuals 08-11 08-24, tease 09-24 09-30, second 10-10 10-13, retro 10-22 10-22"),
    ("member_day", "2026-11-11", "brief 10-13 10-14, stores 10-28 11-02, remind 11-10 11-10, retro 11-20 11-20"),
    ("member_day", "2026-02-26", "brief 01-21 01-22, stores 02-05 02-10, remind 02-25 02-25, retro 03-06 03-06"),
    ("member_day", "2026-10-01", "brief 09-02 09-03, stores 09-17 09-21, remind 09-30 09-30, retro 10-13 10-13"),
    ("offline_event", "2026-11-11", "brief 09-01 09-03, permit 09-20 10-09, build 11-09 11-10, followup 11-13 11-17, retro 11-24 11-24"),
    ("offline_event", "2026-02-26", "brief 12-15 12-17, permit 01-05 01-16, build 02-24 02-25, followup 02-28 03-03, retro 03-10 03-10"),
    ("offline_event", "2026-10-01", "brief 07-28 07-30, permit 08-17 08-28, build 09-29 09-30, followup 10-08 10-10, retro 10-16 10-16"),
    ("win_back", "2026-11-11", "why 10-12 10-14, test 11-09 11-09, third 11-26 11-26, retro 12-08 12-08"),
    ("win_back", "2026-02-26", "why 01-20 01-22, test 02-24 02-24, third 03-12 03-12, retro 03-25 03-25"),
    ("win_back", "2026-10-01", "why 09-01 09-03, test 09-29 09-29, third 10-21 10-21, retro 10-28 10-28"),
    ("b2b_webinar", "2026-11-11", "topic 09-15 09-17, personal 10-26 10-30, recording 11-12 11-12, retro 11-30 11-30"),
    ("b2b_webinar", "2026-02-26", "topic 12-29 12-31, personal 02-03 02-09, recording 02-27 02-27, retro 03-16 03-16"),
    ("b2b_webinar", "2026-10-01", "topic 08-11 08-13, personal 09-15 09-20, recording 10-08 10-08, retro 10-23 10-23"),
]  # fmt: skip


def last_day(key, first):
    return first + timedelta(days=templates()[key].days - 1)


class TestDays:
    @pytest.mark.parametrize(("key", "day", "expected"), BY_HAND)
    def test_are_those_counted_by_hand(self, key, day, expected):
        first = date.fromisoformat(day)
        slots = rules.schedule(templates()[key].tasks, first, last_day(key, first), CHINA)
        for line in expected.split(", "):
            name, start, end = line.split()
            assert f"{slots[name].start:%m-%d} {slots[name].end:%m-%d}" == f"{start} {end}", name

    @pytest.mark.parametrize("key", KEYS)
    @pytest.mark.parametrize("day", ["2026-11-11", "2026-02-17", "2026-05-02", "2026-10-10"])
    def test_no_task_begins_before_what_it_waits_for_has_ended(self, key, day):
        first = date.fromisoformat(day)
        tasks = templates()[key].tasks
        slots = rules.schedule(tasks, first, last_day(key, first), CHINA)
        for task in tasks:
            mine = slots[task.key]
            if not task.is_milestone:
                assert len(CHINA.days(mine.start, mine.end)) == task.days
            for link in task.after:
                before = slots[link.key].end
                assert mine.end >= before if task.is_milestone else mine.start > before, task.key

    def test_a_task_that_has_to_wait_is_pushed(self):
        first = rules.Work("a", rules.same("a"), "prepare", 5, rules.Offset("D", -3))
        then = rules.Work(
            "b", rules.same("b"), "prepare", 2, rules.Offset("D", -3), (rules.Link("a"),)
        )
        slots = rules.schedule([first, then], date(2026, 11, 11), date(2026, 11, 20), CHINA)
        # D-3 is Friday 6 November; what waits for it takes Monday and Tuesday.
        assert slots["a"] == rules.Slot(date(2026, 11, 2), date(2026, 11, 6))
        assert slots["b"] == rules.Slot(date(2026, 11, 9), date(2026, 11, 10))

    def test_that_are_off_or_worked_by_decree_are_named(self):
        found = effects(CHINA, date(2026, 9, 14), date(2026, 10, 16), "zh-hans")
        assert [(name, a, b, off) for name, a, b, off, _expected in found] == [
            ("国庆节", date(2026, 9, 20), date(2026, 9, 20), False),
            ("中秋", date(2026, 9, 25), date(2026, 9, 27), True),
            ("国庆节", date(2026, 10, 1), date(2026, 10, 7), True),
            ("国庆节", date(2026, 10, 10), date(2026, 10, 10), False),
        ]

    @pytest.mark.parametrize("text", ["D-5", "D", "E+2", "E"])
    def test_of_a_past_campaign_are_told_the_way_they_are_written(self, text):
        first, last = date(2026, 11, 11), date(2026, 11, 20)
        day = rules.Offset.parse(text).day(first, last, CHINA)
        again = rules.Offset.between(day, first, last, CHINA)
        assert again.day(first, last, CHINA) == day


class TestEveryTemplate:
    def test_is_there(self):
        assert tuple(templates()) == KEYS

    @pytest.mark.parametrize("key", KEYS)
    @pytest.mark.parametrize("language", rules.LANGUAGES)
    def test_has_smart_goals(self, key, language):
        template = templates()[key]
        now = datetime(2026, 11, 1, tzinfo=UTC)
        first, last = date(2026, 11, 11), date(2026, 11, 11) + timedelta(days=max(template.days, 5))
        for aim in template.goals:
            metric = METRICS[aim.metric]
            facts = goals.GoalFacts(
                metric=aim.metric,
                metric_name=metric.name,
                baseline=Decimal(100) if aim.typical else None,
                target=aim.target_from(Decimal(100)),
                statement=rules.words(aim.statement, language),
                population=rules.words(aim.population, language),
                channel=rules.words(aim.channel, language),
                objective=rules.words(aim.objective, language),
                reason=rules.words(aim.reason, language),
                starts=first,
                due=last,
                checkpoints=goals.even_checkpoints(first, last),
                falls=metric.direction == "lower",
                needs=metric.needs,
                seen=dict.fromkeys(metric.needs, now),
            )
            letters = goals.smart(facts, now)
            assert goals.score(letters) == 5, [
                (one.letter, one.text) for one in letters if one.verdict != "pass"
            ]

    @pytest.mark.parametrize("key", KEYS)
    @pytest.mark.parametrize("total", ["500000", "12345.67", "99.99", "1000"])
    def test_has_a_budget_that_keeps_every_rule(self, key, total):
        parts = templates()[key].lines
        planned = rules.sums(Decimal(total), parts)
        lines = [
            budget.Line(part.category, amount, part.core)
            for part, amount in zip(parts, planned, strict=True)
        ]
        assert sum(planned) == Decimal(total)
        broken = [
            answer.rule
            for answer in budget.answers(Decimal(total), lines, budget.Policy())
            if not answer.holds
        ]
        assert broken == []

    @pytest.mark.parametrize("key", KEYS)
    def test_speaks_only_of_what_there_is(self, key):
        template = templates()[key]
        assert {task.phase for task in template.tasks} <= set(Task.Phase.values)
        assert set(template.roles) <= set(ROLES)
        assert {line.category for line in template.lines} <= set(BudgetLine.Category.values)
        assert {cell.stage for cell in template.cells} == set(Cell.Stage.values)
        assert {cell.channel for cell in template.cells} <= set(template.channels)
        assert {risk.category for risk in template.risks} <= set(Risk.Category.values)
        assert all(risk.plan for risk in template.risks)
        assert {risk.trigger["metric"] for risk in template.risks if risk.trigger} <= set(METRICS)
        assert any(task.checks for task in template.tasks)
        for task in template.tasks:
            assert [letter for letter, _role in task.who].count("A") == 1
            assert "R" in [letter for letter, _role in task.who]

    def test_that_does_not_hold_together_is_refused(self):
        written = {"key": "x", "name": {"en": "x", "zh-hans": "甲"}}
        with pytest.raises(rules.BadTemplate, match="zh-hant"):
            rules.template(written | {"days": 1, "place": 1, "icon": "", "strategy": "",
                                      "channels": []})  # fmt: skip


def wanted(owner, **more):
    return Wanted(
        **{
            "name": "双11",
            "starts": date(2026, 11, 11),
            "ends": date(2026, 11, 22),
            "currency": "CNY",
            "owner": owner,
            "total_budget": Decimal(500_000),
            "goal": {"metric": "revenue", "target": Decimal(1_300_000), "baseline": Decimal(10**6)},
            **more,
        }
    )


def rows():
    """How many rows each table of the plan has."""
    return {model: model.objects.count() for model in apps.get_app_config("plan").get_models()}


@pytest.fixture
def in_autumn(monkeypatch):
    """It is September 2026, so that the days of these plans are ahead."""
    monkeypatch.setattr("muster.plan.starting.actions.today", lambda: date(2026, 9, 1))


@pytest.mark.django_db
class TestBeginning:
    def test_fills_the_whole_workspace(self, owner, user_with):
        writer, lawyer = user_with("content", "Chen"), user_with("legal", "Zhao")
        campaign = made(start_from(templates()["big_sale"], wanted(owner), by=owner))
        assert campaign.tasks.count() == 24
        assert campaign.cells.count() == 11
        # Somebody makes each of them, so the map of a template blocks no launch.
        assert not found_gaps(campaign, campaign.cells.all())
        assert campaign.risks.count() == 4
        assert sum(line.planned for line in campaign.lines.all()) == 500_000
        assert campaign.lines.get(channel="ads").planned == 180_000
        main = campaign.goals.get(primary=True)
        assert (main.metric, main.target) == ("revenue", 1_300_000)
        assert campaign.goals.count() == 3
        visuals = campaign.tasks.get(title="Key visual and page design")
        assert (visuals.not_before, visuals.due) == (date(2026, 9, 21), date(2026, 10, 8))
        assert [(d.letter, d.user) for d in visuals.duties.all()] == [("A", owner), ("R", writer)]
        review = campaign.tasks.get(title="Legal review of prices and claims")
        assert {d.letter: d.user for d in review.duties.all()} == {
            "A": lawyer, "R": lawyer, "C": writer,
        } or {d.user for d in review.duties.all() if d.letter in "AR"} == {lawyer}  # fmt: skip
        waits = {link.before.title for link in review.waits_for.all()}
        assert waits == {"Key visual and page design", "Write mails, messages and posts"}
        assert campaign.cells.get(stage="purchase", channel="email").task.title == (
            "Set up mails and reminders"
        )

    def test_speaks_the_language_of_the_one_who_begins(self, owner):
        from django.utils import translation

        with translation.override("zh-hant"):
            campaign = made(start_from(templates()["member_day"], wanted(owner), by=owner))
        assert campaign.tasks.first().title == "按會員等級定權益"

    def test_taken_back_leaves_nothing_behind(self, owner, user_with):
        user_with("content")
        before = rows()
        change = start_from(templates()["product_launch"], wanted(owner), by=owner)
        assert rows() != before
        undo(change, by=owner)
        assert rows() == before

    def test_that_others_have_worked_on_is_not_taken_back(self, owner, user_with):
        from muster.plan.campaigns.actions import edit_campaign

        change = start_from(templates()["win_back"], wanted(owner), by=owner)
        edit_campaign(made(change), {"message": "New"}, by=user_with("manager"))
        with pytest.raises(Refused, match="Someone else has worked"):
            undo(change, by=owner)

    def test_that_goes_wrong_leaves_nothing_behind(self, owner):
        before = rows()
        wrong = wanted(owner, goal={"metric": "fame", "target": Decimal(1), "baseline": None})
        with pytest.raises(Refused):
            start_from(templates()["big_sale"], wrong, by=owner)
        assert rows() == before

    def test_takes_only_what_is_ticked(self, owner):
        template = templates()["member_day"]
        taken = frozenset({"task:brief", "task:segments", "line:0", "risk:1"})
        campaign = made(start_from(template.only(taken), wanted(owner), by=owner))
        assert campaign.tasks.count() == 2
        assert campaign.goals.count() == 1
        assert campaign.cells.count() == 0
        assert [risk.title for risk in campaign.risks.all()] == ["Coupons leak to the public"]
        assert campaign.lines.get().planned == 500_000


LAST = {
    "revenue": ("1000000", "“Spring”, 1 – 10 March"), "click_rate": ("0.041", "“Spring”"),
    "leads": ("400", "“Spring”"), "orders": ("700", "“Spring”"), "buyers": ("600", "“Spring”"),
    "first_time_buyers": ("300", "“Spring”"), "average_order_value": ("240", "“Spring”"),
    "unsubscribe_rate": ("0.0021", "“Spring”"),
}  # fmt: skip


@pytest.fixture
def history(monkeypatch):
    """The numbers of the last comparable campaign."""

    def before(campaign, metric, starts, due):
        value, source = LAST.get(metric, ("", ""))
        return Baseline(Decimal(value), source) if value else None

    monkeypatch.setattr("muster.plan.goals.history._baselines", [before])


def asked(api, campaign, *keys):
    """Check → its findings, of those that are asked for."""
    checks = api("GET", f"/campaigns/{campaign}/readiness").json()["checks"]
    return {one["check"]: one["findings"] for one in checks if one["check"] in keys}


@pytest.mark.django_db
@pytest.mark.usefixtures("in_autumn")
class TestTheNumbersOfATemplate:
    @pytest.mark.parametrize("key", KEYS)
    @pytest.mark.parametrize("goals", [[], [{"metric": "page_views", "target": 900}]])
    def test_arrive_guarded_and_no_goal_blocks(self, key, goals, api, workspace):
        body = {"name": "New", "starts": "2027-03-08", "template": key, "total_budget": 80000,
                "goals": goals}  # fmt: skip
        answer = api("POST", "/campaigns", body)
        assert answer.status_code == 201, answer.content
        main = answer.json()["goals"][0]
        assert [rail["metric"] for rail in main["guardrails"]][:2] == [
            "unsubscribe_rate", "complaint_rate",
        ]  # fmt: skip
        assert all(goal["baseline"] is None for goal in answer.json()["goals"])
        found = asked(api, answer.json()["id"], "goals.main_goal_is_smart", "goals.has_a_guardrail",
                      "goals.has_a_checkpoint", "tracking.somebody_watches")  # fmt: skip
        assert len(found) == 4
        assert found["goals.has_a_guardrail"] == []
        # How sharp a goal of the caller's own is, is the caller's.
        ours = [rows for check, rows in found.items() if not (goals and check.endswith("_smart"))]
        blocks = [f for rows in ours for f in rows if f["severity"] == "block"]
        # That the events of the metric never came is true here, and not the template's doing.
        assert [f for f in blocks if "never received" not in str(f)] == []

    @pytest.mark.parametrize("key", KEYS)
    def test_start_from_the_last_time(self, key, api, workspace, history):
        body = {"name": "New", "starts": "2027-03-08", "template": key, "total_budget": 80000}
        goals = api("POST", "/campaigns", body).json()["goals"]
        template = templates()[key]
        main = goals[0]
        first = template.goals[0]
        last = Decimal(LAST[first.metric][0])
        assert main["metric"] == first.metric
        assert Decimal(main["baseline"]) == last
        assert Decimal(main["target"]) == last * first.typical
        assert "“Spring”" in main["baseline_source"]
        unknown = [goal for goal in goals if goal["metric"] not in LAST]
        assert all(goal["baseline"] is None for goal in unknown)

    def test_are_never_worse_than_the_last_time(self, api, workspace, history):
        body = {"name": "New", "starts": "2027-03-08", "template": "big_sale"}
        goals = {g["metric"]: g for g in api("POST", "/campaigns", body).json()["goals"]}
        # The template has 3 %, the last campaign reached 4.1 %.
        assert Decimal(str(goals["click_rate"]["target"])) == Decimal("0.041")
        assert goals["click_rate"]["statement"] == ""
        assert Decimal(str(goals["conversion_rate"]["target"])) == Decimal("0.025")
        (rail,) = [
            one for one in goals["revenue"]["guardrails"] if one["metric"] == "average_order_value"
        ]
        assert (rail["op"], Decimal(rail["value"])) == ("gte", 216)  # nine tenths of 240

    def test_of_another_currency_have_no_limit_in_money(self, owner):
        campaign = made(
            start_from(templates()["b2b_webinar"], wanted(owner, currency="TWD"), by=owner)
        )
        rails = campaign.goals.get(primary=True).guardrails
        assert [rail["metric"] for rail in rails] == ["unsubscribe_rate", "complaint_rate"]
        at_home = made(start_from(templates()["b2b_webinar"], wanted(owner), by=owner))
        assert len(at_home.goals.get(primary=True).guardrails) == 3

    def test_that_are_given_win(self, api, workspace, history):
        goal = {"metric": "revenue", "target": 900, "baseline": 850,
                "guardrails": [{"metric": "bounce_rate", "op": "lte", "value": "0.02"}]}  # fmt: skip
        body = {"name": "New", "starts": "2027-03-08", "template": "big_sale", "goals": [goal]}
        main = api("POST", "/campaigns", body).json()["goals"][0]
        assert (Decimal(main["baseline"]), main["baseline_source"]) == (850, "")
        assert [rail["metric"] for rail in main["guardrails"]] == ["bounce_rate"]

    def test_are_shown_before_and_taken_back_with_all_else(self, client_for, owner, history):
        client, before = client_for(owner), rows()
        text = client.get("/campaigns/new?template=big_sale&starts=2027-03-08").content.decode()
        assert "Guardrails" in text
        assert "Last time 0.21%: “Spring”" in text
        assert "Last time CN¥1,000,000: “Spring”, 1 – 10 March" in text
        assert "≥ CN¥216" in text
        takes = re.findall(r'name="take" value="((?:rail|goal):\d)"', text)
        assert {"rail:0", "rail:1", "rail:2", "goal:1", "goal:2"} <= set(takes)
        form = {
            "source": "big_sale", "name": "Double 11", "starts": "2027-03-08", "length": "12",
            "currency": "CNY", "metric": "revenue", "target": "130万", "baseline": "一百万",
            "owner": owner.pk, "shown": "1", "take": ["goal:0", "goal:1", "rail:0", "rail:2"],
        }  # fmt: skip
        answer = client.post("/campaigns/new", form, follow=True).content.decode()
        main = Campaign.objects.get().goals.get(primary=True)
        assert (main.baseline, main.baseline_source) == (1_000_000, "“Spring”, 1 – 10 March")
        assert [rail["metric"] for rail in main.guardrails] == [
            "unsubscribe_rate", "average_order_value",
        ]  # fmt: skip
        client.post(answer.split('data-undo="')[1].split('"')[0])
        assert rows() == before

    def test_without_history_are_said_to_have_none(self, client_for, owner):
        page = client_for(owner).get("/campaigns/new?template=big_sale&starts=2027-03-08")
        assert "Nothing comparable has ended yet" in page.content.decode()

    def test_of_a_copy_keep_every_guardrail(self, owner):
        campaign = made(start_from(templates()["win_back"], wanted(owner), by=owner))
        again = made(start_from(template_of(campaign), wanted(owner), by=owner, copied=campaign))
        rails = [one.goals.get(primary=True).guardrails for one in (campaign, again)]
        assert rails[0] == rails[1]
        assert len(rails[0]) == 3


@pytest.mark.django_db
@pytest.mark.usefixtures("in_autumn")
class TestACopy:
    def test_moves_by_working_days_and_shares(self, owner, api):
        campaign = made(start_from(templates()["big_sale"], wanted(owner), by=owner))
        body = {"name": "38 节", "starts": "2027-03-08", "total_budget": "200000"}
        answer = api("POST", f"/campaigns/{campaign.public_id}/clone", body)
        assert answer.status_code == 201, answer.content
        assert answer.json()["created"] == {
            "goals": 3, "tasks": 24, "lines": 8, "cells": 11, "risks": 4,
        }  # fmt: skip
        assert answer.json()["ends"] == "2027-03-19"
        copy = type(campaign).objects.exclude(pk=campaign.pk).get()
        assert copy.lines.get(channel="ads").planned == 72_000
        rehearsal = copy.tasks.get(title="Rehearsal, go or no-go")
        # The sixth working day before Monday 8 March: 1–5 March, and Friday 26 February.
        assert rehearsal.due == date(2027, 2, 26)
        assert rehearsal.waits_for.count() == 6

    def test_reads_every_offset_as_it_was(self, owner):
        template = templates()["big_sale"]
        read = template_of(made(start_from(template, wanted(owner), by=owner)))
        calendar = WorkCalendar("CN")
        first, last = date(2026, 11, 11), date(2026, 11, 22)
        days = {rules.words(t.title, "en"): t.ends.day(first, last, calendar) for t in read.tasks}
        assert days == {
            rules.words(t.title, "en"): t.ends.day(first, last, calendar) for t in template.tasks
        }

    def test_of_a_campaign_needs_the_right(self, api, campaign):
        path, body = f"/campaigns/{campaign.public_id}/clone", {"starts": "2027-03-08"}
        assert api("POST", path, body, scopes=["campaigns:read"]).status_code == 403


@pytest.mark.django_db
@pytest.mark.usefixtures("in_autumn")
class TestTheApi:
    def test_lists_templates_in_the_language_asked_for(self, api):
        items = api("GET", "/templates", headers={"Accept-Language": "zh-Hans"}).json()["items"]
        assert [one["name"] for one in items] == [
            "大促", "新品首发", "会员日", "线下活动", "沉睡唤醒", "B2B 研讨会",
        ]  # fmt: skip
        one = api("GET", "/templates/big_sale").json()
        assert one["tasks"][0]["ends"] == "D-40"
        assert sum(Decimal(str(line["share"])) for line in one["lines"]) == 100

    def test_begins_from_a_template(self, api):
        body = {
            "name": "会员日", "starts": "2026-12-08", "template": "member_day",
            "total_budget": 80000,
            "goals": [{"metric": "orders", "target": 900, "baseline": 700}],
        }  # fmt: skip
        answer = api("POST", "/campaigns", body)
        assert answer.status_code == 201, answer.content
        made = answer.json()
        assert made["ends"] == "2026-12-10"
        assert [goal["metric"] for goal in made["goals"]] == [
            "orders", "open_rate", "conversion_rate",
        ]  # fmt: skip

    def test_says_which_templates_there_are(self, api):
        body = {"name": "x", "starts": "2026-12-08", "template": "party"}
        answer = api("POST", "/campaigns", body)
        assert answer.status_code == 422
        assert "big_sale" in str(answer.json()["errors"])

    def test_from_a_template_looks_ahead(self, api, client_for, owner, campaign):
        body = {"name": "x", "starts": "2026-08-30", "template": "member_day"}
        copy = {"name": "x", "starts": "2026-08-30"}
        for path, given in (
            ("/campaigns", body),
            (f"/campaigns/{campaign.public_id}/clone", copy),
        ):
            answer = api("POST", path, given)
            assert answer.status_code == 422, answer.content
            assert answer.json()["errors"][0]["at"] == "/starts"
            assert "2026-08-30 is over" in answer.json()["errors"][0]["detail"]
        form = {
            "source": "member_day", "name": "x", "starts": "2026-08-30", "length": "3",
            "currency": "CNY", "metric": "orders", "target": "9", "owner": owner.pk,
        }  # fmt: skip
        answer = client_for(owner).post("/campaigns/new", form)
        assert answer.status_code == 422
        assert "2026-08-30 is over" in answer.content.decode()
        # What was is written down without a template.
        body = {"name": "x", "starts": "2026-08-01", "ends": "2026-08-02"}
        assert api("POST", "/campaigns", body).status_code == 201

    def test_without_template_needs_a_last_day(self, api):
        answer = api("POST", "/campaigns", {"name": "x", "starts": "2026-12-08"})
        assert answer.json()["errors"][0]["at"] == "/ends"


@pytest.mark.django_db
@pytest.mark.usefixtures("in_autumn")
class TestThePages:
    @pytest.fixture
    def client(self, client_for, owner):
        return client_for(owner)

    def test_begin_with_a_shelf(self, client, campaign):
        text = client.get("/campaigns/new?starts=2027-02-06").content.decode()
        assert "Win back" in text
        assert "template=big_sale&amp;starts=2027-02-06" in text
        assert f'value="{campaign.public_id}"' in text

    def test_of_an_unknown_source_are_not_there(self, client):
        for source in ("template=nothing", "copy=cmp_ZZZZZZZZ", "template=cmp_00000000"):
            assert client.get(f"/campaigns/new?{source}").status_code == 404
        assert client.get("/campaigns/new?blank=1").status_code == 200

    def test_show_everything_before_it_is_made(self, client):
        text = client.get("/campaigns/new?template=big_sale&starts=2026-11-11").content.decode()
        assert "Key visual and page design" in text
        assert re.search("Sep 21(, 2026)? – Oct 8", text)
        assert "National Day" in text
        assert "Stock runs out on the first day" in text

    def test_create_and_take_back(self, client, owner):
        before = rows()
        form = {
            "source": "big_sale", "name": "Double 11", "starts": "2026-11-11", "length": "12",
            "currency": "CNY", "total_budget": "50万", "metric": "revenue", "target": "130万",
            "owner": owner.pk, "audience": "Members", "shown": "1", "take": ["task:kickoff"],
        }  # fmt: skip
        answer = client.post("/campaigns/new", form, follow=True)
        text = answer.content.decode()
        assert "all of it can be taken back" in text
        main = Campaign.objects.get().goals.get(primary=True)
        assert (main.target, main.population) == (1_300_000, "members and visitors")
        undo_at = text.split('data-undo="')[1].split('"')[0]
        gone = client.post(undo_at, follow=True)
        assert gone.redirect_chain[-1][0] == "/campaigns"
        assert rows() == before

    def test_read_a_pasted_brief(self, client):
        text = "双11 首购季\n预算：50万元\n时间 11月11日至11月22日\n目标：500 名首购新客"
        answer = client.post("/campaigns/new/read", {"text": text}).content.decode()
        assert 'value="双11 首购季"' in answer
        assert 'value="12"' in answer
        assert "Key visual and page design" in answer

    def test_are_closed_to_those_who_do_not_plan(self, client_for, user_with):
        assert client_for(user_with("analyst")).get("/campaigns/new").status_code == 403


class TestReadingABrief:
    TODAY = date(2026, 9, 1)

    @pytest.mark.parametrize(
        ("text", "expected"),
        [
            ("预算 50万", {"total_budget": "500000"}),
            ("Budget: ¥500,000", {"total_budget": "500000"}),
            ("11月1日至11月11日", {"starts": "2026-11-01", "length": "11"}),
            ("2026-12-30 ~ 1月3日", {"starts": "2026-12-30", "length": "5"}),
            ("2027年2月6日，为期 2 周", {"starts": "2027-02-06", "length": "14"}),
            ("11.1-11.11", {"starts": "2026-11-01", "length": "11"}),
            ("增长 3-5 个点，1.2 倍", {}),
            ("3月8日", {"starts": "2027-03-08"}),
            ("500 名首购新客", {"metric": "first_time_buyers", "target": "500"}),
            ("GMV 目标 1.2亿", {"metric": "revenue", "target": "120000000"}),
            ("300 leads", {"metric": "leads", "target": "300"}),
            ("目标人群：上海妈妈", {"audience": "上海妈妈"}),
            ("新品首发", {"template": "product_launch"}),
            ("今天天气不错", {}),
            ("1–12 March 2027", {"starts": "2027-03-01", "length": "12"}),
            ("From 1 March 2027 to 12 March 2027", {"starts": "2027-03-01", "length": "12"}),
            ("March 1 - March 12, 2027", {"starts": "2027-03-01", "length": "12"}),
            ("March 1st–12th, 2027", {"starts": "2027-03-01", "length": "12"}),
            ("28 December to 3 January 2028", {"starts": "2027-12-28", "length": "7"}),
            ("Opens on Sept. 3", {"starts": "2026-09-03"}),
            ("we may 5 or march 6", {}),
            ("2027/3/1-3/12", {"starts": "2027-03-01", "length": "12"}),
            ("9999年1月1日", {}),
            ("预算50w", {"total_budget": "500000"}),
            ("预算50w元", {"total_budget": "500000"}),
        ],
    )
    def test_finds_what_is_written(self, text, expected):
        found = {one.field: one.value for one in brief_text.read(text, self.TODAY)}
        found.pop("name", None)
        assert found == expected

    @pytest.mark.parametrize("label", ["Campaign: ", "活动：", "# 活動： ", "活动名称："])
    def test_keeps_the_label_out_of_the_name(self, label):
        found = brief_text.read(f"{label}春茶\n预算 3万", self.TODAY)
        assert (found[0].field, found[0].value) == ("name", "春茶")

    def test_takes_the_first_line_for_the_name(self):
        found = brief_text.read("# 春茶上市\n\n预算 3万", self.TODAY)
        assert (found[0].field, found[0].value) == ("name", "春茶上市")


WORD = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"


def docx(body, head='<?xml version="1.0" encoding="UTF-8"?>', name="word/document.xml"):
    """A Word document with this body."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr("[Content_Types].xml", "<Types/>")
        file.writestr(
            name, f'{head}<w:document xmlns:w="{WORD}"><w:body>{body}</w:body></w:document>'
        )
    return packed.getvalue()


def torn(way):
    """Documents that were damaged at one place or another, packed in this way."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", way) as file:
        body = "".join(f"<w:p>{n * 7919}</w:p>" for n in range(500))
        file.writestr("word/document.xml", f'<w:document xmlns:w="{WORD}">{body}</w:document>')
    whole = packed.getvalue()
    begins = whole.index(b"document.xml") + len("document.xml")
    return [
        whole[: begins + at] + b"\xff" * 40 + whole[begins + at + 40 :] for at in (0, 9, 60, 300)
    ]


def said(text):
    return f"<w:p><w:r><w:t>{text}</w:t></w:r></w:p>"


def row(*cells):
    return "<w:tr>" + "".join(f"<w:tc>{said(one)}</w:tc>" for one in cells) + "</w:tr>"


BRIEF = docx(
    # One line in several runs, as Word writes it, with a word struck out by tracked changes.
    '<w:p><w:r><w:t>会员日</w:t></w:r><w:r><w:rPr/><w:t xml:space="preserve"> 秋季</w:t></w:r>'
    "<w:del><w:r><w:delText>冬季</w:delText></w:r></w:del></w:p>"
    + said("时间：2027年3月1日至3月10日")
    + f"<w:tbl>{row('总预算', '12万')}{row('目标', '500 名新客')}</w:tbl>"
)


class TestABriefAsAFile:
    def test_is_read_paragraph_by_paragraph(self):
        text = documents.text_of("brief.docx", BRIEF)
        assert text.splitlines() == [
            "会员日 秋季", "时间：2027年3月1日至3月10日", "总预算： 12万", "目标： 500 名新客"
        ]  # fmt: skip
        found = {one.field: one.value for one in brief_text.read(text, date(2026, 11, 27))}
        assert found == {
            "name": "会员日 秋季", "template": "member_day", "starts": "2027-03-01", "length": "10",
            "total_budget": "120000", "metric": "first_time_buyers", "target": "500",
        }  # fmt: skip

    def test_may_be_text_in_any_writing(self):
        text = "预算：12万，活动名称：会员日，时间为三月一日到三月十日，核心信息是明前龙井首单优惠"
        assert documents.text_of("简报.txt", text.encode("gb18030")) == text

    @pytest.mark.parametrize(
        "content",
        [
            b"",
            b"MZ\x90\x00",
            b"PK\x03\x04 torn",
            *torn(zipfile.ZIP_DEFLATED),
            *torn(zipfile.ZIP_LZMA),
            *torn(zipfile.ZIP_BZIP2),
            docx("x", name="xl/workbook.xml"),
            docx("<w:p>"),
            docx(said("&a;"), head='<!DOCTYPE d [<!ENTITY a "boom">]>'),
            docx(said("&a;"), head='<!DOCTYPE d [<!ENTITY a SYSTEM "file:///etc/passwd">]>'),
        ],
    )
    def test_is_refused_when_it_is_none(self, content):
        with pytest.raises(Invalid, match="no Word document"):
            documents.text_of("brief.docx", content)

    def test_is_refused_when_it_is_too_large(self):
        with pytest.raises(Invalid, match="5 MB"):
            documents.text_of("brief.docx", b"PK\x03\x04" + b"0" * documents.LARGEST)
        with pytest.raises(Invalid, match="5 MB"):
            documents.text_of("brief.docx", docx("<w:p/>" * 5_500_000))

    @pytest.mark.django_db
    def test_fills_the_form_of_a_new_campaign(self, client_for, owner):
        client = client_for(owner)
        sent = SimpleUploadedFile("brief.docx", BRIEF)
        page = client.post("/campaigns/new/read", {"file": sent}).content.decode()
        for value in ('value="会员日 秋季"', 'value="2027-03-01"', 'value="10"'):
            assert value in page
        assert "“预算： 12万”" in page
        answer = client.post("/campaigns/new/read", {"file": SimpleUploadedFile("a.docx", b"x")})
        assert answer.status_code == 422
        assert "no Word document" in answer.content.decode()

    @pytest.mark.django_db
    def test_is_read_by_the_api(self, api, owner, user_with):
        sent = {"file": SimpleUploadedFile("brief.docx", BRIEF)}
        items = api("POST", "/templates/read", files=sent).json()["items"]
        found = {one["field"]: one["value"] for one in items}
        assert (found["starts"], found["total_budget"]) == ("2027-03-01", "120000")
        items = api("POST", "/templates/read", {"text": "Budget: 500,000"}, files={}).json()[
            "items"
        ]
        assert ("total_budget", "500000") in {(one["field"], one["value"]) for one in items}
        answer = api("POST", "/templates/read", files={"file": SimpleUploadedFile("a.docx", b"x")})
        assert (answer.status_code, answer.json()["code"]) == (422, "no_document")
        assert api("POST", "/templates/read", {"text": " "}, files={}).status_code == 422
        refused = api("POST", "/templates/read", {"text": "x"}, files={}, user=user_with("analyst"))
        assert refused.status_code == 403


@pytest.mark.django_db
class TestDaysOfTheCalendar:
    @pytest.fixture(autouse=True)
    def autumn(self, monkeypatch):
        monkeypatch.setattr("muster.plan.starting.views.today", lambda: date(2026, 10, 20))

    def test_are_where_a_campaign_may_come_from(self, client_for, owner):
        client = client_for(owner)
        page = client.get("/campaigns/new").content.decode()
        found = re.search(r'href="(\?starts=2026-11-11[^"]*)"[^>]*>Double 11', page)
        assert found
        # What is past, and days on which few make a campaign, are left out.
        for name in ("National Day", "Halloween", "Thanksgiving"):
            assert f">{name} " not in page
        page = client.get("/campaigns/new" + found[1].replace("&amp;", "&")).content.decode()
        assert "D-day is 2026-11-11 Double 11." in page
        assert "template=big_sale&amp;starts=2026-11-11" in page

    def test_nearby_are_offered_as_d_day(self, client_for, owner):
        client = client_for(owner)
        form = {"starts": "2026-11-05", "length": "3", "name": "A", "currency": "CNY"}
        page = client.post("/campaigns/new/preview", form).content.decode()
        assert re.search(r'data-fills="id_starts" data-text="2026-11-11"', page)
        assert "Double 12" not in page
        page = client.post("/campaigns/new/preview", {**form, "starts": "2026-11-11"})
        assert 'data-text="2026-11-11"' not in page.content.decode()
        page = client.post("/campaigns/new/preview", {**form, "starts": "2026-11-30"})
        assert "Double 12" in page.content.decode()
