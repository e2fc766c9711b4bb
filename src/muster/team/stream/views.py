"""`/live`: tells an open page which of its things have news."""

from __future__ import annotations

from django.http import StreamingHttpResponse

from muster.kit.errors import NotFound
from muster.team.comments.subjects import about
from muster.team.http import TeamRequest
from muster.team.permissions import SIGNED_IN, allow
from muster.team.users.models import User
from muster.ui.live import stream

TOPICS = {
    "job": "work.see",
    "import": "people.see",
    "campaign": "campaigns.see",
    "calendar": "campaigns.see",
    "results": "insights.see",
    "send": "sends.see",
    "segment": "segments.see",
    "approval": "campaigns.see",
}
"""What a reader needs to follow a kind of thing; one that is not listed is followed by nobody."""
_BY_THING = {"comments", "here"}
"""Followed by those who may see the thing itself."""
_OWN = "notices"
"""A person follows their own notices and nobody else's."""


@allow(SIGNED_IN)
def live(request: TeamRequest) -> StreamingHttpResponse:
    """News of the topics in the query; it ends when the server does."""
    user = request.user

    def is_allowed(topic: str) -> bool:
        name, _colon, thing = topic.partition(":")
        if name == _OWN:
            return thing == user.public_id
        if name in _BY_THING:
            return _may_see(user, thing)
        permission = TOPICS.get(name)
        return permission is not None and user.may(permission)

    asked = request.GET.get("topics", "").split(",")
    response = StreamingHttpResponse(
        stream(asked, is_allowed), content_type="text/event-stream; charset=utf-8"
    )
    response.headers["Cache-Control"] = "no-store"
    response.headers["X-Accel-Buffering"] = "no"
    return response


def _may_see(user: User, thing: str) -> bool:
    try:
        about(user, thing)
    except NotFound:
        return False
    return True
