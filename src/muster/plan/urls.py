"""Addresses of the plan."""

from __future__ import annotations

from django.urls import path

from muster.plan.approvals import views as approvals
from muster.plan.brief import views as brief
from muster.plan.budget import views as budget
from muster.plan.goals import views as goals
from muster.plan.overview import list_views as listing
from muster.plan.overview import views as overview
from muster.plan.readiness import views as readiness
from muster.plan.starting import views as starting
from muster.plan.strategy import views as strategy

app_name = "plan"
urlpatterns = [
    path("campaigns", listing.campaigns, name="campaigns"),
    path("campaigns/figures", listing.figures_of, name="figures"),
    path("campaigns/bulk", listing.bulk, name="bulk"),
    path("campaigns/export.csv", listing.export, {"kind": "csv"}, name="export_csv"),
    path("campaigns/export.xlsx", listing.export, {"kind": "xlsx"}, name="export_xlsx"),
    path("campaigns/views", listing.save_view, name="save_view"),
    path("campaigns/views/<vew:view_id>/drop", listing.drop_view, name="drop_view"),
    path("campaigns/new", starting.new, name="new"),
    path("campaigns/new/preview", starting.preview, name="preview"),
    path("campaigns/new/read", starting.read, name="read_brief"),
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
    path("c/<cmp:campaign_id>/brief/save", brief.strategy, name="strategy"),
    path("c/<cmp:campaign_id>/brief/strategy", strategy.strategy, name="strategy_map"),
    path("c/<cmp:campaign_id>/brief/strategy/words", strategy.words, name="strategy_words"),
    path("c/<cmp:campaign_id>/brief/strategy/cell", strategy.cell, name="cell"),
    path("c/<cmp:campaign_id>/brief/strategy/task", strategy.task, name="cell_task"),
    path("c/<cmp:campaign_id>/brief/strategy/channel", strategy.channel, name="map_channel"),
    path(
        "c/<cmp:campaign_id>/brief/strategy/personas", strategy.personas, name="campaign_personas"
    ),
    path("c/<cmp:campaign_id>/brief/strategy/rival", strategy.rival, name="rival"),
    path("c/<cmp:campaign_id>/readiness", brief.readiness, name="readiness"),
    path("c/<cmp:campaign_id>/goals/add", goals.add, name="add_goal"),
    path("c/<cmp:campaign_id>/goals/<gol:goal_id>", goals.edit, name="goal"),
    path("c/<cmp:campaign_id>/goals/<gol:goal_id>/drop", goals.drop, name="drop_goal"),
    path("c/<cmp:campaign_id>/budget", budget.budget, name="budget"),
    path("c/<cmp:campaign_id>/budget/total", budget.total, name="total"),
    path("c/<cmp:campaign_id>/budget/split", budget.split, name="split"),
    path("c/<cmp:campaign_id>/budget/lines", budget.add_line, name="add_line"),
    path("c/<cmp:campaign_id>/budget/lines/<lin:line_id>", budget.edit_line, name="line"),
    path("c/<cmp:campaign_id>/budget/lines/<lin:line_id>/drop", budget.drop_line, name="drop_line"),
    path("c/<cmp:campaign_id>/budget/costs", budget.book, name="book"),
    path("c/<cmp:campaign_id>/budget/costs/<cst:cost_id>/reverse", budget.reverse, name="reverse"),
    path("reviews/<apr:approval_id>", approvals.review, name="review"),
    path("reviews/<apr:approval_id>/decide", approvals.decide, name="decide"),
]
