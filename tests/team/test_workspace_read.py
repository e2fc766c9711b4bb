"""A request reads the workspace once, and never what was before its own change."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from muster.team.users.models import Workspace

pytestmark = pytest.mark.django_db


def questions(work):
    with CaptureQueriesContext(connection) as asked:
        work()
    return len(asked)


def test_it_is_read_once_within_a_request(workspace):
    def ask():
        for _n in range(3):
            assert Workspace.here().pk == workspace.pk

    assert questions(ask) == 3
    with Workspace.read_once():
        assert questions(ask) == 1
    assert questions(ask) == 3


def test_a_change_is_seen_at_once(workspace):
    with Workspace.read_once():
        place = Workspace.here()
        place.name = "New name"
        # What is not saved is nobody else's.
        assert Workspace.here().name == workspace.name
        place.save()
        assert Workspace.here().name == "New name"
        Workspace.objects.update(halted=True)
        assert Workspace.here().halted is True
