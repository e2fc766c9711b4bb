"""What the palette offers of the team: settings, members, one's own profile."""

from __future__ import annotations

from collections.abc import Iterable

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from muster.team.users.models import User
from muster.ui.palette import Entry, entries

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
