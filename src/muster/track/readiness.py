"""What tracking asks before a launch (PL8): will it be known where people came from?"""

from __future__ import annotations

from collections.abc import Iterator

from django.urls import reverse
from django.utils.translation import get_language

from muster.kit.words import _
from muster.plan.campaigns.channels import channel_name
from muster.plan.campaigns.models import Campaign
from muster.plan.readiness.checks import Finding, check
from muster.track.links.models import ShortLink
from muster.track.utm.checking import check as check_tags
from muster.track.utm.naming import naming
from muster.ui import formats

_TAGS_ITSELF = "email"
"""Links in e-mails get their tags when the mail is made."""


def _tagged_by_people(campaign: Campaign) -> list[str]:
    return [channel for channel in campaign.channels if channel != _TAGS_ITSELF]


def leads_in(campaign: Campaign) -> bool:
    """Whether people come by channels whose links somebody has to tag."""
    return bool(_tagged_by_people(campaign))


@check("tracking", _("Every channel has its tagged link"), fits=leads_in)
def utm_plan_is_complete(campaign: Campaign) -> Iterator[Finding]:
    links = ShortLink.objects.filter(campaign=campaign, deleted_at=None)
    tagged = set(links.values_list("channel", flat=True))
    # An address that somebody tagged elsewhere counts as well.
    tagged |= {
        cell.channel
        for cell in campaign.cells.all()
        if cell.link and all(one.is_mended for one in check_tags(cell.link, naming()).findings)
    }
    place = reverse("track:links") + f"?campaign={campaign.pk}"
    language = get_language() or "en"
    missing = [one for one in _tagged_by_people(campaign) if one not in tagged]
    if missing:
        yield Finding(
            _(
                "No tagged link leads here from: %(channels)s. Nobody will know who came that way. "
                "Make a short link for each."
            ),
            place,
            params={"channels": formats.listed(list(map(channel_name, missing)), language)},
        )
    for channel in tagged.intersection(campaign.channels) - naming().channels.keys():
        yield Finding(
            _(
                "The table of names does not know “%(channel)s”: visits from there count as "
                "others. Choose one of its channels."
            ),
            place,
            params={"channel": channel_name(channel)},
        )
