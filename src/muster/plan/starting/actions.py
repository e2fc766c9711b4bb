"""Beginning a campaign with everything that a template knows: all of it or nothing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.db.models import ProtectedError, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language

from muster.kit.days import far_away
from muster.kit.errors import Invalid, Refused
from muster.kit.words import _
from muster.plan.budget.actions import set_lines, split_by_suggestion
from muster.plan.campaigns.actions import create_campaign
from muster.plan.campaigns.days import today
from muster.plan.campaigns.models import Campaign
from muster.plan.goals.actions import set_goal, suggested_checkpoints
from muster.plan.risks.models import Risk
from muster.plan.starting import rules
from muster.plan.starting.before import aims_after, last_values, limits_of, number_of
from muster.plan.starting.people import Somebody, duties, suggested
from muster.plan.strategy.models import Cell, Competitor, Meant
from muster.plan.tasks.models import Dependency, Duty, Task
from muster.team.calendars.working import work_calendar
from muster.team.changes.actions import UNDO_FOR, WHOLE, record_change, takes_away
from muster.team.changes.models import Change
from muster.team.members.models import Team
from muster.team.users.models import User

BEGUN = "begun_from"


@dataclass(frozen=True)
class Wanted:
    """What people say of the new campaign; the template says the rest."""

    name: str
    starts: date
    ends: date
    currency: str
    owner: User
    total_budget: Decimal = Decimal(0)
    goal: Mapping[str, Any] | None = None
    """Metric, target and baseline of the main goal."""
    fields: Mapping[str, Any] = field(default_factory=dict)
    """Further fields of the brief, which win over the words of the template."""


@transaction.atomic
def start_from(
    template: rules.Template,
    wanted: Wanted,
    *,
    by: User,
    people: Mapping[str, Somebody] | None = None,
    copied: Campaign | None = None,
) -> Change:
    """A whole workspace in one step; the change that it returns takes all of it back.

    `people` says who takes which role; `copied` is the campaign that the template was read from.
    """
    language = get_language() or "en"
    campaign = create_campaign(
        name=wanted.name,
        starts=wanted.starts,
        ends=wanted.ends,
        currency=wanted.currency,
        total_budget=wanted.total_budget,
        owner=wanted.owner,
        by=by,
        **_brief(template, wanted, language),
    )
    who = {**suggested(template.roles, wanted.owner), **(people or {})}
    _goals(campaign, template, wanted, language, by)
    _lines(campaign, template, language, by)
    tasks = _tasks(campaign, template, who, language)
    _risks(campaign, template, who, language)
    Cell.objects.bulk_create(
        Cell(
            campaign=campaign,
            stage=cell.stage,
            channel=cell.channel,
            text=rules.words(cell.text, language),
            owner=_responsible(template, cell.task, who, wanted.owner),
            task=tasks.get(cell.task),
        )
        for cell in template.cells
    )
    if copied is not None:
        _bring_along(campaign, copied)
    return record_change(
        BEGUN,
        campaign,
        by=by,
        undo=WHOLE,
        campaign=campaign.pk,
        template=template.key,
        tasks=len(tasks),
        back=reverse("plan:campaigns"),
    )


def check_start(starts: date) -> None:
    """A plan that is made from a template or a past campaign looks ahead, and not too far."""
    if problems := far_away({"/starts": starts}):
        raise Invalid.of(problems)
    if starts < today() - timedelta(days=1):
        raise Invalid.at(
            "/starts",
            "past",
            _(
                "%(day)s is over, and all that a template plans lies before its first day. Choose "
                "a day from today on."
            ),
            day=starts.isoformat(),
        )


def made(change: Change) -> Campaign:
    """The campaign that a change of `start_from` began."""
    return Campaign.objects.get(pk=change.object_id)


def begun_by(campaign: Campaign, user: User) -> Change | None:
    """The change that takes this campaign back, while this person still may use it."""
    if not campaign.is_planned:
        return None
    rows = Change.objects.filter(kind=campaign._meta.label_lower, object_id=campaign.pk)
    since = timezone.now() - UNDO_FOR
    return rows.filter(verb=BEGUN, by=user, undone_at=None, at__gt=since).first()


@takes_away("plan.campaign")
def take_away(change: Change, by: User) -> None:
    """Take a campaign away as if it had never been begun; refused once others rely on it."""
    campaign = Campaign.objects.select_for_update().filter(pk=change.object_id).first()
    if campaign is None:
        raise Refused(_("This can no longer be undone. Change it by hand instead."))
    since = Change.objects.filter(pk__gt=change.pk).filter(
        Q(kind=change.kind, object_id=campaign.pk) | Q(details__campaign=campaign.pk)
    )
    if since.exclude(by=by).exists():
        raise Refused(
            _("Someone else has worked on “%(name)s” since. Put it away instead."),
            name=campaign.name,
        )
    early = {Campaign.Status.DRAFT, Campaign.Status.PREPARING}
    if campaign.status not in early or campaign.costs.exists():
        raise Refused(
            _("“%(name)s” has gone on since it was begun. Put it away instead."),
            name=campaign.name,
        )
    try:
        campaign.delete()
    except ProtectedError:
        raise Refused(
            _("Something was made for “%(name)s” since it was begun. Put it away instead."),
            name=campaign.name,
        ) from None


def _brief(template: rules.Template, wanted: Wanted, language: str) -> dict[str, Any]:
    texts = {name: rules.words(text, language) for name, text in template.texts.items()}
    known = {"strategy": template.strategy, "channels": list(template.channels), **texts}
    return {**known, **{name: value for name, value in wanted.fields.items() if value}}


def _goals(
    campaign: Campaign, template: rules.Template, wanted: Wanted, language: str, by: User
) -> None:
    main = wanted.goal
    asked = str(main["metric"]) if main else ""
    last = last_values(template, campaign.currency, campaign.starts, campaign.ends, asked)
    known = {metric: number_of(one) for metric, one in last.items()}
    goals: list[dict[str, Any]] = []
    if main is not None:
        aim = next((one for one in template.goals if one.metric == asked), None)
        given = {name: value for name, value in main.items() if value not in (None, "")}
        goals.append({"metric": asked, **(_aim_fields(aim, language) if aim else {}), **given})
    goals += [
        {"metric": aim.metric, "target": aim.target, **_aim_fields(aim, language)}
        for _take, aim in aims_after(template, known, asked)
    ]
    checkpoints = suggested_checkpoints(wanted.starts, wanted.ends)
    for place, fields in enumerate(goals):
        metric = fields["metric"]
        if metric in last and fields.get("baseline", known[metric]) == known[metric]:
            source = {"baseline": known[metric], "baseline_source": last[metric].source[:200]}
            fields = {**source, **fields}
        if place == 0:
            limits = limits_of(template, known, campaign.currency, metric)
            rails = [
                {"metric": rail.metric, "op": rail.op, "value": f"{limit:f}"}
                for _take, rail, limit in limits
            ]
            fields = {"guardrails": rails, **fields}
        at = "/goals/0" if place == 0 and main is not None else ""
        set_goal(campaign, {"checkpoints": checkpoints, **fields}, by=by, at=at)


def _aim_fields(aim: rules.Aim, language: str) -> dict[str, Any]:
    names = ("statement", "population", "channel", "objective", "reason")
    fields: dict[str, Any] = {name: rules.words(getattr(aim, name), language) for name in names}
    if aim.guardrails:
        fields["guardrails"] = [dict(rail) for rail in aim.guardrails]
    return fields


def _lines(campaign: Campaign, template: rules.Template, language: str, by: User) -> None:
    if not campaign.total_budget:
        return
    if not template.lines:
        split_by_suggestion(campaign, by=by)
        return
    planned = rules.sums(campaign.total_budget, template.lines)
    set_lines(
        campaign,
        [
            {
                "category": line.category,
                "label": rules.words(line.label, language),
                "channel": line.channel,
                "vendor": line.vendor,
                "planned": amount,
                "core": line.core,
            }
            for line, amount in zip(template.lines, planned, strict=True)
        ],
        by=by,
    )


def _tasks(
    campaign: Campaign, template: rules.Template, who: Mapping[str, Somebody], language: str
) -> dict[str, Task]:
    """Key → task, with what waits for what and who does it."""
    calendar = work_calendar(campaign.starts)
    slots = rules.schedule(template.tasks, campaign.starts, campaign.ends, calendar)
    rows = Task.objects.bulk_create(
        Task(
            campaign=campaign,
            title=rules.words(work.title, language)[:160],
            note=work.note,
            phase=work.phase,
            milestone=work.is_milestone,
            days=work.days,
            not_before=slots[work.key].start,
            due=slots[work.key].end,
            skill=work.skill,
            checklist=[{"text": rules.words(c, language), "done": False} for c in work.checks],
            place=place,
        )
        for place, work in enumerate(template.tasks)
    )
    made = {work.key: row for work, row in zip(template.tasks, rows, strict=True)}
    Dependency.objects.bulk_create(
        Dependency(before=made[link.key], after=made[work.key], kind=link.kind, lag=link.lag)
        for work in template.tasks
        for link in work.after
        if link.key in made
    )
    Duty.objects.bulk_create(
        Duty(
            task=made[work.key],
            letter=letter,
            user=somebody if isinstance(somebody, User) else None,
            team=somebody if isinstance(somebody, Team) else None,
        )
        for work in template.tasks
        for letter, somebody in duties(work.who, who, campaign.owner)
    )
    return made


def _risks(
    campaign: Campaign, template: rules.Template, who: Mapping[str, Somebody], language: str
) -> None:
    Risk.objects.bulk_create(
        Risk(
            campaign=campaign,
            title=rules.words(risk.title, language)[:160],
            category=risk.category,
            likelihood=risk.likelihood,
            impact=risk.impact,
            owner=_person(who.get(risk.owner)) or campaign.owner,
            sign=rules.words(risk.sign, language)[:200],
            response=rules.words(risk.response, language),
            plan=[{"kind": "task", "text": rules.words(step, language)} for step in risk.plan],
            trigger=dict(risk.trigger),
        )
        for risk in template.risks
    )


def _responsible(
    template: rules.Template, key: str, who: Mapping[str, Somebody], owner: User
) -> User:
    """Who makes what the task is about; what no task makes is for whoever leads the campaign."""
    task = next((one for one in template.tasks if one.key == key), None)
    roles = [role for letter, role in task.who if letter == "R"] if task else []
    return next((person for role in roles if (person := _person(who.get(role)))), owner)


def _person(somebody: Somebody) -> User | None:
    return somebody if isinstance(somebody, User) else None


def _bring_along(campaign: Campaign, copied: Campaign) -> None:
    """What a copy keeps as it was: for whom, and against whom."""
    Meant.objects.bulk_create(
        Meant(campaign=campaign, persona_id=persona)
        for persona in copied.meant.values_list("persona", flat=True)
    )
    Competitor.objects.bulk_create(
        Competitor(
            campaign=campaign, name=r.name, does=r.does, link=r.link, difference=r.difference
        )
        for r in copied.rivals.all()
    )
