"""Who started a send hears what became of it, once."""

from __future__ import annotations

import pytest
from django.utils import timezone

from muster.channels.sending.actions import resume, stop
from muster.channels.sending.models import Send
from muster.channels.sending.telling import tell_what_ended
from muster.plan.overview.actions import start_campaign
from muster.team.models import Notice

pytestmark = pytest.mark.django_db


@pytest.fixture
def send(owner, user_with):
    today = timezone.localdate()
    campaign = start_campaign(
        name="Double 11",
        starts=today,
        ends=today,
        currency="CNY",
        owner=user_with("manager", "Li Qiang"),
        by=owner,
    )
    return Send.objects.create(
        campaign=campaign,
        name="B2",
        channel="email",
        rule={"trait": "email", "op": "exists"},
        by=owner,
    )


def becomes(send, **fields):
    Send.objects.filter(pk=send.pk).update(**fields)
    send.refresh_from_db()


def test_its_end_is_told_once_to_whoever_started_it_and_to_the_owner(send):
    becomes(send, status="done", ended_at=timezone.now())
    assert [tell_what_ended(timezone.now()) for _ in range(2)] == [1, 0]
    assert {str(notice) for notice in Notice.objects.all()} == {"“B2” is sent."}
    assert {notice.to.name for notice in Notice.objects.all()} == {"Wang Min", "Li Qiang"}


def test_a_pause_of_its_own_is_told_each_time_it_happens(send, owner):
    becomes(send, status="paused", trouble="421 later")
    assert [tell_what_ended(timezone.now()) for _ in range(2)] == [1, 0]
    resume(send, by=owner)
    assert not Notice.objects.filter(closed_at=None).exists()
    becomes(send, status="paused", trouble="421 later")
    assert tell_what_ended(timezone.now()) == 1


def test_who_stops_it_need_not_be_told(send, owner):
    becomes(send, status="sending")
    stop(send, by=owner)
    assert [str(notice) for notice in Notice.objects.all()] == ["Wang Min stopped “B2”."]
    assert Notice.objects.get().to.name == "Li Qiang"
