"""The tracker as it is handed out: small, the same for everybody, and kept by caches on the way."""

from __future__ import annotations

import gzip

import pytest
from django.conf import settings

SCRIPT = settings.PACKAGE / "ui" / "static" / "built" / "t.js"

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.skipif(not SCRIPT.exists(), reason="the tracker is not built (make ready)"),
]


def test_comes_packed_to_whoever_can_unpack_it(client_for, owner):
    answer = client_for(owner).get("/t.js", headers={"Accept-Encoding": "br, gzip"})
    assert answer.headers["Content-Encoding"] == "gzip"
    assert gzip.decompress(answer.content) == SCRIPT.read_bytes()
    assert len(answer.content) == int(answer.headers["Content-Length"]) <= 2048
    assert answer.headers["Content-Type"] == "text/javascript; charset=utf-8"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"


@pytest.mark.parametrize("accepted", ["", "br", "gzip;q=0", "gzip; q=0.0"])
def test_comes_as_it_is_to_others(client, accepted):
    answer = client.get("/t.js", headers={"Accept-Encoding": accepted})
    assert "Content-Encoding" not in answer.headers
    assert answer.content == SCRIPT.read_bytes()


def test_may_be_kept_by_caches_for_an_hour(client_for, owner):
    client = client_for(owner)
    answers = [client.get("/t.js", headers={"Accept-Encoding": how}) for how in ("gzip;q=0.5", "")]
    for answer in answers:
        assert answer.headers["Vary"] == "Accept-Encoding"
        assert answer.headers["Cache-Control"] == "public, max-age=3600"
        assert answer.headers["Access-Control-Allow-Origin"] == "*"
        assert not answer.cookies
    packed, plain = (answer.headers["ETag"] for answer in answers)
    assert packed != plain
    again = client.get("/t.js", headers={"Accept-Encoding": "gzip", "If-None-Match": packed})
    assert (again.status_code, again.content) == (304, b"")
    assert client.post("/t.js").status_code == 405
