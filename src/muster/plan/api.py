"""The plan in the API: campaigns, goals, budgets, approvals and readiness."""

from __future__ import annotations

from muster.plan.brief.api import router as approvals
from muster.plan.budget.api import router as budget
from muster.plan.goals.api import router as goals
from muster.plan.overview.api import router
from muster.plan.readiness.api import router as readiness
from muster.plan.starting.api import clones
from muster.plan.strategy.api import router as strategy

__all__ = ["router"]

for part in (goals, budget, approvals, readiness, clones, strategy):
    router.add_router("", part)
