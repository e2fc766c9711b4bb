"""Addresses of the plan."""

from __future__ import annotations

from django.urls import path

from muster.plan.approvals import policy_views as policies
from muster.plan.approvals import public as by_link
from muster.plan.approvals import views as approvals
from muster.plan.brief import views as brief
from muster.plan.budget import line_views as lines
from muster.plan.budget import move_views as moves
from muster.plan.budget import settings_views as settings
from muster.plan.budget import sheet_views as sheets
from muster.plan.budget import views as budget
from muster.plan.calendar import views as calendar
from muster.plan.facts import views as facts
from muster.plan.frugal import views as frugal
from muster.plan.goals import views as goals
from muster.plan.materials import views as materials
from muster.plan.overview import list_views as listing
from muster.plan.overview import views as overview
from muster.plan.peaks import views as peaks
from muster.plan.raci import views as raci
from muster.plan.readiness import policy_views as checks
from muster.plan.readiness import views as readiness
from muster.plan.resources import views as resources
from muster.plan.risks import views as risks
from muster.plan.rollup import views as objectives
from muster.plan.standup import views as standup
from muster.plan.starting import views as starting
from muster.plan.strategy import views as strategy
from muster.plan.tasks import views as tasks
from muster.plan.tools import views as tools
from muster.plan.training import views as training
from muster.plan.vendors import views as vendors

app_name = "plan"
urlpatterns = [
    path("my/standup", standup.standup, name="standup"),
    path("my/standup/tick", standup.tick, name="tick"),
    path("my/standup/post", standup.post, name="post_standup"),
    path("my/standup/rhythm", standup.rhythm, name="standup_rhythm"),
    path("my/standup/notes", standup.notes, name="standup_notes"),
    path("my/tasks/<tsk:task_id>", tasks.own_task, name="own_task"),
    path("campaigns", listing.campaigns, name="campaigns"),
    path("campaigns/figures", listing.figures_of, name="figures"),
    path("campaigns/bulk", listing.bulk, name="bulk"),
    path("campaigns/columns", listing.columns, name="columns"),
    path("campaigns/export.csv", listing.export, {"kind": "csv"}, name="export_csv"),
    path("campaigns/export.xlsx", listing.export, {"kind": "xlsx"}, name="export_xlsx"),
    path("campaigns/views", listing.save_view, name="save_view"),
    path("campaigns/views/<vew:view_id>/drop", listing.drop_view, name="drop_view"),
    path("campaigns/new", starting.new, name="new"),
    path("campaigns/new/preview", starting.preview, name="preview"),
    path("campaigns/new/read", starting.read, name="read_brief"),
    path("c/<cmp:campaign_id>", overview.overview, name="overview"),
    path("c/<cmp:campaign_id>/activity", overview.activity, name="activity"),
    path("c/<cmp:campaign_id>/activity/<chg:change_id>/restore", overview.restore, name="restore"),
    path("c/<cmp:campaign_id>/tile/<slug:key>", overview.tile, name="tile"),
    path("c/<cmp:campaign_id>/head", overview.head, name="head"),
    path("c/<cmp:campaign_id>/subviews", overview.subviews, name="subviews"),
    path("c/<cmp:campaign_id>/review", brief.open_review, name="open_review"),
    path("c/<cmp:campaign_id>/delete", overview.delete, name="delete"),
    path("c/<cmp:campaign_id>/step/<slug:step>", overview.step, name="step"),
    path("c/<cmp:campaign_id>/launch", readiness.launch, name="launch"),
    path("c/<cmp:campaign_id>/submit", brief.submit, name="submit"),
    path("c/<cmp:campaign_id>/rework", brief.rework, name="rework"),
    path("c/<cmp:campaign_id>/brief", brief.brief, name="brief"),
    path("c/<cmp:campaign_id>/brief/facts", facts.facts, name="facts"),
    path("c/<cmp:campaign_id>/brief/facts/new", facts.fact, name="new_fact"),
    path("c/<cmp:campaign_id>/brief/facts/<fct:fact_id>", facts.fact, name="fact"),
    path("c/<cmp:campaign_id>/brief/facts/<fct:fact_id>/verify", facts.verify, name="verify_fact"),
    path("c/<cmp:campaign_id>/brief/facts/<fct:fact_id>/drop", facts.drop, name="drop_fact"),
    path(
        "c/<cmp:campaign_id>/brief/facts/<fct:fact_id>/replace", facts.replace, name="replace_fact"
    ),
    path("c/<cmp:campaign_id>/readiness", readiness.readiness, name="readiness"),
    path("c/<cmp:campaign_id>/readiness/<str:check>/waive", readiness.waive, name="waive_check"),
    path(
        "c/<cmp:campaign_id>/readiness/<str:check>/confirm",
        readiness.confirm,
        name="confirm_check",
    ),
    path(
        "c/<cmp:campaign_id>/readiness/<str:check>/revoke",
        readiness.revoke,
        name="revoke_waiver",
    ),
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
    path("c/<cmp:campaign_id>/goals/add", goals.add, name="add_goal"),
    path("c/<cmp:campaign_id>/goals/read", goals.read, name="read_goal"),
    path("c/<cmp:campaign_id>/goals/sentence", goals.set_sentence, name="set_sentence"),
    path("c/<cmp:campaign_id>/goals/<gol:goal_id>/fix", goals.fix, name="fix_goal"),
    path("c/<cmp:campaign_id>/goals/<gol:goal_id>", goals.edit, name="goal"),
    path("c/<cmp:campaign_id>/goals/<gol:goal_id>/solver", goals.solver, name="solver"),
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
    path("c/<cmp:campaign_id>/budget/small", frugal.frugal, name="frugal"),
    path("c/<cmp:campaign_id>/budget/small/take-over", frugal.take_over, name="take_over_small"),
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
    path("c/<cmp:campaign_id>/plan/resources", resources.resources, name="resources"),
    path("c/<cmp:campaign_id>/plan/trainings/plan", training.plan, name="plan_training"),
    path("c/<cmp:campaign_id>/plan/trainings/<trn:training_id>", training.edit, name="training"),
    path(
        "c/<cmp:campaign_id>/plan/trainings/<trn:training_id>/items/<int:place>",
        training.tick,
        name="tick_training",
    ),
    path(
        "c/<cmp:campaign_id>/plan/trainings/<trn:training_id>/call-off",
        training.call_off,
        name="call_off_training",
    ),
    path("c/<cmp:campaign_id>/plan/peaks/plan", peaks.plan, name="plan_peak"),
    path("c/<cmp:campaign_id>/plan/peaks/<pek:peak_id>", peaks.edit, name="peak"),
    path(
        "c/<cmp:campaign_id>/plan/peaks/<pek:peak_id>/trained", peaks.trained, name="trained_peak"
    ),
    path("c/<cmp:campaign_id>/plan/peaks/<pek:peak_id>/drop", peaks.drop, name="drop_peak"),
    path("c/<cmp:campaign_id>/plan/resources/reserve", materials.reserve, name="reserve"),
    path(
        "c/<cmp:campaign_id>/plan/resources/<rsv:reservation_id>/release",
        materials.release,
        name="release",
    ),
    path(
        "c/<cmp:campaign_id>/plan/resources/<rsv:reservation_id>/hand-out",
        materials.hand_out,
        name="hand_out",
    ),
    path("c/<cmp:campaign_id>/plan/deliveries", vendors.plan, name="plan_delivery"),
    path(
        "c/<cmp:campaign_id>/plan/deliveries/<dlv:delivery_id>/criteria/<int:place>",
        vendors.tick,
        name="tick",
    ),
    path(
        "c/<cmp:campaign_id>/plan/deliveries/<dlv:delivery_id>/<slug:step>",
        vendors.step,
        name="delivery_step",
    ),
    path("c/<cmp:campaign_id>/plan/risks", risks.risks, name="risks"),
    path("c/<cmp:campaign_id>/plan/risks/add", risks.add, name="add_risk"),
    path("c/<cmp:campaign_id>/plan/risks/take", risks.take, name="take_risk"),
    path("c/<cmp:campaign_id>/plan/risks/<rsk:risk_id>", risks.edit, name="risk"),
    path("c/<cmp:campaign_id>/plan/risks/<rsk:risk_id>/run", risks.run, name="run_plan"),
    path("c/<cmp:campaign_id>/plan/risks/<rsk:risk_id>/<slug:step>", risks.step, name="risk_step"),
    path("materials", materials.materials, name="materials"),
    path("materials/places/add", materials.add_place, name="add_place"),
    path("materials/add", materials.add_material, name="add_material"),
    path("materials/receive", materials.receive, name="receive"),
    path("materials/transfer", materials.transfer, name="transfer"),
    path("materials/transfer/<trf:transfer_id>/arrive", materials.arrive, name="arrive"),
    path("materials/transfer/<trf:transfer_id>/call-back", materials.call_back, name="call_back"),
    path("materials/count", materials.count, name="count"),
    path("tools", tools.tools, name="tools"),
    path("tools/add", tools.add, name="add_tool"),
    path("tools/<tol:tool_id>", tools.edit, name="tool"),
    path("tools/<tol:tool_id>/drop", tools.drop, name="drop_tool"),
    path("vendors", vendors.vendors, name="vendors"),
    path("vendors/add", vendors.add, name="add_vendor"),
    path("vendors/<vnd:vendor_id>", vendors.edit, name="vendor"),
    path("c/<cmp:campaign_id>/plan", tasks.board, name="board"),
    path("c/<cmp:campaign_id>/plan/list", tasks.tasks, name="tasks"),
    path("c/<cmp:campaign_id>/plan/gantt", tasks.gantt_chart, name="gantt"),
    path("c/<cmp:campaign_id>/plan/add", tasks.add, name="add_tasks"),
    path("c/<cmp:campaign_id>/plan/bulk", tasks.bulk, name="bulk_tasks"),
    path("c/<cmp:campaign_id>/plan/shift", tasks.shift, name="shift_task"),
    path("c/<cmp:campaign_id>/plan/baseline", tasks.baseline, name="baseline"),
    path("c/<cmp:campaign_id>/plan/sandbox/<slug:step>", tasks.sandbox, name="sandbox"),
    path("c/<cmp:campaign_id>/plan/<tsk:task_id>", tasks.task, name="task"),
    path("c/<cmp:campaign_id>/plan/<tsk:task_id>/move", tasks.move, name="move_task"),
    path("c/<cmp:campaign_id>/plan/<tsk:task_id>/checklist", tasks.checklist, name="checklist"),
    path("c/<cmp:campaign_id>/plan/<tsk:task_id>/give", tasks.give, name="give_task"),
    path("c/<cmp:campaign_id>/plan/<tsk:task_id>/link", tasks.link, name="link_task"),
    path(
        "c/<cmp:campaign_id>/plan/<tsk:task_id>/link/<dep:dependency_id>/cut",
        tasks.unlink,
        name="unlink_task",
    ),
    path("c/<cmp:campaign_id>/plan/<tsk:task_id>/drop", tasks.drop, name="drop_task"),
    path("calendar", calendar.calendar, name="calendar"),
    path("calendar/day/<str:iso>", calendar.day, name="calendar_day"),
    path("calendar/days", calendar.add_day, name="calendar_add_day"),
    path("calendar/days/<day:day_id>/drop", calendar.drop_day, name="calendar_drop_day"),
    path("calendar/move", calendar.move, name="calendar_move"),
    path("calendar/pressure", calendar.pressure, name="pressure"),
    path("calendar/pressure/<str:iso>", calendar.who, name="pressure_who"),
    path("calendar/planner", calendar.planner, name="planner"),
    path("calendar/subscribe", calendar.subscribe, name="subscribe"),
    path("calendar/feeds/<fed:feed_id>/revoke", calendar.revoke_feed, name="revoke_feed"),
    path("calendar/feed/<str:secret>.ics", calendar.feed, name="feed"),
    path("calendar/import", calendar.bring_in, name="calendar_import"),
    path("calendar/import/<cal:calendar_id>/drop", calendar.drop_calendar, name="drop_calendar"),
    path("objectives", objectives.objectives, name="objectives"),
    path("objectives/new", objectives.objective, name="new_objective"),
    path("objectives/<obj:objective_id>", objectives.objective, name="objective"),
    path("objectives/<obj:objective_id>/drop", objectives.drop, name="drop_objective"),
    path("c/<cmp:campaign_id>/plan/raci", raci.raci, name="raci"),
    path("c/<cmp:campaign_id>/plan/raci/preview", raci.preview, name="preview_raci"),
    path("c/<cmp:campaign_id>/plan/raci/apply", raci.apply, name="apply_raci"),
    path("c/<cmp:campaign_id>/plan/raci/paste", raci.paste, name="paste_raci"),
    path("c/<cmp:campaign_id>/plan/raci/<tsk:task_id>", raci.task, name="raci_task"),
    path("settings/budget", settings.rules, name="rules"),
    path("settings/budget/exchange", settings.exchange, name="exchange"),
    path("reviews/<apr:approval_id>", approvals.review, name="review"),
    path("reviews/<apr:approval_id>/decide", approvals.decide, name="decide"),
    path("reviews/<apr:approval_id>/hand-on", approvals.hand_on, name="hand_on"),
    path("reviews/<apr:approval_id>/nudge", approvals.nudge, name="nudge"),
    path("reviews/decide/<str:token>", by_link.decide_by_link, name="decide_by_link"),
    path("settings/checks", checks.checks, name="checks"),
    path("settings/checks/new", checks.add, name="add_check"),
    path("settings/checks/<str:check>", checks.check, name="check"),
    path("settings/checks/<str:check>/reset", checks.reset, name="reset_check"),
    path("settings/approvals", policies.policies, name="policies"),
    path("settings/approvals/stand-in", policies.appoint, name="appoint"),
    path("settings/approvals/stand-in/<int:stand_in>/end", policies.dismiss, name="dismiss"),
    path("settings/approvals/<slug:kind>", policies.policy, name="policy"),
]
