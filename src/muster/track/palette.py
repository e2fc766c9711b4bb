"""What the command palette finds of tracking."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from muster.ui.palette import Entry, entries


@entries
def links(user: Any, query: str) -> Iterable[Entry]:
    """The pages of links."""
    if user.may("content.see"):
        more = ("utm", "qr", "poster", "short link")
        yield Entry("go", _("Links and codes"), reverse("track:links"), _("Content"), "link", more)
        check = reverse("track:link_check")
        yield Entry("go", _("Check links"), check, _("Content"), "checks", ("utm",))
