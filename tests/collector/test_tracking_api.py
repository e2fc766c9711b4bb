"""The Segment tracking API, from outside."""

from __future__ import annotations

import gzip
import json
from datetime import UTC, datetime, timedelta

import pytest

from tests.collector.asking import Asking

ORDER = {"type": "track", "event": "Order Completed", "userId": "u1", "messageId": "m1"}


@pytest.fixture
def asking(tmp_path):
    return Asking(tmp_path)


class TestOneEvent:
    def test_is_kept_as_it_was_sent_and_acknowledged(self, asking):
        raw = b'{"type":"track","event":"Order Completed", "userId":"u1","messageId":"m1","x":1.50}'
        answer = asking.post("track", raw)
        assert (answer.status_code, answer.json()) == (200, {"success": True})
        segment = next(asking.folder.iterdir()).read_bytes()
        assert raw in segment
        assert asking.kept()[0]["from"] == "key:web"

    @pytest.mark.parametrize("call", ["identify", "page", "screen", "group", "alias"])
    def test_takes_its_type_from_the_address(self, asking, call):
        assert asking.post(call, {"userId": "u1"}).status_code == 200
        assert asking.events()[0]["type"] == call

    def test_gets_a_message_id_if_it_has_none(self, asking):
        for event in ({"event": "A"}, {"event": "B", "messageId": None}):
            asking.post("track", {"userId": "u1", **event})
        first, second = asking.events()
        assert len(first["messageId"]) == 32
        assert len(second["messageId"]) == 32

    def test_half_an_emoji_does_not_lose_it(self, asking):
        body = b'{"event":"Said","userId":"u1","properties":{"t":"ok \\ud83d\\ude00 cut \\ud83d"}}'
        assert asking.post("track", body).status_code == 200
        assert asking.events()[0]["properties"] == {"t": "ok \U0001f600 cut \ufffd"}

    def test_may_be_written_over_many_lines(self, asking):
        asking.post("track", json.dumps({"event": "A", "userId": "u1"}, indent=4).encode())
        assert asking.events()[0]["event"] == "A"

    def test_an_identify_call_may_name_the_person_by_mail_alone(self, asking):
        assert asking.post("identify", {"traits": {"email": "a@x.cn"}}).status_code == 200


class TestWhoMaySend:
    def test_the_key_may_stand_in_the_body(self, asking):
        assert asking.post("track", {**ORDER, "writeKey": "wk_shop"}, key=None).status_code == 200
        assert asking.kept()[0]["from"] == "key:shop"

    @pytest.mark.parametrize("key", [None, "wrong"])
    def test_without_a_valid_key_nothing_is_kept(self, asking, key):
        answer = asking.post("track", ORDER, key=key)
        assert answer.status_code == 401
        assert answer.json()["errors"][0]["code"] == "unknown_key"
        assert asking.kept() == []

    def test_a_browser_of_any_site_may_ask_first(self, asking):
        answer = asking.request("OPTIONS", "/v1/track", headers={"Origin": "https://shop.example"})
        assert answer.status_code == 204
        assert answer.headers["access-control-allow-origin"] == "*"
        assert "access-control-allow-credentials" not in answer.headers

    def test_a_beacon_comes_as_plain_text(self, asking):
        headers = {"Content-Type": "text/plain;charset=UTF-8"}
        answer = asking.post("track", {**ORDER, "writeKey": "wk_web"}, key=None, headers=headers)
        assert answer.status_code == 200


class TestABatch:
    def test_keeps_every_event(self, asking):
        batch = [{**ORDER, "messageId": f"m{n}"} for n in range(300)]
        assert asking.post("batch", {"batch": batch}).status_code == 200
        assert [event["messageId"] for event in asking.events()] == [f"m{n}" for n in range(300)]

    def test_keeps_the_good_and_names_the_place_of_the_bad(self, asking):
        batch = [
            ORDER,
            {**ORDER, "type": "tarck"},
            {**ORDER, "timestamp": "22/11/2026"},
            {"type": "track", "event": "Order Completed"},
            {"type": "track", "userId": "u1"},
            {**ORDER, "properties": "red"},
            {**ORDER, "messageId": "m2"},
            7,
        ]
        answer = asking.post("batch", {"batch": batch})
        assert answer.status_code == 400
        body = answer.json()
        assert (body["success"], body["accepted"]) == (False, 2)
        assert [(e["at"], e["code"]) for e in body["errors"]] == [
            ("/batch/1/type", "unknown_type"),
            ("/batch/2/timestamp", "bad_time"),
            ("/batch/3/userId", "no_identity"),
            ("/batch/4/event", "no_name"),
            ("/batch/5/properties", "wrong_shape"),
            ("/batch/7", "wrong_shape"),
        ]
        assert "ISO 8601" in body["errors"][1]["detail"]
        assert [event["messageId"] for event in asking.events()] == ["m1", "m2"]
        assert asking.app.counters["drop_bad_time"] == 1
        assert asking.app.counters["accepted"] == 2

    def test_its_context_holds_for_each_event_unless_the_event_says_otherwise(self, asking):
        batch = [{**ORDER}, {**ORDER, "context": {"ip": "1.2.3.4"}}]
        context = {"ip": "0.0.0.0", "library": {"name": "x"}}
        asking.post("batch", {"batch": batch, "context": context, "integrations": {"All": True}})
        first, second = asking.events()
        assert first["context"] == context
        assert second["context"] == {"ip": "1.2.3.4", "library": {"name": "x"}}
        assert second["integrations"] == {"All": True}

    def test_import_is_the_same(self, asking):
        assert asking.post("import", {"batch": [ORDER]}).status_code == 200
        assert len(asking.events()) == 1

    @pytest.mark.parametrize(
        ("body", "code"),
        [
            (b"{", "bad_json"),
            (b"\xff\xfe", "bad_json"),
            (b"[]", "wrong_shape"),
            (b'{"batch": {}}', "wrong_shape"),
            (b"{}", "wrong_shape"),
        ],
    )
    def test_that_is_none_is_refused_as_a_whole(self, asking, body, code):
        answer = asking.post("batch", body)
        assert answer.status_code == 400
        assert answer.json()["errors"][0]["code"] == code


class TestLimits:
    def test_an_event_of_32_kb_is_kept_and_one_byte_more_is_not(self, asking):
        def sized(size):
            event = {**ORDER, "properties": {"x": ""}}
            event["properties"]["x"] = "x" * (size - len(json.dumps(event)))
            return event

        assert asking.post("track", sized(32 * 1024)).status_code == 200
        answer = asking.post("batch", {"batch": [sized(32 * 1024 + 1), ORDER]})
        assert answer.status_code == 413
        assert answer.json()["accepted"] == 1
        assert answer.json()["errors"][0]["at"] == "/batch/0"

    def test_a_request_over_500_kb_is_refused(self, asking):
        answer = asking.post("batch", b" " * (500 * 1024 + 1))
        assert answer.status_code == 413
        assert answer.json()["errors"][0]["code"] == "request_too_large"

    def test_a_small_body_that_unpacks_to_much_is_refused(self, asking):
        bomb = gzip.compress(b" " * 50_000_000)
        answer = asking.post("batch", bomb, headers={"Content-Encoding": "gzip"})
        assert answer.status_code == 413

    def test_a_packed_body_is_unpacked(self, asking):
        body = gzip.compress(json.dumps({"batch": [ORDER]}).encode())
        answer = asking.post("batch", body, headers={"Content-Encoding": "gzip"})
        assert answer.status_code == 200
        assert asking.events() == [ORDER]

    @pytest.mark.parametrize(
        "body", [b"no gzip", gzip.compress(b'{"batch": []}' * 99, mtime=0)[:-10]]
    )
    def test_a_broken_packed_body_is_told(self, asking, body):
        answer = asking.post("batch", body, headers={"Content-Encoding": "gzip"})
        assert answer.json()["errors"][0]["code"] == "bad_gzip"

    def test_ids_have_a_length(self, asking):
        answer = asking.post("track", {**ORDER, "userId": "x" * 513})
        assert answer.json()["errors"] == [
            {
                "at": "/userId",
                "code": "long_id",
                "detail": "Ids must not be longer than 512 characters.",
            }
        ]


def nested(levels, inside="1"):
    """`inside` within so many objects."""
    return '{"a":' * levels + inside + "}" * levels


class TestNesting:
    @pytest.mark.parametrize("levels", [100, 980, 990, 1_000, 3_000])
    def test_too_deep_is_told_and_not_kept(self, asking, levels):
        body = f'{{"event":"A","userId":"u1","properties":{nested(levels)}}}'
        answer = asking.post("track", body.encode())
        assert answer.status_code == 400
        (error,) = answer.json()["errors"]
        assert (error["at"], error["code"]) == ("", "too_deep")
        assert "100 levels" in error["detail"]
        assert asking.events() == []

    def test_as_deep_as_one_may_is_kept(self, asking):
        body = f'{{"event":"A","userId":"u1","messageId":"m1","properties":{nested(99)}}}'
        assert asking.post("track", body.encode()).status_code == 200
        assert json.dumps(asking.events()[0]["properties"]).count("{") == 99

    def test_brackets_in_texts_and_beside_each_other_are_no_levels(self, asking):
        said = {**ORDER, "properties": {"x": '[{"' * 300 + "\\", "y": [[]] * 300}}
        assert asking.post("track", said).status_code == 200
        assert asking.post("batch", {"batch": [said]}).status_code == 200
        assert asking.events() == [said, said]

    @pytest.mark.parametrize("levels", [100, 980, 990, 3_000])
    def test_one_that_is_too_deep_leaves_the_others_of_its_batch(self, asking, levels):
        good = [json.dumps({**ORDER, "messageId": f"m{n}"}) for n in range(2)]
        deep = json.dumps(ORDER)[:-1] + f',"properties":{nested(levels, "[]")}}}'
        body = f'{{"batch":[{good[0]},{deep},{good[1]}]}}'
        answer = asking.post("batch", body.encode())
        assert answer.status_code == 400
        assert answer.json()["accepted"] == 2
        (error,) = answer.json()["errors"]
        assert (error["at"], error["code"]) == ("/batch/1", "too_deep")
        assert [event["messageId"] for event in asking.events()] == ["m0", "m1"]

    @pytest.mark.parametrize("levels", [200, 3_000])
    @pytest.mark.parametrize("name", ["context", "integrations"])
    def test_too_deep_for_all_events_names_the_place(self, asking, name, levels):
        body = f'{{"batch":[{json.dumps(ORDER)}],"{name}":{nested(levels)}}}'
        answer = asking.post("batch", body.encode())
        assert answer.status_code == 400
        (error,) = answer.json()["errors"]
        assert (error["at"], error["code"]) == (f"/{name}", "too_deep")

    @pytest.mark.parametrize(
        "body", ["[" * 14_000 + "]" * 14_000, "[" * 14_000, '{"a":' * 14_000, '{"batch":[' * 9_000]
    )
    @pytest.mark.parametrize("call", ["track", "batch"])
    def test_what_is_nothing_but_depth_is_refused(self, asking, call, body):
        assert asking.post(call, body.encode()).status_code == 400
        assert asking.kept() == []


class TestWrongAddresses:
    def test_only_post_sends(self, asking):
        assert asking.request("GET", "/v1/track").status_code == 405

    def test_there_is_no_other_call(self, asking):
        assert asking.post("tracks", ORDER).status_code == 404


class TestADiskThatIsFull:
    def test_asks_to_try_again_soon_and_keeps_nothing(self, tmp_path):
        (tmp_path / "file").write_text("")
        asking = Asking(tmp_path / "file")
        answer = asking.post("track", ORDER)
        assert answer.status_code == 429
        assert int(answer.headers["retry-after"]) <= 5
        assert answer.json()["accepted"] == 0


CHROME = (
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/130.0.0.0 Safari/537.36"
)
GOOGLEBOT = "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)"


class TestABrowserThatIsAMachine:
    def test_is_marked(self, asking):
        headers = {"Origin": "https://shop.example", "User-Agent": "Googlebot/2.1"}
        asking.post("track", ORDER, headers=headers)
        assert asking.kept()[0]["actor"] == "machine"

    @pytest.mark.parametrize("library", ["python-requests/2.32", "analytics-python/2.2.3", "bot/1"])
    def test_a_server_is_believed_whatever_its_library_is_called(self, asking, library):
        asking.post("track", ORDER, headers={"User-Agent": library})
        assert "actor" not in asking.kept()[0]

    @pytest.mark.parametrize("call", ["track", "identify", "page"])
    def test_is_marked_where_a_server_passes_on_who_it_is(self, asking, call):
        asking.post(call, {**ORDER, "context": {"userAgent": GOOGLEBOT}})
        asking.post(
            "batch", {"batch": [{**ORDER, "type": call, "context": {"userAgent": GOOGLEBOT}}]}
        )
        assert [line["actor"] for line in asking.kept()] == ["machine"] * 2

    def test_marks_only_its_own_events_of_a_batch_and_their_order_stays(self, asking):
        agents = [CHROME, GOOGLEBOT, None, 5, GOOGLEBOT]
        batch = [
            {**ORDER, "type": "track", "messageId": f"m{i}", "context": {"userAgent": agent}}
            for i, agent in enumerate(agents)
        ]
        answer = asking.post(
            "batch", {"batch": batch}, headers={"User-Agent": "analytics-python/2.2.3"}
        )
        assert answer.json() == {"success": True}
        found = [(line["e"]["messageId"], line.get("actor")) for line in asking.kept()]
        assert found == [
            *(("m0", None), ("m1", "machine"), ("m2", None), ("m3", None), ("m4", "machine"))
        ]

    def test_is_marked_where_the_batch_says_it_for_all(self, asking):
        event = {**ORDER, "type": "track"}
        own = {**event, "context": {"userAgent": CHROME}}
        asking.post("batch", {"batch": [event, own], "context": {"userAgent": GOOGLEBOT}})
        assert [line.get("actor") for line in asking.kept()] == ["machine", None]

    def test_is_marked_where_it_gives_the_key_as_pages_do(self, asking):
        body = {**ORDER, "writeKey": "wk_web"}
        asking.post("identify", body, key=None, headers={"User-Agent": GOOGLEBOT})
        asking.post("identify", body, key=None, headers={"User-Agent": "analytics-python/2.2.3"})
        assert [line.get("actor") for line in asking.kept()] == ["machine", None]


class TestClocks:
    BROWSER = {"origin": "https://shop.example"}

    def sent(self, asking, *, wrong, ago=timedelta(0), headers=BROWSER):
        """An event of a while `ago`, from a sender whose clock is wrong by so much; its time in the log."""
        now = datetime.now(UTC) + wrong
        event = {**ORDER, "timestamp": (now - ago).isoformat()}
        body = {"batch": [event], "sentAt": now.isoformat()}
        assert asking.post("batch", body, headers=headers).status_code == 200
        kept = asking.events()[-1]
        return datetime.fromisoformat(kept["timestamp"]), kept

    @pytest.mark.parametrize(
        "wrong", [timedelta(hours=9), -timedelta(days=400), timedelta(minutes=2)]
    )
    def test_of_browsers_that_are_wrong_are_put_right(self, asking, wrong):
        at, kept = self.sent(asking, wrong=wrong, ago=timedelta(minutes=30))
        assert abs(datetime.now(UTC) - timedelta(minutes=30) - at) < timedelta(seconds=20)
        said = datetime.fromisoformat(kept["originalTimestamp"])
        assert abs(said - at - wrong) < timedelta(seconds=20)

    def test_of_browsers_that_are_right_are_left_as_they_are(self, asking):
        _at, kept = self.sent(asking, wrong=timedelta(0), ago=timedelta(days=2))
        assert "originalTimestamp" not in kept

    def test_of_servers_are_believed(self, asking):
        at, kept = self.sent(asking, wrong=-timedelta(hours=5), headers={})
        assert abs(datetime.now(UTC) - timedelta(hours=5) - at) < timedelta(seconds=20)
        assert "originalTimestamp" not in kept

    @pytest.mark.parametrize("sent_at", [None, 5, "yesterday", {}, "2026-01-01T00:00:00"])
    def test_a_time_of_sending_that_says_nothing_changes_nothing(self, asking, sent_at):
        body = {"batch": [{**ORDER, "timestamp": "2026-11-01T00:00:00Z"}], "sentAt": sent_at}
        assert asking.post("batch", body, headers=self.BROWSER).status_code == 200
        assert asking.events()[0]["timestamp"] == "2026-11-01T00:00:00Z"
