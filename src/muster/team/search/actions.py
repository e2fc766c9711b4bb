"""What people do with the palette: keep an entry at the top, or no longer."""

from __future__ import annotations

from django.db import transaction
from django.utils.http import url_has_allowed_host_and_scheme

from muster.kit.errors import Invalid, Refused
from muster.kit.words import _
from muster.team.search.models import Pin
from muster.team.users.models import User

MOST = 12


def pins_of(user: User) -> dict[str, str]:
    """Address → title of what this person pinned, in the order of pinning."""
    return dict(Pin.objects.filter(user=user).values_list("url", "title"))


@transaction.atomic
def pin(url: str, title: str, *, by: User) -> bool:
    """Keep this entry at the top, or no longer if it is; says whether it is pinned now."""
    # An address of this house only: what stands in the palette is trusted.
    is_ours = url.startswith("/") and url_has_allowed_host_and_scheme(url, allowed_hosts=None)
    if not is_ours or len(url) > 300 or not title.strip():
        raise Invalid.at("/url", "bad_address", _("Only pages of Muster can be pinned."))
    if Pin.objects.filter(user=by, url=url).delete()[0]:
        return False
    if Pin.objects.select_for_update().filter(user=by).count() >= MOST:
        raise Refused(_("At most %(most)s entries are pinned. Take one away first."), most=MOST)
    Pin.objects.create(user=by, url=url, title=title.strip()[:120])
    return True
