"""Who may take back what was changed in people."""

from __future__ import annotations

from muster.team.changes.actions import undo_needs

undo_needs("segments.edit", "people.segment")
undo_needs("campaigns.edit", "people.persona")
undo_needs("leads.work", "people.lead")
undo_needs("leads.model", "people.scoremodel", "people.handover")
undo_needs("leads.work", "people.account", "people.accountperson")
undo_needs("consent.edit", "people.topic")
undo_needs("settings.manage", "people.consentterms")
