"""The page of links (TR2, CH6, CH7): make one, check many, fetch its code, see who came by it."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from muster.kit.errors import Invalid, NotFound
from muster.plan.campaigns.models import Campaign
from muster.team.changes.offering import way_back
from muster.team.http import TeamRequest
from muster.team.permissions import allow
from muster.team.stores import NO_NUMBERS, warehouse
from muster.track.links import actions
from muster.track.links.codes import TYPES, code_of
from muster.track.links.forms import LinkForm
from muster.track.links.models import ShortLink
from muster.track.utm.checking import check_all
from muster.track.utm.naming import naming
from muster.ui.middleware import worded
from muster.ui.toasts import toast
from muster.warehouse.followed import Followed, followed
from muster.warehouse.sources import GROUPS

_MOST = 200
_MOST_CHECKED = 500


def _listed(request: TeamRequest, form: LinkForm | None = None) -> dict[str, Any]:
    rows = ShortLink.objects.visible_to(request.user).select_related("campaign")
    wanted = request.GET.get("campaign", "")
    campaign = None
    if wanted.isdecimal():
        campaign = Campaign.objects.visible_to(request.user).filter(pk=int(wanted)).first()
    if campaign is not None:
        rows = rows.filter(campaign=campaign)
    links = list(rows[:_MOST])
    try:
        with warehouse() as db:
            came = followed(db, [link.public_id for link in links])
    except NO_NUMBERS:
        came = {}
    return {
        "links": [(link, came.get(link.public_id, Followed())) for link in links],
        "campaign": campaign,
        "form": form or LinkForm.of(request.user, initial={"campaign": campaign}),
        "may_edit": request.user.may("content.edit"),
        "kinds": list(TYPES),
    }


@allow("content.see")
@require_safe
def links_page(request: TeamRequest) -> HttpResponse:
    """Every short link, and the form for another."""
    return render(request, "track/links.html", _listed(request))


@allow("content.edit")
@require_POST
def add(request: TeamRequest) -> HttpResponse:
    """Make a link."""
    form = LinkForm.of(request.user, request.POST)
    if form.is_valid():
        try:
            actions.make_link(by=request.user, **form.cleaned_data)
        except Invalid as invalid:
            for problem in invalid.errors:
                field = problem.at.strip("/")
                known = field if field in form.fields else None
                form.add_error(known, worded(problem.text, problem.params))
        else:
            return toast(redirect("track:links"), _("The link is made."))
    return render(request, "track/links.html", _listed(request, form), status=422)


@allow("content.edit")
@require_POST
def remove(request: TeamRequest, link_id: int) -> HttpResponse:
    """Take a link away."""
    change = actions.remove(_of_page(request, link_id), by=request.user)
    undo = way_back(change)
    return toast(redirect("track:links"), _("The link leads nowhere any more."), undo=undo)


@allow("content.see")
@require_safe
def code(request: TeamRequest, link_id: int, kind: str) -> HttpResponse:
    """The QR code of a link as a file."""
    if kind not in TYPES:
        raise NotFound
    link = _of_page(request, link_id)
    response = HttpResponse(code_of(link, kind), content_type=TYPES[kind])
    response.headers["Content-Disposition"] = f'attachment; filename="qr-{link.code}.{kind}"'
    return response


@allow("content.see")
def check_page(request: TeamRequest) -> HttpResponse:
    """What is wrong with the tags of some links, and the links mended."""
    text = request.POST.get("urls", "")
    urls = [line.strip() for line in text.splitlines() if line.strip()][:_MOST_CHECKED]
    checked = [
        (
            one,
            [_(finding.text) % finding.params for finding in one.findings],
            _(GROUPS[one.group]) if one.group else "",
        )
        for one in check_all(urls, naming())
    ]
    context = {
        "text": text,
        "checked": checked,
        "good": sum(one.is_good for one, _said, _group in checked),
        "mended": "\n".join(one.mended for one, _said, _group in checked),
    }
    return render(request, "track/check.html", context)


def _of_page(request: TeamRequest, link_id: int) -> ShortLink:
    rows = ShortLink.objects.visible_to(request.user).select_related("campaign")
    return get_object_or_404(rows, pk=link_id)
