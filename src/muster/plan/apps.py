"""Plan: what we do, for whom, until when, for how much."""

from __future__ import annotations

from importlib import import_module

from django.apps import AppConfig

_ANSWERS = (
    "muster.plan.goals.questions",
    "muster.plan.facts.questions",
    "muster.plan.budget.questions",
    "muster.plan.budget.guards",
    "muster.plan.materials.guards",
    "muster.plan.budget.review",
    "muster.plan.brief.questions",
    "muster.plan.brief.review",
    "muster.plan.risks.steps",
    "muster.plan.risks.questions",
    "muster.plan.vendors.questions",
    "muster.plan.tools.own",
    "muster.plan.tasks.questions",
    "muster.plan.tasks.finishing",
    "muster.plan.tasks.undoing",
    "muster.plan.calendar.plans",
    "muster.plan.raci.questions",
    "muster.plan.approvals.questions",
    "muster.plan.approvals.links",
    "muster.plan.approvals.jobs",
    "muster.plan.strategy.questions",
    "muster.plan.strategy.personas",
)


class PlanConfig(AppConfig):
    """The part of planning."""

    name = "muster.plan"
    label = "plan"

    def ready(self) -> None:
        """Plan answers its own readiness questions too, one subject after the other."""
        for module in _ANSWERS:
            import_module(module)
