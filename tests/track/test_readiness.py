"""What tracking asks before a launch: every channel has a link whose visits are known."""

from __future__ import annotations

from datetime import date

import pytest

from muster.plan.campaigns.models import Campaign
from muster.plan.readiness.checks import readiness
from muster.track.links.actions import make_link, remove

pytestmark = pytest.mark.django_db
KEY = "tracking.utm_plan_is_complete"


@pytest.fixture
def campaign(owner):
    return Campaign.objects.create(
        name="Tea", starts=date(2030, 11, 1), ends=date(2030, 11, 30), currency="CNY", owner=owner,
        channels=["email", "store", "social"],
    )  # fmt: skip


def named(campaign):
    found = readiness(campaign).answer(KEY).open
    assert all(finding.blocks for finding in found)
    return [finding.params["channels"] for finding in found]


def test_every_channel_needs_a_link_but_the_mail_which_tags_itself(campaign, owner):
    assert named(campaign) == ["Stores and Social media"]
    link = make_link("https://tea.example", channel="store", by=owner, campaign=campaign)
    make_link("https://tea.example", channel="social", by=owner)  # of no campaign
    assert named(campaign) == ["Social media"]
    remove(link, by=owner)
    assert named(campaign) == ["Stores and Social media"]


def test_an_address_that_somebody_tagged_counts(campaign):
    cell = campaign.cells.create(
        stage="interest", channel="social", text="Post",
        link="https://tea.example/?utm_source=wechat&utm_medium=social&utm_campaign=tea",
    )  # fmt: skip
    assert named(campaign) == ["Stores"]
    cell.link = "https://tea.example/?utm_source=wechat"
    cell.save()
    assert named(campaign) == ["Stores and Social media"]


def test_a_channel_that_the_table_of_names_does_not_know_is_named(campaign, owner):
    campaign.channels = ["douyin"]
    make_link("https://tea.example", channel="douyin", by=owner, campaign=campaign)
    (finding,) = readiness(campaign).answer(KEY).open
    assert "does not know “douyin”" in str(finding)


def test_a_campaign_by_mail_alone_is_not_asked(campaign):
    campaign.channels = ["email"]
    assert readiness(campaign).answer(KEY) is None
