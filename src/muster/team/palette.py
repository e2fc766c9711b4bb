"""What the palette offers of the team: settings, members, one's own profile."""

from __future__ import annotations

from collections.abc import Iterable

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from muster.team.users.models import User
from muster.ui.palette import Entry, Help, entries, helps, matches

_FEW = 5
_PLACES = (
    (_("Members"), "team:members", "team.manage", _("Settings"), ("members", "roles", "invite")),
    (_("Workspace"), "team:general", "settings.manage", _("Settings"), ("currency", "quiet hours")),
    (_("Tokens and write keys"), "team:tokens", "settings.manage", _("Settings"), ("api", "t.js")),
    (_("My profile"), "team:profile", "work.see", _("Settings"), ("language", "theme")),
    (_("Notices"), "team:notices", "work.see", _("Page"), ("notifications", "bell")),
    (_("Leave"), "team:leave", "work.see", _("Settings"), ("away", "vacation")),
    (_("Roles"), "team:roles", "team.manage", _("Settings"), ("permissions", "rights")),
    (
        _("Working calendar"),
        "team:holidays",
        "settings.manage",
        _("Settings"),
        ("holidays", "calendar"),
    ),
    (_("Group robots"), "team:robots", "settings.manage", _("Settings"), ("wecom", "dingtalk")),
    (_("Jobs"), "team:jobs", "work.see", _("Settings"), ("imports", "progress")),
)


@entries
def _settings(user: User, query: str) -> Iterable[Entry]:
    for title, route, permission, hint, words in _PLACES:
        if user.may(permission):
            yield Entry("go", title, reverse(route), hint, "settings", words)
    if user.may("team.manage"):
        yield Entry("do", _("Invite a colleague"), reverse("team:members"), icon="user-plus")


@entries
def _colleagues(user: User, query: str) -> Iterable[Entry]:
    """People who work here: their page for those who manage members, else what they answer for."""
    if not query or not (user.may("team.manage") or user.may("campaigns.see")):
        return
    people = User.objects.filter(is_active=True).select_related("own_role").order_by("name")
    for one in [one for one in people if matches(str(one), query)][:_FEW]:
        url = (
            reverse("team:member", args=[one.pk])
            if user.may("team.manage")
            else f"/campaigns?owner={one.pk}"
        )
        yield Entry("go", str(one), url, one.role_name, "user", of="people")


_HELP: tuple[Help, ...] = (
    (
        _("My work: in which order, and by which keys"),
        "team:work",
        "work.see",
        _(
            "J and K walk through the list, Enter opens the line at the right. E is done or"
            " approved, R sends back, D hands over, N nudges, H puts it off, X selects, Z takes the"
            " last thing back."
        ),
        ("我的工作", "inbox", "keys"),
    ),
    (
        _("Roles: giving and taking rights"),
        "team:roles",
        "team.manage",
        _(
            "What is not ticked, the role may not do. You can neither give nor take a right that"
            " you do not have yourself."
        ),
        ("角色", "权限", "rights", "permissions"),
    ),
)


@helps
def _help(user: User, at: str) -> Iterable[Entry]:
    for title, route, permission, hint, words in _HELP:
        if user.may(permission):
            yield Entry("help", title, f"{reverse(route)}#shortcuts", hint, "help-circle", words)
