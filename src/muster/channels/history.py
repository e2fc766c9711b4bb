"""Who may take back what was changed in the channels."""

from __future__ import annotations

from muster.team.changes.actions import undo_needs

undo_needs("sends.edit", "channels.send")
