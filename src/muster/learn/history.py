"""Who may take back what was changed in the lessons."""

from __future__ import annotations

from muster.team.changes.actions import undo_needs

undo_needs("retro.edit", "learn.card", "learn.retro")
