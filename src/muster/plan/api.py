"""The plan in the API: campaigns, goals, budgets, approvals and readiness."""

from __future__ import annotations

from muster.plan.brief.api import router as approvals
from muster.plan.budget.api import router as budget
from muster.plan.budget.moves_api import router as moves
from muster.plan.goals.api import router as goals
from muster.plan.overview.api import router
from muster.plan.readiness.api import router as readiness

__all__ = ["router"]

# Moves stand before lines, whose ids would catch their addresses.
for part in (goals, moves, budget, approvals, readiness):
    router.add_router("", part)
