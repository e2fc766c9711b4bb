"""The budget's pages and its Excel file, through the doors that people use."""

from __future__ import annotations

import io
import json
import os
from datetime import date, timedelta
from decimal import Decimal

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import TestCase
from django.utils import timezone

from muster.plan.budget.actions import add_line, book_cost, drop_line
from muster.plan.budget.documents import add_document, drop_document
from muster.plan.budget.exchange import set_rates
from muster.plan.budget.models import BudgetDocument, BudgetMove, BudgetPolicy
from muster.plan.budget.sheets import export, read
from muster.plan.campaigns.models import Campaign
from muster.team.changes.actions import undo
from muster.team.changes.models import Change

pytestmark = pytest.mark.django_db
DAY = date(2026, 11, 8)
PNG = b"\x89PNG\r\n\x1a\n" + b"0" * 40


@pytest.fixture
def client(client_for, owner):
    return client_for(owner)


@pytest.fixture
def url(campaign):
    return f"/c/{campaign.public_id}/budget"


@pytest.fixture
def lines(campaign):
    return {line.category: line for line in campaign.lines.all()}


def htmx(client, url, data=None, **more):
    return client.post(url, data or {}, headers={"HX-Request": "true"}, **more)


class TestCells:
    def send(self, client, url, *cells):
        given = [{"line": line.public_id, "field": f, "text": t} for line, f, t in cells]
        return htmx(client, f"{url}/cells", {"cells": json.dumps(given)})

    def test_are_worked_out_and_kept_together(self, client, url, campaign, lines):
        answer = self.send(
            client,
            url,
            (lines["creative"], "planned", "=12*800"),
            (lines["creative"], "vendor", "光影工作室"),
            (lines["tools"], "estimate", "1.8万"),
            (lines["tools"], "status", "Contracted"),
            (lines["media"], "core", "否"),
        )
        assert answer.status_code == 204
        creative = campaign.lines.get(category="creative")
        assert (creative.planned, creative.vendor) == (9600, "光影工作室")
        tools = campaign.lines.get(category="tools")
        assert (tools.estimate, tools.status) == (18_000, "contracted")
        assert not campaign.lines.get(category="media").core

    def test_are_refused_all_together(self, client, url, campaign, lines):
        answer = self.send(
            client, url, (lines["creative"], "planned", "1"), (lines["tools"], "planned", "=1/0")
        )
        assert answer.status_code == 422
        assert "=1/0" in answer.content.decode()
        assert campaign.lines.get(category="creative").planned == 50_000

    def test_of_months_share_the_rest(self, client, owner, start):
        long = start(name="Long", starts=date(2026, 11, 1), ends=date(2026, 12, 31))
        media = long.lines.first()
        url = f"/c/{long.public_id}/budget"
        assert self.send(client, url, (media, "2026-11", "200000")).status_code == 204
        months = dict(media.months.values_list("month", "planned"))
        assert months == {date(2026, 11, 1): 200_000, date(2026, 12, 1): 100_000}
        assert self.send(client, url, (media, "2026-12", "100001")).status_code == 422
        page = client.get(f"{url}/months").content.decode()
        assert "200,000" in page

    def test_belong_to_those_who_may_edit(self, client_for, user_with, url, lines):
        analyst = client_for(user_with("analyst"))
        assert self.send(analyst, url, (lines["media"], "planned", "1")).status_code == 403


class TestMoving:
    def test_works_as_a_plain_form(self, client, url, campaign, lines):
        page = client.get(f"{url}/move?source={lines['creative'].public_id}").content.decode()
        assert "CN¥25,000.00 this is posted at once" in page
        form = {
            "source": lines["creative"].pk,
            "target": lines["tools"].pk,
            "amount": "=2*500",
            "reason": "Licences",
        }
        assert client.post(f"{url}/move", form).status_code == 302
        assert campaign.lines.get(category="tools").planned == 21_000
        ledger = client.get(f"{url}/ledger").content.decode()
        assert "Creative → Tools" in ledger
        move = BudgetMove.objects.get()
        assert htmx(client, f"{url}/moves/{move.public_id}/undo").status_code == 204
        assert campaign.lines.get(category="tools").planned == 20_000

    def test_offers_no_vault_and_releases_only_from_one(self, client, url, lines):
        form = {
            "source": lines["flexible"].pk,
            "target": lines["media"].pk,
            "amount": "500",
            "reason": "It sells",
        }
        assert htmx(client, f"{url}/move", form).status_code == 422
        assert htmx(client, f"{url}/release", form).status_code == 422
        answer = htmx(client, f"{url}/release", {**form, "reason_class": "opportunity"})
        assert answer.status_code == 204
        assert BudgetMove.objects.get().kind == "release"

    def test_above_the_limit_waits_in_the_review_room(
        self, client, url, lines, client_for, user_with
    ):
        form = {
            "source": lines["media"].pk,
            "target": lines["tools"].pk,
            "amount": "30000",
            "reason": "Tools are dearer",
        }
        htmx(client, f"{url}/move", form)
        assert "asks to move" in client.get(url).content.decode()
        move = BudgetMove.objects.get()
        from muster.plan.budget.moves import request_of

        room = f"/reviews/{request_of(move).public_id}"
        boss = client_for(user_with("executive"))
        assert "Tools are dearer" in boss.get(room).content.decode()
        boss.post(f"{room}/decide", {"verdict": "approved"})
        move.refresh_from_db()
        assert move.state == "posted"

    def test_the_rule_bar_divides_the_total(self, client, url, campaign):
        parts = {"core": "325000", "contingency": "60000", "flexible": "50000"}
        assert htmx(client, f"{url}/parts", parts).status_code == 204
        assert campaign.lines.get(category="media").planned == 325_000
        assert htmx(client, f"{url}/parts", {**parts, "core": "400000"}).status_code == 422


class TestPapers:
    @pytest.fixture(autouse=True)
    def folder(self, tmp_path, settings):
        settings.DATA = type(settings.DATA)(tmp_path)

    def test_are_kept_and_served_to_those_who_see_budgets(
        self, client, client_for, user_with, url, lines, tmp_path
    ):
        papers = f"{url}/lines/{lines['media'].public_id}/papers"
        file = SimpleUploadedFile("合同.png", PNG)
        assert client.post(papers, {"kind": "contract", "file": file}).status_code == 302
        document = BudgetDocument.objects.get()
        assert (document.name, document.type, document.size) == ("合同.png", "image/png", 48)
        assert [f.stat().st_size for f in (tmp_path / "documents").iterdir()] == [48]
        there = f"{url}/papers/{document.public_id}"
        answer = client.get(there)
        assert b"".join(answer.streaming_content) == PNG
        assert answer["X-Content-Type-Options"] == "nosniff"
        assert client_for(user_with("content")).get(there).status_code == 403
        assert client.post(f"{there}/drop").status_code == 302

    @pytest.mark.parametrize(
        "content", [b"<html><script>alert(1)</script>", b"MZ\x90\x00", b"", PNG + b"0" * 10**7 * 2]
    )
    def test_of_other_kinds_or_sizes_are_refused(self, client, url, lines, content):
        papers = f"{url}/lines/{lines['media'].public_id}/papers"
        file = SimpleUploadedFile("paper.pdf", content)
        assert htmx(client, papers, {"kind": "contract", "file": file}).status_code == 422
        assert not BudgetDocument.objects.exists()

    def test_of_a_line_that_went_wait_for_it_to_come_back(
        self, client, url, lines, tmp_path, owner
    ):
        papers = f"{url}/lines/{lines['media'].public_id}/papers"
        client.post(papers, {"kind": "contract", "file": SimpleUploadedFile("a.png", PNG)})
        (file,) = (tmp_path / "documents").iterdir()
        old = (timezone.now() - timedelta(days=40)).timestamp()
        os.utime(file, (old, old))
        change = drop_line(lines["media"], by=owner)
        with TestCase.captureOnCommitCallbacks(execute=True):
            other = add_document(lines["tools"], kind="order", link="https://x.example", by=owner)
            drop_document(other, by=owner)
        assert file.exists()
        undo(change, by=owner)
        assert BudgetDocument.objects.exclude(file="").exists()
        # Of what nobody can bring back any more, nothing stays.
        drop_document(BudgetDocument.objects.exclude(file="").get(), by=owner)
        os.utime(file, (old, old))
        with TestCase.captureOnCommitCallbacks(execute=True):
            add_document(lines["tools"], kind="order", link="https://x.example", by=owner)
        assert not file.exists()

    def test_may_be_links(self, client, url, lines):
        papers = f"{url}/lines/{lines['media'].public_id}/papers"
        client.post(papers, {"kind": "order", "link": "https://erp.example/po/118"})
        assert BudgetDocument.objects.get().link == "https://erp.example/po/118"
        bad = htmx(client, papers, {"kind": "order", "link": "javascript:alert(1)"})
        assert bad.status_code == 422

    def test_come_with_a_cost_from_the_phone(self, client, url, lines):
        form = {"kind": "actual", "amount": "88", "at": "2026-11-08", "line": lines["media"].pk}
        file = SimpleUploadedFile("receipt.png", PNG)
        assert htmx(client, f"{url}/costs", {**form, "receipt": file}).status_code == 200
        document = BudgetDocument.objects.get()
        assert (document.kind, document.cost.amount) == ("receipt", 88)


class TestTheWholeLine:
    def test_has_a_page_of_its_own(self, client, url, campaign, lines):
        there = f"{url}/lines/{lines['media'].public_id}"
        assert "How the plan came about" in client.get(there).content.decode()
        form = {
            "whole": "1",
            "category": "media",
            "label": "信息流 抖音",
            "planned": "=300000",
            "status": "contracted",
            "expected_return": "90万",
            "core": "on",
            "channel": "paid ads",
        }
        assert client.post(there, form).status_code == 302
        line = campaign.lines.get(pk=lines["media"].pk)
        assert (line.label, line.expected_return, line.core) == ("信息流 抖音", 900_000, True)
        # The key is kept, and its name in the reader's language stands in the form.
        assert line.channel == "ads"
        assert 'value="Paid ads"' in client.get(there).content.decode()


class TestTheSettings:
    def test_hold_a_rule_of_the_workspaces_own(self, client, url, campaign):
        page = client.get("/settings/budget").content.decode()
        assert "Contingency" in page
        form = {
            "key": ["contingency", "core", "flexible", ""],
            "title": ["Contingency", "Core channels", "Flexible", "Tools are cheap"],
            "of": ["contingency", "core", "flexible", "tools"],
            "least": ["10%", "60%", "8%", ""],
            "most": ["15%", "", "12%", "3%"],
            "blocks": ["1", "0", "0", "1"],
            "move_limit": "4%",
            "release_limit": "2%",
            "alerts": "50, 100",
            "price-email": "0.02",
            "hour-content": "140",
        }
        assert client.post("/settings/budget", form).status_code == 302
        # 20,000 of 500,000 are 4 %, one percent too many.
        text = client.get(url).content.decode()
        assert "“Tools are cheap” gets 4% of the total. Take CN¥5,000 away from it." in text
        assert BudgetPolicy.objects.get().rates == {"content": "140"}
        assert "140" not in json.dumps(list(Change.objects.values_list("details", flat=True)))
        assert "Tools are cheap" in client.get(f"/c/{campaign.public_id}/brief").content.decode()

    def test_are_closed_to_others(self, client_for, user_with):
        assert client_for(user_with("manager")).get("/settings/budget").status_code == 403


class TestExcel:
    @pytest.fixture
    def rich(self, campaign, owner, lines):
        """Chinese, another currency, texts that look like formulas, sums in every column."""
        set_rates([(date(2026, 1, 1), "USD", "CNY", Decimal("7.12345678"))], by=owner)
        add_line(
            campaign,
            {
                "category": "tools",
                "label": "=SUM(A1)",
                "vendor": "@拓客科技",
                "channel": "邮件",
                "planned": Decimal("1234.56"),
                "currency": "USD",
                "estimate": Decimal("9000.10"),
                "expected_return": Decimal("0.30"),
            },
            by=owner,
        )
        book_cost(
            campaign,
            kind="committed",
            amount=Decimal("170400.10"),
            at=DAY,
            by=owner,
            line=lines["media"],
        )
        return campaign

    def changed(self, campaign, change):
        book = openpyxl.load_workbook(io.BytesIO(export(campaign)))
        change(book.active)
        out = io.BytesIO()
        book.save(out)
        return out.getvalue()

    def test_without_a_change_changes_nothing(self, rich):
        assert read(rich, export(rich)) == []
        assert read(rich, self.changed(rich, lambda sheet: None)) == []

    def test_holds_typed_cells_and_formulas(self, rich):
        sheet = openpyxl.load_workbook(io.BytesIO(export(rich))).active
        heads = {cell.value: cell.column for cell in sheet[2]}
        row = next(r for r in range(4, 12) if sheet.cell(r, heads["label"]).value == "=SUM(A1)")
        cell = {key: sheet.cell(row, column) for key, column in heads.items()}
        assert cell["label"].data_type == "s"
        assert cell["vendor"].value == "@拓客科技"
        assert (cell["planned"].value, cell["planned"].data_type) == (1234.56, "n")
        assert cell["rate"].value == 7.12345678
        assert cell["in_total"].value == f"=ROUND(I{row}*H{row},2)"
        assert cell["variance"].value == f"=N{row}-J{row}"
        last = sheet.max_row
        assert sheet.cell(last, heads["actual"]).value == f"=SUM(L4:L{last - 1})"
        assert sheet.cell(4, heads["committed"]).value == 170400.1

    def test_comes_back_through_a_preview(self, client, url, rich):
        def change(sheet):
            sheet["I5"] = "=12*800"
            sheet["E5"] = "光影工作室"
            sheet["P4"] = "Invoiced"
            sheet["I6"] = "lots"
            last = sheet.max_row
            sheet.insert_rows(last)
            sheet.cell(last, 2, "场地押金")
            sheet.cell(last, 3, "Venue")
            sheet.cell(last, 9, 3000)

        file = SimpleUploadedFile("budget.xlsx", self.changed(rich, change))
        answer = client.post(f"{url}/import", {"file": file})
        text = answer.content.decode()
        assert "“lots” is no number" in text
        assert "1 row refused" in text
        changes = answer.context["usable"]
        assert [(c.label, c.fields) for c in changes] == [
            ("Media", {"status": "Invoiced"}),
            ("Creative", {"vendor": "光影工作室", "planned": "=12*800"}),
            ("场地押金", {"label": "场地押金", "category": "Venue", "planned": "3000.00"}),
        ]
        payload = answer.context["payload"]
        assert client.post(f"{url}/import/apply", {"payload": payload}).status_code == 302
        creative = rich.lines.get(category="creative")
        assert (creative.planned, creative.vendor) == (9600, "光影工作室")
        assert rich.lines.get(category="media").status == "invoiced"
        assert rich.lines.get(category="venue").planned == 3000
        # The same preview once more finds other values than it showed.
        again = htmx(client, f"{url}/import/apply", {"payload": payload})
        assert again.status_code == 422
        assert "changed since the preview" in again.content.decode()

    def test_names_rows_of_other_budgets(self, rich, start):
        other = start(name="Other")
        (first, *_rest) = read(rich, export(other))
        assert "not in the budget of this campaign" in first.refusal

    @pytest.mark.parametrize("content", [b"", b"PK\x03\x04 no", b"a,b,c"])
    def test_refuses_other_files(self, client, url, content):
        file = SimpleUploadedFile("budget.xlsx", content)
        answer = client.post(f"{url}/import", {"file": file})
        assert answer.status_code == 422

    def test_does_not_change_a_launched_plan(self, client, url, rich):
        content = self.changed(rich, lambda sheet: sheet.__setitem__("I5", 1))
        Campaign.objects.update(status="running")
        answer = client.post(f"{url}/import", {"file": SimpleUploadedFile("b.xlsx", content)})
        applied = htmx(client, f"{url}/import/apply", {"payload": answer.context["payload"]})
        assert applied.status_code == 422
        assert "launched" in applied.content.decode()


class TestTheApi:
    def test_tells_the_whole_budget(self, api, campaign, lines, owner):
        book_cost(
            campaign, kind="actual", amount=Decimal(90), at=DAY, by=owner, line=lines["media"]
        )
        url = f"/campaigns/{campaign.public_id}"
        body = {"category": "venue", "planned": 0, "expected_return": "10"}
        line = api("POST", f"{url}/budget", body)
        assert line.status_code in {200, 201}, line.content
        found = api("GET", f"{url}/budget").json()
        assert found["forecast"]["amount"] == "500000.00"
        media = found["lines"][0]
        assert (media["actual"]["amount"], media["variance"]["amount"]) == ("90.00", "0.00")
        assert found["rules"][1]["asked"]["least"] == "0.1"

    def test_moves_releases_and_raises(self, api, campaign, lines):
        url = f"/campaigns/{campaign.public_id}/budget"
        body = {"from": lines["creative"].public_id, "to": lines["tools"].public_id}
        made = api("POST", f"{url}/moves", {**body, "amount": "10", "reason": "x"}).json()
        assert made["state"] == "posted"
        back = api("POST", f"{url}/moves/{made['id']}/reverse")
        assert back.json()["reverses"] == made["id"]
        body["from"] = lines["contingency"].public_id
        release = {**body, "amount": "10000.01", "reason": "x", "reason_class": "emergency"}
        waits = api("POST", f"{url}/releases", release).json()
        assert waits["state"] == "asked"
        assert waits["approval"].startswith("apr_")
        assert len(api("GET", f"{url}/releases").json()["items"]) == 1
        more = api("POST", f"{url}/raises", {"to": body["to"], "amount": 5, "reason": "x"}).json()
        assert (more["kind"], more["state"]) == ("raise", "asked")
        assert len(api("GET", f"{url}/moves").json()["items"]) == 4
        wrong = api("POST", f"{url}/moves", {**body, "amount": "1", "reason": ""})
        assert wrong.json()["errors"][0]["at"] == "/reason"

    def test_holds_the_rules_as_data(self, api, campaign, user_with):
        rules = [{"key": "core", "of": "core", "least": "0.7"}]
        changed = api("PATCH", "/budget/rules", {"rules": rules, "rates": {"content": "99"}}).json()
        assert changed["rules"][0]["least"] == "0.7"
        # 300,000 of 500,000 are 60 %: another 50,000 are needed.
        answers = api("GET", f"/campaigns/{campaign.public_id}/budget/rules").json()["rules"]
        assert answers[1]["change"]["amount"] == "50000.00"
        seen = api("GET", "/budget/rules", user=user_with("analyst")).json()
        assert "rates" not in seen
        bad = api("PATCH", "/budget/rules", {"rules": [{"key": "x", "of": "moon"}]})
        assert bad.status_code == 422

    def test_takes_rates_and_other_currencies(self, api, campaign, lines):
        rate = {"day": "2026-11-01", "currency": "USD", "base": "CNY", "rate": "7.1"}
        assert api("POST", "/budget/rates", [rate]).status_code == 201
        entry = {
            "amount": {"amount": "10", "currency": "USD"},
            "currency": "USD",
            "at": "2026-11-08",
        }
        cost = api("POST", f"/campaigns/{campaign.public_id}/costs", entry).json()
        assert cost["amount"]["amount"] == "71.00"
        assert cost["own"] == {"amount": "10.00", "currency": "USD"}


def test_the_pages_ask_the_same_number_of_questions(client, url, campaign, owner):
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    counts = []
    client.get(url)
    for _round in range(2):
        for n in range(10):
            line = add_line(
                campaign,
                {"category": "venue", "label": f"Hall {n}", "planned": Decimal(0)},
                by=owner,
            )
            book_cost(campaign, kind="actual", amount=Decimal(1), at=DAY, by=owner, line=line)
        with CaptureQueriesContext(
            connection,
        ) as asked:
            for view in ("", "/months", "/curve", "/ledger"):
                assert client.get(f"{url}{view}").status_code == 200
        counts.append(len(asked))
    assert counts[0] == counts[1]
