"""The marketing calendar, as the people who use it see it, through its pages, feeds and the API."""

from __future__ import annotations

import json
import re
from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from icalendar import Calendar

from muster.plan.approvals import actions as approvals
from muster.plan.approvals.models import Decision, is_approved
from muster.plan.brief.actions import submit
from muster.plan.brief.fingerprint import fingerprint
from muster.plan.calendar.models import Feed, ImportedEvent
from muster.plan.campaigns.days import today
from muster.plan.campaigns.models import Campaign
from muster.plan.tasks.actions import add_task
from muster.plan.tasks.models import Task
from muster.team.calendars.models import CustomDay
from muster.team.changes.models import Change
from muster.ui.live import versions
from muster.ui.palette import find

pytestmark = pytest.mark.django_db


@pytest.fixture
def page(client_for, owner):
    client = client_for(owner)

    def text(path, status=200, **more):
        answer = client.get(path, **more)
        assert answer.status_code == status, answer.content[:500]
        return answer.content.decode()

    return text


@pytest.fixture
def post(client_for, owner):
    client = client_for(owner)
    return lambda path, data=None, **more: client.post(path, data or {}, **more)


def toast(answer):
    return json.loads(answer.headers["HX-Trigger"])["toast"]


def cell(text: str, day: str) -> str:
    """The cell of one day of a month."""
    return text.split(f'data-date="{day}"', 1)[1].split("</td>", 1)[0]


class TestAMonth:
    def test_shows_what_lies_on_its_days(self, page, campaign):
        Task.objects.create(campaign=campaign, title="Proofread", due=date(2026, 11, 6))
        CustomDay.objects.create(
            name="Brand day", first=date(2020, 11, 9), last=date(2020, 11, 9), recurrence="yearly"
        )
        text = page("/calendar?day=2026-11-11")
        assert "Double 11" in cell(text, "2026-11-04")
        assert "Proofread" in cell(text, "2026-11-06")
        assert "Brand day" in cell(text, "2026-11-09")
        assert "First-time buyers" in cell(text, "2026-11-08")  # a checkpoint

    def test_shows_days_off_and_make_up_days(self, page):
        text = page("/calendar?day=2026-10-01")
        assert "National Day holidays" in cell(text, "2026-10-01")
        assert cell(text, "2026-10-01").count("National Day") == 2  # the name, and the badge's
        assert "cal-holiday" in cell(text, "2026-10-02")
        assert "cal-badge off" in cell(text, "2026-10-02")
        assert "cal-badge work" in cell(text, "2026-10-10")
        assert "expected" not in cell(text, "2026-10-01")
        assert "cal-badge off expected" in cell(page("/calendar?day=2028-10-01"), "2028-10-01")

    def test_shows_festivals_lunar_days_and_terms(self, page):
        text = page("/calendar?day=2026-11-11")
        assert "Double 11" in cell(text, "2026-11-11")
        assert "10/3" in cell(text, "2026-11-11")
        assert "Start of Winter" in cell(text, "2026-11-07")

    def test_shows_other_countries_when_asked(self, page):
        assert "Thanksgiving Day" not in page("/calendar?day=2026-11-26")
        assert "Thanksgiving Day" in cell(page("/calendar?day=2026-11-26&also=US"), "2026-11-26")

    def test_leaves_out_layers_that_are_off(self, page, campaign):
        Task.objects.create(campaign=campaign, title="Proofread", due=date(2026, 11, 6))
        text = page("/calendar?day=2026-11-11&layers=campaigns")
        assert "Proofread" not in text
        assert "10/3" not in cell(text, "2026-11-11")
        assert 'role="checkbox" aria-checked="false"' in text

    def test_says_how_many_more_a_day_holds(self, page, campaign):
        for n in range(9):
            Task.objects.create(campaign=campaign, title=f"Task {n}", due=date(2026, 11, 20))
        assert "+5 more" in cell(page("/calendar?day=2026-11-11"), "2026-11-20")
        assert page("/calendar/day/2026-11-20").count("cal-thing") == 9

    def test_keeps_strangers_out(self, client_for, user_with):
        assert client_for(user_with("store")).get("/calendar").status_code == 403

    @pytest.mark.parametrize("query", ["?day=x", "?view=x", "?day=9999-01-01", "?also=XX&by=y"])
    def test_stands_nonsense_in_the_address(self, page, query):
        assert "cal-month" in page(f"/calendar{query}")


class TestTheOtherViews:
    def test_answer_the_part_alone_to_htmx(self, page, campaign):
        text = page("/calendar?view=week&day=2026-11-11", headers={"HX-Request": "true"})
        assert text.lstrip().startswith("<m-calendar")
        assert text.count("data-date=") >= 7

    def test_quarter_shows_campaigns_over_weeks(self, page, campaign):
        Task.objects.create(campaign=campaign, title="Proofread", due=date(2026, 11, 6))
        text = page("/calendar?view=quarter&day=2026-11-11")
        # 92 days: 34 before the 4th of November, 12 days of campaign, 46 after it.
        assert re.findall(r'<td colspan="(34|12|46)"', text)[:3] == ["34", "12", "46"]
        assert 'class="cal-count"' in text

    def test_year_warms_the_days(self, page, campaign):
        for n in range(4):
            Task.objects.create(campaign=campaign, title=f"Task {n}", due=date(2026, 11, 20))
        text = page("/calendar?view=year&day=2026-11-11")
        assert text.count('data-day="2026-') == 365
        assert re.search(r'h-4[^>]*data-day="2026-11-20"', text)

    def test_agenda_lists_days_with_something(self, page, campaign):
        Task.objects.create(campaign=campaign, title="Proofread", due=date(2026, 12, 3))
        text = page("/calendar?view=agenda&day=2026-11-20")
        assert "Proofread" in text
        assert "Nov 21" not in text.split("cal-agenda")[1].split("</section>")[0]

    def test_costs_a_constant_number_of_queries(self, client_for, owner, start):
        client = client_for(owner)

        def queries(view):
            with CaptureQueriesContext(
                connection,
            ) as seen:
                client.get(f"/calendar?view={view}&day=2026-11-11")
            return len(seen)

        views = ("month", "week", "quarter", "year", "agenda")
        first = start()
        Task.objects.create(campaign=first, title="One", due=date(2026, 11, 6))
        queries("month")  # whoever comes first pays for the session
        before = [queries(view) for view in views]
        for n in range(6):
            more = start(name=f"More {n}")
            Task.objects.create(campaign=more, title=f"Task {n}", due=date(2026, 11, 7 + n))
        assert [queries(view) for view in views] == before


class TestMoving:
    def test_takes_a_campaign_along_with_its_length(self, post, campaign):
        answer = post(
            "/calendar/move", {"tile": f"campaigns:{campaign.public_id}", "to": "2026-11-09"}
        )
        campaign.refresh_from_db()
        assert (campaign.starts, campaign.ends) == (date(2026, 11, 9), date(2026, 11, 20))
        assert "“Double 11” is moved to Nov 9" in toast(answer)["text"]

    def test_to_another_year_says_which(self, post, campaign):
        year = today().year + 1
        to = {"tile": f"campaigns:{campaign.public_id}", "to": f"{year}-11-09"}
        assert f"is moved to Nov 9, {year}." in toast(post("/calendar/move", to))["text"]

    def test_can_be_taken_back(self, post, campaign):
        answer = post(
            "/calendar/move", {"tile": f"campaigns:{campaign.public_id}", "to": "2026-11-09"}
        )
        post(toast(answer)["undo"])
        campaign.refresh_from_db()
        assert campaign.starts == date(2026, 11, 4)

    def test_voids_an_approval_and_says_so(self, post, campaign, manager, owner):
        request = submit(campaign, by=manager)
        approvals.decide(request, Decision.Verdict.APPROVED, by=owner)
        assert is_approved("campaign", campaign.pk, fingerprint(campaign))
        answer = post(
            "/calendar/move", {"tile": f"campaigns:{campaign.public_id}", "to": "2026-11-09"}
        )
        campaign.refresh_from_db()
        assert "ask for approval again" in toast(answer)["text"]
        assert is_approved("campaign", campaign.pk, fingerprint(campaign)) is None

    def test_lets_a_task_be_due_on_another_day(self, post, campaign, owner):
        task = add_task(campaign, {"title": "Copy", "due": date(2026, 11, 2)}, by=owner)
        answer = post("/calendar/move", {"tile": f"tasks:{task.public_id}", "to": "2026-11-03"})
        task.refresh_from_db()
        assert task.due == date(2026, 11, 3)
        post(toast(answer)["undo"])
        task.refresh_from_db()
        assert task.due == date(2026, 11, 2)

    def test_leaves_what_has_begun(self, post, campaign):
        Campaign.objects.filter(pk=campaign.pk).update(status="running")
        answer = post(
            "/calendar/move",
            {"tile": f"campaigns:{campaign.public_id}", "to": "2026-11-09"},
            headers={"HX-Request": "true"},
        )
        assert answer.status_code == 409
        campaign.refresh_from_db()
        assert campaign.starts == date(2026, 11, 4)

    def test_takes_a_day_of_ones_own(self, post, owner):
        day = CustomDay.objects.create(
            name="Brand day", first=date(2026, 11, 9), last=date(2026, 11, 10)
        )
        post("/calendar/move", {"tile": f"days:{day.public_id}", "to": "2026-11-16"})
        day.refresh_from_db()
        assert (day.first, day.last) == (date(2026, 11, 16), date(2026, 11, 17))
        change = Change.objects.get(verb="day_moved")
        assert change.by == owner

    @pytest.mark.parametrize("role", ["analyst", "content", "legal"])
    def test_needs_the_right(self, client_for, user_with, campaign, role):
        answer = client_for(user_with(role)).post(
            "/calendar/move", {"tile": f"campaigns:{campaign.public_id}", "to": "2026-11-09"}
        )
        assert answer.status_code == 403
        campaign.refresh_from_db()
        assert campaign.starts == date(2026, 11, 4)

    @pytest.mark.parametrize(
        ("tile", "to"),
        [("tasks:x", "2026-11-09"), ("nothing", "2026-11-09"), ("campaigns:cmp_1", "2026-11-09"),
         ("campaigns:x", "soon")],
    )  # fmt: skip
    def test_of_nothing_is_refused(self, post, tile, to):
        assert post("/calendar/move", {"tile": tile, "to": to}).status_code == 404


class TestDaysOfOurOwn:
    def test_are_marked_from_the_drawer_of_a_day(self, post, page):
        assert "Day of our own" in page("/calendar/day/2026-12-05")
        answer = post(
            "/calendar/days",
            {
                "name": "Members' day",
                "first": "2026-12-05",
                "recurrence": "monthly",
                "effect": "note",
            },
        )
        assert toast(answer)["text"] == "“Members' day” is marked."
        assert "Members&#x27; day" in cell(page("/calendar?day=2027-02-01"), "2027-02-05")

    def test_say_what_is_wrong(self, post):
        answer = post(
            "/calendar/days",
            {"name": "", "first": "2026-12-05", "recurrence": "once", "effect": "note"},
        )
        assert answer.status_code == 422
        assert CustomDay.objects.count() == 0

    def test_that_close_the_house_are_for_owners(self, client_for, user_with):
        client_for(user_with("manager")).post(
            "/calendar/days",
            {"name": "Closed", "first": "2026-12-05", "recurrence": "once", "effect": "off"},
        )
        assert [day.effect for day in CustomDay.objects.all()] == ["note"]

    def test_go_away(self, post):
        day = CustomDay.objects.create(
            name="Brand day", first=date(2026, 11, 9), last=date(2026, 11, 9)
        )
        post(f"/calendar/days/{day.public_id}/drop")
        assert not CustomDay.objects.exists()


class TestThePlanner:
    def test_counts_back_to_the_same_days_as_by_hand(self, page):
        text = page("/calendar/planner?node=double11-2026")
        assert "Thu, Sep 24, 2026" in text
        assert "Tue, Nov 10, 2026" in text

    def test_hands_the_days_to_a_new_campaign(self, page):
        text = page("/calendar/planner?node=double11-2026")
        # The warm-up of five working days ends on 10 November.
        found = re.search(r'href="(/campaigns/new\?[^"]*)"', text)
        assert found
        assert found[1].replace("&amp;", "&") == (
            "/campaigns/new?starts=2026-11-04&ends=2026-11-11&name=Double+11"
        )
        form = page(found[1].replace("&amp;", "&") + "&blank=1")
        assert 'value="2026-11-04"' in form
        assert re.search(r'name="length"[^>]*value="8"|value="8"[^>]*name="length"', form)
        assert 'value="Double 11"' in form

    def test_takes_other_lengths_and_another_day(self, page):
        text = page(
            "/calendar/planner?day=2026-12-01&d_brief=0&d_budget=0&d_creative=0&d_audience=0&d_build=0&d_review=0&d_warmup=2"
        )
        assert "Fri, Nov 27, 2026" in text
        assert "Mon, Nov 30, 2026" in text

    def test_keeps_days_off_of_our_own_free(self, page):
        CustomDay.objects.create(
            name="Outing", first=date(2026, 11, 10), last=date(2026, 11, 10), effect="off"
        )
        text = page("/calendar/planner?node=double11-2026")
        assert "Tue, Nov 10, 2026" not in text
        assert "Wed, Sep 23, 2026" in text


@pytest.fixture
def feed(post, campaign):
    """Subscribes, and reads the feed like a calendar program: `feed(["campaigns"])`."""

    def subscribe(layers, by=post):
        text = by("/calendar/subscribe", {"name": "Phone", "layer": layers}).content.decode()
        address = re.search(r"/calendar/feed/[^<\"]+", text)
        assert address
        return lambda: Client().get(address[0])

    return subscribe


class TestFeeds:
    def test_are_read_without_signing_in_and_parse_back(self, feed, campaign):
        Task.objects.create(
            campaign=campaign, title="Proofread, twice; and sign", due=timezone.now().date()
        )
        answer = feed(["campaigns", "tasks", "holidays", "nodes"])()
        assert answer["Content-Type"].startswith("text/calendar")
        events = {
            str(one["SUMMARY"]): one for one in Calendar.from_ical(answer.content).walk("VEVENT")
        }
        assert events["Proofread, twice; and sign"]["DTSTART"].dt == timezone.now().date()
        assert len({str(one["UID"]) for one in events.values()}) == len(events)
        assert b"\r\n" in answer.content
        assert max(len(line) for line in answer.content.split(b"\r\n")) <= 75

    def test_show_whole_days_with_the_day_after_as_end(self, feed, start):
        day = timezone.now().date() + timedelta(days=10)
        start(name="Soon", starts=day, ends=day + timedelta(days=3), goals=[])
        calendar = Calendar.from_ical(feed(["campaigns"])().content)
        event = next(one for one in calendar.walk("VEVENT") if one["SUMMARY"] == "Soon")
        assert (event["DTSTART"].dt, event["DTEND"].dt) == (day, day + timedelta(days=4))

    def test_keep_only_a_hash_and_stop_when_revoked(self, feed, post):
        read = feed(["campaigns"])
        row = Feed.objects.get()
        assert read().status_code == 200
        assert read().request["PATH_INFO"].split("/")[-1].removesuffix(".ics") not in row.hash
        post(f"/calendar/feeds/{row.public_id}/revoke")
        assert read().status_code == 404

    def test_show_what_the_person_may_see_at_that_moment(
        self, feed, client_for, user_with, campaign
    ):
        Task.objects.create(campaign=campaign, title="Proofread", due=timezone.now().date())
        user = user_with("manager")
        client = client_for(user)
        read = feed(["tasks"], by=client.post)
        assert b"Proofread" in read().content
        user.role = "store"
        user.save()
        assert b"Proofread" not in read().content
        user.is_active = False
        user.save()
        assert read().status_code == 404

    def test_of_others_cannot_be_revoked(self, feed, client_for, user_with):
        feed(["campaigns"])
        address = f"/calendar/feeds/{Feed.objects.get().public_id}/revoke"
        assert client_for(user_with("manager")).post(address).status_code == 404

    def test_with_a_wrong_secret_are_none(self, workspace):
        assert Client().get("/calendar/feed/x.ics").status_code == 404


WEEKLY = """BEGIN:VCALENDAR
X-WR-CALNAME:Team
BEGIN:VEVENT
UID:1
SUMMARY:Stand-up
DTSTART;TZID=Europe/Berlin:20261001T090000
DTEND;TZID=Europe/Berlin:20261001T093000
RRULE:FREQ=WEEKLY;COUNT=6
EXDATE;TZID=Europe/Berlin:20261008T090000
END:VEVENT
BEGIN:VEVENT
UID:1
RECURRENCE-ID;TZID=Europe/Berlin:20261015T090000
SUMMARY:Stand-up (later)
DTSTART;TZID=Europe/Berlin:20261015T110000
DURATION:PT30M
END:VEVENT
BEGIN:VEVENT
UID:2
SUMMARY:Fair
DTSTART;VALUE=DATE:20261105
DTEND;VALUE=DATE:20261108
END:VEVENT
END:VCALENDAR"""


class TestImports:
    def test_write_out_what_returns(self, post, page):
        answer = post("/calendar/import", {"text": WEEKLY, "keep": "layer"})
        assert toast(answer)["text"] == "6 events are new."
        # Nine in Berlin, before and after the clocks go back on 25 October.
        starts = [
            one.starts_at
            for one in ImportedEvent.objects.filter(title="Stand-up").order_by("first")
        ]
        assert starts == [
            datetime(2026, 10, 1, 7, 0, tzinfo=UTC),
            datetime(2026, 10, 22, 7, 0, tzinfo=UTC),
            datetime(2026, 10, 29, 8, 0, tzinfo=UTC),
            datetime(2026, 11, 5, 8, 0, tzinfo=UTC),
        ]
        assert ImportedEvent.objects.get(title="Stand-up (later)").starts_at == datetime(
            2026, 10, 15, 9, 0, tzinfo=UTC
        )
        fair = ImportedEvent.objects.get(title="Fair")
        assert (fair.first, fair.last) == (date(2026, 11, 5), date(2026, 11, 7))
        assert "Fair" in page("/calendar?day=2026-11-05")

    def test_can_become_days_of_our_own(self, post):
        post("/calendar/import", {"text": WEEKLY, "keep": "days"})
        assert [(day.name, day.first) for day in CustomDay.objects.all()] == [
            ("Fair", date(2026, 11, 5))
        ]

    @pytest.mark.parametrize(
        ("text", "said"),
        [
            ("hello", "This is no calendar"),
            ("", "There is nothing in it"),
            ("BEGIN:VCALENDAR\nEND:VCALENDAR", "There is no event in it"),
            ("BEGIN:VCALENDAR\nBEGIN:VTODO\nUID:1\nEND:VTODO\nEND:VCALENDAR", "only holds to-dos"),
            ("BEGIN:VCALENDAR\nBEGIN:VEVENT\nUID:1\nEND:VEVENT\nEND:VCALENDAR", "usable first day"),
        ],
    )
    def test_say_why_not(self, post, text, said):
        answer = post("/calendar/import", {"text": text, "keep": "layer"})
        assert answer.status_code == 422
        assert said in answer.content.decode()

    @pytest.mark.parametrize(
        ("start", "end"),
        [
            (";VALUE=DATE:20261105", "DTEND;VALUE=DATE:99991231"),
            (":20261105T090000Z", "DTEND:99991231T235959Z"),
            (":20261105T090000Z", "DURATION:P9999999D"),
            (":20261105T090000Z", "DURATION:P99999999999D"),
            (";VALUE=DATE:21500101", "DTEND;VALUE=DATE:21500102"),
        ],
    )
    @pytest.mark.parametrize("keep", ["layer", "days"])
    def test_leave_out_what_never_ends(self, post, page, start, end, keep):
        event = f"BEGIN:VEVENT\nUID:9\nSUMMARY:Forever\nDTSTART{start}\n{end}\nEND:VEVENT\n"
        text = WEEKLY.replace("END:VCALENDAR", event + "END:VCALENDAR")
        assert post("/calendar/import", {"text": text, "keep": keep}).status_code in (204, 422)
        assert not ImportedEvent.objects.filter(title="Forever", last__gt=date(2099, 1, 1)).exists()
        assert not CustomDay.objects.filter(name="Forever", last__gt=date(2099, 1, 1)).exists()
        page("/calendar?day=2026-11-05")

    def test_have_a_sane_limit(self, post):
        daily = WEEKLY.replace("FREQ=WEEKLY;COUNT=6", "FREQ=DAILY")
        post("/calendar/import", {"text": daily, "keep": "layer"})
        assert ImportedEvent.objects.filter(title="Stand-up").count() == 400

    def test_take_every_real_file_or_say_why_not(self, shared_data, workspace):
        from muster.kit.errors import Invalid
        from muster.plan.calendar.importing import read

        folder = shared_data / "icalendar"
        if not folder.is_dir():
            pytest.skip("no calendar files here")
        expected = json.loads((folder / "expected.json").read_text())["expected"]
        wrong, taken = [], 0
        for name, known in expected.items():
            usable = bool(known.get("vevents")) and known.get("first_dtstart") is not None
            try:
                found = read((folder / name).read_bytes(), workspace.zone, date(2026, 11, 26))
            except Invalid as refused:
                if usable or not str(refused).endswith("."):
                    wrong.append((name, str(refused)))
                continue
            taken += 1
            first = known["first_dtstart"]
            whole = date.fromisoformat(first[:10])
            moment = None
            if len(first) > 10:
                moment = datetime.fromisoformat(first)
                moment = moment if moment.tzinfo else moment.replace(tzinfo=workspace.zone)
            hits = [
                e for e in found.events if (e.starts_at == moment if moment else e.first == whole)
            ]
            if not hits and not known["rrules"]:
                wrong.append((name, first))
        assert wrong == []
        assert taken > 40


class TestTheApi:
    def test_gives_days_by_layer(self, api, campaign):
        Task.objects.create(campaign=campaign, title="Proofread", due=date(2026, 11, 6))
        answer = api("GET", "/calendar?from=2026-11-01&to=2026-11-30").json()
        assert {(one["layer"], one["title"]) for one in answer["items"]} >= {
            ("campaigns", "Double 11"),
            ("tasks", "Proofread"),
        }
        assert {"double11-2026", "blackfriday-2026"} <= {one["id"] for one in answer["nodes"]}
        alone = api("GET", "/calendar?from=2026-11-01&to=2026-11-30&layers=tasks").json()
        assert {one["layer"] for one in alone["items"]} == {"tasks"}
        assert alone["nodes"] == []
        october = api("GET", "/calendar?from=2026-10-01&to=2026-10-10&layers=holidays").json()
        off = {one["day"]: one["off"] for one in october["official_days"]}
        assert (off["2026-10-01"], off["2026-10-10"]) == (True, False)

    def test_hides_sends_without_their_scope(self, api):
        refused = api("GET", "/calendar?layers=sends", scopes=["campaigns:read"])
        assert (refused.status_code, refused.json()["code"]) == (422, "unknown_layer")
        assert api("GET", "/calendar?layers=sends").status_code == 200

    @pytest.mark.parametrize(
        ("query", "code"),
        [
            ("from=2026-11-02&to=2026-11-01", "ends_before_start"),
            ("from=2026-01-01&to=2027-12-31", "too_long"),
            ("layers=strange", "unknown_layer"),
        ],
    )
    def test_refuses_what_makes_no_sense(self, api, query, code):
        answer = api("GET", f"/calendar?{query}")
        assert (answer.status_code, answer.json()["code"]) == (422, code)

    def test_keeps_days_of_ones_own(self, api):
        made = api(
            "POST",
            "/calendar/days",
            {"name": "Brand day", "first": "2026-12-05", "recurrence": "lunar"},
        )
        assert made.status_code == 201
        assert made.json()["last"] == "2026-12-05"
        assert [one["name"] for one in api("GET", "/calendar/days").json()["items"]] == [
            "Brand day"
        ]
        assert api("DELETE", f"/calendar/days/{made.json()['id']}").status_code == 204
        assert api("GET", "/calendar/days").json()["items"] == []

    def test_says_everything_that_is_wrong_with_a_day(self, api):
        answer = api(
            "POST",
            "/calendar/days",
            {"name": " ", "first": "2026-12-05", "last": "2026-12-01", "recurrence": "x"},
        )
        assert {one["at"] for one in answer.json()["errors"]} == {"/name", "/last", "/recurrence"}


def test_open_calendars_learn_of_news(campaign):
    before = versions(["calendar:all"])
    Task.objects.create(campaign=campaign, title="Proofread", due=date(2026, 11, 6))
    assert versions(["calendar:all"]) != before


def test_the_palette_finds_it_by_pinyin(owner):
    assert "/calendar?view=month" in [entry.url for entry in find(owner, "yxrl")]
    assert any(entry.url == "/calendar/planner" for entry in find(owner, ">plan back"))
