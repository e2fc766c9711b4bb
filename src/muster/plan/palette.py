"""Campaigns in the palette: go to one by name, begin one, take the next step of one (S03)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from django.urls import reverse
from django.utils.translation import get_language, gettext
from django.utils.translation import gettext_lazy as _

from muster.kit import ids
from muster.plan.calendar.board import VIEWS
from muster.plan.campaigns.models import Campaign
from muster.plan.campaigns.page import steps
from muster.plan.starting import rules
from muster.plan.starting.shelf import templates
from muster.team.users.models import User
from muster.ui.palette import Entry, entries, here, matches

_MOST = 500


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
    for campaign in Campaign.objects.visible_to(user).order_by("-updated_at")[:_MOST]:
        url = reverse("plan:overview", args=[campaign.pk])
        status = campaign.get_status_display()
        yield Entry("go", campaign.name, url, status, "speakerphone", of="campaigns")
        if query and matches(campaign.name, query):
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
    parts = at.split("/")
    number = ids.number("campaign", parts[2]) if at.startswith("/c/") and len(parts) > 2 else None
    campaign = Campaign.objects.visible_to(user).filter(pk=number).first() if number else None
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
