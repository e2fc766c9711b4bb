"""Who opened or clicked."""

from __future__ import annotations

import csv
import gzip
import io

import pytest

from muster.collector.actor import classify, machine_family

FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
WECHAT = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 "
    "(KHTML, like Gecko) Mobile/15E148 MicroMessenger/8.0.49 NetType/WIFI Language/zh_CN"
)
GMAIL = "Mozilla/5.0 (Windows NT 5.1; rv:11.0) Gecko Firefox/11.0 (via ggpht.com GoogleImageProxy)"


@pytest.mark.parametrize(
    ("method", "agent", "more", "seconds", "actor", "reasons"),
    [
        ("GET", FIREFOX, {}, 60, "human", []),
        ("GET", WECHAT, {}, None, "human", []),
        ("HEAD", FIREFOX, {}, 60, "machine", ["head"]),
        ("GET", FIREFOX, {}, 1.9, "machine", ["too_quick"]),
        ("GET", FIREFOX, {}, 2.0, "human", []),
        ("GET", FIREFOX, {"purpose": "prefetch"}, 60, "machine", ["prefetch"]),
        ("GET", FIREFOX, {"sec-purpose": "prefetch;prerender"}, 60, "machine", ["prefetch"]),
        ("GET", "Barracuda Sentinel (EE)", {}, 60, "machine", ["scanner"]),
        ("GET", "python-requests/2.32.3", {}, 60, "machine", ["program"]),
        ("GET", "curl/8.5.0", {}, 60, "machine", ["program"]),
        ("GET", "Googlebot/2.1 (+http://www.google.com/bot.html)", {}, 60, "machine", ["crawler"]),
        ("GET", "Slackbot-LinkExpanding 1.0", {}, 60, "machine", ["preview"]),
        ("GET", GMAIL, {}, 60, "unknown", ["image_proxy"]),
        ("GET", "Mozilla/5.0", {}, 60, "unknown", ["image_proxy"]),
        ("GET", GMAIL, {}, 1, "machine", ["too_quick"]),
        ("GET", "", {}, 60, "unknown", ["no_user_agent"]),
        ("HEAD", "curl/8.5.0", {}, 0, "machine", ["head", "too_quick", "program"]),
    ],
)
def test_the_actor_and_every_reason(method, agent, more, seconds, actor, reasons):
    assert classify(method, {"user-agent": agent, **more}, seconds) == (actor, reasons)


class TestLabelledUserAgents:
    def test_most_machines_are_found_and_people_left_alone(self, shared_data):
        file = shared_data / "user_agents" / "matomo_labelled_user_agents.csv.gz"
        rows = list(csv.DictReader(io.StringIO(gzip.decompress(file.read_bytes()).decode())))
        machines = [row for row in rows if row["is_bot"] == "True"]
        browsers = [row for row in rows if row["client_type"] == "browser"]
        found = sum(machine_family(row["ua"]) is not None for row in machines)
        wronged = sum(machine_family(row["ua"]) is not None for row in browsers)
        assert found / len(machines) > 0.8
        assert wronged / len(browsers) < 0.01
