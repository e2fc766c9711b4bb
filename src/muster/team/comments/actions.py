"""What people do with comments: write, change, take away, settle."""

from __future__ import annotations

from django.db import transaction
from django.utils import timezone

from muster.kit import ids
from muster.kit.errors import Forbidden, Invalid, Refused
from muster.kit.words import _
from muster.team.changes.actions import record_change
from muster.team.changes.models import Change
from muster.team.comments.models import Comment
from muster.team.comments.rules import mentioned
from muster.team.comments.subjects import About, may_see
from muster.team.notices.actions import notify
from muster.team.users.models import User

_MOST = 4000


@transaction.atomic
def write(kind: str, number: int, about: About, text: str, *, by: User) -> Comment:
    """Say something about a thing; whoever is named, or works on it, is told."""
    text = _checked(text)
    comment = Comment.objects.create(
        kind=kind,
        object_id=number,
        campaign_id=about.campaign,
        text=text,
        mentions=_mentions(text),
        by=by,
    )
    _tell(comment, about, before=set())
    return comment


@transaction.atomic
def edit(comment: Comment, text: str, *, by: User) -> Comment:
    """Change one's own words; only newly named people are told."""
    _own(comment, by)
    before = set(comment.mentions)
    comment.text, comment.edited_at = _checked(text), timezone.now()
    comment.mentions = _mentions(comment.text)
    comment.save(update_fields=["text", "mentions", "edited_at"])
    about = may_see(by, comment.kind, comment.object_id)
    if about is not None:
        _tell(comment, about, before=before, is_new=False)
    return comment


@transaction.atomic
def delete(comment: Comment, *, by: User) -> Change:
    """Take one's own words back; they can be restored."""
    _own(comment, by)
    Comment.objects.filter(pk=comment.pk).update(deleted_at=timezone.now())
    return record_change("comment_deleted", comment, by=by, undo={"deleted_at": None})


def resolve(comment: Comment, *, by: User, settled: bool) -> None:
    """Say that nothing is left to do about it, or that there is."""
    at = timezone.now() if settled else None
    Comment.objects.filter(pk=comment.pk).update(resolved_at=at)


def _checked(text: str) -> str:
    text = text.strip()
    if not text:
        raise Invalid.at("/text", "blank", _("Write something first."))
    if len(text) > _MOST:
        raise Invalid.at(
            "/text", "too_long", _("A comment has at most %(most)s characters."), most=_MOST
        )
    return text


def _own(comment: Comment, by: User) -> None:
    if comment.by_id != by.pk:
        raise Forbidden(_("Only who wrote a comment can change it."))
    if comment.deleted_at is not None:
        raise Refused(_("The comment was taken back."))


def _mentions(text: str) -> list[int]:
    if "@" not in text and "＠" not in text:
        return []
    people = User.objects.filter(is_active=True).order_by("-pk")
    return mentioned(text, dict(people.values_list("name", "pk")))


def _tell(comment: Comment, about: About, *, before: set[int], is_new: bool = True) -> None:
    by = comment.by
    named = [
        user
        for user in User.objects.filter(pk__in=set(comment.mentions) - before, is_active=True)
        if may_see(user, comment.kind, comment.object_id)
    ]
    told = {
        "url": about.talk(ids.public(comment.kind, comment.object_id)),
        "params": {"who": str(by), "thing": str(about.thing), "quote": comment.text[:300]},
        "by": by,
        "campaign": about.campaign,
    }
    notify("mention", about.thing, named, _("%(who)s mentioned you on “%(thing)s”."), **told)  # type: ignore[arg-type]
    if not is_new:
        return
    talking = Comment.objects.filter(
        kind=comment.kind, object_id=comment.object_id, deleted_at=None
    ).values("by")
    others = {user.pk: user for user in User.objects.filter(pk__in=talking, is_active=True)}
    others |= {user.pk: user for user in about.people if user.is_active}
    for user in [*named, by]:
        others.pop(user.pk, None)
    seeing = [user for user in others.values() if may_see(user, comment.kind, comment.object_id)]
    notify("comment", about.thing, seeing, _("%(who)s commented on “%(thing)s”."), **told)  # type: ignore[arg-type]
