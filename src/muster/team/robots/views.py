"""The page of group robots (S49)."""

from __future__ import annotations

from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext
from django.views.decorators.http import require_POST

from muster.connect.robots.wire import Post
from muster.kit.errors import Invalid
from muster.team.changes.offering import latest, way_back
from muster.team.http import TeamRequest
from muster.team.permissions import allow
from muster.team.robots import actions
from muster.team.robots.forms import RobotForm
from muster.team.robots.models import Robot
from muster.ui.toasts import toast

PAGE = "team/robots.html"


@allow("settings.manage")
def robots(request: TeamRequest) -> HttpResponse:
    """The groups into which Muster may write."""
    return render(request, PAGE, {"robots": Robot.objects.all(), "form": RobotForm()})


@allow("settings.manage")
@require_POST
def add(request: TeamRequest) -> HttpResponse:
    """Connect a group."""
    form = RobotForm(request.POST)
    if form.is_valid():
        try:
            robot = actions.add(**form.cleaned_data, by=request.user)
        except Invalid as invalid:
            for problem in invalid.errors:
                form.add_error(problem.at.strip("/"), gettext(problem.text) % problem.params)
        else:
            done = latest(robot, request.user)
            messages.success(
                request,
                gettext("“%(thing)s” is connected.") % {"thing": robot},
                extra_tags=way_back(done),
            )
            return redirect("team:robots")
    context = {"robots": Robot.objects.all(), "form": form}
    return render(request, PAGE, context, status=422)


@allow("settings.manage")
@require_POST
def test(request: TeamRequest, robot_id: int) -> HttpResponse:
    """Write a test into the group."""
    robot = get_object_or_404(Robot, pk=robot_id)
    actions.say(
        robot,
        Post(
            gettext("Test from Muster"),
            gettext("This group is connected. Notices will appear here."),
            f"{settings.PUBLIC_URL}/my",
            gettext("Open in Muster"),
        ),
    )
    return toast(HttpResponse(status=204), gettext("Written into the group."))


@allow("settings.manage")
@require_POST
def remove(request: TeamRequest, robot_id: int) -> HttpResponse:
    """Forget a group."""
    change = actions.remove(get_object_or_404(Robot, pk=robot_id), by=request.user)
    messages.success(
        request,
        gettext("Muster no longer writes into “%(thing)s”.") % {"thing": change.label},
        extra_tags=way_back(change),
    )
    return HttpResponse(status=204, headers={"HX-Redirect": reverse("team:robots")})
