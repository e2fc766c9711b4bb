"""The other witness says of people what the tables say."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import pytest

from muster.events import names
from muster.events.shape import event, identify
from muster.warehouse import witness
from tests.warehouse.test_loader import World

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)


@pytest.fixture
def world(tmp_path):
    return World(tmp_path)


def heard(world, person=1):
    with world.warehouse.read() as db:
        rows = db.con.execute("SELECT max(rowid) + 1 FROM events").fetchone()[0]
        (found,) = witness.testify(db, [person], rows)
    return found


class TestWordsOfTwoWhoAreOne:
    @pytest.fixture
    def merged(self, world):
        about = [{"person_id": 1, "email_hash": "h", "mail_domain": "x.org", "phone_region": "CN"}]
        world.happens(
            event("Signed Up", user_id="u1", at=NOON),
            event("Signed Up", user_id="u2", at=NOON),
            event(
                names.PERSON_MERGED,
                person_id=1,
                at=NOON,
                properties={"moves": [[2, 1]], "facts": about},
            ),
        )
        return world

    def says(self, world, who, name, hours, purpose="marketing"):
        said = {"channel": "email", "purpose": purpose, "proof": "form", "source": "form"}
        at = NOON + timedelta(hours=hours)
        world.happens(event(name, user_id=who, at=at, properties=said))

    @pytest.mark.parametrize(
        ("purpose", "stricter"), [("marketing", "withdrawn"), (names.PAUSE, "granted")]
    )
    @pytest.mark.parametrize("turn", [1, -1])
    def test_the_stricter_of_the_same_moment_holds(self, merged, purpose, stricter, turn):
        told = [("u1", names.CONSENT_WITHDRAWN), ("u2", names.CONSENT_GIVEN)]
        for who, name in told[::turn]:
            self.says(merged, who, name, 1, purpose)
        assert merged.rows("SELECT state FROM consents") == [(stricter,)]
        assert heard(merged).consents == {("email", purpose, ""): stricter}

    def test_the_newer_holds_though_it_is_the_milder(self, merged):
        self.says(merged, "u1", names.CONSENT_WITHDRAWN, 1)
        self.says(merged, "u2", names.CONSENT_GIVEN, 2)
        assert merged.rows("SELECT state FROM consents") == [("granted",)]
        assert heard(merged).consents == {("email", "marketing", ""): "granted"}

    def test_a_word_since_holds_before_a_stricter_one_of_earlier(self, merged):
        self.says(merged, "u1", names.CONSENT_WITHDRAWN, -1)
        self.says(merged, "u2", names.CONSENT_GIVEN, 1)
        assert merged.rows("SELECT state FROM consents") == [("granted",)]
        assert heard(merged).consents == {("email", "marketing", ""): "granted"}


@pytest.mark.parametrize(
    ("said", "text"),
    [
        ("1e22", "1e22"),
        ("1e-7", "1e-7"),
        ("7.0", "7.0"),
        ("7", "7"),
        ("true", "true"),
        ('{"big": 1e22, "tea": ["绿茶", 7.0, null]}', '{"big":1e22,"tea":["绿茶",7.0,null]}'),
        ('{"a \\"b\\"": false, "c": {}}', '{"a \\"b\\"":false,"c":{}}'),
    ],
)
def test_what_is_no_text_stands_in_a_text_as_it_was_said(world, said, text):
    line = identify({"level": "SAID"}, user_id="u1", at=NOON)
    world.happens(
        line.replace(json.dumps("SAID").encode(), said.encode()),
        identify({"level": "gold"}, user_id="u2", at=NOON),
    )
    assert world.profile() == {"level": text}
    assert heard(world).traits["level"] == text


@pytest.mark.parametrize("digits", [310, 5_000], ids=["no_float", "no_int"])
def test_a_number_beyond_all_bounds_does_not_stop_the_check(world, digits):
    line = identify({"level": "SAID"}, user_id="u1", at=NOON)
    world.happens(line.replace(b'"SAID"', b"9" * digits))
    assert heard(world).traits["level"] == world.profile()["level"]
    world.happens(identify({"level": "gold"}, user_id="u2", at=NOON))
    assert heard(world).traits["level"] == world.profile()["level"] == "9" * digits


def test_a_number_stays_one_where_all_said_numbers(world):
    world.happens(identify({"level": 2.5}, user_id="u1", at=NOON))
    assert heard(world).traits["level"] == world.profile()["level"] == 2.5
