"""Who calls the API, and whether the call is within the token's scopes."""

from __future__ import annotations

import hmac
from typing import cast

from django.conf import settings
from django.db.models import Q
from django.http import HttpRequest
from django.utils import timezone
from ninja.security import HttpBearer

from muster.kit.errors import Forbidden
from muster.kit.words import _
from muster.team.lacking import givers, right_name
from muster.team.roles import SCOPES
from muster.team.tokens.models import Token, hash_of
from muster.team.users.models import MACHINE, User

ADMIN = "admin"
"""The holder's name of the local admin token."""


class Scoped(HttpBearer):
    """Bearer authentication that also demands one scope, and the person's own permission."""

    def __init__(self, scope: str) -> None:
        super().__init__()
        self.scope = scope
        self.permission = SCOPES[scope]

    def authenticate(self, request: HttpRequest, token: str) -> User | None:
        holder = identify(request, token)
        if holder is None:
            return None
        user, scopes = holder
        _demand(user, scopes, self.scope)
        request.user = user
        return user


def scope(name: str) -> Scoped:
    """Authentication for an operation: `auth=scope("people:read")`."""
    return Scoped(name)


def has_scope(request: HttpRequest, name: str) -> bool:
    """Whether token and person may also do this; for answers that show more to some."""
    scopes = getattr(request, "token_scopes", None)
    user = cast(User, request.user)
    return (scopes is None or name in scopes) and user.may(SCOPES[name])


def demand(request: HttpRequest, name: str) -> None:
    """Refuse what this call asks beyond its own scope, unless token and person may do it too."""
    _demand(cast(User, request.user), getattr(request, "token_scopes", None), name)


def _demand(user: User, scopes: frozenset[str] | None, name: str) -> None:
    permission = SCOPES[name]
    if scopes is not None and name not in scopes:
        forbidden = Forbidden(
            _(
                "This token lacks the scope %(scope)s (“%(right)s”). %(givers)s can make a token"
                " that has it."
            ),
            scope=name,
            right=right_name(permission),
            givers=givers("settings.manage"),
        )
        forbidden.scope = name
    elif not user.may(permission):
        forbidden = Forbidden(
            _("%(name)s lacks the right “%(right)s”. %(givers)s can give it."),
            name=str(user),
            right=right_name(permission),
            givers=givers(permission),
        )
    else:
        return
    forbidden.permission = permission
    raise forbidden


def identify(request: HttpRequest, token: str) -> tuple[User, frozenset[str] | None] | None:
    """The person behind a token and its scopes; None for scopes means all of them."""
    if hmac.compare_digest(token.encode(), settings.DATA.admin_token().encode()):
        owner = User.objects.filter(role="owner", is_active=True).order_by("id").first()
        request.token_holder = ADMIN  # type: ignore[attr-defined]
        request.token_scopes = None  # type: ignore[attr-defined]
        return (owner or _machine(), None)
    now = timezone.now()
    found = (
        Token.objects.select_related("user")
        .filter(hash=hash_of(token), revoked_at=None, user__is_active=True)
        .filter(Q(expires_at=None) | Q(expires_at__gt=now))
        .first()
    )
    if found is None:
        return None
    if found.last_used_at is None or (now - found.last_used_at).total_seconds() > 60:
        Token.objects.filter(pk=found.pk).update(last_used_at=now)
    scopes = frozenset(found.scopes)
    request.token_holder = found.public_id  # type: ignore[attr-defined]
    request.token_scopes = scopes  # type: ignore[attr-defined]
    return found.user, scopes


def _machine() -> User:
    """Who acts before set-up is done: the machine's owner, who has no row yet."""
    user, _made = User.objects.get_or_create(
        email=MACHINE, defaults={"name": "Owner", "role": "owner", "password": "!"}
    )
    return user
