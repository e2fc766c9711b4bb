"""A past campaign read as a template: dates become working days, money becomes shares."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from muster.plan.campaigns.actions import TEXTS
from muster.plan.campaigns.models import Campaign
from muster.plan.goals.models import Goal, primary_goal
from muster.plan.starting import rules
from muster.plan.tasks.models import Task
from muster.team.calendars.working import work_calendar


def template_of(campaign: Campaign) -> rules.Template:
    """Everything that could be planned the same way again. People stay people."""
    return rules.Template(
        key=campaign.public_id,
        name=rules.same(campaign.name),
        days=(campaign.ends - campaign.starts).days + 1,
        icon="copy",
        strategy=campaign.strategy,
        channels=tuple(campaign.channels),
        texts={name: rules.same(getattr(campaign, name)) for name in TEXTS},
        goals=tuple(_aim(goal) for goal in campaign.goals.all()),
        rails=_rails(campaign),
        tasks=_works(campaign),
        lines=_parts(campaign),
        cells=tuple(
            rules.Touch(
                cell.stage,
                cell.channel,
                rules.same(cell.text),
                str(cell.task_id) if cell.task_id else "",
            )
            for cell in campaign.cells.all()
        ),
        risks=tuple(
            rules.Danger(
                rules.same(risk.title),
                risk.category,
                risk.likelihood,
                risk.impact,
                f"user:{risk.owner_id}" if risk.owner_id else "",
                rules.same(risk.sign),
                rules.same(risk.response),
                tuple(rules.same(str(step.get("text", ""))) for step in risk.plan),
                risk.trigger,
            )
            for risk in campaign.risks.all()
        ),
    )


def _aim(goal: Goal) -> rules.Aim:
    return rules.Aim(
        goal.metric,
        statement=rules.same(goal.statement),
        population=rules.same(goal.population),
        channel=rules.same(goal.channel),
        objective=rules.same(str(goal.objective or goal.supports)),
        reason=rules.same(goal.reason),
        target=goal.target,
        guardrails=() if goal.primary else tuple(goal.guardrails),
    )


def _rails(campaign: Campaign) -> tuple[rules.Rail, ...]:
    main = primary_goal(campaign)
    return tuple(
        rules.Rail(rail["metric"], rail["op"], Decimal(str(rail["value"])))
        for rail in (main.guardrails if main else ())
    )


def _works(campaign: Campaign) -> tuple[rules.Work, ...]:
    calendar = work_calendar(campaign.starts)
    rows = campaign.tasks.filter(due__isnull=False).prefetch_related("waits_for", "duties")

    def work(task: Task, due: date) -> rules.Work:
        return rules.Work(
            key=str(task.pk),
            title=rules.same(task.title),
            phase=task.phase,
            days=0 if task.milestone else max(task.days, 1),
            ends=rules.Offset.between(due, campaign.starts, campaign.ends, calendar),
            after=tuple(
                rules.Link(str(one.before_id), one.kind, one.lag) for one in task.waits_for.all()
            ),
            who=tuple(
                (d.letter, f"user:{d.user_id}" if d.user_id else f"team:{d.team_id}")
                for d in task.duties.all()
            ),
            checks=tuple(rules.same(str(one.get("text", ""))) for one in task.checklist),
            note=task.note,
            skill=task.skill,
        )

    return rules.in_order([work(task, task.due) for task in rows if task.due])


def _parts(campaign: Campaign) -> tuple[rules.Part, ...]:
    lines = list(campaign.lines.all())
    total = campaign.total_budget or sum((line.planned for line in lines), Decimal(0))
    if not total:
        return ()
    return tuple(
        rules.Part(
            line.category,
            rules.same(line.label),
            line.planned / total * 100,
            line.channel,
            line.core,
            line.vendor,
        )
        for line in lines
    )
