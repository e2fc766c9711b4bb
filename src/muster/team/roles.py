"""Who may do what: the one table of roles and permissions (PF1).

Deny by default: what is not listed for a role, the role may not do.
"""

from __future__ import annotations

from collections.abc import Container
from dataclasses import dataclass

from muster.kit.words import _

PERMISSIONS = {
    "campaigns.see": _("See campaigns, goals and plans"),
    "campaigns.edit": _("Create and change campaigns and goals"),
    "budget.see": _("See budgets and costs"),
    "budget.edit": _("Change budgets and book costs"),
    "budget.rates": _("See and set what an hour of work costs"),
    "approvals.decide": _("Approve or send back"),
    "materials.see": _("See materials and where they lie"),
    "materials.edit": _("Take in, reserve, hand out and transfer materials"),
    "materials.count": _("Count materials"),
    "people.see": _("See people, masked"),
    "people.pii": _("See names, addresses and phones in clear"),
    "people.import": _("Import people and change what is known of them"),
    "people.export": _("Export people"),
    "consent.edit": _("Record consent and refusals"),
    "segments.see": _("See and use segments"),
    "segments.edit": _("Create and change segments"),
    "leads.work": _("See and work on one's own leads, and see accounts"),
    "leads.all": _("See everybody's leads and give them out"),
    "leads.model": _("Set scoring and the hand-over to sales"),
    "content.see": _("See e-mails and their previews"),
    "content.edit": _("Create and change e-mails"),
    "sends.see": _("See sends and who got them"),
    "sends.edit": _("Prepare sends and ask for approval"),
    "sends.start": _("Start sends that are approved"),
    "sends.pause": _("Pause and stop sends"),
    "insights.see": _("See results and reports"),
    "retro.edit": _("Write retrospectives"),
    "library.see": _("Read retrospectives and playbooks"),
    "work.see": _("See one's own work"),
    "team.manage": _("Invite colleagues and set roles"),
    "settings.manage": _("Change settings, write keys and tokens"),
}

_EVERYTHING = frozenset(PERMISSIONS)
_READ = frozenset({"work.see", "campaigns.see", "content.see", "library.see", "materials.see"})


@dataclass(frozen=True)
class Role:
    """A named set of permissions."""

    key: str
    name: str
    permissions: frozenset[str]


ROLES = {
    role.key: role
    for role in [
        Role("owner", _("Owner"), _EVERYTHING),
        Role("admin", _("Admin"), _EVERYTHING),
        Role(
            "manager",
            _("Campaign manager"),
            _EVERYTHING
            - {"team.manage", "settings.manage", "people.export", "people.pii", "budget.rates"},
        ),
        Role("content", _("Content and design"), _READ | {"content.edit", "insights.see"}),
        Role(
            "operator",
            _("Channel operator"),
            _READ
            | {
                "budget.see",
                "people.see",
                "segments.see",
                "segments.edit",
                "content.edit",
                "sends.see",
                "sends.edit",
                "sends.start",
                "sends.pause",
                "insights.see",
                "people.import",
                "consent.edit",
                "materials.edit",
                "materials.count",
            },
        ),
        Role(
            "analyst",
            _("Analyst"),
            _READ
            | {
                "budget.see",
                "people.see",
                "segments.see",
                "segments.edit",
                "sends.see",
                "insights.see",
                "retro.edit",
            },
        ),
        Role(
            "sales",
            _("Sales"),
            _READ | {"people.see", "segments.see", "insights.see", "leads.work"},
        ),
        Role(
            "executive",
            _("Executive"),
            _READ
            | {
                "budget.see",
                "budget.rates",
                "approvals.decide",
                "sends.see",
                "sends.pause",
                "insights.see",
            },
        ),
        Role(
            "legal",
            _("Legal reviewer"),
            _READ | {"approvals.decide", "sends.see", "sends.pause", "segments.see"},
        ),
        Role(
            "store",
            _("Store staff"),
            frozenset({"work.see", "materials.see", "materials.count"}),
        ),
        Role("service", _("Service agent"), frozenset({"work.see", "people.see", "consent.edit"})),
        Role("vendor", _("Vendor guest"), frozenset({"work.see"})),
    ]
}
"""Key → role, in the order in which pages list them."""


@dataclass(frozen=True)
class Preset:
    """A role that many teams make for themselves: offered ready, and changed before it is kept."""

    key: str
    name: str
    base: str
    more: frozenset[str]
    """What it may do beyond its base."""


PRESETS = {
    "finance": Preset("finance", _("Finance"), "executive", frozenset({"budget.edit"})),
}


def keeps_the_books(permissions: Container[str]) -> bool:
    """Whether these are the rights of those who post what was spent, but run no campaign."""
    return (
        "budget.edit" in permissions
        and "budget.rates" in permissions
        and "campaigns.edit" not in permissions
    )


SCOPES = {
    "people:read": "people.see",
    "people:pii": "people.pii",
    "people:write": "people.import",
    "consents:write": "consent.edit",
    "segments:read": "segments.see",
    "segments:write": "segments.edit",
    "leads:read": "leads.work",
    "leads:write": "leads.work",
    "leads:model": "leads.model",
    "campaigns:read": "campaigns.see",
    "campaigns:write": "campaigns.edit",
    "budget:read": "budget.see",
    "budget:write": "budget.edit",
    "materials:read": "materials.see",
    "materials:write": "materials.edit",
    "content:read": "content.see",
    "content:write": "content.edit",
    "sends:read": "sends.see",
    "sends:write": "sends.edit",
    "sends:approve": "approvals.decide",
    "sends:start": "sends.start",
    "sends:pause": "sends.pause",
    "reports:read": "insights.see",
    "retros:write": "retro.edit",
    "jobs:read": "work.see",
    "notices:read": "work.see",
    "notices:write": "work.see",
    "comments:read": "work.see",
    "comments:write": "work.see",
    "tasks:read": "work.see",
    "tasks:write": "work.see",
    "team:read": "campaigns.see",
    "team:manage": "team.manage",
    "settings:manage": "settings.manage",
}
"""Scope of a token → the permission that the person behind the token must have too."""
