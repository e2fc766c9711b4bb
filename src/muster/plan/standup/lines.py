"""What each running campaign has to say this morning, line by line, each with its owner."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import NamedTuple

from django.db.models import Q
from django.urls import reverse
from django.utils.translation import get_language, gettext, ngettext

from muster.kit import clock
from muster.plan.approvals.models import ApprovalRequest
from muster.plan.budget.models import Bound, bound
from muster.plan.campaigns.models import Campaign
from muster.plan.goals.progress import progress_of
from muster.plan.goals.shown import shown_with
from muster.plan.standup.models import Tick
from muster.plan.tasks.models import Duty, Task
from muster.team.lookup import Addresses
from muster.team.users.models import User
from muster.ui import formats
from muster.ui.templatetags.alike import Alike
from muster.ui.templatetags.ui import face

_SOON = timedelta(days=14)
"""Campaigns that begin within these days are talked about as well."""
_MOST = 30
_MOST_LINES = 8
"""Tasks of one kind that one campaign names; the rest is a number."""


@dataclass
class Line:
    """One thing to say."""

    key: str
    text: str
    icon: str
    tone: str = ""
    """bad, warn or good where it stands out"""
    owner: User | None = None
    url: str = ""
    ticked: bool = False


class _Looks(NamedTuple):
    """How a line looks."""

    ticked: bool
    icon: str
    tone: str
    leads_on: bool
    owned: bool


@dataclass
class Section:
    """One campaign's part of the page."""

    campaign: Campaign
    lines: list[Line] = field(default_factory=list)

    def drawn(self) -> list[Alike]:
        """The lines as the page writes them."""
        said = gettext("Talked about: %(text)s")
        return [
            Alike(
                _Looks(line.ticked, line.icon, line.tone, bool(line.url), line.owner is not None),
                {
                    "key": line.key,
                    "text": line.text,
                    "said": said % {"text": line.text},
                    "url": line.url,
                    "owner": line.owner,
                    "face": face(line.owner) if line.owner else "",
                },
            )
            for line in self.lines
        ]

    @property
    def left(self) -> int:
        return sum(not line.ticked for line in self.lines)


def sections(user: User, today: date) -> list[Section]:
    """Every campaign that runs or begins soon, with its lines."""
    campaigns = list(
        Campaign.objects.visible_to(user)
        .filter(
            Q(status__in=[Campaign.Status.RUNNING, Campaign.Status.PAUSED])
            | Q(
                starts__lte=today + _SOON,
                status__in=[
                    Campaign.Status.DRAFT,
                    Campaign.Status.PREPARING,
                    Campaign.Status.IN_REVIEW,
                    Campaign.Status.READY,
                ],
            )
        )
        .select_related("owner")
        .prefetch_related("goals")
        .order_by("starts", "pk")[:_MOST]
    )
    tasks = _tasks(campaigns, today)
    responsible = _responsible([task for few in tasks.values() for task in few[:_MOST_LINES]])
    opened = Addresses("plan:own_task", "task")
    waiting: dict[int, list[ApprovalRequest]] = defaultdict(list)
    for asked in ApprovalRequest.objects.filter(
        campaign__in=campaigns, closed_at=None
    ).select_related("asked_by"):
        waiting[asked.campaign_id].append(asked)
    money = bound([campaign.pk for campaign in campaigns]) if user.may("budget.see") else None
    ticked = set(Tick.objects.filter(day=today).values_list("key", flat=True))
    found = []
    for campaign in campaigns:
        section = Section(campaign)
        section.lines += _pace(campaign, today)
        if money is not None:
            section.lines += _spent(campaign, money.get(campaign.pk))
        section.lines += _task_lines(campaign, tasks[campaign.pk], responsible, opened, today)
        section.lines += _decisions(waiting[campaign.pk])
        for line in section.lines:
            line.key = f"{campaign.public_id}:{line.key}"
            line.ticked = line.key in ticked
        found.append(section)
    return found


def _pace(campaign: Campaign, today: date) -> Iterator[Line]:
    url = reverse("plan:brief", args=[campaign.pk])
    goal = next(iter(campaign.goals.all()), None)
    if goal is None:
        yield Line("goal", gettext("No goal yet."), "target", "warn", campaign.owner, url)
        return
    # Before it was approved nothing is sent, so there is nothing to count.
    now = None if campaign.is_planned else progress_of(campaign, goal)
    shown = shown_with(campaign, goal, now, today)
    words = {"name": shown.name, "value": shown.shown_value, "target": shown.shown_target}
    if shown.value is None:
        text, tone = gettext("%(name)s: %(target)s is the goal, nothing counted yet"), ""
    elif shown.ahead is None or shown.is_reached:
        text, tone = gettext("%(name)s: %(value)s of %(target)s"), "good" * shown.is_reached
    elif shown.ahead >= 0:
        text = gettext("%(name)s: %(value)s of %(target)s, %(share)s ahead of an even pace")
        tone = "good"
    else:
        text = gettext("%(name)s: %(value)s of %(target)s, %(share)s behind an even pace")
        tone = "bad" if shown.ahead < -0.15 else "warn"
    if shown.ahead is not None:
        words["share"] = formats.percent(abs(shown.ahead), get_language() or "en", digits=1)
    yield Line("goal", text % words, "target", tone, campaign.owner, url)


def _spent(campaign: Campaign, sums: Bound | None) -> Iterator[Line]:
    if not campaign.total_budget:
        return
    language = get_language() or "en"
    bound_now = sums.total if sums else 0
    share = bound_now / campaign.total_budget
    words = {
        "spent": formats.money(
            sums.actual if sums else campaign.total_budget * 0,
            language,
            campaign.currency,
            short=True,
        ),
        "total": formats.money(campaign.budget, language, short=True),
        "share": formats.percent(share, language, digits=0),
    }
    tone = "bad" if share > 1 else "warn" if share >= 0.95 else ""
    text = gettext("%(spent)s of %(total)s spent, %(share)s bound") % words
    url = reverse("plan:budget", args=[campaign.pk])
    yield Line("money", text, "coin", tone, campaign.owner, url)


def _tasks(campaigns: list[Campaign], today: date) -> dict[int, list[Task]]:
    rows = (
        Task.objects.filter(campaign__in=campaigns)
        .exclude(status=Task.Status.DONE)
        .filter(Q(due__lte=today) | ~Q(blocked_reason=""))
        .select_related("unblocker")
        .order_by("due", "pk")
    )
    found: dict[int, list[Task]] = defaultdict(list)
    for task in rows:
        found[task.campaign_id].append(task)
    return found


def _task_lines(
    campaign: Campaign,
    tasks: list[Task],
    responsible: Mapping[int, User],
    opened: Addresses,
    today: date,
) -> Iterator[Line]:
    url = reverse("plan:board", args=[campaign.pk])
    for task in tasks[:_MOST_LINES]:
        owner = responsible.get(task.pk) or campaign.owner
        here = opened.of(task.public_id)
        if task.blocked_reason:
            text = gettext("%(task)s is blocked: %(why)s") % {
                "task": task.title,
                "why": task.blocked_reason,
            }
            who = task.unblocker or owner
            yield Line(f"blocked-{task.public_id}", text, "alert-triangle", "bad", who, here)
        elif task.due is not None and task.due < today:
            days = (today - task.due).days
            text = ngettext(
                "%(task)s is %(days)s day late", "%(task)s is %(days)s days late", days
            ) % {"task": task.title, "days": days}
            yield Line(f"task-{task.public_id}", text, "list-check", "bad", owner, here)
        else:
            text = gettext("%(task)s is due today") % {"task": task.title}
            yield Line(f"task-{task.public_id}", text, "list-check", "", owner, here)
    if len(tasks) > _MOST_LINES:
        text = gettext("%(n)s more tasks are due or blocked") % {"n": len(tasks) - _MOST_LINES}
        yield Line("tasks", text, "list-check", "warn", campaign.owner, url)


def _responsible(tasks: list[Task]) -> dict[int, User]:
    """Task → the first person who is responsible for it."""
    duties = Duty.objects.filter(
        task__in=[task.pk for task in tasks], letter=Duty.Letter.RESPONSIBLE, user__isnull=False
    )
    first: dict[int, int] = {}
    for task, user in duties.order_by("pk").values_list("task", "user"):
        if user is not None:
            first.setdefault(task, user)
    users = User.objects.in_bulk(set(first.values()))
    return {task: users[user] for task, user in first.items()}


def _decisions(waiting: list[ApprovalRequest]) -> Iterator[Line]:
    for asked in waiting:
        text = gettext("“%(title)s” waits for a decision since %(when)s") % {
            "title": asked.title,
            "when": formats.ago(asked.asked_at, get_language() or "en", now=clock.now()),
        }
        url = reverse("plan:review", args=[asked.pk])
        yield Line(
            f"decision-{asked.public_id}", text, "clipboard-check", "warn", asked.asked_by, url
        )


def as_text(found: list[Section]) -> str:
    """The page in plain words, for a chat group."""
    parts = []
    for section in found:
        mark = {"bad": "🔴", "warn": "🟡", "good": "🟢"}
        lines = [
            f"{mark.get(line.tone, '·')} {line.text}" + (f" @{line.owner}" if line.owner else "")
            for line in section.lines
        ]
        parts.append("\n".join([f"【{section.campaign.name}】", *lines]))
    return "\n\n".join(parts)
