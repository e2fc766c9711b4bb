"""Who may take back what was changed in the team."""

from __future__ import annotations

from muster.team.changes.actions import undo_needs
from muster.team.permissions import SIGNED_IN

undo_needs("team.manage", "team.user", "team.ownrole")
undo_needs("settings.manage", "team.workspace")
undo_needs(SIGNED_IN, "team.comment")
