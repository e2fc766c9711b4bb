"""The bell, the list of notices, and how each person is told (S04)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext
from django.views.decorators.http import require_POST

from muster.connect.robots.wire import Post
from muster.connect.smtp import Verdict
from muster.kit import ids
from muster.kit.clock import Span
from muster.kit.errors import Refused
from muster.kit.words import _
from muster.team.http import TeamRequest
from muster.team.notices import actions, mailing
from muster.team.notices.choices import CAMPAIGN, chosen
from muster.team.notices.events import EVENTS, OFF, ON, Event
from muster.team.notices.forms import QuietForm
from muster.team.notices.models import Mute, Notice, Preference, unread_of
from muster.team.permissions import SIGNED_IN, allow
from muster.team.robots.actions import say
from muster.team.robots.models import Robot
from muster.ui.toasts import toast, trigger

LIST = "team/notices.html"
CHANGED = "notices-changed"
_MOST = 200
_SPANS = (("1d", _("for a day")), ("1w", _("for a week")), ("", _("for good")))


@dataclass
class Told:
    """What was told about one thing."""

    title: str
    rows: list[tuple[Notice, Event]] = field(default_factory=list)

    @property
    def unread(self) -> bool:
        return any(row.read_at is None and row.closed_at is None for row, _event in self.rows)


@allow(SIGNED_IN)
def notices(request: TeamRequest) -> HttpResponse:
    """What this person was told, by thing, the newest first."""
    everything = "all" in request.GET
    rows = Notice.objects.filter(to=request.user).select_related("by")
    if not everything:
        rows = rows.filter(read_at=None, closed_at=None)
    live = Mute.objects.filter(user=request.user).exclude(until__lt=timezone.now())
    context = {
        "groups": _by_thing(rows[:_MOST]),
        "everything": everything,
        "count": unread_of(request.user),
        "spans": [(value, gettext(words)) for value, words in _SPANS],
        "mutes": live,
    }
    return render(request, f"{LIST}#list" if request.htmx else LIST, context)


def _by_thing(rows: Iterable[Notice]) -> list[Told]:
    groups: dict[tuple[str, int], Told] = {}
    for row in rows:
        group = groups.setdefault((row.kind, row.object_id), Told(str(row)))
        group.rows.append((row, EVENTS[row.event]))
    return list(groups.values())


@allow(SIGNED_IN)
def bell(request: TeamRequest) -> HttpResponse:
    """The bell alone, with the number on it."""
    return render(request, "ui/components/bell.html")


@allow(SIGNED_IN)
def open_notice(request: TeamRequest, notice_id: int) -> HttpResponse:
    """Go where it is about; it counts as seen."""
    notice = get_object_or_404(Notice, pk=notice_id, to=request.user)
    if not hasattr(request, "viewer"):
        actions.mark_read(request.user, [notice.pk])
    here = url_has_allowed_host_and_scheme(notice.url, allowed_hosts={request.get_host()})
    return redirect(notice.url if here else "team:notices")


@allow(SIGNED_IN)
@require_POST
def read(request: TeamRequest) -> HttpResponse:
    """These, or all of them, are seen."""
    asked = request.POST.getlist("notice")
    actions.mark_read(request.user, _numbers(asked) if asked else None)
    return _changed()


@allow(SIGNED_IN)
@require_POST
def unread(request: TeamRequest) -> HttpResponse:
    """These count as not seen."""
    actions.mark_unread(request.user, _numbers(request.POST.getlist("notice")))
    return _changed()


def _numbers(public_ids: Iterable[str]) -> list[int]:
    return [found for one in public_ids if (found := ids.number("notice", one)) is not None]


@allow(SIGNED_IN)
@require_POST
def mute(request: TeamRequest) -> HttpResponse:
    """Say nothing more about a thing, or about everything of its campaign, for a while."""
    number = ids.number("notice", request.POST.get("notice", "")) or 0
    notice = get_object_or_404(Notice, pk=number, to=request.user)
    span = Span.parse(request.POST.get("for", ""))
    until = span.after(timezone.now()) if span else None
    if request.POST.get("what") == "campaign" and notice.campaign_id:
        name = _campaign_name(notice.campaign_id)
        actions.mute(request.user, CAMPAIGN, notice.campaign_id, name, until=until)
    else:
        actions.mute(request.user, notice.kind, notice.object_id, str(notice), until=until)
    actions.mark_read(request.user, [notice.pk])
    return toast(_changed(), gettext("Muted."))


def _campaign_name(number: int) -> str:
    from django.apps import apps

    row = apps.get_model(CAMPAIGN)._base_manager.filter(pk=number).first()
    return str(row) if row else gettext("Campaign")


@allow(SIGNED_IN)
@require_POST
def unmute(request: TeamRequest, mute_id: int) -> HttpResponse:
    actions.unmute(request.user, mute_id)
    return _changed()


def _changed() -> HttpResponse:
    return trigger(HttpResponse(status=204), CHANGED, {})


@allow(SIGNED_IN)
@require_POST
def choose(request: TeamRequest) -> HttpResponse:
    """One cell of the matrix, or all of them back to the defaults."""
    if "reset" in request.POST:
        Preference.objects.filter(user=request.user).update(chosen={})
        return render(request, "team/profile.html#told", how_told(request))
    value = request.POST.get("value") or (ON if request.POST.get("on") else OFF)
    event, channel = request.POST.get("event", ""), request.POST.get("channel", "")
    actions.choose(request.user, event, channel, value)
    return toast(HttpResponse(status=204), gettext("Saved."))


@allow(SIGNED_IN)
@require_POST
def quiet(request: TeamRequest) -> HttpResponse:
    """Quiet hours, the hour of the summary, the group."""
    row, _made = Preference.objects.get_or_create(user=request.user)
    had = row.robot_id
    form = QuietForm(request.POST, instance=row)
    if not form.is_valid():
        raise Refused(_("Enter times as hours and minutes."))
    form.save()
    if had != row.robot_id:
        return HttpResponse(status=204, headers={"HX-Refresh": "true"})
    return HttpResponse(status=204)


@allow(SIGNED_IN)
@require_POST
def test(request: TeamRequest) -> HttpResponse:
    """A test over one channel, at once."""
    user = request.user
    row = Preference.objects.filter(user=user).select_related("robot").first()
    if request.GET.get("channel") == "robot":
        if row is None or row.robot is None:
            raise Refused(_("Choose a group first."))
        say(row.robot, _test_post())
        return toast(HttpResponse(status=204), gettext("Written into the group."))
    example = Notice(
        to=user,
        event="informed",
        text=_("This is how a notice of Muster looks."),
        url=reverse("team:notices"),
        at=timezone.now() - timedelta(seconds=1),
    )
    outcome = mailing.hand_over(mailing.letter(user, [example], digest=False))
    if outcome.verdict is not Verdict.ACCEPTED:
        raise Refused(
            _("The mail server did not take it: %(answer)s."),
            answer=outcome.reply.text if outcome.reply else outcome.verdict,
        )
    return toast(HttpResponse(status=204), gettext("Sent to %(email)s.") % {"email": user.email})


def _test_post() -> Post:
    return Post(
        gettext("Test from Muster"),
        gettext("This group is connected. Notices will appear here."),
        mailing.absolute("/my"),
        gettext("Open in Muster"),
    )


def how_told(request: TeamRequest) -> dict[str, Any]:
    """The matrix of a person's choices, and their quiet hours."""
    row = Preference.objects.filter(user=request.user).select_related("robot").first()
    return {
        "matrix": [
            {
                "event": event,
                "name": gettext(event.name),
                **{
                    channel: chosen(row, event.key, channel)
                    for channel in ("app", "email", "robot")
                },
            }
            for event in EVENTS.values()
        ],
        "own": bool(row and row.chosen),
        "robot": row.robot if row else None,
        "robots": Robot.objects.exists(),
        "quiet": QuietForm(instance=row or Preference(user=request.user)),
    }
