"""What people do with tokens and write keys."""

from __future__ import annotations

import secrets
from collections.abc import Sequence

from django.db import IntegrityError, transaction
from django.utils import timezone

from muster.kit.errors import Invalid
from muster.kit.words import _
from muster.team.changes.actions import record_change
from muster.team.roles import SCOPES
from muster.team.tokens.models import Token, WriteKey, hash_of
from muster.team.users.models import User


@transaction.atomic
def make_token(
    name: str, scopes: Sequence[str], *, user: User, by: User | None
) -> tuple[Token, str]:
    """A token that acts for `user`; the second value is the secret, shown this once."""
    unknown = sorted(set(scopes) - set(SCOPES))
    if unknown:
        raise Invalid.at(
            "/scopes",
            "unknown_scope",
            _("There is no scope “%(scope)s”. Use some of: %(known)s."),
            scope=unknown[0],
            known=", ".join(SCOPES),
        )
    secret = "mt_" + secrets.token_urlsafe(32)
    token = Token.objects.create(
        name=name, hash=hash_of(secret), user=user, scopes=sorted(set(scopes))
    )
    record_change("token_made", token, by=by, scopes=token.scopes)
    return token, secret


@transaction.atomic
def revoke_token(token: Token, *, by: User) -> None:
    """The token stops working at once."""
    Token.objects.filter(pk=token.pk).update(revoked_at=timezone.now())
    record_change("token_revoked", token, by=by)


def make_write_key(name: str, *, by: User | None) -> WriteKey:
    """A key with which a site or shop hands in events; valid at once."""
    try:
        with transaction.atomic():
            key = WriteKey.objects.create(name=name)
            record_change("write_key_made", key, by=by)
    except IntegrityError as error:
        raise Invalid.at(
            "/name",
            "taken",
            _("There is a write key “%(name)s” already. Choose another name."),
            name=name,
        ) from error
    return key


@transaction.atomic
def revoke_write_key(key: WriteKey, *, by: User) -> None:
    """The collector refuses the key within seconds."""
    WriteKey.objects.filter(pk=key.pk).update(revoked_at=timezone.now())
    record_change("write_key_revoked", key, by=by)
