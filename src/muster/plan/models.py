"""The tables of the plan; each subject keeps its own."""

from muster.plan.approvals.models import ApprovalRequest, Decision
from muster.plan.budget.models import (
    BudgetAlert,
    BudgetDocument,
    BudgetLine,
    BudgetMove,
    BudgetPolicy,
    Cost,
    ExchangeRate,
    LineMonth,
    PlanEntry,
)
from muster.plan.campaigns.models import Campaign
from muster.plan.goals.models import Goal
from muster.plan.risks.models import Risk
from muster.plan.tasks.models import Dependency, Duty, Task

__all__ = [
    "ApprovalRequest",
    "BudgetAlert",
    "BudgetDocument",
    "BudgetLine",
    "BudgetMove",
    "BudgetPolicy",
    "Campaign",
    "Cost",
    "Decision",
    "Dependency",
    "Duty",
    "ExchangeRate",
    "Goal",
    "LineMonth",
    "PlanEntry",
    "Risk",
    "Task",
]
