"""My work (S02): what must I do, decide, or know now."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import redirect, render

from muster.team.http import TeamRequest
from muster.team.permissions import SIGNED_IN, allow
from muster.team.work import lanes  # noqa: F401  (registers the lane of jobs)
from muster.team.work.registry import lanes_of

_FOCUS = 3
_FOCUS_RANK = 60
"""What ranks below this is news, and not worth one of the three places."""


@allow(SIGNED_IN)
def home(request: TeamRequest) -> HttpResponse:
    """Where a person begins the day."""
    return redirect("team:work")


@allow("work.see")
def work(request: TeamRequest) -> HttpResponse:
    """Everything that waits for this person, or one lane of it."""
    found = lanes_of(request.user)
    wanted = request.GET.get("lane", "")
    keys = {lane.key for lane, _items in found}
    everything = [item for _lane, items in found for item in items]
    first = sorted(everything, key=lambda item: item.rank)
    context = {
        "lanes": [(lane, len(items)) for lane, items in found if items],
        "wanted": wanted if wanted in keys else "",
        "shown": [(lane, items) for lane, items in found if items and wanted in {"", lane.key}],
        "total": len(everything),
        "focus": [item for item in first if item.rank < _FOCUS_RANK][:_FOCUS],
    }
    if wanted and wanted not in keys:
        return redirect("team:work")
    return render(request, "team/work.html", context)
