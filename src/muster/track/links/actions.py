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
from muster.track.utm.checking import check, right_value
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

    A campaign is named by its public id: names change, and two campaigns may share one. What the
    tags say follows the rules of names. Raises Invalid.
    """
    house = naming()
    source, medium = house.of(channel)
    said = {
        "campaign": campaign.public_id if campaign else name,
        "source": source,
        "medium": medium,
        "content": content,
        "term": term,
    }
    made = tag(url, **{key: right_value(f"utm_{key}", text, house) for key, text in said.items()})
    wrong = {finding.code for finding in check(made, house).findings}
    if "bad_address" in wrong or any(sign.isspace() for sign in url.strip()):
        raise Invalid.at("/target", "bad_address", BAD_ADDRESS)
    # A campaign may have channels of its own; its readiness says what becomes of their visits.
    known = {*house.channels, *(campaign.channels if campaign else ())}
    if "no_group" in wrong and channel not in known:
        raise Invalid.at(
            "/channel",
            "unknown_channel",
            _("The table of names does not know “%(channel)s”; possible are: %(channels)s."),
            channel=channel,
            channels=", ".join(house.channels),
        )
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
    made = tagged(
        target.strip(), channel=channel, campaign=campaign, name=name, content=placement, term=term
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
