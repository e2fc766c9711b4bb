"""The morning page (S02)."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext, ngettext
from django.views.decorators.http import require_POST

from muster.connect.robots.wire import Post
from muster.kit import ids
from muster.kit.errors import NotFound, Refused
from muster.kit.words import _
from muster.plan.campaigns.days import today
from muster.plan.campaigns.models import Campaign
from muster.plan.standup import actions
from muster.plan.standup.forms import RhythmForm
from muster.plan.standup.lines import as_text, sections
from muster.plan.standup.models import Morning, Rhythm
from muster.team.calendars.working import days_away, work_calendar
from muster.team.changes.offering import way_back
from muster.team.http import TeamRequest
from muster.team.notices.mailing import absolute
from muster.team.permissions import allow
from muster.team.robots.actions import say
from muster.team.robots.models import Robot
from muster.team.users.models import User
from muster.ui.toasts import close_dialog, toast, trigger

PAGE = "plan/standup/standup.html"
CHANGED = "standup-changed"


@allow("campaigns.see")
def standup(request: TeamRequest) -> HttpResponse:
    """Where everything stands this morning."""
    context = _context(request)
    return render(request, f"{PAGE}#lines" if request.htmx else PAGE, context)


def _context(request: TeamRequest) -> dict[str, Any]:
    day = today()
    found = sections(request.user, day)
    people = list(User.objects.filter(is_active=True).order_by("name"))
    away = days_away(people, day, day)
    return {
        "day": day,
        "is_working_day": work_calendar(day).is_working(day),
        "sections": found,
        "left": sum(section.left for section in found),
        "away": [user for user in people if away[user.pk]],
        "robots": Robot.objects.all(),
        "rhythm": Rhythm.here(),
        "morning": Morning.objects.filter(day=day).select_related("robot").first(),
        "may_set": request.user.may("settings.manage"),
        "may_edit": request.user.may("campaigns.edit"),
    }


@allow("campaigns.see")
@require_POST
def tick(request: TeamRequest) -> HttpResponse:
    """Tick a line off, or take the tick back."""
    key = request.POST.get("key", "")
    if key not in {line.key for one in sections(request.user, today()) for line in one.lines}:
        raise NotFound
    actions.tick(today(), key, by=request.user)
    return render(request, f"{PAGE}#lines", _context(request))


@allow("campaigns.see")
@require_POST
def post(request: TeamRequest) -> HttpResponse:
    """Write the page into a chat group."""
    number = ids.number("robot", request.POST.get("robot", "")) or 0
    robot = get_object_or_404(Robot, pk=number)
    found = sections(request.user, today())
    if not found:
        raise Refused(_("No campaign is running, so there is nothing to post."))
    title = gettext("Stand-up %(day)s") % {"day": f"{today():%m-%d}"}
    say(robot, Post(title, as_text(found), absolute(reverse("plan:standup")), gettext("Open")))
    return toast(HttpResponse(status=204), gettext("Posted to %(group)s.") % {"group": robot.name})


@allow("settings.manage")
def rhythm(request: TeamRequest) -> HttpResponse:
    """When the page is posted by itself, and where."""
    form = RhythmForm(request.POST or None, instance=Rhythm.here(), auto_id="rhythm_%s")
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        change = actions.set_rhythm(
            given["at"],
            robot=given["robot"],
            tell=given["tell"],
            mail=given["mail"],
            by=request.user,
        )
        undo = way_back(change)
        answer = toast(HttpResponse(status=204), gettext("Saved."), undo=undo)
        return close_dialog(trigger(answer, CHANGED, {}))
    status = 422 if request.method == "POST" else 200
    return render(request, "plan/standup/rhythm.html", {"form": form}, status=status)


@allow("campaigns.edit")
@require_POST
def notes(request: TeamRequest) -> HttpResponse:
    """Turn what was said into tasks."""
    number = ids.number("campaign", request.POST.get("campaign", "")) or 0
    campaign = get_object_or_404(Campaign.objects.visible_to(request.user), pk=number)
    made = actions.take_down(campaign, request.POST.get("notes", ""), today(), by=request.user)
    text = ngettext("%(n)s task made.", "%(n)s tasks made.", len(made)) % {"n": len(made)}
    response = render(request, f"{PAGE}#notes", {**_context(request), "made": made})
    return trigger(toast(response, text), CHANGED, {})
