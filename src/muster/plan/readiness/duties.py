"""Whose duty the answer to a check can be (PL8), in the reader's words."""

from __future__ import annotations

from django.utils.translation import gettext

from muster.kit.words import _
from muster.plan.readiness.rules import Duty
from muster.team.roles import ROLES

_DUTIES = {
    "": _("Whoever plans the campaign"),
    Duty.OWNER: _("The owner of the campaign"),
    Duty.ACCOUNTABLE: _("Those who are accountable (A) for a task"),
}


def duties() -> dict[str, str]:
    """Everybody whose duty a check can be: key → words."""
    # The owner of the workspace may answer for everything anyhow.
    roles = {role.key: gettext(role.name) for role in ROLES.values() if role.key != Duty.OWNER}
    return {str(key): gettext(words) for key, words in _DUTIES.items()} | roles


def duty_name(duty: str) -> str:
    """Whose duty it is; "" for whoever plans."""
    return duties().get(duty, duty) if duty else ""
