"""Pages of leave, and of the days on which the workspace works (S48)."""

from __future__ import annotations

from datetime import timedelta

from babel import Locale
from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import get_language, gettext
from django.views.decorators.http import require_http_methods, require_POST

from muster.kit.days import COUNTRIES
from muster.kit.errors import Invalid
from muster.team.calendars import actions
from muster.team.calendars.forms import DayForm, LeaveForm
from muster.team.calendars.models import CustomDay, Leave
from muster.team.calendars.year import months_from
from muster.team.changes.offering import way_back
from muster.team.http import TeamRequest
from muster.team.permissions import SIGNED_IN, allow
from muster.team.users.models import User, Workspace

_AHEAD = timedelta(days=90)


@allow(SIGNED_IN)
@require_http_methods(["GET", "POST"])
def leave(request: TeamRequest) -> HttpResponse:
    """My own leave, and who is away in the next three months."""
    form = LeaveForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            actions.take_leave(request.user, **form.cleaned_data, by=request.user)
        except Invalid as invalid:
            explain(form, invalid)
        else:
            return redirect("team:leave")
    today = timezone.localdate()
    rows = Leave.objects.filter(last__gte=today, user__is_active=True).select_related("user")
    context = {
        "form": form,
        "mine": rows.filter(user=request.user),
        "others": rows.exclude(user=request.user).filter(first__lte=today + _AHEAD),
        "today": today,
    }
    return render(request, "team/leave.html", context, status=422 if form.errors else 200)


@allow(SIGNED_IN)
@require_POST
def cancel_leave(request: TeamRequest, leave_id: int) -> HttpResponse:
    """Here after all."""
    row = get_object_or_404(Leave.objects.select_related("user"), pk=leave_id)
    change = actions.cancel_leave(row, by=request.user)
    messages.success(request, gettext("The leave is cancelled."), extra_tags=way_back(change))
    if row.user_id != request.user.pk:
        return redirect("team:member", user_id=row.user_id)
    return redirect("team:leave")


@allow("team.manage")
@require_POST
def give_leave(request: TeamRequest, user_id: int) -> HttpResponse:
    """A colleague is away."""
    user = get_object_or_404(User, pk=user_id, is_active=True)
    form = LeaveForm(request.POST)
    if not form.is_valid():
        raise Invalid(" ".join(str(error) for errors in form.errors.values() for error in errors))
    actions.take_leave(user, **form.cleaned_data, by=request.user)
    return redirect("team:member", user_id=user.pk)


@allow("settings.manage")
@require_http_methods(["GET", "POST"])
def holidays(request: TeamRequest) -> HttpResponse:
    """Whose official days hold, days of our own, and the twelve months that come of it."""
    form = DayForm(request.POST if "name" in request.POST else None)
    if request.method == "POST" and "country" in request.POST:
        actions.choose_country(request.POST["country"], by=request.user)
        return redirect("team:holidays")
    if request.method == "POST" and form.is_valid():
        try:
            actions.add_day(**form.cleaned_data, by=request.user)
        except Invalid as invalid:
            explain(form, invalid)
        else:
            return redirect("team:holidays")
    months = months_from(timezone.localdate())
    context = {
        "form": form,
        "months": months,
        "weekdays": _weekdays(),
        "expected": any(
            day.is_expected for one in months for week in one.weeks for day in week if day
        ),
        "worked": sum(month.worked for month in months),
        "days": CustomDay.objects.all(),
        "country": Workspace.here().country,
        "countries": [(code, _country(code)) for code in COUNTRIES],
    }
    return render(request, "team/holidays.html", context, status=422 if form.errors else 200)


def _locale() -> Locale:
    tag = {"zh-hans": "zh_Hans", "zh-hant": "zh_Hant"}.get(get_language() or "en", "en")
    return Locale.parse(tag)


def _country(code: str) -> str:
    return str(_locale().territories.get(code, code))


def _weekdays() -> list[str]:
    names = _locale().days["stand-alone"]["narrow"]
    return [names[day] for day in range(7)]


@allow("settings.manage")
@require_POST
def remove_day(request: TeamRequest, day_id: int) -> HttpResponse:
    """A day of our own is like any other again."""
    row = get_object_or_404(CustomDay, pk=day_id)
    change = actions.remove_day(row, by=request.user)
    text = gettext("“%(name)s” is gone.") % {"name": row.name}
    messages.success(request, text, extra_tags=way_back(change))
    return redirect("team:holidays")


def explain(form: forms.Form, invalid: Invalid) -> None:
    """Put what an action found wrong beside the fields of the form."""
    for problem in invalid.errors:
        name = problem.at.strip("/")
        text = gettext(problem.text) % problem.params
        form.add_error(name if name in form.fields else None, text)
