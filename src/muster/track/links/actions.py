"""What people do with short links (TR1, TR2): make one with its tags, take one away."""

from __future__ import annotations

from django.db import transaction
from django.utils import timezone

from muster.kit.errors import Invalid
from muster.kit.words import _
from muster.plan.campaigns.models import Campaign
from muster.team.changes.actions import record_change
from muster.team.changes.models import Change
from muster.team.users.models import User
from muster.track.links.models import ShortLink
from muster.track.utm.checking import check
from muster.track.utm.naming import naming
from muster.track.utm.rules import tag

LONGEST = 2000
BAD_ADDRESS = _("This is no address of the web. Write it in full, such as https://example.com/.")


def tagged(
    url: str,
    *,
    channel: str,
    campaign: Campaign | None,
    name: str = "",
    content: str = "",
    term: str = "",
) -> str:
    """The address with the tags of its channel and campaign; what it says itself stays.

    A campaign is named by its public id: names change, and two campaigns may share one.
    """
    source, medium = naming().of(channel)
    said = campaign.public_id if campaign else name
    made = tag(url, campaign=said, source=source, medium=medium, content=content, term=term)
    checked = check(made, naming())
    bad = next((one for one in checked.findings if one.code == "bad_address"), None)
    if bad or any(sign.isspace() for sign in url.strip()):
        raise Invalid.at("/target", "bad_address", BAD_ADDRESS)
    return made


@transaction.atomic
def make_link(
    target: str,
    *,
    channel: str,
    by: User,
    campaign: Campaign | None = None,
    placement: str = "",
    name: str = "",
    term: str = "",
) -> ShortLink:
    """A short link to the address with its tags. Raises Invalid."""
    if not channel.strip():
        raise Invalid.at("/channel", "missing", _("Say for which channel the link is."))
    placement = placement.strip()
    content = "-".join(placement.lower().split())
    made = tagged(
        target.strip(), channel=channel, campaign=campaign, name=name, content=content, term=term
    )
    if len(made) > LONGEST:
        raise Invalid.at("/target", "too_long", _("The address is longer than 2000 letters."))
    link = ShortLink.objects.create(
        campaign=campaign, channel=channel[:40], placement=placement[:80], target=made, by=by
    )
    record_change("made", link, by=by, campaign=campaign.pk if campaign else None)
    return link


@transaction.atomic
def remove(link: ShortLink, *, by: User) -> Change:
    """Take a link away: it leads nowhere any more until it is brought back."""
    link.deleted_at = timezone.now()
    link.save(update_fields=["deleted_at"])
    return record_change(
        "removed", link, by=by, undo={"deleted_at": None}, campaign=link.campaign_id
    )
