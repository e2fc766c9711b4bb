"""Campaigns in the palette: go to one by name, begin one, take the next step of one (S03)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from muster.plan.calendar.board import VIEWS
from muster.plan.campaigns.models import Campaign
from muster.team.users.models import User
from muster.ui.palette import Entry, entries

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
        yield Entry("go", campaign.name, url, campaign.get_status_display(), "speakerphone")
        if query:
            yield from _places(campaign, user)


def _calendar() -> Iterator[Entry]:
    hint, words = _("Calendar"), ("营销日历", "marketing calendar")
    url = reverse("plan:calendar")
    for view, name in VIEWS:
        title = gettext("Calendar: %(view)s") % {"view": name}
        yield Entry("go", title, f"{url}?view={view.value}", hint, "calendar", words)
    yield Entry("do", _("Plan back from a day"), reverse("plan:planner"), hint, "timeline-event")


def _places(campaign: Campaign, user: User) -> Iterator[Entry]:
    name = {"name": campaign.name}
    yield Entry(
        "go",
        gettext("Brief of %(name)s") % name,
        reverse("plan:brief", args=[campaign.pk]),
        gettext("Brief"),
        "target",
    )
    yield Entry(
        "go",
        gettext("Plan of %(name)s") % name,
        reverse("plan:board", args=[campaign.pk]),
        gettext("Tasks"),
        "list-check",
    )
    yield Entry(
        "go",
        gettext("Gantt chart of %(name)s") % name,
        reverse("plan:gantt", args=[campaign.pk]),
        gettext("Tasks"),
        "timeline-event",
    )
    if user.may("campaigns.edit") and campaign.may_be_planned:
        yield Entry(
            "do",
            gettext("New task in %(name)s") % name,
            reverse("plan:board", args=[campaign.pk]) + "#new-task",
            gettext("Tasks"),
            "plus",
        )
    if user.may("budget.see"):
        yield Entry(
            "go",
            gettext("Budget of %(name)s") % name,
            reverse("plan:budget", args=[campaign.pk]),
            gettext("Budget"),
            "coin",
        )
    if user.may("campaigns.edit") and campaign.status == Campaign.Status.RUNNING:
        # An action opens the page where it is confirmed: a list never changes anything by itself.
        yield Entry(
            "do",
            gettext("Pause %(name)s") % name,
            reverse("plan:overview", args=[campaign.pk]) + "#steps",
            gettext("Campaign"),
            "player-pause",
        )
