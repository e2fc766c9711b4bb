"""What the parts of a page share, and that nothing of it outlives the look."""

from __future__ import annotations

import pytest
from django.urls import reverse

from muster.plan.campaigns.once import looking
from muster.plan.readiness.checks import glance
from muster.plan.tasks.models import Task
from muster.plan.tasks.planning import plan_of
from muster.team.lookup import Addresses

pytestmark = pytest.mark.django_db


def test_while_a_campaign_is_looked_at_its_plan_is_read_once(campaign):
    Task.objects.create(campaign=campaign, title="Copy")
    with looking(campaign):
        first = plan_of(campaign)
        assert plan_of(campaign) is first
        with looking(campaign):
            assert plan_of(campaign) is first
        assert glance(campaign) is glance(campaign)
    Task.objects.create(campaign=campaign, title="Picture")
    assert [task.title for task in plan_of(campaign).tasks] == ["Copy", "Picture"]


def test_a_page_shows_what_was_changed_before_it(campaign, client_for, owner):
    client, url = client_for(owner), f"/c/{campaign.public_id}/plan/list"
    client.post(f"/c/{campaign.public_id}/plan/add", {"text": "Copy", "phase": "peak"})
    assert ">Copy</a>" in client.get(url).content.decode()
    Task.objects.update(title="Words")
    assert ">Words</a>" in client.get(url).content.decode()


def test_addresses_of_many_things_are_those_of_each(campaign):
    found = Addresses("plan:move_task", "campaign", "task")
    for number in (1, 4711):
        task = Task(pk=number)
        assert found.of(campaign.public_id, task.public_id) == reverse(
            "plan:move_task", args=[campaign.pk, number]
        )
