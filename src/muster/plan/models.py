"""The tables of the plan; each subject keeps its own."""

from muster.plan.approvals.models import (
    ApprovalRequest,
    Decision,
    DecisionLink,
    Policy,
    StandIn,
)
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
from muster.plan.calendar.models import Feed, ImportedCalendar, ImportedEvent
from muster.plan.campaigns.models import Campaign
from muster.plan.facts.models import Fact
from muster.plan.goals.models import Goal, Look
from muster.plan.materials.models import (
    Material,
    Movement,
    Place,
    Reservation,
    Stock,
    Transfer,
)
from muster.plan.objectives.models import Objective
from muster.plan.overview.models import SavedView
from muster.plan.peaks.models import Peak
from muster.plan.readiness.models import CheckRule, Sighting, Waiver
from muster.plan.risks.models import Risk
from muster.plan.standup.models import Tick
from muster.plan.strategy.models import Cell, Competitor, Meant
from muster.plan.tasks.models import Dependency, Duty, Task
from muster.plan.tools.models import Tool
from muster.plan.training.models import Training
from muster.plan.vendors.models import Delivery, Vendor

__all__ = [
    "ApprovalRequest",
    "BudgetAlert",
    "BudgetDocument",
    "BudgetLine",
    "BudgetMove",
    "BudgetPolicy",
    "Campaign",
    "Cell",
    "CheckRule",
    "Competitor",
    "Cost",
    "Decision",
    "DecisionLink",
    "Delivery",
    "Dependency",
    "Duty",
    "ExchangeRate",
    "Fact",
    "Feed",
    "Goal",
    "ImportedCalendar",
    "ImportedEvent",
    "LineMonth",
    "Look",
    "Material",
    "Meant",
    "Movement",
    "Objective",
    "Peak",
    "Place",
    "PlanEntry",
    "Policy",
    "Reservation",
    "Risk",
    "SavedView",
    "Sighting",
    "StandIn",
    "Stock",
    "Task",
    "Tick",
    "Tool",
    "Training",
    "Transfer",
    "Vendor",
    "Waiver",
]
