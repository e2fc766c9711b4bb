"""API tokens and write keys, for programs that set programs up."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from ninja import Router, Status

from muster.kit.errors import Forbidden, NotFound
from muster.kit.words import _
from muster.team.bodies import Strict
from muster.team.tokens.actions import make_token, make_write_key
from muster.team.tokens.auth import scope
from muster.team.users.models import User

router = Router(tags=["tokens"])


class NewToken(Strict):
    """What the token is for."""

    name: str
    scopes: list[str]
    user: str | None = None


class NewKey(Strict):
    """Which site or shop uses the key."""

    name: str


@router.post("", auth=scope("settings:manage"), response={201: dict[str, Any]})
def add_token(request: HttpRequest, body: NewToken) -> Status[dict[str, Any]]:
    """Make a token; the secret is shown this once."""
    by: User = request.user  # type: ignore[assignment]
    user = User.objects.filter(email=body.user.strip().lower()).first() if body.user else by
    if user is None:
        raise NotFound(_("Nobody with the address %(email)s works here."), email=body.user)
    own = getattr(request, "token_scopes", None)
    if own is not None and not own.issuperset(body.scopes):
        raise Forbidden(
            _("A token cannot make one that may do more. This one has: %(own)s."),
            own=", ".join(sorted(own)),
        )
    token, secret = make_token(body.name, body.scopes, user=user, by=by)
    return Status(
        201, {"id": token.public_id, "name": token.name, "scopes": token.scopes, "token": secret}
    )


@router.post("/keys", auth=scope("settings:manage"), response={201: dict[str, Any]})
def add_key(request: HttpRequest, body: NewKey) -> Status[dict[str, Any]]:
    """Make a write key for the collector; valid at once."""
    key = make_write_key(body.name, by=request.user)  # type: ignore[arg-type]
    return Status(201, {"id": key.public_id, "name": key.name, "key": key.key})
