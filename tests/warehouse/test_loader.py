"""From the event log into the warehouse."""

from __future__ import annotations

import json
import os
import random
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import duckdb
import pytest

from muster.events import names
from muster.events.shape import event, identify
from muster.events.spool import SpoolWriter
from muster.warehouse import schema, traits
from muster.warehouse.loader import Loader
from muster.warehouse.records import MemoryRecords
from muster.warehouse.store import Rebuilding, Warehouse, damaged_files

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)


class World:
    """An event log, a warehouse in memory, and the loader between them."""

    def __init__(self, folder, path=None, **more):
        self.warehouse = Warehouse(path, b"k" * 32)
        self.records = MemoryRecords()
        self.spool = SpoolWriter(folder / "spool", "server")
        self.loader = Loader(self.warehouse, folder / "spool", self.records, **more)

    def happens(self, *events, source="muster"):
        """Log the events and load them; how many were new."""
        self.spool.append(
            source, [e if isinstance(e, bytes) else json.dumps(e).encode() for e in events]
        )
        return self.loader.run_once()

    def rows(self, question):
        with self.warehouse.read() as backend:
            return backend.con.execute(question).fetchall()

    def one(self, question):
        ((row),) = self.rows(question)
        return row if len(row) > 1 else row[0]

    def profile(self, person_id=1):
        """The traits of a person by name."""
        columns = self.rows("SELECT name, col FROM traits ORDER BY name")
        cells = self.one(
            f"SELECT {', '.join(['person_id', *(col for _n, col in columns)])} "
            f"FROM profiles WHERE person_id = {person_id}"
        )
        cells = cells if isinstance(cells, tuple) else (cells,)
        return dict(zip((name for name, _c in columns), cells[1:], strict=True))

    def kinds(self):
        return dict(self.rows("SELECT name, kind FROM traits"))


@pytest.fixture
def world(tmp_path):
    return World(tmp_path)


class TestManyLines:
    def test_count_in_their_order(self, tmp_path):
        """More than an engine reads at once, so that it could share them among its threads."""
        world = World(tmp_path)
        for turn in range(3):
            # 24 MB; what is said last of a person is in another buffer than what was said first.
            said = [
                identify({"level": n // 8_000}, user_id=f"u{turn}-{n % 8_000}", at=NOON,
                         message_id=f"{turn}-{n}")
                for n in range(24_000)
            ]  # fmt: skip
            room = b" " * 850
            assert world.happens(*(line[:-1] + room + b"}" for line in said)) == 24_000
        assert world.rows("SELECT DISTINCT t1 FROM profiles") == [(2.0,)]
        known = {one["external_id"]: number for number, one in world.records.people.items()}
        in_order = [f"u{turn}-{n}" for turn in range(3) for n in range(8_000)]
        assert sorted(known, key=known.get) == in_order


class TestADeviceThatSeveralPeopleUse:
    def test_has_the_same_events_of_each_in_whatever_pieces_they_are_loaded(self, tmp_path):
        """Each is of who said so last before it, else of the first who says so after it."""
        for turn in range(5):
            chance = random.Random(turn)
            world, lines, expected = World(tmp_path / str(turn)), [], {}
            last, waiting = {}, {}
            for n in range(60):
                device, who = chance.choice("de"), chance.choice("AB")
                if chance.random() < 0.3:
                    lines.append(
                        event("Signed In", user_id=who, anonymous_id=device, at=NOON,
                              message_id=f"{n}")
                    )  # fmt: skip
                    last[device] = who
                    for early in waiting.pop(device, []):
                        expected[early] = who
                else:
                    lines.append(
                        event("Viewed", anonymous_id=device, at=NOON, message_id=f"{n}",
                              properties={"n": n})
                    )  # fmt: skip
                    if device in last:
                        expected[n] = last[device]
                    else:
                        waiting.setdefault(device, []).append(n)
            while lines:
                size = chance.randrange(1, 25)
                world.happens(*lines[:size])
                del lines[:size]

            def found(world=world):
                people = {k: one["external_id"] for k, one in world.records.people.items()}
                rows = world.rows(
                    "SELECT (props ->> '$.n')::INTEGER, person_id FROM events"
                    " WHERE name = 'Viewed' AND person_id IS NOT NULL"
                )
                return {n: people[person] for n, person in rows}

            assert found() == expected
            world.loader.rebuild()
            assert found() == expected


class TestAnEvent:
    def test_may_be_nested_as_deeply_as_it_was_ever_kept(self, world):
        deep = ('{"a":' * 900 + "1" + "}" * 900).encode()
        world.happens(
            b'{"type":"track","event":"A","userId":"u","properties":{"x":%b,"y":2}}' % deep,
            b'{"type":"identify","userId":"u","traits":{"x":%b,"level":3}}' % deep,
            event("B", user_id="u"),
        )
        assert world.one("SELECT props ->> '$.y' FROM events WHERE name = 'A'") == "2"
        assert world.profile()["level"] == 3
        assert world.one("SELECT count(*) FROM events") == 3

    def test_its_columns_come_from_properties_and_campaign(self, world):
        world.happens(
            event(
                names.ORDER_COMPLETED,
                user_id="u1",
                at=NOON,
                properties={
                    "order_id": "o1",
                    "total": 15,
                    "revenue": "12.50",
                    "discount": 2,
                    "currency": "cny",
                    "colour": "red",
                },
                context={
                    "campaign": {
                        "name": "Spring",
                        "channel": "email",
                        "campaign_id": "cmp_1",
                        "send_id": "snd_1",
                        "message_id": "m1",
                        "variant": "A",
                        "content": "button",
                    },
                    "page": {"url": "https://shop.example/"},
                },
            )
        )
        assert world.one(
            'SELECT "at", clamped, person_id, type, name, source, actor, channel, campaign, '
            "campaign_id, send_id, message_id, variant, content, order_id, currency, revenue, "
            "discount, url FROM events"
        ) == (
            *(NOON.replace(tzinfo=None), False, 1, "track", "Order Completed", "muster", "human"),
            *("email", "Spring", "cmp_1", "snd_1", "m1", "A", "button", "o1", "CNY"),
            *(Decimal("12.5000"), Decimal("2.0000"), "https://shop.example/"),
        )
        assert json.loads(world.one("SELECT props FROM events"))["colour"] == "red"

    def test_without_revenue_the_total_counts_and_nonsense_is_nothing(self, world):
        world.happens(
            event("A", user_id="u1", properties={"total": 9.99}),
            event("B", user_id="u1", properties={"revenue": "a lot"}),
        )
        assert world.rows("SELECT name, revenue FROM events ORDER BY name") == [
            ("A", Decimal("9.9900")),
            ("B", None),
        ]

    def test_its_own_channel_comes_before_that_of_the_campaign(self, world):
        world.happens(
            event(
                "Visit",
                user_id="u1",
                properties={"channel": "search"},
                context={"campaign": {"channel": "email"}},
            )
        )
        assert world.one("SELECT channel FROM events") == "search"

    @pytest.mark.parametrize(
        ("call", "name"),
        [
            ("page", "Page Viewed"),
            ("screen", "Screen Viewed"),
            ("identify", "Profile Updated"),
            ("group", "Group Joined"),
        ],
    )
    def test_calls_without_a_name_get_one(self, world, call, name):
        world.happens({"type": call, "userId": "u1", "name": "Home", "messageId": "m"})
        assert world.one("SELECT type, name FROM events") == (call, name)

    def test_a_stranger_cannot_claim_to_be_a_message_of_ours_or_a_person_by_number(self, world):
        campaign = {"send_id": "snd_1", "message_id": "m1", "variant": "A", "name": "Spring"}
        world.happens(
            event(
                "Message Opened",
                user_id="u1",
                person_id=99,
                properties={"actor": "machine"},
                context={"campaign": campaign},
            ),
            source="key:web",
        )
        assert world.one(
            "SELECT person_id, send_id, message_id, variant, campaign, actor FROM events"
        ) == (1, None, None, None, "Spring", "human")

    def test_the_actor_is_said_by_us(self, world):
        world.happens(event("Message Opened", person_id=7, properties={"actor": "machine"}))
        assert world.one("SELECT person_id, actor FROM events") == (7, "machine")


class TestTime:
    @pytest.mark.parametrize(
        ("ahead", "clamped"), [(timedelta(minutes=9), False), (timedelta(hours=1), True)]
    )
    def test_the_future_is_set_to_when_it_was_received(self, world, ahead, clamped):
        at = datetime.now(UTC) + ahead
        world.happens(event("A", user_id="u1", at=at))
        assert world.one('SELECT clamped, "at" = received_at FROM events') == (clamped, clamped)

    @pytest.mark.parametrize(
        ("said", "clamped"),
        [
            ("0001-01-01T00:00:00+14:00", True),
            ("-290307-01-01", True),
            ("-infinity", True),
            ("1969-12-31T23:59:59Z", True),
            ("1970-01-01T01:00:00+01:00", False),
        ],
    )
    def test_so_is_what_no_clock_ever_showed(self, world, said, clamped):
        world.happens(
            json.dumps({"type": "track", "event": "A", "userId": "u1", "timestamp": said}).encode()
        )
        assert world.one('SELECT clamped, "at" = received_at FROM events') == (clamped, clamped)

    def test_the_past_stays(self, world):
        world.happens(event("A", user_id="u1", at=datetime(1999, 12, 31, tzinfo=UTC)))
        assert world.one('SELECT "at" FROM events') == datetime(1999, 12, 31, tzinfo=UTC).replace(
            tzinfo=None
        )

    def test_a_zone_is_reckoned_in(self, world):
        call = {"type": "track", "event": "A", "userId": "u1", "messageId": "m"}
        world.happens({**call, "timestamp": "2026-11-20T08:00:00+08:00"})
        assert world.one('SELECT "at" FROM events') == datetime(2026, 11, 20, tzinfo=UTC).replace(
            tzinfo=None
        )


class TestTheSameEventAgain:
    def test_counts_once_within_and_across_chunks(self, world):
        same = event("A", user_id="u1", message_id="m1")
        assert world.happens(same, same) == 1
        assert world.happens(same, event("A", user_id="u1", message_id="m2")) == 1
        assert world.one("SELECT count(*) FROM events") == 2
        assert world.loader.counters["repeated"] == 2

    def test_is_the_same_whoever_brings_it(self, world):
        world.happens(event("A", user_id="u1", message_id="m1"), source="key:web")
        assert world.happens(event("A", user_id="u1", message_id="m1")) == 0


class TestLinesThatCannotBeRead:
    def test_are_counted_and_do_not_stop_the_others(self, world):
        bad = [b"{", b'{"type":"track","event":"\\ud800"}', b"[]", b"5", b'"x"']
        odd = {
            "type": "track",
            "event": "Odd",
            "userId": 5,
            "context": "x",
            "properties": [1],
            "traits": 3,
            "timestamp": "soon",
            "messageId": "m",
        }
        assert world.happens(*bad, odd, event("A", user_id="u1")) == 2
        assert world.loader.counters["unreadable"] == len(bad)


class TestWhoItIs:
    def test_the_same_user_id_is_the_same_person(self, world):
        world.happens(event("A", user_id="u1"), event("B", user_id="u2"), event("C", user_id="u1"))
        world.happens(event("D", user_id="u2"))
        assert world.rows("SELECT name, person_id FROM events ORDER BY name") == [
            ("A", 1),
            ("B", 2),
            ("C", 1),
            ("D", 2),
        ]
        assert {p["external_id"] for p in world.records.people.values()} == {"u1", "u2"}

    def test_a_mail_address_recognises_whom_an_id_made_known(self, world):
        world.happens(identify({"email": "A@x.cn"}, user_id="u1"))
        world.happens(identify({"email": " a@X.cn ", "age": 5}))
        assert world.one("SELECT count(*) FROM profiles") == 1
        assert world.profile() == {"age": 5.0}

    def test_a_phone_recognises_too(self, world):
        world.happens(identify({"phone": "+86 138-0013-8000"}))
        world.happens(identify({"phone": "+8613800138000"}))
        assert world.one("SELECT count(*), any_value(phone_region) FROM profiles") == (1, "CN")

    @pytest.mark.parametrize("word", ["undefined", " NULL ", "0", "[object Object]", "anonymous"])
    def test_a_word_for_no_id_makes_nobody_and_joins_nobody(self, world, word):
        world.happens(
            event("A", user_id=word, anonymous_id="a1"),
            event("A", user_id=word, anonymous_id="a2"),
            event("A", user_id=word),
            event("A", anonymous_id=word),
            identify({"email": "li@x.cn"}, user_id=word, anonymous_id="a2"),
        )
        assert [p["email"] for p in world.records.people.values()] == ["li@x.cn"]
        assert world.rows("SELECT name, person_id FROM events ORDER BY ALL") == [
            *[("A", 1), *[("A", None)] * 3],
            ("Profile Updated", 1),
        ]
        assert world.one("SELECT count(*) FROM events WHERE anonymous IS NULL") == 2

    @pytest.mark.parametrize(
        "said", [{"email": "n/a"}, {"phone": "0"}, {"email": "", "phone": "-"}]
    )
    def test_what_is_no_address_leads_to_nobody(self, world, said):
        world.happens(
            identify(said, anonymous_id="a1"),
            identify(said, anonymous_id="a2"),
            identify({**said, "age": 5}, user_id="u1"),
        )
        (person,) = world.records.people.values()
        assert not person.get("email")
        assert not person.get("phone")
        assert world.rows("SELECT DISTINCT person_id FROM events ORDER BY ALL") == [(1,), (None,)]
        assert world.one("SELECT count(*) FROM identities WHERE person_id = 1") == 1

    def test_the_record_store_may_know_the_person_already(self, world):
        world.records.people[1] = {"external_id": "u1", "email": "a@x.cn"}
        world.records._numbers = {("external_id", "u1"): 1, ("email", "a@x.cn"): 1}
        world.happens(identify({"email": "a@x.cn"}), event("A", user_id="u1"))
        assert world.rows("SELECT DISTINCT person_id FROM events") == [(1,)]

    def test_no_name_address_or_id_stays_in_the_warehouse(self, world):
        secrets = {"email": "li@x.cn", "phone": "13800138000", "firstName": "Li", "name": "Li Na"}
        world.happens(
            identify({**secrets, "address": {"street": "Road 1"}, "city": "上海"}, user_id="u-77")
        )
        for table in schema.TABLES:
            content = str(world.rows(f"SELECT * FROM {table}"))
            assert not [word for word in ("li@", "138001", "Li", "Road", "u-77") if word in content]
        assert world.one("SELECT mail_domain, phone_region FROM profiles") == ("x.cn", "CN")
        assert world.profile() == {"city": "上海"}

    def test_the_hash_is_the_same_in_sql(self, world):
        world.happens(identify({"email": "a@x.cn"}))
        assert world.one("SELECT hash FROM identities") == world.warehouse.hash_of(
            "email", "a@x.cn"
        )
        assert world.one("SELECT email_hash FROM profiles") == world.warehouse.hash_of(
            "email", "a@x.cn"
        )


class TestAVisitorWhoBecomesKnown:
    def test_takes_the_earlier_events_along(self, world):
        world.happens(
            event("Product Viewed", anonymous_id="a1", at=NOON),
            event("Product Viewed", anonymous_id="a2"),
            source="key:web",
        )
        assert world.one("SELECT count(person_id) FROM events") == 0
        assert world.one("SELECT count(*) FROM profiles") == 0
        world.happens(identify({}, user_id="u1", anonymous_id="a1"), source="key:web")
        assert world.one("SELECT count(*) FROM events WHERE person_id = 1") == 2
        assert world.one("SELECT first_seen FROM profiles") == NOON.replace(tzinfo=None)

    def test_is_recognised_by_the_visitor_id_from_then_on(self, world):
        world.happens(
            event("A", anonymous_id="a1"),
            event("B", user_id="u1", anonymous_id="a1"),
            event("C", anonymous_id="a1"),
        )
        world.happens(event("D", anonymous_id="a1"))
        assert world.rows("SELECT DISTINCT person_id FROM events") == [(1,)]

    def test_an_alias_call_links_too(self, world):
        world.happens(event("A", anonymous_id="a1"))
        world.happens({"type": "alias", "userId": "u1", "previousId": "a1", "messageId": "m"})
        assert world.one("SELECT person_id FROM events WHERE name = 'A'") == 1

    def test_another_person_on_the_same_device_does_not_get_the_past(self, world):
        world.happens(event("A", anonymous_id="a1"), event("B", user_id="u1", anonymous_id="a1"))
        world.happens(event("C", user_id="u2", anonymous_id="a1"))
        assert world.rows("SELECT name, person_id FROM events ORDER BY name") == [
            ("A", 1),
            ("B", 1),
            ("C", 2),
        ]


class TestTraits:
    def test_have_the_kind_of_their_value(self, world):
        world.happens(
            identify(
                {
                    "age": 31,
                    "ratio": 0.5,
                    "vip": True,
                    "city": "上海",
                    "zip": "00501",
                    "born": "1990-01-31",
                },
                user_id="u1",
            )
        )
        assert world.kinds() == {
            **{"age": "number", "ratio": "number", "vip": "boolean"},
            **{"city": "text", "zip": "text", "born": "text"},
        }
        assert world.profile() == {
            **{"age": 31.0, "ratio": 0.5, "vip": True},
            **{"city": "上海", "zip": "00501", "born": "1990-01-31"},
        }

    def test_the_newest_value_stays_and_null_clears(self, world):
        world.happens(
            identify({"age": 2, "city": "B"}, user_id="u1", at=NOON),
            identify(
                {"age": 1, "city": "A", "vip": True}, user_id="u1", at=NOON - timedelta(days=1)
            ),
        )
        assert world.profile() == {"age": 2.0, "city": "B", "vip": True}
        world.happens(identify({"city": None}, user_id="u1"))
        assert world.profile() == {"age": 2.0, "city": None, "vip": True}

    def test_two_kinds_become_text(self, world):
        world.happens(identify({"size": 5, "on": True}, user_id="u1"))
        world.happens(identify({"size": "XL", "on": 1.5}, user_id="u2"))
        assert world.kinds() == {"size": "text", "on": "text"}
        assert world.profile(1) == {"size": "5", "on": "true"}
        assert world.profile(2) == {"size": "XL", "on": "1.5"}

    def test_may_be_called_anything_but_nothing(self, world):
        said = {"Größe": 1, "größe": 2, "a\"b'c": 3, "身高": 4, "select": 5, "": 6, "t1": 7}
        world.happens(identify(said, user_id="u1"))
        assert world.profile() == {name: float(value) for name, value in said.items() if name}

    @pytest.mark.parametrize("at_once", [traits.AT_ONCE, -1])
    def test_with_control_characters_in_the_name_are_left_out_and_counted(
        self, world, monkeypatch, at_once
    ):
        """Anybody with a public key may send them; the events behind them are loaded all the same."""
        monkeypatch.setattr(traits, "AT_ONCE", at_once)
        odd = {"a\0b": 1, "\0": 2, "c\u0001": 3, "two\nlines": 4, "city": "上\0海"}
        assert world.happens(identify(odd, user_id="u1"), source="key:web") == 1
        assert world.happens(identify({"a\0b": None, "age": 5}, user_id="u1")) == 1
        assert world.kinds() == {"city": "text", "age": "number"}
        assert world.profile() == {"city": "上\0海", "age": 5.0}
        assert world.loader.counters["traits_left_out"] == 5
        assert world.loader.rebuild() == 2
        assert world.profile() == {"city": "上\0海", "age": 5.0}

    @pytest.mark.parametrize("at_once", [traits.AT_ONCE, -1])
    def test_keep_their_kind_where_somebody_says_nothing_of_them(self, world, monkeypatch, at_once):
        monkeypatch.setattr(traits, "AT_ONCE", at_once)
        world.happens(
            identify({"vip": True}, user_id="u1"),
            identify({"city": "A"}, user_id="u2"),
            identify({"gone": None}, user_id="u3"),
        )
        assert world.kinds() == {"vip": "boolean", "city": "text"}
        assert world.profile(1) == {"vip": True, "city": None}
        assert world.profile(2) == {"vip": None, "city": "A"}

    @pytest.mark.parametrize("seed", range(5))
    def test_are_the_same_whether_everybody_is_spoken_of_once_or_not(
        self, tmp_path, monkeypatch, seed
    ):
        """What one pass makes of a chunk in which nobody comes twice is what sorting makes of it."""
        chance = random.Random(seed)
        names_ = ["a", "A", "~", "/", "~1", "a/b", "0", "-", "$", "$.a", "*", '"', "'", "身高", "",
                  " ", "é", "e\u0301", "a\0b", "a\\b", "t1", "[0]", "x" * 201]  # fmt: skip
        values = [True, False, None, 0, -3, 1.5, 1e300, 2**63, "", "true", "7", "上海", "a\0", [],
                  [1], {}, {"a": 1}]  # fmt: skip
        chunks = []
        for turn in range(3):
            people = chance.sample(range(12), chance.randint(1, 12))
            chunks.append(
                [
                    identify(
                        {n: chance.choice(values) for n in chance.sample(names_, 4)},
                        user_id=f"u{p}", at=NOON + timedelta(hours=turn), message_id=f"{turn}-{p}",
                    )
                    for p in people
                ]
            )  # fmt: skip
        made = []
        for at_once in (traits.AT_ONCE, -1):
            monkeypatch.setattr(traits, "AT_ONCE", at_once)
            world = World(tmp_path / str(at_once))
            for chunk in chunks:
                world.happens(*chunk)
            people = range(1, 1 + len(world.records.people))
            made.append((world.kinds(), [world.profile(p) for p in people],
                         world.loader.counters["traits_left_out"]))  # fmt: skip
        assert made[0] == made[1]
        assert made[0][0]

    def test_beyond_the_limit_are_counted(self, world, monkeypatch):
        monkeypatch.setattr(schema, "MOST_TRAITS", 2)
        world.happens(identify({"a": 1, "b": 2, "c": 3}, user_id="u1"))
        assert world.profile() == {"a": 1.0, "b": 2.0}
        assert world.loader.counters["traits_left_out"] == 1

    def test_names_and_language_reach_the_record_store(self, world):
        world.happens(
            identify(
                {
                    **{"email": "A@x.cn", "phone": "138 0013 8000", "firstName": "Na"},
                    **{"last_name": "Li", "locale": "zh-CN", "timezone": "Asia/Shanghai"},
                },
                user_id="u1",
            )
        )
        assert world.records.people[1] == {
            **{"external_id": "u1", "email": "a@x.cn", "phone": "13800138000"},
            **{"first_name": "Na", "last_name": "Li"},
            **{"language": "zh-CN", "time_zone": "Asia/Shanghai"},
        }
        world.happens(identify({"last_name": None}, user_id="u1"))
        assert world.records.people[1]["last_name"] == ""


class TestTagsAndConsent:
    def test_a_tag_is_there_until_it_is_taken_away(self, world):
        world.happens(
            *(event(names.PERSON_TAGGED, user_id="u1", properties={"tag": t}) for t in "ab")
        )
        world.happens(event(names.PERSON_UNTAGGED, user_id="u1", properties={"tag": "a"}))
        assert world.rows("SELECT person_id, tag FROM tags") == [(1, "b")]

    def test_the_newest_word_on_consent_counts_whenever_it_arrives(self, world):
        def said(name, days, purpose="marketing"):
            properties = {"channel": "email", "purpose": purpose, "proof": "form 7"}
            return event(name, user_id="u1", properties=properties, at=NOON + timedelta(days=days))

        world.happens(said(names.UNSUBSCRIBED, 0), said(names.CONSENT_GIVEN, -1))
        world.happens(said(names.CONSENT_GIVEN, -2), said(names.CONSENT_GIVEN, 0, "service"))
        assert world.rows("SELECT purpose, state FROM consents ORDER BY purpose") == [
            ("marketing", "withdrawn"),
            ("service", "granted"),
        ]
        assert len(world.records.history) == 4
        assert {row["proof"] for row in world.records.history.values()} == {"form 7"}

    def test_a_public_key_changes_neither(self, world):
        world.happens(
            event(names.CONSENT_GIVEN, user_id="u1", properties={"channel": "email"}),
            event(names.PERSON_TAGGED, user_id="u1", properties={"tag": "vip"}),
            source="key:web",
        )
        assert world.rows("SELECT * FROM consents") == world.rows("SELECT * FROM tags") == []
        assert world.records.history == {}
        assert world.one("SELECT count(*) FROM events") == 2

    def test_consent_is_no_touch_of_a_channel(self, world):
        world.happens(event(names.CONSENT_GIVEN, user_id="u1", properties={"channel": "email"}))
        assert world.one("SELECT channel FROM events") is None


class TestBeingSeen:
    def test_what_we_did_is_no_sign_of_life(self, world):
        world.happens(
            event("Page", user_id="u1", at=NOON),
            event(names.MESSAGE_SENT, person_id=1, at=NOON + timedelta(days=1)),
            event(
                names.MESSAGE_OPENED,
                person_id=1,
                at=NOON + timedelta(days=2),
                properties={"actor": "machine"},
            ),
        )
        assert world.one("SELECT first_seen, last_seen FROM profiles") == (
            NOON.replace(tzinfo=None),
            NOON.replace(tzinfo=None),
        )


class TestFollowing:
    def test_small_chunks_and_many_segments_lose_nothing(self, tmp_path):
        world = World(tmp_path, chunk_bytes=500)
        for writer in "abc":
            spool = SpoolWriter(tmp_path / "spool", writer, segment_bytes=700)
            for number in range(30):
                spool.append("muster", [event("A", user_id=f"{writer}{number}")])
        world.happens(event("Big", user_id="u1", properties={"x": "x" * 2000}))
        assert world.one("SELECT count(*), count(DISTINCT person_id) FROM events") == (91, 91)

    def test_a_torn_last_line_waits_for_its_end(self, world, tmp_path):
        world.happens(event("A", user_id="u1"))
        torn = tmp_path / "spool" / "torn-20260101000000000000-000001.ndjson"
        torn.write_bytes(
            b'{"at":"2026-11-20T12:00:00Z","from":"muster","e":{"type":"track","event"'
        )
        assert world.loader.run_once() == 0
        with torn.open("ab") as file:
            file.write(b':"B","userId":"u1","messageId":"m"}}\n')
        assert world.loader.run_once() == 1

    def test_waiting_ends_when_the_place_is_loaded(self, world):
        world.loader.start()
        try:
            place = world.spool.append("muster", [event("A", user_id="u1")])
            assert world.loader.wait_for(place, 20)
            assert world.one("SELECT count(*) FROM events") == 1
        finally:
            world.loader.stop()

    def test_waiting_for_all_ends_when_the_lines_of_others_are_loaded(self, world, tmp_path):
        SpoolWriter(tmp_path / "spool", "other").append("muster", [event("A", user_id="u1")])
        assert world.loader.wait_for_all(20)
        assert world.one("SELECT count(*) FROM events") == 1
        world.loader.start()
        try:
            SpoolWriter(tmp_path / "spool", "third").append("muster", [event("B", user_id="u1")])
            # The torn line of a killed writer never comes to its end, and nobody waits for it.
            torn = tmp_path / "spool" / "torn-20260101000000000000-000001.ndjson"
            torn.write_bytes(b'{"at":"2026-11-20T12:00:00Z","from":"muster","e":{"type":"tr')
            assert world.loader.wait_for_all(20)
            assert world.one("SELECT count(*) FROM events") == 2
        finally:
            world.loader.stop()

    def test_a_failure_of_the_record_store_leaves_nothing_half_done(self, world):
        def fail(_keys):
            raise RuntimeError("the database is away")

        people_for, world.records.people_for = world.records.people_for, fail
        with pytest.raises(RuntimeError):
            world.happens(event("A", user_id="u1"))
        assert world.one("SELECT count(*) FROM events") == 0
        world.records.people_for = people_for
        assert world.loader.run_once() == 1

    def test_as_of_says_how_fresh_the_numbers_are(self, world):
        before = datetime.now(UTC)
        world.happens(event("A", user_id="u1"))
        assert before <= world.warehouse.as_of <= datetime.now(UTC)


class TestRebuilding:
    def test_gives_the_same_warehouse(self, world):
        world.happens(event("A", anonymous_id="a1"), identify({"age": 5}, user_id="u1"))
        world.happens(
            event("B", user_id="u1", anonymous_id="a1"), identify({"age": "x"}, user_id="u2")
        )

        def content():
            return {t: sorted(map(str, world.rows(f"SELECT * FROM {t}"))) for t in schema.TABLES}

        before = content()
        assert world.loader.rebuild() == 4
        after = content()
        # All but the name, by which those who remember a row learn that the rows moved.
        assert after.pop("built") != before.pop("built")
        assert after == before


class TestOpeningAgain:
    def test_continues_where_it_was(self, tmp_path):
        path = tmp_path / "warehouse.duckdb"
        world = World(tmp_path, path)
        world.happens(event("A", user_id="u1"))
        world.warehouse.close()
        again = World(tmp_path, path)
        assert not again.warehouse.needs_rebuild
        assert again.happens(event("B", user_id="u1")) == 1

    def test_a_damaged_file_is_moved_aside_and_filled_again(self, tmp_path):
        path = tmp_path / "warehouse.duckdb"
        world = World(tmp_path, path)
        world.happens(event("A", user_id="u1"))
        world.warehouse.close()
        path.write_bytes(b"not a database" * 1000)
        again = World(tmp_path, path)
        assert again.warehouse.needs_rebuild
        assert again.loader.run_once() == 1
        assert not again.warehouse.needs_rebuild
        assert len(list(tmp_path.glob("*.damaged-*"))) == 1

    def test_a_file_that_is_gone_is_filled_again_before_anybody_is_answered(self, tmp_path):
        path = tmp_path / "warehouse.duckdb"
        world = World(tmp_path, path)
        world.happens(event("A", user_id="u1"))
        world.warehouse.close()
        path.unlink()
        again = World(tmp_path, path)
        with pytest.raises(Rebuilding):
            again.rows("SELECT count(*) FROM events")
        again.loader.run_once()
        assert again.one("SELECT count(*) FROM events") == 1

    def test_a_rebuild_that_was_broken_off_goes_on(self, tmp_path):
        path = tmp_path / "warehouse.duckdb"
        world = World(tmp_path, path)
        for n in range(3):
            world.happens(event("A", user_id=f"u{n}", message_id=f"m{n}"))
        world.warehouse.close()
        path.unlink()
        ordinary, careful = Refusing(), MemoryRecords()
        begun = Warehouse(path, b"k" * 32)
        first = Loader(begun, tmp_path / "spool", ordinary, rebuilding=careful, chunk_bytes=10)
        first._stopping.set()  # as `stop` does while a chunk is under way
        assert first.run_once() == 1
        begun.close()
        opened = Warehouse(path, b"k" * 32)
        second = Loader(opened, tmp_path / "spool", ordinary, rebuilding=careful)
        with pytest.raises(Rebuilding), opened.read():
            pass
        assert second.run_once() == 2
        with opened.read() as db:
            assert db.con.execute("SELECT count(*) FROM events").fetchall() == [(3,)]
            assert db.con.execute("SELECT count(*) FROM loaded").fetchall() == [(1,)]
        opened.close()


class Refusing(MemoryRecords):
    """Nobody may be looked up here."""

    def people_for(self, keys):
        raise AssertionError("these records are not for a rebuild")


class Full(MemoryRecords):
    """Keeps nothing while its disk is full."""

    is_full = True

    def settle(self):
        if self.is_full:
            raise OSError("the disk is full")


class TestARecordStoreThatCannotWrite:
    def test_nothing_is_counted_before_it_has_the_people_and_all_once_afterwards(self, tmp_path):
        spool = SpoolWriter(tmp_path / "spool", "server")
        records, opened = Full(), Warehouse(tmp_path / "warehouse.duckdb", b"k" * 32)
        loader = Loader(opened, tmp_path / "spool", records)
        spool.append("key:web", [event("A", user_id="u1")])
        with pytest.raises(OSError, match="the disk is full"):
            loader.run_once()
        count = "SELECT (SELECT count(*) FROM events), (SELECT count(*) FROM profiles WHERE known)"
        with opened.read() as db:
            assert db.con.execute(count).fetchall() == [(0, 0)]
        records.is_full = False
        assert loader.run_once() == 1
        with opened.read() as db:
            assert db.con.execute(count).fetchall() == [(1, 1)]
        opened.close()


class TestDamageInsideTheFile:
    """Blocks that were overwritten: the file opens, and only reading them shows it."""

    @pytest.fixture
    def damaged(self, tmp_path):
        """Makes a file in which the blocks of a table are damaged; the world that opens it."""

        def make(table):
            path = tmp_path / "warehouse.duckdb"
            world = World(tmp_path, path)
            world.happens(
                *(
                    event("A", user_id=f"u{n % 50}", properties={"n": n, "x": f"{n}" * 9})
                    for n in range(3_000)
                )
            )
            # Few rows are kept in the head of the file: with many a table has blocks of its own.
            with world.warehouse.write() as cursor:
                cursor.execute("INSERT INTO loaded SELECT md5(range::VARCHAR), 0 FROM range(20000)")
            world.warehouse.checkpoint()
            with world.warehouse.write() as cursor:
                blocks = cursor.execute(
                    f"SELECT DISTINCT block_id FROM pragma_storage_info('{table}')"
                    " WHERE block_id >= 0"
                ).fetchall()
            world.warehouse.close()
            assert blocks
            with path.open("r+b") as file:
                for (block,) in blocks:
                    file.seek(3 * 4096 + block * 262_144 + 1_000)
                    file.write(os.urandom(2_000))
            return World(tmp_path, path)

        return make

    def test_where_the_positions_are_is_found_at_the_start(self, damaged, tmp_path, caplog):
        world = damaged("loaded")
        assert world.warehouse.needs_rebuild
        assert world.loader.run_once() == 3_000
        assert world.one("SELECT count(*), count(DISTINCT person_id) FROM events") == (3_000, 50)
        (aside,) = damaged_files(tmp_path / "warehouse.duckdb")
        assert aside.stat().st_size > 262_144
        assert aside.name in caplog.text
        assert "rebuilt from the event log" in caplog.text

    def test_where_events_are_is_found_by_who_asks(self, damaged, tmp_path):
        world = damaged("events")
        for _again in range(2):
            with pytest.raises(Rebuilding):
                world.rows("SELECT * FROM events")
        assert world.loader.run_once() == 3_000
        assert len(world.rows("SELECT * FROM events")) == 3_000
        assert world.warehouse.as_of is not None
        assert len(damaged_files(tmp_path / "warehouse.duckdb")) == 1

    def test_where_events_are_is_found_by_the_loader(self, damaged, tmp_path):
        world = damaged("identities")
        assert world.happens(event("B", user_id="u1")) == 3_001
        assert world.one("SELECT count(DISTINCT person_id) FROM events") == 50
        assert len(damaged_files(tmp_path / "warehouse.duckdb")) == 1

    def test_is_found_by_compacting(self, damaged):
        world = damaged("events")
        with pytest.raises(Rebuilding):
            world.warehouse.compact()
        assert world.loader.run_once() == 3_000

    def test_does_not_keep_one_from_rebuilding_by_hand(self, damaged):
        world = damaged("events")
        assert world.loader.rebuild() == 3_000
        assert len(world.rows("SELECT * FROM events")) == 3_000

    def test_again_and_again_is_left_to_a_person(self, damaged, tmp_path):
        for n in range(3):
            moment = (datetime.now(UTC) - timedelta(hours=n)).strftime("%Y%m%dT%H%M%S%f")
            (tmp_path / f"warehouse.duckdb.damaged-{moment}").write_bytes(b"")
        world = damaged("events")
        with pytest.raises(Rebuilding):
            world.rows("SELECT * FROM events")
        with pytest.raises(RuntimeError, match="Look at the disk"):
            world.loader.run_once()
        assert len(damaged_files(tmp_path / "warehouse.duckdb")) == 3
        assert (tmp_path / "warehouse.duckdb").exists()

    def test_a_disk_that_is_full_is_no_damage(self, tmp_path):
        world = World(tmp_path, tmp_path / "warehouse.duckdb")
        with pytest.raises(duckdb.IOException), world.warehouse.write():
            raise duckdb.IOException("IO Error: Could not write: No space left on device")
        assert not world.warehouse.needs_rebuild
        assert damaged_files(tmp_path / "warehouse.duckdb") == []
