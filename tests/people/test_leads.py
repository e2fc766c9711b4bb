"""Leads from the score to won or lost: opened once, given fairly, told to the log."""

from __future__ import annotations

import json
import re
from datetime import UTC, date, datetime, time, timedelta
from html import unescape
from zoneinfo import ZoneInfo

import pytest

from muster.kit import clock
from muster.kit.days import WorkCalendar
from muster.people.leads import actions, late, rules
from muster.people.leads.becoming import rescore
from muster.people.leads.models import Handover, Lead, LeadStep, Qualified
from muster.people.leads.reasons import Total, Why, summed, value
from muster.people.leads.telling import tell
from muster.people.models import Person, ScoreModel
from muster.team.changes.actions import undo
from muster.team.changes.models import Change
from muster.team.models import Notice
from muster.team.stores import warehouse

pytestmark = pytest.mark.django_db

SHANGHAI = ZoneInfo("Asia/Shanghai")
CARD = {
    "behaviour": [
        {"event": "Page Viewed", "points": 2, "half_life": 10, "cap": 20},
        {"event": "Form Submitted", "points": 30, "half_life": 30},
    ],
    "fit": [{"trait": "level", "op": "eq", "value": "gold", "points": 50}],
    "grades": {"A": 50, "B": 35, "C": 15},
}
MQL = {
    "all": [
        {"score": "lead", "op": "gte", "value": 30},
        {"score": "grade", "op": "gte", "value": "B"},
    ]
}
NOW = datetime(2026, 10, 14, 2, 0, tzinfo=UTC)  # a Wednesday, ten in the morning in Shanghai


def track(name: str, who: str, at: datetime, **properties: object) -> bytes:
    call = {
        "type": "track", "event": name, "userId": who, "properties": properties,
        "messageId": f"{name}-{who}-{at.isoformat()}", "timestamp": at.isoformat(),
    }  # fmt: skip
    return json.dumps(call).encode()


@pytest.fixture
def shop(stores, workspace):
    """m0…m5: all sent the form two days ago; the even ones are gold, m5 did nothing else."""
    events = []
    for n in range(6):
        traits = {"email": f"m{n}@tea.cn", "phone": f"1380000000{n}", "first_name": f"N{n}"}
        traits["level"] = "gold" if n % 2 == 0 else "blue"
        traits["city"] = "Shanghai" if n < 3 else "Taipei"
        events.append(
            json.dumps(
                {
                    "type": "identify", "userId": f"m{n}", "messageId": f"i{n}", "traits": traits,
                    "timestamp": "2026-09-01T00:00:00Z",
                }
            ).encode()
        )  # fmt: skip
        events.append(track("Form Submitted", f"m{n}", NOW - timedelta(minutes=n + 1)))
        events.append(track("Page Viewed", f"m{n}", NOW - timedelta(days=10)))
    stores.stores.spool.append("muster", events)
    stores.settle()
    with clock.starting_at(NOW):
        yield stores


@pytest.fixture
def person(shop):
    return lambda n: Person.objects.get(external_id=f"m{n}")


@pytest.fixture
def switched_on(shop, owner):
    return actions.set_model(by=owner, card=CARD, mql=MQL, on=True)


@pytest.fixture
def sales(user_with):
    return user_with("sales", "Xiao Lin", "lin@muster.test")


@pytest.fixture
def other(user_with):
    return user_with("sales", "Xiao Mei", "mei@muster.test")


class TestBecomingOne:
    def test_opens_one_lead_each_and_never_a_second(self, switched_on, sales, person, shop):
        done = rescore(NOW)
        assert (done.ready, done.became, done.opened, done.given) == (3, 3, 3, 3)
        assert sorted(Lead.objects.values_list("person__external_id", flat=True)) == [
            "m0", "m2", "m4",
        ]  # fmt: skip
        again = rescore(NOW + timedelta(minutes=5))
        assert (again.ready, again.became, again.opened) == (3, 0, 0)
        assert Lead.objects.count() == 3
        lead = Lead.objects.get(person=person(0))
        # 30 of the form, almost fresh, and 2 × 2^(−10/10) of the page
        assert lead.score == pytest.approx(31, abs=0.05)
        assert (lead.fit, lead.grade, lead.owner) == (50, "A", sales)
        assert [row["points"] for row in lead.why] == [pytest.approx(30, abs=0.05), 1.0, 50]

    def test_is_nothing_until_it_is_switched_on(self, shop, sales):
        assert rescore(NOW).ready == 0
        assert not Lead.objects.exists()

    def test_ceases_with_time_and_comes_back_with_another_deed(
        self, switched_on, sales, person, shop
    ):
        rescore(NOW)
        later = NOW + timedelta(days=40)
        with clock.starting_at(later):
            done = rescore(later)
            assert (done.ready, done.ceased) == (0, 3)
            assert not Qualified.objects.exists()
            lead = Lead.objects.get(person=person(0))
            actions.move(lead, "lost", by=sales, now=later, reason="no_need")
            shop.stores.spool.append("muster", [track("Form Submitted", "m0", later)])
            shop.settle()
            assert rescore(later).opened == 0  # rests after the lead that was lost
        rested = later + timedelta(days=31)
        with clock.starting_at(rested):
            shop.stores.spool.append("muster", [track("Form Submitted", "m0", rested)])
            shop.settle()
            assert rescore(rested).opened == 1
        assert Lead.objects.filter(person=person(0)).count() == 2

    def test_is_told_to_the_log_once(self, switched_on, sales, shop):
        rescore(NOW)
        LeadStep.objects.update(told=False)  # as after a kill between writing and marking
        tell(NOW)
        shop.settle()
        assert counted("Lead Created", "Lead Scored", "Lead Handed Over") == {
            "Lead Created": 3, "Lead Scored": 3, "Lead Handed Over": 3,
        }  # fmt: skip


def counted(*names: str) -> dict[str, int]:
    with warehouse() as db:
        rows = db.con.execute(
            "SELECT name, count(*) FROM events WHERE name IN (SELECT unnest(?)) GROUP BY name",
            [list(names)],
        ).fetchall()
    return dict(rows)


class TestTheClock:
    HOURS = rules.Hours(time(9), time(18), SHANGHAI)

    @pytest.mark.parametrize(
        ("start", "hours", "wanted"),
        [
            ("2026-10-14 10:00", 4, "2026-10-14 14:00"),
            ("2026-10-14 15:00", 8, "2026-10-15 14:00"),  # three hours today, five tomorrow
            ("2026-10-16 17:00", 2, "2026-10-19 10:00"),  # over the weekend
            ("2026-10-14 03:00", 1, "2026-10-14 10:00"),
            ("2026-10-14 20:00", 9, "2026-10-15 18:00"),
            ("2026-09-30 17:30", 1, "2026-10-08 09:30"),  # over the national holiday
        ],
    )
    def test_runs_in_working_hours_alone(self, start, hours, wanted):
        begin = datetime.fromisoformat(start).replace(tzinfo=SHANGHAI)
        due = rules.contact_due(begin, hours, WorkCalendar("CN"), self.HOURS)
        assert due.astimezone(SHANGHAI).strftime("%Y-%m-%d %H:%M") == wanted

    def test_tells_the_owner_and_then_those_who_lead(self, switched_on, sales, user_with, shop):
        manager = user_with("manager", "Chief")
        rescore(NOW)
        due = Lead.objects.values_list("contact_due", flat=True).distinct().get()
        assert due == datetime(2026, 10, 14, 10, 0, tzinfo=UTC)  # eight hours: six in the evening
        assert late.watch(due - timedelta(minutes=1)) == (0, 0)
        assert late.watch(due) == (3, 0)
        assert late.watch(due + timedelta(hours=3)) == (0, 0)
        assert late.watch(due + timedelta(hours=4)) == (0, 3)
        assert Notice.objects.filter(event="lead_late", to=sales).count() == 3
        assert Notice.objects.filter(event="lead_late", to=manager).count() == 3

    def test_stops_with_the_first_contact(self, switched_on, sales, person, shop):
        rescore(NOW)
        lead = Lead.objects.get(person=person(0))
        actions.note(lead, by=sales, now=NOW, text="Wants 200 boxes", contacted=True)
        lead.refresh_from_db()
        assert (lead.state, lead.contacted_at) == ("working", NOW)
        assert late.watch(NOW + timedelta(days=2)) == (2, 2)


class TestHandingOver:
    def test_goes_in_turn_and_stops_at_the_room(self, switched_on, sales, other, shop):
        Handover(rooms={str(sales.pk): 1}, room=1).save()
        assert rescore(NOW).given == 2
        assert sorted(Lead.objects.values_list("owner__name", flat=True), key=str) == [
            None, "Xiao Lin", "Xiao Mei",
        ]  # fmt: skip
        assert Notice.objects.filter(event="leads_waiting").count() == 1

    def test_asks_the_rules_in_their_order(self, switched_on, sales, other, owner, person, shop):
        taipei = {"trait": "city", "op": "eq", "value": "Taipei"}
        rule = {"name": "Taiwan", "when": taipei, "to": [other.public_id]}
        rest = {"name": "Rest", "when": None, "to": [sales.public_id]}
        actions.set_handover({"rules": [rule, rest]}, by=owner)
        rescore(NOW)
        owners = dict(Lead.objects.values_list("person__external_id", "owner__name"))
        assert owners == {"m0": "Xiao Lin", "m2": "Xiao Lin", "m4": "Xiao Mei"}
        step = LeadStep.objects.get(kind="given", lead__person=person(4))
        assert step.facts == {"rule": "Taiwan"}

    def test_leaves_those_alone_who_are_away(self, switched_on, sales, other, owner, shop):
        from muster.team.calendars.actions import take_leave

        take_leave(other, date(2026, 10, 12), date(2026, 10, 16), by=owner)
        rescore(NOW)
        assert set(Lead.objects.values_list("owner__name", flat=True)) == {"Xiao Lin"}

    @pytest.mark.parametrize(
        ("fields", "at"),
        [
            ({"room": 0}, "/room"),
            ({"contact_hours": "soon"}, "/contact_hours"),
            ({"opens": "18:00", "closes": "09:00"}, "/closes"),
            ({"rules": [{"name": "", "when": None, "to": []}]}, "/rules/0/name"),
            ({"rules": [{"name": "x", "when": {"trait": "a"}, "to": []}]}, "/rules/0/when/op"),
            ({"rules": [{"name": "x", "when": None, "to": ["usr_00000000"]}]}, "/rules/0/to"),
            ({"speed": 3}, "/speed"),
        ],
    )
    def test_that_makes_no_sense_is_refused(self, api, shop, fields, at):
        answer = api("PUT", "/leads/handover", fields)
        assert answer.status_code == 422
        assert answer.json()["errors"][0]["at"].endswith(at)


class TestStages:
    @pytest.fixture
    def lead(self, switched_on, sales, person, shop):
        rescore(NOW)
        return Lead.objects.get(person=person(0))

    def move(self, api, lead, user, state, **more):
        return api("POST", f"/leads/{lead.public_id}/move", {"state": state, **more}, user=user)

    def test_lead_to_a_deal_that_reports_can_count(self, api, lead, sales, shop):
        assert self.move(api, lead, sales, "accepted").json()["state"] == "accepted"
        assert self.move(api, lead, sales, "working").json()["contacted_at"] is not None
        bad = self.move(api, lead, sales, "qualified")
        assert (bad.status_code, bad.json()["errors"][0]["at"]) == (422, "/amount")
        opened = self.move(api, lead, sales, "qualified", amount="12,800", currency="TWD").json()
        assert opened["amount"] == {"amount": "12800.00", "currency": "TWD"}
        won = self.move(api, lead, sales, "won", amount="12000").json()
        assert won["amount"] == {"amount": "12000.00", "currency": "TWD"}
        assert won["closed_at"] is not None
        # What can still be taken back is not told.
        tell(clock.now() + timedelta(minutes=9))
        shop.settle()
        assert counted("Deal Created", "Deal Won") == {}
        tell(clock.now() + timedelta(minutes=11))
        shop.settle()
        assert counted("Deal Created", "Deal Won", "Lead Stage Changed") == {
            "Deal Created": 1, "Deal Won": 1, "Lead Stage Changed": 4,
        }  # fmt: skip

    def test_that_cannot_be_reached_are_refused(self, api, lead, sales):
        answer = self.move(api, lead, sales, "won", amount="1")
        assert (answer.status_code, answer.json()["code"]) == (409, "no_way")
        answer = self.move(api, lead, sales, "lost")
        assert (answer.status_code, answer.json()["errors"][0]["at"]) == (422, "/reason")

    def test_lost_before_it_was_an_opportunity_is_no_lost_deal(self, api, lead, sales, shop):
        self.move(api, lead, sales, "lost", reason="no_answer")
        tell(clock.now() + timedelta(minutes=11))
        shop.settle()
        assert counted("Deal Lost", "Lead Stage Changed") == {"Lead Stage Changed": 1}

    def test_are_taken_back_as_if_nothing_had_been(self, lead, sales):
        before = {name: getattr(lead, name) for name in ("state", "contacted_at", "closed_at")}
        change = actions.move(lead, "recycled", by=sales, now=NOW, reason="too_early")
        assert not Qualified.objects.filter(person=lead.person_id).exists()
        undo(change, by=sales)
        lead.refresh_from_db()
        assert {name: getattr(lead, name) for name in before} == before
        assert not LeadStep.objects.filter(lead=lead, kind="moved").exists()

    def test_are_not_taken_back_once_they_went_on(self, lead, sales):
        from muster.kit.errors import Refused

        first = actions.move(lead, "accepted", by=sales, now=NOW)
        actions.move(lead, "working", by=sales, now=NOW)
        with pytest.raises(Refused, match="changed it again"):
            undo(first, by=sales)

    def test_belong_to_the_owner(self, api, lead, other, user_with):
        assert self.move(api, lead, other, "accepted").status_code == 404
        assert self.move(api, lead, user_with("analyst"), "accepted").status_code == 403
        assert self.move(api, lead, user_with("manager"), "accepted").status_code == 200

    def test_of_an_older_version_are_refused(self, api, lead, sales):
        answer = self.move(api, lead, sales, "accepted", version=lead.version - 1)
        assert answer.json()["code"] == "changed_meanwhile"

    def test_given_to_a_colleague_they_begin_anew(self, api, lead, sales, other):
        answer = api("POST", f"/leads/{lead.public_id}/give", {"to": other.public_id}, user=sales,
                     scopes=["leads:write"])  # fmt: skip
        assert answer.json()["owner"] == other.public_id
        assert api("GET", f"/leads/{lead.public_id}", user=sales).status_code == 404
        undo(Change.objects.get(verb="lead_given"), by=sales)
        lead.refresh_from_db()
        assert lead.owner == sales


class TestTheModel:
    def test_says_before_it_is_saved_what_it_would_change(self, api, switched_on, sales, shop):
        rescore(NOW)
        answer = api("POST", "/leads/model/preview", {"mql": {
            "all": [{"score": "lead", "op": "gte", "value": 30}, {"trait": "city", "op": "eq",
                    "value": "Shanghai"}]}})  # fmt: skip
        # m0, m1 and m2 are of Shanghai; m4 alone is in it now and not by that
        assert answer.json() == {"are": 3, "become": 1, "cease": 1, "leads": 1}

    def test_is_set_and_taken_back(self, api, owner, shop):
        before = ScoreModel.here().card
        answer = api("PUT", "/leads/model", {"card": CARD, "mql": MQL})
        assert answer.status_code == 200
        assert answer.json()["summary"]["en"].startswith("People who have a lead score")
        undo(Change.objects.get(kind="people.scoremodel"), by=owner)
        assert ScoreModel.here().card == before
        assert api("PUT", "/leads/model", {"version": 1}).json()["code"] == "changed_meanwhile"

    def test_gives_everybody_a_place(self, api, switched_on, shop):
        people = api("GET", "/leads/model").json()["people"]
        assert people == [
            {"grade": "A", "band": "warm", "people": 3},
            {"grade": "D", "band": "warm", "people": 3},
        ]

    def test_tells_one_person_why(self, api, switched_on, person):
        found = api("GET", f"/leads/scores/{person(2).public_id}").json()
        assert (found["grade"], found["band"], found["sales_ready"]) == ("A", "warm", True)
        assert [row["text"]["en"].split(":")[0] for row in found["why"]] == [
            "Submitted a form", "Visited a page", "level is gold",
        ]  # fmt: skip
        assert "等级" in found["why"][2]["text"]["zh-hans"]

    def test_says_how_a_lead_stands_now_and_how_it_began(self, api, switched_on, person):
        rescore(NOW)
        lead = Lead.objects.get(person=person(0))
        later = NOW + timedelta(days=30)
        with clock.starting_at(later):
            one = api("GET", f"/leads/{lead.public_id}").json()
            (listed,) = (
                row for row in api("GET", "/leads").json()["items"] if row["id"] == one["id"]
            )
        # 30 and 2 × 2^(−10/10) at first; after 30 days half of the form is left, 2 × 2^(−40/10)
        # of the page.
        assert one["at_opening"] == {"score": 31.0, "fit": 50, "grade": "A"}
        assert (one["score"], one["fit"], one["grade"]) == (15.1, 50, "A")
        assert [row["points"] for row in one["why"]] == [15.0, 0.1, 50]
        assert (listed["score"], listed["at_opening"]) == (15.1, one["at_opening"])

    def test_does_not_tell_what_is_masked(self, api, user_with, owner, shop):
        phone = {"trait": "phone", "op": "starts_with", "value": "+861"}
        manager = user_with("manager")
        for body in ({"card": {**CARD, "fit": [{**phone, "points": 5}]}}, {"mql": phone}):
            for method, path in (("POST", "/leads/model/preview"), ("PUT", "/leads/model")):
                assert api(method, path, body, user=manager).status_code == 403
                assert api(method, path, body).status_code == 200
        rules = {"rules": [{"name": "x", "when": phone, "to": []}]}
        assert api("PUT", "/leads/handover", rules, user=manager).status_code == 403
        assert api("PUT", "/leads/handover", rules).status_code == 200
        # What others set may stay: it is no news to whoever may not read it.
        assert api("PUT", "/leads/model", {"on": True}, user=manager).status_code == 200

    def test_is_not_everybodys(self, api, user_with, sales, shop):
        assert api("PUT", "/leads/model", {"on": True}, user=sales).status_code == 403
        assert api("GET", "/leads", user=user_with("content")).status_code == 403


class TestSegments:
    def test_can_ask_for_the_score(self, api, switched_on, shop):
        rule = {"all": [MQL, {"trait": "city", "op": "eq", "value": "Taipei"}]}
        assert api("POST", "/segments/preview", {"rule": rule}).json()["count"] == 1


class TestReasons:
    def test_add_up_to_what_is_shown(self):
        did = [Why("a", 20.04), Why("b", 3.0), Why("c", -4.0), Why("d", 25, is_fit=True)]
        found = summed(did, 19.04, fit=False, most=2)
        assert ([one.points for one in found.shown], found.rest) == ([20.04, 3.0], -4.0)
        assert summed(did, 25, fit=True) == Total(25, (did[3],), 0)
        # What takes more than there is leaves nothing, and not less.
        assert summed([Why("a", 2), Why("b", -9)], 0, fit=False).rest == 7

    @pytest.mark.parametrize(
        ("given", "said"), [(250.0, "250"), (2.5, "2.5"), ("1.0", "1.0"), ([1.0, "b"], "1 and b")]
    )
    def test_say_whole_numbers_as_such(self, given, said):
        assert value(given) == said


class TestPages:
    def test_show_ones_own_leads_in_full_and_nobody_elses(
        self, client_for, switched_on, sales, other, person, shop
    ):
        rescore(NOW)
        lead = Lead.objects.filter(owner=sales).first()
        mine = client_for(sales)
        page = mine.get("/leads").content.decode()
        assert lead.person.first_name in page
        assert "hours left" in page
        page = mine.get(f"/leads/{lead.public_id}").content.decode()
        assert lead.person.phone in page
        assert "Became a lead by the score" in page
        assert client_for(other).get(f"/leads/{lead.public_id}").status_code == 404

    def test_tell_what_makes_the_score_apart_from_what_makes_the_grade(
        self, client_for, switched_on, sales, person, shop
    ):
        rescore(NOW)
        lead = Lead.objects.get(person=person(0))
        for url in (f"/leads/{lead.public_id}", f"/people/{lead.person.public_id}"):
            page = client_for(sales).get(url).content.decode()
            did, are = page.partition("What they did: the score")[2].split(
                "What they are: the grade"
            )
            assert re.findall(r'class="(?:push )?num">([^<]+)<', did) == ["31", "+30", "+1"]
            assert re.findall(r'class="(?:push )?num">([^<]+)<', are)[:2] == ["50", "+50"]

    def test_move_and_note(self, client_for, switched_on, sales, person, shop):
        rescore(NOW)
        lead = Lead.objects.get(person=person(0))
        browser = client_for(sales)
        headers = {"HX-Request": "true"}
        answer = browser.post(
            f"/leads/{lead.public_id}/move", {"state": "accepted"}, headers=headers
        )
        assert answer.status_code == 200
        answer = browser.post(
            f"/leads/{lead.public_id}/note",
            {"text": "Called", "contacted": "on", "next_step": "Offer", "next_on": "2026-10-20"},
            headers=headers,
        )
        assert "Called" in answer.content.decode()
        far = {"next_step": "Offer", "next_on": "9999-12-31"}
        browser.post(f"/leads/{lead.public_id}/note", far, headers=headers)
        lead.refresh_from_db()
        assert (lead.state, lead.next_step, lead.next_on) == (
            "working", "Offer", date(2026, 10, 20),
        )  # fmt: skip

    def test_refuse_an_older_page_and_keep_what_a_colleague_wrote(
        self, client_for, switched_on, sales, user_with, person, shop
    ):
        rescore(NOW)
        lead = Lead.objects.get(person=person(0))
        url, manager = f"/leads/{lead.public_id}", client_for(user_with("manager"))
        page = manager.get(url).content.decode()
        shown = re.findall(r'name="version" value="(\d+)"', page)
        assert set(shown) == {str(lead.version)}
        assert len(shown) == page.count(f'hx-post="{url}/move"') + 1
        client_for(sales).post(
            f"{url}/note", {"next_step": "Offer", "next_on": "2026-10-20", "version": shown[0]}
        )
        old = {"text": "Saw this", "next_step": "", "next_on": "", "version": shown[0]}
        answer = manager.post(f"{url}/note", old, headers={"HX-Request": "true"})
        assert answer.status_code == 409
        assert "since you opened it" in answer.content.decode()
        old = {"state": "accepted", "version": shown[0]}
        assert manager.post(f"{url}/move", old).status_code == 409
        lead.refresh_from_db()
        assert (lead.state, lead.next_step, lead.next_on) == ("new", "Offer", date(2026, 10, 20))

    def test_show_a_board_with_the_ways_of_each_card(
        self, client_for, switched_on, sales, person, shop
    ):
        rescore(NOW)
        lead = Lead.objects.get(person=person(0))
        browser = client_for(sales)
        page = browser.get("/leads?view=board&show=mine").content.decode()
        columns = re.findall(r'data-status="(\w+)"', page)
        assert columns == [
            "new", "accepted", "working", "qualified", "won", "recycled", "lost",
        ]  # fmt: skip
        card = page.partition(f'data-task="{lead.public_id}"')[2].partition("</li>")[0]
        assert re.findall(r'option value="(\w+)"', card) == [
            "new", "accepted", "working", "recycled", "lost",
        ]  # fmt: skip
        # It is remembered, and what is closed has a list only.
        assert "<m-board" in browser.get("/leads?show=mine").content.decode()
        assert "<m-board" not in browser.get("/leads?show=closed").content.decode()

    def test_move_a_card_and_ask_for_what_its_stage_needs(
        self, client_for, switched_on, sales, person, shop
    ):
        rescore(NOW)
        lead = Lead.objects.get(person=person(0))
        browser, headers = client_for(sales), {"HX-Request": "true"}
        where = f"/leads/{lead.public_id}/move"
        answer = browser.post(where, {"status": "working"}, headers=headers)
        assert answer.status_code == 204
        told = json.loads(answer["HX-Trigger"])
        assert {"leads-changed", "toast"} <= told.keys()
        lead.refresh_from_db()
        assert lead.state == "working"
        asked = browser.post(where, {"status": "qualified"}, headers=headers)
        assert (asked["HX-Retarget"], 'name="amount"' in asked.content.decode()) == (
            "#dialog",
            True,
        )
        lead.refresh_from_db()
        assert lead.state == "working"
        sent = {"state": "qualified", "amount": "1200", "on_board": "1"}
        answer = browser.post(where, sent, headers=headers)
        assert "close-dialog" in json.loads(answer["HX-Trigger"])
        lead.refresh_from_db()
        assert (lead.state, lead.amount) == ("qualified", 1200)
        undo = json.loads(answer["HX-Trigger"])["toast"]["undo"]
        assert browser.post(undo).status_code < 400
        lead.refresh_from_db()
        assert (lead.state, lead.amount) == ("working", None)
        refused = browser.post(where, {"status": "won"}, headers=headers)
        assert refused.status_code >= 400

    def test_set_the_scorecard_with_fields(self, client_for, owner, shop):
        browser = client_for(owner)
        assert browser.get("/leads/scoring").status_code == 200
        said = {
            "b0-what": "Form Submitted", "b0-points": "30", "b0-half": "30", "b0-cap": "",
            "b0-property": "form", "b0-op": "in", "b0-value": "price, sample",
            "b1-what": "", "f0-what": "level", "f0-op": "eq", "f0-value": "gold",
            "f0-points": "50", "grade-A": "50", "grade-B": "35", "grade-C": "15",
            "band-hot": "60", "band-warm": "30", "mql-score": "30", "mql-grade": "B",
        }  # fmt: skip
        headers = {"HX-Request": "true"}
        told = browser.post("/leads/scoring/preview", said, headers=headers)
        assert "0 people are ready for sales" in told.content.decode()
        assert browser.post("/leads/scoring", said, headers=headers).status_code == 200
        card = ScoreModel.here().card
        assert card["behaviour"][0]["where"] == [
            {"property": "form", "op": "in", "value": ["price", "sample"]}
        ]
        assert card["fit"][0]["points"] == 50
        bad = browser.post("/leads/scoring", {**said, "f0-points": "many"}, headers=headers)
        assert bad.status_code == 422

    def test_show_the_scorecard_in_words_and_keep_its_names(self, client_for, owner, shop):
        card = {
            "behaviour": [
                {"event": "Form Submitted", "points": 30},
                {
                    "event": "Lead Stage Changed", "points": -9,
                    "where": [{"property": "stage", "op": "eq", "value": "recycled"}],
                },
            ],
            "fit": [{"trait": "phone_region", "op": "eq", "value": "CN", "points": 5}],
            "grades": {"A": 50, "B": 35, "C": 15},
        }  # fmt: skip
        actions.set_model(by=owner, card=card)
        browser = client_for(owner)
        page = browser.get("/leads/scoring").content.decode()
        shown = dict(re.findall(r'name="([bf]\d-(?:what|property|value))" value="([^"]*)"', page))
        assert [shown[key] for key in ("b0-what", "b1-what", "b1-property", "f0-what")] == [
            "Submitted a form", "The lead reached another stage", "stage", "phone region",
        ]  # fmt: skip
        assert "The lead reached another stage (stage is Given back)" in page
        said = {
            unescape(key): unescape(value)
            for key, value in re.findall(r'<input[^>]*name="([^"]+)" value="([^"]*)"', page)
        }
        said |= {"b1-op": "eq", "f0-op": "eq", "f1-what": "phone region", "f1-points": "1",
                 "f1-op": "exists", "mql-grade": "B"}  # fmt: skip
        assert browser.post("/leads/scoring", said).status_code == 200
        kept = ScoreModel.here().card
        assert [one["event"] for one in kept["behaviour"]] == [
            "Form Submitted", "Lead Stage Changed",
        ]  # fmt: skip
        assert kept["behaviour"][1]["where"] == card["behaviour"][1]["where"]
        # What is typed anew is a name as it stands.
        assert [one["trait"] for one in kept["fit"]] == ["phone_region", "phone region"]

    def test_set_the_hand_over_with_fields(self, client_for, owner, sales, shop):
        browser = client_for(owner)
        assert browser.get("/leads/handover").status_code == 200
        said = {
            "rule-0-name": "All", "rule-0-segment": "", "rule-0-to": [sales.public_id],
            "room": "12", "contact_hours": "4", "raise_hours": "2", "opens": "08:30",
            "closes": "17:30", "rest_days": "14", f"room-{sales.pk}": "3",
        }  # fmt: skip
        assert (
            browser.post("/leads/handover", said, headers={"HX-Request": "true"}).status_code == 200
        )
        found = Handover.here()
        assert (found.room, found.opens, found.room_of(sales.pk)) == (12, time(8, 30), 3)

    def test_the_profile_says_it_too(self, client_for, owner, switched_on, sales, person, shop):
        rescore(NOW)
        page = client_for(owner).get(f"/people/{person(0).public_id}").content.decode()
        assert "Open the lead" in page
        made = client_for(sales).post(f"/people/{person(1).public_id}/lead")
        assert made.status_code == 302
        assert Lead.objects.get(person=person(1)).owner == sales


class TestMerging:
    @pytest.fixture
    def two(self, switched_on, sales, other, person, shop):
        """m0 and m2, whose leads have different sellers; that of m2 is further along."""
        rescore(NOW)
        first, second = (Lead.objects.get(person=person(n)) for n in (0, 2))
        if second.owner != other:
            actions.give(second, other, by=second.owner, now=NOW)
        second.refresh_from_db()
        actions.move(second, "working", by=other, now=NOW)
        actions.note(
            first, by=first.owner, now=NOW, next_step="Send tea", next_on=date(2026, 11, 2)
        )
        return first, second

    def merged(self, api, person, kept, gone):
        said = {"other": person(gone).public_id}
        answer = api("POST", f"/people/{person(kept).public_id}/merge", said)
        assert answer.status_code == 200, answer.content

    def parted(self, api, person, kept, gone):
        said = {"other": person(gone).public_id}
        answer = api("POST", f"/people/{person(kept).public_id}/unmerge", said)
        assert answer.status_code == 200, answer.content

    @pytest.mark.parametrize(("kept", "gone"), [(0, 2), (2, 0)])
    def test_leaves_the_lead_open_that_is_further_along(self, two, api, person, shop, kept, gone):
        first, second = two
        before = {lead.pk: (lead.person_id, lead.state) for lead in Lead.objects.all()}
        self.merged(api, person, kept, gone)
        items = {one["id"]: one for one in api("GET", "/leads").json()["items"]}
        assert items[second.public_id]["state"] == "working"
        assert items[second.public_id]["person"] == person(kept).public_id
        ended = api("GET", f"/leads/{first.public_id}").json()
        assert (ended["state"], ended["reason"]) == ("recycled", "merged")
        assert ended["person"] == person(kept).public_id
        first.refresh_from_db()
        assert second.public_id in first.steps.last().note
        rescore(NOW + timedelta(minutes=30))
        assert Lead.objects.filter(person=person(kept), closed_at=None).count() == 1
        assert not Lead.objects.filter(person=person(gone)).exists()
        self.parted(api, person, kept, gone)
        assert {lead.pk: (lead.person_id, lead.state) for lead in Lead.objects.all()} == before
        first.refresh_from_db()
        assert (first.closed_at, first.reason, first.next_step) == (None, "", "Send tea")

    def test_the_only_lead_goes_along_and_comes_back(self, two, api, person):
        _first, second = two
        self.merged(api, person, 1, 2)
        second.refresh_from_db()
        assert (second.person, second.state) == (person(1), "working")
        self.parted(api, person, 1, 2)
        second.refresh_from_db()
        assert (second.person, second.state) == (person(2), "working")

    def test_of_three_ends_but_one_and_all_come_back(self, two, api, person, sales):
        before = {lead.pk: (lead.person_id, lead.state) for lead in Lead.objects.all()}
        self.merged(api, person, 4, 0)
        self.merged(api, person, 2, 4)
        (left,) = Lead.objects.filter(closed_at=None)
        assert (left.pk, left.person) == (two[1].pk, person(2))
        self.parted(api, person, 2, 4)
        assert set(
            Lead.objects.filter(closed_at=None).values_list("person__external_id", flat=True)
        ) == {"m2", "m4"}
        self.parted(api, person, 4, 0)
        assert {lead.pk: (lead.person_id, lead.state) for lead in Lead.objects.all()} == before

    def test_is_no_reason_that_people_give(self, two, api, person):
        said = {"state": "lost", "reason": "merged"}
        answer = api("POST", f"/leads/{two[0].public_id}/move", said, user=two[0].owner)
        assert (answer.status_code, answer.json()["errors"][0]["at"]) == (422, "/reason")


class TestErasing:
    def test_leaves_no_words_about_anybody(self, switched_on, sales, person, shop):
        from muster.people.identity.erasing import erase

        rescore(NOW)
        gone = person(0)
        lead = Lead.objects.get(person=gone)
        actions.note(lead, by=sales, now=NOW, text="Mrs. N0 wants tea")
        erase([gone.pk], now=NOW)
        lead.refresh_from_db()
        assert (lead.state, lead.why, lead.closed_at is not None) == ("recycled", [], True)
        assert set(lead.steps.values_list("note", flat=True)) == {""}


class TestTheBuilder:
    def test_shows_a_segment_that_asks_for_a_score(self, client_for, owner, switched_on, shop):
        from muster.people.segments import actions as segments
        from muster.people.segments.checking import check
        from muster.people.segments.models import SegmentMember

        made = segments.create("Ready", {"all": [MQL, {"tag": "x"}]}, by=owner)
        assert client_for(owner).get(f"/segments/{made.public_id}").status_code == 200
        made = segments.create("Warm", {"score": "lead", "op": "gte", "value": 30}, by=owner)
        assert check(NOW).wrong == {}
        assert SegmentMember.objects.filter(segment=made).count() == 6
        later = NOW + timedelta(days=30)
        with clock.starting_at(later):
            assert check(later).wrong == {}
        assert SegmentMember.objects.filter(segment=made).count() == 0

    def test_reads_a_score_back_from_its_fields(self):
        from muster.people.segments.builder import fresh, with_fields

        rule = {"all": [fresh("score", {})]}
        posted = {"/all/0#name": "grade", "/all/0#op": "gte", "/all/0#value": "40"}
        changed = with_fields(rule, posted, {})
        assert changed == {"all": [{"score": "grade", "op": "gte", "value": "B"}]}
        posted = {"/all/0#name": "grade", "/all/0#op": "lt", "/all/0#value": "c"}
        assert with_fields(changed, posted, {})["all"][0]["value"] == "C"
        posted = {"/all/0#name": "lead", "/all/0#op": "gte", "/all/0#value": "55"}
        assert with_fields(changed, posted, {})["all"][0]["value"] == 55
