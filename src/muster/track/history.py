"""Who may take back what was changed in the tracking."""

from __future__ import annotations

from muster.team.changes.actions import undo_needs

undo_needs("content.edit", "track.shortlink")
