"""Opens and clicks, from outside."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from muster.collector.links import GIF, Link, Links
from tests.collector.asking import Asking

FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"


@pytest.fixture
def asking(tmp_path):
    link = Link(
        person_id=7,
        campaign={"name": "Spring", "send_id": "snd_1", "channel": "email", "variant": None},
        sent_at=datetime.now(UTC) - timedelta(hours=1),
        target="https://shop.example/茶?a=1&b=2",
    )
    known = {"good": link, "odd": Link(7, target="javascript:alert(1)")}
    return Asking(tmp_path, Links(open_=known.get, click=known.get))


class TestAnOpen:
    def test_answers_a_picture_and_is_an_event(self, asking):
        answer = asking.request("GET", "/o/good", headers={"User-Agent": FIREFOX})
        assert (answer.status_code, answer.content) == (200, GIF)
        assert answer.headers["content-type"] == "image/gif"
        assert "no-store" in answer.headers["cache-control"]
        line = asking.kept()[0]
        assert (line["from"], line["e"]["event"]) == ("muster", "Message Opened")
        assert line["e"]["context"]["muster"] == {"person_id": 7}
        assert line["e"]["context"]["campaign"] == {
            "name": "Spring",
            "send_id": "snd_1",
            "channel": "email",
        }
        assert line["e"]["properties"]["actor"] == "human"

    def test_a_forged_token_gets_the_picture_and_nothing_else(self, asking):
        assert asking.request("GET", "/o/forged").content == GIF
        assert asking.kept() == []


class TestAClick:
    def test_leads_to_the_stored_address_whatever_the_request_adds(self, asking):
        answer = asking.request("GET", "/l/good?to=https://evil.example&url=x")
        assert answer.status_code == 302
        assert answer.headers["location"] == "https://shop.example/%E8%8C%B6?a=1&b=2"
        assert asking.events()[0]["event"] == "Message Clicked"

    @pytest.mark.parametrize("token", ["forged", "odd", ""])
    def test_leads_nowhere_with_a_forged_token_or_an_odd_address(self, asking, token):
        answer = asking.request("GET", f"/l/{token}")
        assert answer.status_code == 404
        assert answer.headers["content-type"].startswith("text/plain")
        assert asking.kept() == []

    def test_a_scanner_is_a_machine(self, asking):
        asking.request("HEAD", "/l/good", headers={"User-Agent": FIREFOX})
        properties = asking.events()[0]["properties"]
        assert (properties["actor"], properties["actor_reasons"]) == ("machine", ["head"])

    def test_only_looking_is_allowed(self, asking):
        assert asking.request("POST", "/l/good").status_code == 405

    def test_goes_on_even_if_the_disk_is_full(self, tmp_path):
        (tmp_path / "file").write_text("")
        link = Link(7, target="https://shop.example/")
        asking = Asking(tmp_path / "file", Links(open_=lambda _: link, click=lambda _: link))
        assert asking.request("GET", "/l/x").status_code == 302
        assert asking.app.counters["hits_not_kept"] == 1
