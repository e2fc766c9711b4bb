"""The talk about a thing, wherever a page includes it."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods, require_POST

from muster.kit import ids
from muster.kit.errors import NotFound
from muster.team.changes.offering import way_back
from muster.team.comments import actions
from muster.team.comments.models import Comment
from muster.team.comments.shown import comments_of
from muster.team.comments.subjects import about, may_see
from muster.team.http import TeamRequest
from muster.team.permissions import SIGNED_IN, allow
from muster.team.users.models import User
from muster.ui.palette import matches
from muster.ui.toasts import toast

LIST = "team/comments.html#talk"
DRAWER = "team/talk.html#drawer"
_NAMES = 8


@allow(SIGNED_IN)
@require_http_methods(["GET", "POST"])
def comments(request: TeamRequest, thing: str) -> HttpResponse:
    """What was said about a thing; a POST adds to it. In a drawer, or as a page of its own."""
    kind, number, found = about(request.user, thing)
    if request.method == "POST":
        actions.write(kind, number, found, request.POST.get("text", ""), by=request.user)
    shown = {**comments_of(request.user, thing, kind, number, found), "url": found.url}
    if not request.htmx:
        return render(request, "team/talk.html", shown)
    in_drawer = request.method == "GET" and "drawer" in request.GET
    return render(request, DRAWER if in_drawer else LIST, shown)


@allow(SIGNED_IN)
@require_POST
def edit(request: TeamRequest, comment_id: int) -> HttpResponse:
    """Change one's own words."""
    comment = _seen(request, comment_id)
    actions.edit(comment, request.POST.get("text", ""), by=request.user)
    return _talk(request, comment)


@allow(SIGNED_IN)
@require_POST
def delete(request: TeamRequest, comment_id: int) -> HttpResponse:
    """Take one's own words back."""
    comment = _seen(request, comment_id)
    change = actions.delete(comment, by=request.user)
    undo = way_back(change)
    return toast(_talk(request, comment), gettext("Comment taken back."), undo=undo)


@allow(SIGNED_IN)
@require_POST
def resolve(request: TeamRequest, comment_id: int) -> HttpResponse:
    """Say that it is settled, or open it again."""
    comment = _seen(request, comment_id)
    actions.resolve(comment, by=request.user, settled=comment.resolved_at is None)
    return _talk(request, comment)


@allow(SIGNED_IN)
def names(request: TeamRequest) -> HttpResponse:
    """Colleagues whose name fits what was typed after an @, also by pinyin."""
    query = request.GET.get("q", "")[:40]
    people = User.objects.filter(is_active=True).order_by("name")
    found = [one for one in people if one.name and (not query or matches(one.name, query))]
    return render(request, "team/comments.html#names", {"people": found[:_NAMES]})


def _seen(request: TeamRequest, comment_id: int) -> Comment:
    comment = Comment.objects.filter(pk=comment_id).select_related("by").first()
    if comment is None or not may_see(request.user, comment.kind, comment.object_id):
        raise NotFound
    return comment


def _talk(request: TeamRequest, comment: Comment) -> HttpResponse:
    thing = ids.public(comment.kind, comment.object_id)
    kind, number, found = about(request.user, thing)
    return render(request, LIST, comments_of(request.user, thing, kind, number, found))
