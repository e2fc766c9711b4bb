from __future__ import annotations

import threading

from muster.kit.clients import Client, serving, while_there


class TestWorkForAClient:
    def test_ends_when_the_client_leaves(self):
        client, ended = Client(), threading.Event()
        with serving(client), while_there(ended.set):
            assert not ended.is_set()
            client.leave()
            assert ended.wait(5)

    def test_ends_at_once_for_one_who_has_left(self):
        client, ended = Client(), threading.Event()
        client.leave()
        with serving(client), while_there(ended.set):
            assert ended.wait(5)

    def test_that_is_done_is_left_alone(self):
        client, ended = Client(), threading.Event()
        with serving(client), while_there(ended.set):
            pass
        client.leave()
        assert not ended.wait(0.2)

    def test_for_nobody_just_runs(self):
        ended = threading.Event()
        with while_there(ended.set):
            pass
        assert not ended.is_set()
