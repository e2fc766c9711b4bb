"""Addresses of the plan."""

from __future__ import annotations

from django.urls import path

from muster.plan.approvals import views as approvals
from muster.plan.brief import views as brief
from muster.plan.budget import line_views as lines
from muster.plan.budget import move_views as moves
from muster.plan.budget import settings_views as settings
from muster.plan.budget import sheet_views as sheets
from muster.plan.budget import views as budget
from muster.plan.goals import views as goals
from muster.plan.overview import views as overview
from muster.plan.readiness import views as readiness

app_name = "plan"
urlpatterns = [
    path("campaigns", overview.campaigns, name="campaigns"),
    path("campaigns/new", overview.new, name="new"),
    path("campaigns/new/preview", overview.preview, name="preview"),
    path("c/<cmp:campaign_id>", overview.overview, name="overview"),
    path("c/<cmp:campaign_id>/activity", overview.activity, name="activity"),
    path("c/<cmp:campaign_id>/head", overview.head, name="head"),
    path("c/<cmp:campaign_id>/review", brief.open_review, name="open_review"),
    path("c/<cmp:campaign_id>/delete", overview.delete, name="delete"),
    path("c/<cmp:campaign_id>/step/<slug:step>", overview.step, name="step"),
    path("c/<cmp:campaign_id>/launch", readiness.launch, name="launch"),
    path("c/<cmp:campaign_id>/submit", brief.submit, name="submit"),
    path("c/<cmp:campaign_id>/rework", brief.rework, name="rework"),
    path("c/<cmp:campaign_id>/brief", brief.brief, name="brief"),
    path("c/<cmp:campaign_id>/brief/strategy", brief.strategy, name="strategy"),
    path("c/<cmp:campaign_id>/readiness", brief.readiness, name="readiness"),
    path("c/<cmp:campaign_id>/goals/add", goals.add, name="add_goal"),
    path("c/<cmp:campaign_id>/goals/<gol:goal_id>", goals.edit, name="goal"),
    path("c/<cmp:campaign_id>/goals/<gol:goal_id>/drop", goals.drop, name="drop_goal"),
    path("c/<cmp:campaign_id>/budget", budget.budget, name="budget"),
    path("c/<cmp:campaign_id>/budget/total", budget.total, name="total"),
    path("c/<cmp:campaign_id>/budget/split", budget.split, name="split"),
    path("c/<cmp:campaign_id>/budget/lines", budget.add_line, name="add_line"),
    path("c/<cmp:campaign_id>/budget/lines/<lin:line_id>", lines.line, name="line"),
    path("c/<cmp:campaign_id>/budget/lines/<lin:line_id>/drop", lines.drop_line, name="drop_line"),
    path("c/<cmp:campaign_id>/budget/lines/<lin:line_id>/papers", lines.add_paper, name="papers"),
    path("c/<cmp:campaign_id>/budget/papers/<doc:document_id>", lines.paper, name="paper"),
    path(
        "c/<cmp:campaign_id>/budget/papers/<doc:document_id>/drop",
        lines.drop_paper,
        name="drop_paper",
    ),
    path("c/<cmp:campaign_id>/budget/sheet.xlsx", sheets.sheet, name="sheet"),
    path("c/<cmp:campaign_id>/budget/import", sheets.import_sheet, name="import_sheet"),
    path("c/<cmp:campaign_id>/budget/import/apply", sheets.apply_sheet, name="apply_sheet"),
    path("c/<cmp:campaign_id>/budget/cells", lines.cells, name="cells"),
    path("c/<cmp:campaign_id>/budget/parts", moves.parts, name="parts"),
    path("c/<cmp:campaign_id>/budget/months", budget.by_month, name="months"),
    path("c/<cmp:campaign_id>/budget/curve", budget.burn_up, name="curve"),
    path("c/<cmp:campaign_id>/budget/ledger", budget.ledger, name="ledger"),
    path("c/<cmp:campaign_id>/budget/move", moves.move, {"kind": "move"}, name="move"),
    path("c/<cmp:campaign_id>/budget/release", moves.move, {"kind": "release"}, name="release"),
    path("c/<cmp:campaign_id>/budget/raise", moves.move, {"kind": "raise"}, name="raise"),
    path("c/<cmp:campaign_id>/budget/moves/<mov:move_id>/undo", moves.undo_move, name="undo_move"),
    path("c/<cmp:campaign_id>/budget/costs", budget.book, name="book"),
    path("c/<cmp:campaign_id>/budget/costs/<cst:cost_id>/reverse", budget.reverse, name="reverse"),
    path("settings/budget", settings.rules, name="rules"),
    path("settings/budget/exchange", settings.exchange, name="exchange"),
    path("reviews/<apr:approval_id>", approvals.review, name="review"),
    path("reviews/<apr:approval_id>/decide", approvals.decide, name="decide"),
]
