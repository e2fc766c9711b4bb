"""Deciding by the signed link of a message: no sign-in, one person, one version, one time (PL6)."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone

from muster.kit.errors import NotFound, Refused
from muster.plan.approvals import actions, links
from muster.plan.approvals.deciders import Deciders
from muster.plan.approvals.models import Decision, DecisionLink
from muster.plan.approvals.shown import differences
from muster.plan.approvals.subjects import current_fingerprint, subject_of
from muster.team.permissions import public
from muster.team.users.models import Workspace
from muster.ui.middleware import worded


@public
def decide_by_link(request: HttpRequest, token: str) -> HttpResponse:
    """GET shows what is asked, POST decides; `?verdict=` only says which button comes first."""
    link = links.read(token)
    if link is None:
        raise NotFound
    # Times are those of the person to whom the link was sent, who is not signed in.
    with timezone.override(link.user.time_zone or Workspace.here().time_zone):
        return _answer(request, link)


def _answer(request: HttpRequest, link: DecisionLink) -> HttpResponse:
    problem, status = "", 200
    if request.method == "POST":
        verdict = request.POST.get("verdict", "")
        try:
            actions.decide_by_link(link, verdict, note=request.POST.get("note", ""))
        except Refused as refused:
            problem, status = worded(refused.text, refused.params), refused.status
        else:
            context = {"link": link, "approved": verdict == Decision.Verdict.APPROVED}
            return _page(request, "plan/approvals/link_done.html", context, 200)
    wish = request.GET.get("verdict", Decision.Verdict.APPROVED)
    context = {**_context(link, problem), "sends_back": wish == Decision.Verdict.SENT_BACK}
    return _page(request, "plan/approvals/link.html", context, status)


def _page(
    request: HttpRequest, template: str, context: dict[str, object], status: int
) -> HttpResponse:
    response = render(request, template, context, status=status)
    # The address is the key: it goes to no other site and into no cache.
    response.headers["Referrer-Policy"] = "no-referrer"
    response.headers["Cache-Control"] = "no-store"
    return response


def _context(link: DecisionLink, problem: str) -> dict[str, object]:
    asked = link.request
    subject = subject_of(asked.kind)
    current = current_fingerprint(asked)
    usable = link.used_at is None and link.expires_at > timezone.now() and asked.is_open
    # The address outlives its use: to whoever still has it, it shows nothing any more.
    is_shown = link.expires_at > timezone.now() and link.user.is_active
    return {
        "link": link,
        "asked": asked,
        "outline": asked.outline if is_shown else {},
        "differences": differences(asked) if is_shown else [],
        "checks": list(subject.checks(asked.object_id)) if subject and current and is_shown else [],
        "is_changed": current != asked.fingerprint,
        "may_decide": usable and Deciders([asked]).step_for(asked, link.user) is not None,
        "problem": problem,
        "closed": "" if asked.is_open else worded(actions.closed(asked).text, {}),
        "room": (asked.newer or asked).room,
    }
