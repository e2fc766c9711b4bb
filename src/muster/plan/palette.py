"""Campaigns in the palette: go to one by name, begin one, take the next step of one (S03)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from urllib.parse import urlencode

from django.conf import settings
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import get_language, gettext, override
from django.utils.translation import gettext_lazy as _

from muster.plan.calendar.board import VIEWS
from muster.plan.campaigns.found import at_hand
from muster.plan.campaigns.models import Campaign
from muster.plan.campaigns.page import steps
from muster.plan.campaigns.rules import LIVE, OPEN, STEPS, Status
from muster.plan.starting import rules
from muster.plan.starting.shelf import templates
from muster.team.users.models import User
from muster.ui.palette import Entry, Help, creates, entries, helps, here, matches

_STEPS = (
    (_("Pause"), STEPS["pause"][0]),
    (_("Resume"), STEPS["resume"][0]),
    (_("End campaign"), STEPS["end"][0]),
    (_("Archive"), STEPS["archive"][0]),
    (_("Submit for approval"), {Status.DRAFT, Status.PREPARING}),
    (_("Launch"), {Status.READY}),
)
"""What is done with a campaign, and from which statuses."""
_MOST = 500
_MOST_STEPS = 6
_MOST_NEAR = 6
"""Of so many campaigns that fit, the latest, the pages are offered one by one."""


@entries
def campaigns(user: User, query: str) -> Iterable[Entry]:
    if user.may("campaigns.edit"):
        yield Entry(
            "do",
            _("New campaign"),
            reverse("plan:new"),
            icon="plus",
            keywords=("新建活动", "new campaign"),
        )
        for template in templates().values():
            name = rules.words(template.name, get_language() or "en")
            url = f"{reverse('plan:new')}?template={template.key}"
            title = gettext("New campaign: %(name)s") % {"name": name}
            words = ("新建活动", *template.name.values())
            yield Entry("do", title, url, icon=template.icon, keywords=words)
    if user.may("campaigns.see"):
        yield from _calendar()
        yield Entry(
            "go",
            _("Objectives"),
            reverse("plan:objectives"),
            _("Page"),
            "speakerphone",
            ("公司目标", "objectives"),
        )
    yield from _resources(user)
    near = 0
    rows = list(Campaign.objects.visible_to(user).order_by("-updated_at")[:_MOST])
    if query:
        yield from _steps(rows, user, query)
    for campaign in rows:
        url = reverse("plan:overview", args=[campaign.pk])
        status = campaign.get_status_display()
        yield Entry("go", campaign.name, url, status, "speakerphone", of="campaigns")
        if query and near < _MOST_NEAR and matches(campaign.name, query):
            near += 1
            yield from _places(campaign, user)


def _resources(user: User) -> Iterator[Entry]:
    """What belongs to no campaign alone, also for those who see none."""
    hint = _("Page")
    if user.may("materials.see"):
        url, words = (
            reverse("plan:materials"),
            ("materials", "stock", "物料", "物料库存", "物料庫存"),
        )
        yield Entry("go", _("Materials"), url, hint, "package", words)
    if user.may("materials.count"):
        counting = ("count", "stock", "盘点", "盤點", "物料", "库存")
        yield Entry("do", _("Count materials"), reverse("plan:count"), hint, "checks", counting)
    if user.may("campaigns.see"):
        sellers = ("vendors", "suppliers", "供应商", "供應商")
        yield Entry("go", _("Vendors"), reverse("plan:vendors"), hint, "users", sellers)
        programs = ("tools", "connections", "工具", "连接", "連接")
        yield Entry("go", _("Tools"), reverse("plan:tools"), hint, "plug", programs)


def _steps(rows: Sequence[Campaign], user: User, query: str) -> Iterator[Entry]:
    """“Pause” asks which campaign; where none can be paused, the answer says so."""
    if not user.may("campaigns.edit"):
        return
    for label, statuses in _STEPS:
        words = _everywhere(label)
        name = _after(query, words)
        if name is None:
            continue
        able = [one for one in rows if one.status in statuses]
        near = [one for one in able if not name or matches(one.name, name)]
        for campaign in near[:_MOST_STEPS]:
            # An action opens the page where it is confirmed, and is named as on that page.
            url = f"{reverse('plan:overview', args=[campaign.pk])}#steps"
            yield Entry("do", label, url, campaign.name, "speakerphone", (*words, query))
        if not able:
            title = gettext("“%(step)s”: no campaign is at a stage for it") % {"step": label}
            yield Entry("do", title, reverse("plan:campaigns"), icon="info-circle", keywords=words)


def _after(query: str, words: Sequence[str]) -> str | None:
    """What follows the name of a step: “” after “pause”, a campaign after “pause spring”."""
    verb, _gap, rest = query.partition(" ")
    if _is_long_enough(query) and any(matches(one, query) for one in words):
        return ""
    for one in words:
        if query.casefold().startswith(one.casefold()):
            return query[len(one) :].strip()
    if _is_long_enough(verb) and any(matches(one, verb) for one in words):
        return rest.strip()
    return None


def _is_long_enough(text: str) -> bool:
    """One Latin letter begins too many things."""
    return len(text) > 1 or not text.isascii()


def _everywhere(label: str | Promise) -> tuple[str, ...]:
    """The words in every language: people type what they know it by."""
    found = []
    for code, _name in settings.LANGUAGES:
        with override(code):
            found.append(str(label))
    return tuple(found)


def _calendar() -> Iterator[Entry]:
    hint, words = _("Calendar"), ("营销日历", "marketing calendar")
    url = reverse("plan:calendar")
    for view, name in VIEWS:
        title = gettext("Calendar: %(view)s") % {"view": name}
        yield Entry("go", title, f"{url}?view={view.value}", hint, "calendar", words)
    yield Entry("do", _("Plan back from a day"), reverse("plan:planner"), hint, "timeline-event")


@here
def of_this_campaign(user: User, at: str) -> Iterable[Entry]:
    """What can be done with the campaign whose page is open."""
    campaign = at_hand(user, at)
    if campaign is None:
        return
    overview = reverse("plan:overview", args=[campaign.pk])
    for step in steps(campaign, user):
        # An action opens the page where it is confirmed: a list never changes anything by itself.
        url = step.url if step.is_link else f"{overview}#steps"
        yield Entry("do", step.label, url, campaign.name, step.icon)
    if user.may("campaigns.edit"):
        strategy = reverse("plan:strategy_map", args=[campaign.pk])
        yield Entry("do", _("Add a touchpoint"), strategy, campaign.name, "plus")
        copy = f"{reverse('plan:new')}?copy={campaign.public_id}"
        yield Entry("do", _("Copy this campaign"), copy, campaign.name, "copy")
    if user.may("budget.edit"):
        budget = reverse("plan:budget", args=[campaign.pk])
        yield Entry("do", _("Book a cost"), budget, campaign.name, "receipt")
    yield from _places(campaign, user)


@creates
def under_these_words(user: User, words: str, at: str) -> Iterable[Entry]:
    """A campaign; and a task or a risk of the campaign whose page is open, or of the latest one."""
    if not user.may("campaigns.edit"):
        return
    name, query = {"name": words}, urlencode({"name": words})
    url = f"{reverse('plan:new')}?blank=1&{query}"
    yield Entry("create", gettext("Campaign “%(name)s”") % name, url, icon="speakerphone")
    rows = Campaign.objects.visible_to(user).filter(status__in=LIVE | OPEN)
    campaign = at_hand(user, at) or rows.order_by("-updated_at").first()
    if campaign is None:
        return
    if campaign.may_be_planned:
        url = f"{reverse('plan:board', args=[campaign.pk])}?{query}#new-task"
        title = gettext("Task “%(name)s”") % name
        yield Entry("create", title, url, campaign.name, "list-check")
    url = f"{reverse('plan:risks', args=[campaign.pk])}?{query}#add-risk"
    title = gettext("Risk “%(name)s”") % name
    yield Entry("create", title, url, campaign.name, "alert-triangle")


def _places(campaign: Campaign, user: User) -> Iterator[Entry]:
    name = {"name": campaign.name}
    brief = reverse("plan:brief", args=[campaign.pk])
    yield Entry("go", gettext("Brief of %(name)s") % name, brief, gettext("Brief"), "target")
    strategy = reverse("plan:strategy_map", args=[campaign.pk])
    title = gettext("Strategy of %(name)s") % name
    yield Entry("go", title, strategy, gettext("Strategy"), "route")
    board = reverse("plan:board", args=[campaign.pk])
    yield Entry("go", gettext("Plan of %(name)s") % name, board, gettext("Tasks"), "list-check")
    gantt = reverse("plan:gantt", args=[campaign.pk])
    title = gettext("Gantt chart of %(name)s") % name
    yield Entry("go", title, gantt, gettext("Tasks"), "timeline-event")
    if user.may("campaigns.edit") and campaign.may_be_planned:
        title = gettext("New task in %(name)s") % name
        yield Entry("do", title, f"{board}#new-task", gettext("Tasks"), "plus")
    if user.may("budget.see"):
        budget = reverse("plan:budget", args=[campaign.pk])
        yield Entry("go", gettext("Budget of %(name)s") % name, budget, gettext("Budget"), "coin")


_HELP_OF_A_CAMPAIGN: tuple[Help, ...] = (
    (
        _("Moving tasks on the board"),
        "plan:board",
        "campaigns.see",
        _(
            "Each column is a state. Drag a card, choose the column on the card, or focus it and"
            " press M, arrows, Enter."
        ),
        ("任务", "看板", "task", "board"),
    ),
    (
        _("Moving bars in the Gantt chart"),
        "plan:gantt",
        "campaigns.see",
        _(
            "Focus a bar: ← and → move it by a working day, Shift with them its end; M moves until"
            " Enter or Esc; Enter opens the task, D adds what it waits for."
        ),
        ("甘特图", "gantt", "critical path", "关键路径"),
    ),
    (
        _("Duties: what R, A, C and I mean"),
        "plan:raci",
        "campaigns.see",
        _(
            "R does it, A answers for it (exactly one), C is asked before, I is told after. Whoever"
            " has the A also decides on approvals of what the task makes."
        ),
        ("raci", "责任矩阵", "职责"),
    ),
    (
        _("Budget: planned, promised, spent and forecast"),
        "plan:budget",
        "budget.see",
        _(
            "Plan is what a line may cost, promised is what was signed, spent is what was paid, and"
            " the forecast is what it will have cost in the end."
        ),
        ("预算", "budget", "money"),
    ),
    (
        _("Readiness: what blocks a launch, and who may waive it"),
        "plan:readiness",
        "campaigns.see",
        _(
            "Muster asks these questions of the campaign itself, again at every change. What blocks"
            " has to be mended, or waived by the person who answers for the campaign, with a reason"
            " that stays in sight."
        ),
        ("就绪", "阻断", "checks", "launch", "上线"),
    ),
    (
        _("Touchpoint map: what a gap is"),
        "plan:strategy_map",
        "campaigns.see",
        _(
            "A stage without a word is a gap; write down that it is left out on purpose, or fill"
            " it."
        ),
        ("触点地图", "strategy", "策略"),
    ),
)
_HELP: tuple[Help, ...] = (
    (
        _("Approvals: for which version they hold"),
        "plan:policies",
        "campaigns.see",
        _(
            "An approval holds for exactly the version that was shown. Any change after it asks for"
            " a new one."
        ),
        ("审批", "approval", "review"),
    ),
    (
        _("Calendar: moving things by keyboard"),
        "plan:calendar",
        "campaigns.see",
        _(
            "M on a tile moves it: arrows choose the day, Enter puts it there, Esc leaves it where"
            " it was."
        ),
        ("日历", "calendar"),
    ),
    (
        _("Stand-up page: ticks and notes"),
        "plan:standup",
        "campaigns.see",
        _(
            "In the notes every line becomes a task: @name says who, tomorrow or Friday or 28 Nov"
            " says until when."
        ),
        ("早会", "stand-up"),
    ),
)


@helps
def help_with_planning(user: User, at: str) -> Iterable[Entry]:
    """Pages of a campaign are opened in the one at hand, or in the latest."""
    rows = Campaign.objects.visible_to(user).order_by("-updated_at")
    campaign = at_hand(user, at) or rows.first()
    found = [(one, [campaign.pk]) for one in _HELP_OF_A_CAMPAIGN] if campaign is not None else []
    for (title, route, permission, hint, words), of in [*found, *((one, []) for one in _HELP)]:
        if user.may(permission):
            url = f"{reverse(route, args=of)}#shortcuts"
            yield Entry("help", title, url, hint, "help-circle", words)
