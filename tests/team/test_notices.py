"""Notices: one per thing and person, renewed in place."""

from __future__ import annotations

import pytest

from muster.team.notices.actions import close, notify
from muster.team.notices.models import Notice

pytestmark = pytest.mark.django_db


def test_news_of_the_same_thing_renews_the_notice(owner, user_with, workspace):
    legal = user_with("legal")
    for times in (1, 2, 3):
        (notice,) = notify(
            "approval_asked", workspace, [legal, legal], "Please decide.", url="/x", by=owner
        )
        assert (notice.times, Notice.objects.count()) == (times, 1)


def test_whoever_did_it_is_not_told(owner, workspace):
    assert notify("mention", workspace, [owner], "Hello.", url="/", by=owner) == []


def test_what_is_done_goes_away_and_comes_back_as_new(owner, user_with, workspace):
    legal = user_with("legal")
    notify("approval_asked", workspace, [legal], "Please decide.", url="/", by=owner)
    assert close(workspace, "approval_asked") == 1
    (notice,) = notify("approval_asked", workspace, [legal], "Again.", url="/", by=owner)
    assert (notice.times, notice.closed_at) == (1, None)
