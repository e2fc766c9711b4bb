"""Undo: takes back what a toast offers to take back."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from muster.team.changes import actions
from muster.team.changes.models import Change
from muster.team.http import TeamRequest
from muster.team.permissions import SIGNED_IN, allow


@allow(SIGNED_IN)
@require_POST
def undo(request: TeamRequest, change_id: int) -> HttpResponse:
    """Bring it back, and show the page as it is now."""
    change = get_object_or_404(Change, pk=change_id, by=request.user)
    undone = actions.undo(change, by=request.user)
    messages.success(request, _undone(undone))
    for sentence in (one for change in undone for one in actions.what_was_left_out(change)):
        messages.error(request, sentence)
    # What was taken away has no page any more, so the change says where to go instead.
    back = (
        change.details.get("back")
        or request.headers.get("HX-Current-URL")
        or request.headers.get("Referer")
        or "/"
    )
    if not url_has_allowed_host_and_scheme(back, allowed_hosts={request.get_host()}):
        back = "/"
    if request.htmx:
        return HttpResponse(status=204, headers={"HX-Redirect": back})
    return redirect(back)


def _undone(changes: list[Change]) -> str:
    things = {(change.kind, change.object_id) for change in changes}
    if len(things) > 1:
        text = ngettext(
            "%(n)s thing is as it was before.", "%(n)s things are as they were before.", len(things)
        )
        return text % {"n": len(things)}
    whole = changes[0].undo == actions.WHOLE
    text = _("“%(thing)s” is taken back.") if whole else _("“%(thing)s” is as it was before.")
    return text % {"thing": changes[0].label}
