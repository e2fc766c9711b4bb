"""The fact sheet: said once, found where it was typed by hand, voided when it changes (S08)."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from muster.kit.errors import Forbidden, Invalid, Refused
from muster.plan.facts.rules import Known, State, replaced, typed_by_hand

pytestmark = pytest.mark.django_db
TODAY = date(2026, 11, 26)
PRICE = Known("price.hero", "price", "暖饮礼盒", {"": "199"}, was=("239",))
LIMIT = Known("limit.per_person", "limit", "每人限购", {"zh-hans": "2 盒", "en": "2 boxes"})
END = Known("promo.end", "date", "活动截止", {"zh-hans": "2026年12月4日", "en": "4 December 2026"})
CLAIM = Known("claim.tested", "claim", "Tested", {"": "经 1,024 人测试"})


def hits(fact, text, language="zh-hans"):
    return [(one.text, one.is_right) for one in typed_by_hand(fact, {"/x": text}, language, TODAY)]


class TestWhatWasTypedByHand:
    @pytest.mark.parametrize(
        ("fact", "text", "found"),
        [
            (PRICE, "礼盒只要 ¥199", [("199", True)]),
            (PRICE, "礼盒只要１９９元", [("１９９", True)]),
            (PRICE, "礼盒只要一百九十九元", [("一百九十九", True)]),
            (PRICE, "<p>暖饮礼盒 <b>¥199.00</b></p>", [("199.00", True)]),
            (PRICE, "原价 239 元", [("239", False)]),
            (PRICE, "暖饮礼盒 ¥189，立即抢购", [("189", False)]),
            (PRICE, "全场满 300 元包邮", []),
            (PRICE, "暖饮礼盒 {{ fact.price.hero }}", []),
            (PRICE, '{{ first_name | default: "199" }}', []),
            (PRICE, "<p>暖饮礼盒</p><p>另有茶杯 ¥59</p>", []),
            (LIMIT, "每人限购 3 盒", [("3 盒", False)]),
            (LIMIT, "每人限购两盒", []),
            (END, "截至12月4日", [("12月4日", True)]),
            (END, "活动截止 12月6日 24 点", [("12月6日", False)]),
            (END, "Until 4 December", [("4 December", True)]),
            (CLAIM, "本品经 1,024 人测试，放心", [("经 1,024 人测试", True)]),
        ],
    )
    def test_is_found(self, fact, text, found):
        assert hits(fact, text) == found

    def test_planted_contradictions_are_all_found(self):
        texts = {
            "/subject": "暖饮礼盒只要 ¥189",
            "/preheader": "暖饮礼盒特价 209 元，12月4日止",
            "/blocks/0/alt": "海报：暖饮礼盒 １７９ 元",
            "/blocks/1/text": "<p>每人限购 3 份</p><p>活动截止 12 月 6 日</p>",
            "/text": "暖饮礼盒一百八十九元。原价 239 元。",
        }
        found = [
            (one.key, one.at)
            for fact in (PRICE, LIMIT, END)
            for one in typed_by_hand(fact, texts, "zh-hans", TODAY)
            if not one.is_right
        ]
        assert sorted(found) == [
            ("limit.per_person", "/blocks/1/text"),
            ("price.hero", "/blocks/0/alt"),
            ("price.hero", "/preheader"),
            ("price.hero", "/subject"),
            ("price.hero", "/text"),
            ("price.hero", "/text"),
            ("promo.end", "/blocks/1/text"),
        ]

    def test_the_token_takes_its_place(self):
        text = "礼盒只要 ¥199，限今天"
        (one,) = typed_by_hand(PRICE, {"/subject": text}, "zh-hans", TODAY)
        assert (
            replaced(text, one, "{{ fact.price.hero }}")
            == "礼盒只要 ¥{{ fact.price.hero }}，限今天"
        )

    def test_a_sign_in_the_value_goes_with_it(self):
        fact = Known("price.hero", "price", "礼盒", {"": "¥199"})
        text = "礼盒只要 ¥199"
        (one,) = typed_by_hand(fact, {"/subject": text}, "zh-hans", TODAY)
        assert replaced(text, one, "T") == "礼盒只要 T"


class TestWhenAFactHolds:
    NOW = datetime(2026, 11, 26, 12, tzinfo=UTC)

    @pytest.mark.parametrize(
        ("starts", "ends", "state"),
        [
            (None, None, "said"),
            (-1, 1, "said"),
            (1, None, "not_yet"),
            (None, -1, "expired"),
            (None, 0, "expired"),
        ],
    )
    def test_depends_on_its_days(self, starts, ends, state):
        moment = lambda days: None if days is None else self.NOW + timedelta(days=days)  # noqa: E731
        fact = Known("a", "price", "a", {"": "1"}, moment(starts), moment(ends))
        assert fact.state("en", self.NOW) == State(state)

    def test_needs_words_in_the_language(self):
        assert LIMIT.state("zh-hant", self.NOW) is State.NO_WORDS
        assert LIMIT.value("en") == "2 boxes"


@pytest.fixture
def price(campaign, owner):
    from muster.plan.facts.actions import write_down

    fields = {"key": "price.hero", "name": "暖饮礼盒", "kind": "price", "values": {"": "199"},
              "evidence": "Price list 2026-11"}  # fmt: skip
    return write_down(campaign, fields, by=owner)


@pytest.fixture
def mail(campaign, manager):
    from muster.content.emails.actions import make

    def made(subject, **more):
        blocks = [{"kind": "text", "text": "<p>来喝茶</p>"}, {"kind": "footer"}]
        return make(campaign, subject[:20], by=manager, subject=subject, blocks=blocks,
                    language="zh-hans", **more)  # fmt: skip

    return made


class TestAFactInAMail:
    def test_is_said_as_it_stands(self, price, mail):
        from muster.content.emails.compose import compile
        from muster.content.emails.preview import rendered

        email = mail("礼盒 ¥{{ fact.price.hero }}", preheader="只要{{fact.price.hero}}元")
        shown = rendered(compile(email), {"email": "a@example.com"})
        assert shown.subject == email.subject_line == "礼盒 ¥199"
        assert "只要199元" in shown.html

    @pytest.mark.parametrize(
        ("fields", "code"),
        [
            ({"valid_to": datetime(2026, 1, 1, tzinfo=UTC)}, "fact_expired"),
            ({"values": {"en": "$29"}}, "fact_no_words"),
        ],
    )
    def test_that_does_not_hold_stops_the_mail(self, price, mail, owner, fields, code):
        from muster.content.emails.checks import check
        from muster.plan.facts.actions import change_fact

        email = mail("礼盒 ¥{{ fact.price.hero }}")
        assert [one.code for one in check(email) if one.blocks] == []
        change_fact(price, fields, by=owner)
        assert [one.code for one in check(email) if one.blocks] == [code]

    def test_that_nobody_wrote_down_stops_the_mail(self, campaign, mail):
        from muster.content.emails.checks import check

        found = [one for one in check(mail("{{ fact.price.nope }}")) if one.blocks]
        assert {one.code for one in found} >= {"fact_unknown"}
        assert found[0].params["key"] == "price.nope"

    def test_cannot_be_a_hole_in_the_page(self, price, mail, owner):
        from muster.content.emails.actions import write
        from muster.content.emails.compose import compile
        from muster.content.emails.preview import rendered
        from muster.plan.facts.actions import change_fact

        change_fact(price, {"values": {"": "<script>x</script>"}}, by=owner)
        blocks = [{"kind": "text", "text": "<p>{{ fact.price.hero }}</p>"}, {"kind": "footer"}]
        email = write(mail("茶"), by=owner, blocks=blocks)
        shown = rendered(compile(email), {})
        assert "<script>x" not in shown.html
        assert "&lt;script&gt;x" in shown.html
        with pytest.raises(Invalid):
            change_fact(price, {"values": {"": "{{ first_name }}"}}, by=owner)


class TestChangingAFact:
    def test_changes_the_mark_of_the_mails_that_say_it(self, price, mail, owner):
        from muster.plan.facts.actions import change_fact

        says, other = mail("礼盒 ¥{{ fact.price.hero }}"), mail("来喝茶")
        before = says.fingerprint(), other.fingerprint()
        change_fact(price, {"values": {"": "189"}}, by=owner)
        after = says.fingerprint(), other.fingerprint()
        assert after[0] != before[0]
        assert after[1] == before[1]

    def test_tells_those_who_work_on_it(self, price, mail, owner, manager):
        from muster.plan.facts.actions import change_fact
        from muster.team.notices.models import Notice

        mail("礼盒 ¥{{ fact.price.hero }}")
        change_fact(price, {"values": {"": "189"}}, by=owner)
        notice = Notice.objects.get(event="facts_changed")
        assert notice.to == manager
        assert notice.params["count"] == 1

    def test_has_to_be_verified_again(self, price, owner, user_with):
        from muster.plan.facts.actions import change_fact, verify

        legal = user_with("legal", "Fa Wu")
        verify(price, by=legal)
        price.refresh_from_db()
        assert price.is_verified
        change_fact(price, {"evidence": "Price list 2026-12"}, by=owner)
        price.refresh_from_db()
        assert price.is_verified
        change_fact(price, {"values": {"": "189"}}, by=owner)
        price.refresh_from_db()
        assert not price.is_verified
        assert price.was == ["199"]

    def test_is_verified_by_somebody_else(self, price, campaign, manager, user_with):
        from muster.plan.facts.actions import verify, write_down

        fields = {"key": "a", "name": "A", "values": {"": "1"}, "evidence": "x"}
        own = write_down(campaign, fields, by=manager)
        with pytest.raises(Refused, match="yourself"):
            verify(own, by=manager)
        with pytest.raises(Forbidden):
            verify(own, by=user_with("content", "Nei Rong"))

    def test_closes_the_open_request_of_a_send(self, price, mail, campaign, owner, manager):
        from muster.channels.sending.actions import KIND
        from muster.channels.sending.models import Send, Variant
        from muster.plan.approvals.actions import ask
        from muster.plan.approvals.models import open_request
        from muster.plan.facts.actions import change_fact

        email = mail("礼盒 ¥{{ fact.price.hero }}")
        send = Send.objects.create(campaign=campaign, name="Wave", rule={"all": []}, by=manager)
        Variant.objects.create(send=send, position=0, name="A", email=email)
        ask(
            KIND,
            send.pk,
            title="Wave",
            url="/x",
            fingerprint="f" * 64,
            campaign=campaign,
            by=manager,
        )
        change_fact(price, {"values": {"": "189"}}, by=owner)
        assert open_request(KIND, send.pk) is None


class TestTheDoors:
    def test_the_api_writes_changes_and_replaces(self, campaign, mail, api, owner):
        mail("暖饮礼盒只要 ¥189")
        base = f"/campaigns/{campaign.public_id}/facts"
        body = {"key": "price.hero", "name": "暖饮礼盒", "values": {"": "199"}}
        made = api("POST", base, body)
        assert made.status_code == 201, made.content
        (typed,) = api("GET", base).json()["typed_by_hand"]
        assert (typed["text"], typed["same"]) == ("189", False)
        place = {name: typed[name] for name in ("place", "at", "start")}
        assert api("POST", f"{base}/{made.json()['id']}/replace", place).status_code == 204
        after = api("GET", base).json()
        assert after["typed_by_hand"] == []
        assert [use["title"] for use in after["items"][0]["uses"]] == ["暖饮礼盒只要 ¥189"]

    def test_readiness_waits_for_the_proof(self, price, campaign, owner):
        from muster.plan.facts.actions import verify
        from muster.plan.readiness.checks import readiness

        def blockers():
            return [str(one) for one in readiness(campaign).blockers if "fact" in str(one)]

        assert blockers() == ["The fact “暖饮礼盒” is not verified."]
        verify(price, by=owner)
        assert blockers() == []
