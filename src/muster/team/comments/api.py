"""Comments in the API."""

from __future__ import annotations

from typing import Any, cast

from django.http import HttpRequest
from ninja import Query, Router, Schema, Status

from muster.kit import ids
from muster.kit.errors import NotFound
from muster.team.bodies import Strict
from muster.team.comments import actions
from muster.team.comments.models import Comment
from muster.team.comments.subjects import about, may_see
from muster.team.lookup import found
from muster.team.paging import Page, Paging, page
from muster.team.tokens.auth import scope
from muster.team.users.models import User

router = Router(tags=["comments"])


class NewComment(Strict):
    """What to say, and about what."""

    about: str
    text: str


class ChangedComment(Strict):
    """New words, or whether it is settled; what is left out stays."""

    text: str | None = None
    resolved: bool | None = None


def shown(comment: Comment) -> dict[str, Any]:
    """A comment as the API speaks of it."""
    return {
        "id": comment.public_id,
        "about": ids.public(comment.kind, comment.object_id),
        "text": comment.text,
        "mentions": [ids.public("user", pk) for pk in comment.mentions],
        "by": {"id": comment.by.public_id, "name": comment.by.name},
        "at": comment.at,
        "edited_at": comment.edited_at,
        "resolved_at": comment.resolved_at,
    }


class About(Schema):
    """The thing that is talked about."""

    about: str


@router.get("", auth=scope("comments:read"), response=Page[dict[str, Any]])
def list_comments(
    request: HttpRequest, paging: Query[Paging], wanted: Query[About]
) -> dict[str, object]:
    """What was said about a thing, newest first."""
    kind, number, _thing = about(_user(request), wanted.about)
    rows = Comment.objects.filter(kind=kind, object_id=number, deleted_at=None)
    return page(rows.select_related("by"), paging, shown)


@router.post("", auth=scope("comments:write"), response={201: dict[str, Any]})
def add_comment(request: HttpRequest, body: NewComment) -> Status[dict[str, Any]]:
    """Say something; `@name` tells a colleague."""
    user = _user(request)
    kind, number, thing = about(user, body.about)
    return Status(201, shown(actions.write(kind, number, thing, body.text, by=user)))


@router.patch("/{comment_id}", auth=scope("comments:write"), response=dict[str, Any])
def change_comment(request: HttpRequest, comment_id: str, body: ChangedComment) -> dict[str, Any]:
    """Change one's own words, or settle it."""
    user, comment = _user(request), _seen(request, comment_id)
    if body.text is not None:
        actions.edit(comment, body.text, by=user)
    if body.resolved is not None:
        actions.resolve(comment, by=user, settled=body.resolved)
        comment.refresh_from_db()
    return shown(comment)


@router.delete("/{comment_id}", auth=scope("comments:write"), response={204: None})
def delete_comment(request: HttpRequest, comment_id: str) -> Status[None]:
    """Take one's own words back."""
    actions.delete(_seen(request, comment_id), by=_user(request))
    return Status(204, None)


def _seen(request: HttpRequest, comment_id: str) -> Comment:
    rows = Comment.objects.filter(deleted_at=None).select_related("by")
    comment = found(rows, "comment", comment_id)
    if not may_see(_user(request), comment.kind, comment.object_id):
        raise NotFound
    return comment


def _user(request: HttpRequest) -> User:
    return cast(User, request.user)
