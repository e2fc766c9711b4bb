"""A right that somebody lacks: what it is called, and who can give it (ux §1.9)."""

from __future__ import annotations

from django.utils.translation import get_language, gettext

from muster.kit.errors import Forbidden
from muster.kit.words import _
from muster.team.roles import PERMISSIONS
from muster.team.users.models import MACHINE, User
from muster.ui.formats import listed

_RANK = {"owner": 0, "admin": 1}
_MOST = 3
"""So many names are enough to ask somebody."""


def lacking(permission: str) -> Forbidden:
    """The refusal to somebody who lacks this right; names the right and who can give it."""
    forbidden = Forbidden(
        _("You lack the right “%(right)s”. %(givers)s can give it to you."),
        right=right_name(permission),
        givers=givers(permission),
    )
    forbidden.permission = permission
    return forbidden


def right_name(permission: str) -> str:
    """What a right is called, in the reader's language."""
    return gettext(PERMISSIONS[permission])


def givers(permission: str) -> str:
    """Who can give the right: colleagues by name, owners first."""
    return listed(able(permission), get_language() or "en") or gettext("An owner or admin")


def able(permission: str) -> list[User]:
    """Colleagues who can give the right, owners first; no more than one would ask."""
    rows = User.objects.filter(is_active=True).exclude(email=MACHINE).select_related("own_role")
    found = [one for one in rows.order_by("pk") if {"team.manage", permission} <= one.permissions]
    found.sort(key=lambda one: _RANK.get(one.role, len(_RANK)))
    return found[:_MOST]
