"""Group robots: each service's own signature and answers, over a real connection."""

from __future__ import annotations

from datetime import UTC, datetime

import httpx
import pytest

from muster.connect.robots import dingtalk, feishu, wecom
from muster.connect.robots.wire import Place, Post, RobotBusy, RobotRefused, RobotSilent
from tests.connect.robots import KEY, SECRET, Service, listening

POST = Post("审批", "双11 预热等你批", "https://muster.example/reviews/1", "打开")
WIRES = {"wecom": wecom, "dingtalk": dingtalk, "feishu": feishu}


def send(wire, address, token=KEY, secret=SECRET, post=POST):
    with httpx.Client() as client:
        WIRES[wire].send(client, Place(token, secret), post, host=address)


@pytest.mark.parametrize("wire", WIRES)
class TestEveryService:
    def test_takes_a_message_with_its_link(self, wire):
        service = Service()
        with listening(service) as address:
            send(wire, address)
        text = str(service.taken)
        assert "双11 预热等你批" in text
        assert POST.url in text

    def test_says_when_the_address_is_wrong(self, wire):
        with listening(Service()) as address, pytest.raises(RobotRefused) as no:
            send(wire, address, token="another-token-0000")
        assert no.value.code in {93000, 300005, 19001}

    def test_says_when_it_is_too_much(self, wire):
        with listening(Service(most=0)) as address, pytest.raises(RobotBusy):
            send(wire, address)

    def test_that_does_not_answer_may_have_it(self, wire):
        service = Service()
        service.silent = True
        with listening(service) as address, pytest.raises(RobotSilent):
            send(wire, address)
        assert service.asked == 1

    def test_that_is_not_there_has_nothing(self, wire):
        with pytest.raises(RobotBusy):
            send(wire, "http://127.0.0.1:9")

    def test_gets_a_long_text_shortened(self, wire):
        service = Service()
        with listening(service) as address:
            send(wire, address, post=Post("早会", "字" * 20_000, POST.url, "打开"))
        assert POST.url in str(service.taken)


@pytest.mark.parametrize("wire", ["dingtalk", "feishu"])
def test_a_wrong_secret_is_refused(wire):
    with listening(Service()) as address, pytest.raises(RobotRefused) as no:
        send(wire, address, secret="SECwrong")
    assert no.value.code in {310000, 19021}


def test_signatures_by_the_documents():
    at = datetime.fromtimestamp(1599360473, UTC)
    # Worked out with openssl: printf '1599360473000\nthis is secret' | openssl dgst -sha256 -hmac …
    assert dingtalk.signature("this is secret", at) == {
        "timestamp": "1599360473000",
        "sign": DINGTALK,
    }
    assert feishu.signature("demo", at) == {"timestamp": "1599360473", "sign": FEISHU}


DINGTALK = "hXZTWifRGHclNuZSKxoXc//sh51SWfVfRIhcdeKs63I="
FEISHU = "l1N0gAcBjdwBvGm1xMjOF0XSyaLRpR7tuO5dHfhAYc8="
