"""Who may take back what was changed in people."""

from __future__ import annotations

from muster.team.changes.actions import undo_needs

undo_needs("segments.edit", "people.segment")
undo_needs("campaigns.edit", "people.persona")
undo_needs("consent.edit", "people.topic")
