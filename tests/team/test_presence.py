"""Who looks at a page is known to those who may see the page, and to nobody else."""

from __future__ import annotations

from datetime import date

import pytest

from muster.plan.overview.actions import start_campaign
from muster.team.presence.models import Presence
from muster.team.stream import views
from muster.team.users.models import User

pytestmark = pytest.mark.django_db


@pytest.fixture
def page(owner):
    campaign = start_campaign(
        name="Double 11", starts=date(2026, 11, 4), ends=date(2026, 11, 15), currency="CNY",
        by=owner, goals=[],
    )  # fmt: skip
    return campaign.public_id


def test_guests_neither_see_nor_are_seen(client_for, owner, user_with, page):
    assert client_for(owner).post("/here", {"page": page}).status_code == 200
    guest = user_with("vendor", "Hong Press")
    answer = client_for(guest).post("/here", {"page": page})
    assert answer.status_code == 404
    assert owner.name not in answer.content.decode()
    assert list(Presence.objects.values_list("user", flat=True)) == [owner.pk]


@pytest.mark.parametrize("nothing", ["", "cmp_ZZZZZZZZ", "anything at all"])
def test_a_page_that_is_none_has_nobody(client_for, owner, nothing):
    assert client_for(owner).post("/here", {"page": nothing}).status_code == 404


@pytest.mark.parametrize(("role", "follows"), [("manager", True), ("vendor", False)])
def test_following_it_needs_the_same(rf, monkeypatch, user_with, page, role, follows):
    asked = {}

    async def stream(topics, is_allowed):
        asked.update({topic: is_allowed(topic) for topic in topics})
        yield b""

    def look(topics, is_allowed):
        asked.update({topic: is_allowed(topic) for topic in topics})
        return stream(topics, is_allowed)

    monkeypatch.setattr(views, "stream", look)
    request = rf.get("/live", {"topics": f"here:{page},comments:{page}"})
    request.user = User.objects.get(pk=user_with(role).pk)
    views.live(request)
    assert asked == {f"here:{page}": follows, f"comments:{page}": follows}
