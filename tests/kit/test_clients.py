from __future__ import annotations

import asyncio
import threading

from asgiref.sync import sync_to_async

from muster.config.asgi import served
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


class TestServing:
    def test_who_hangs_up_ends_what_a_thread_does_for_them(self):
        """As Django serves: one task works in a thread, another one listens."""
        begun, ended, left = threading.Event(), threading.Event(), threading.Event()

        def work():
            with while_there(left.set):
                begun.set()
                assert left.wait(5)
            ended.set()

        async def app(scope, receive, send):
            working = asyncio.ensure_future(sync_to_async(work)())
            await asyncio.to_thread(begun.wait, 5)
            assert (await receive())["type"] == "http.disconnect"
            await working

        async def hang_up():
            return {"type": "http.disconnect"}

        async def nothing(message):
            return None

        asyncio.run(served(app)({"type": "http", "path": "/"}, hang_up, nothing))
        assert ended.is_set()
