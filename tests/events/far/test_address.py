"""What `MUSTER_LOG_URL` may say."""

from __future__ import annotations

import pytest

from muster.events.far.address import LogAddress


@pytest.mark.parametrize(
    ("url", "servers", "user", "password", "token"),
    [
        ("nats://h", ("nats://h:4222",), "", "", ""),
        ("tls://h:5", ("tls://h:5",), "", "", ""),
        ("nats://u:p%40%2C@h", ("nats://h:4222",), "u", "p@,", ""),
        ("nats://se%2Fcret@h:1", ("nats://h:1",), "", "", "se/cret"),
        ("nats://u:p@a:1, nats://b:2", ("nats://a:1", "nats://b:2"), "u", "p", ""),
        ("nats://[::1]:4222", ("nats://[::1]:4222",), "", "", ""),
    ],
)
def test_is_read(url, servers, user, password, token):
    address = LogAddress.from_url(url)
    assert (address.servers, address.user, address.password, address.token) == (
        servers,
        user,
        password,
        token,
    )
    for secret in filter(None, (password, token)):
        assert secret not in repr(address) + str(address)


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("http://u:hush@h", "nats:// or tls://"),
        ("h:4222", "nats:// or tls://"),
        ("nats://", "host is missing"),
        ("nats://u:hush@:4222", "host is missing"),
        ("nats://u:hush@h:port", "port must be a number"),
        ("nats://u:hush@h:99999", "port must be a number"),
        ("nats://u:hush@h/stream", "nothing more"),
        ("nats://u:hush@h?x=1", "nothing more"),
        ("nats://u:hush@a,tls://b", "or all with tls://"),
        ("nats://u:hush@a,nats://v:hush@b", "same user"),
        ("nats://u:hush@a,", "nats:// or tls://"),
        ("nats://[::1", "cannot be read"),
    ],
)
def test_is_refused_without_telling_the_secret(url, reason):
    with pytest.raises(ValueError) as refused:
        LogAddress.from_url(url)
    assert reason in str(refused.value)
    assert "hush" not in str(refused.value)
