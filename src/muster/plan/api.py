"""The plan in the API: campaigns, goals, budgets, approvals and readiness."""

from __future__ import annotations

from muster.plan.brief.api import router as approvals
from muster.plan.budget.api import router as budget
from muster.plan.budget.moves_api import router as moves
from muster.plan.facts.api import router as facts
from muster.plan.frugal.api import router as frugal
from muster.plan.goals.api import router as goals
from muster.plan.materials.api import of_campaign as reservations
from muster.plan.overview.api import router
from muster.plan.peaks.api import of_campaign as peaks
from muster.plan.raci.api import router as raci
from muster.plan.readiness.api import router as readiness
from muster.plan.risks.api import router as risks
from muster.plan.starting.api import clones
from muster.plan.strategy.api import router as strategy
from muster.plan.tasks.api import router as tasks
from muster.plan.training.api import of_campaign as trainings
from muster.plan.vendors.api import of_campaign as deliveries

__all__ = ["router"]

for part in (
    goals,
    facts,
    # These stand before lines, whose ids would catch their addresses.
    moves,
    frugal,
    budget,
    approvals,
    readiness,
    raci,
    tasks,
    risks,
    reservations,
    trainings,
    peaks,
    deliveries,
    clones,
    strategy,
):
    router.add_router("", part)
