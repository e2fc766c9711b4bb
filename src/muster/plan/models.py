"""The tables of the plan; each subject keeps its own."""

from muster.plan.approvals.models import ApprovalRequest, Decision
from muster.plan.budget.models import BudgetLine, Cost
from muster.plan.campaigns.models import Campaign
from muster.plan.goals.models import Goal
from muster.plan.overview.models import SavedView
from muster.plan.risks.models import Risk
from muster.plan.strategy.models import Cell, Competitor, Meant
from muster.plan.tasks.models import Dependency, Duty, Task

__all__ = [
    "ApprovalRequest",
    "BudgetLine",
    "Campaign",
    "Cell",
    "Competitor",
    "Cost",
    "Decision",
    "Dependency",
    "Duty",
    "Goal",
    "Meant",
    "Risk",
    "SavedView",
    "Task",
]
