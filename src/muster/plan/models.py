"""The tables of the plan; each subject keeps its own."""

from muster.plan.approvals.models import ApprovalRequest, Decision
from muster.plan.budget.models import BudgetLine, Cost
from muster.plan.campaigns.models import Campaign
from muster.plan.goals.models import Goal
from muster.plan.risks.models import Risk
from muster.plan.standup.models import Tick
from muster.plan.tasks.models import Dependency, Duty, Task

__all__ = [
    "ApprovalRequest",
    "BudgetLine",
    "Campaign",
    "Cost",
    "Decision",
    "Dependency",
    "Duty",
    "Goal",
    "Risk",
    "Task",
    "Tick",
]
