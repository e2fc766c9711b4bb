"""Campaigns in the palette: go to one by name, begin one, take the next step of one (S03)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.translation import get_language, gettext
from django.utils.translation import gettext_lazy as _

from muster.plan.calendar.board import VIEWS
from muster.plan.campaigns.found import at_hand
from muster.plan.campaigns.models import Campaign
from muster.plan.campaigns.page import steps
from muster.plan.campaigns.rules import LIVE, OPEN
from muster.plan.starting import rules
from muster.plan.starting.shelf import templates
from muster.team.users.models import User
from muster.ui.palette import Entry, creates, entries, here, matches

_MOST = 500
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
    near = 0
    for campaign in Campaign.objects.visible_to(user).order_by("-updated_at")[:_MOST]:
        url = reverse("plan:overview", args=[campaign.pk])
        status = campaign.get_status_display()
        yield Entry("go", campaign.name, url, status, "speakerphone", of="campaigns")
        if query and near < _MOST_NEAR and matches(campaign.name, query):
            near += 1
            yield from _places(campaign, user)


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
