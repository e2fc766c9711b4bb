"""Resources: a skill that is missing is learned, or brought by temporary staff."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from muster.kit.days import WorkCalendar
from muster.kit.errors import Invalid, Refused
from muster.plan.campaigns.days import today as today_here
from muster.plan.campaigns.models import Campaign
from muster.plan.peaks import actions as peaks
from muster.plan.peaks.rules import Window, missing, windows
from muster.plan.peaks.shortage import Suggestion, demands, suggestions
from muster.plan.resources import people
from muster.plan.resources.rules import needs
from muster.plan.tasks.actions import add_task, give
from muster.plan.tasks.planning import plan_of
from muster.plan.tasks.shown import days_ahead
from muster.plan.training import actions as trainings
from muster.plan.training.candidates import candidates
from muster.plan.training.models import Training
from muster.plan.training.rules import reworded
from muster.plan.vendors.actions import add_vendor
from muster.plan.work import trainings as to_learn
from muster.team.calendars.actions import take_leave
from muster.team.changes.actions import bring_back, undo
from muster.team.changes.models import Change
from muster.team.members.handing import hand_over
from muster.team.users.models import User

pytestmark = pytest.mark.django_db
CN = WorkCalendar("CN")
HTMX = {"HX-Request": "true"}
CHAT = "客服"


@pytest.fixture
def today(workspace):
    return today_here()


@pytest.fixture
def campaign(start, today):
    first = CN.shift(today, 30)
    return start(starts=first, ends=CN.shift(first, 10), goals=[])


@pytest.fixture
def lan(user_with):
    return user_with("content", "Lan Yi", "lan@muster.test")


@pytest.fixture
def training(campaign, lan, owner, today):
    found, _change = trainings.plan_training(
        campaign, lan, CHAT, CN.shift(today, 10), ["Reads the manual", "Answers ten"], by=owner
    )
    return found


def skills(user):
    return User.objects.get(pk=user.pk).skills


class TestTraining:
    def test_gives_the_skill_with_the_last_item(self, training, lan, owner):
        trainings.pass_item(training, 1, True, by=owner)
        training.refresh_from_db()
        assert (training.passed, training.is_finished, skills(lan)) == (1, False, [])
        assert training.items[1]["name"] == "Wang Min"
        assert training.items[1]["at"]
        trainings.pass_item(training, 0, True, by=owner)
        training.refresh_from_db()
        assert (training.passed, training.is_finished, skills(lan)) == (2, True, [CHAT])

    def test_undone_takes_the_skill_back(self, training, lan, owner):
        User.objects.filter(pk=lan.pk).update(skills=["design"])
        trainings.pass_item(training, 0, True, by=owner)
        change = trainings.pass_item(training, 1, True, by=owner)
        assert skills(lan) == ["design", CHAT]
        undo(change, by=owner)
        training.refresh_from_db()
        assert (training.passed, training.is_finished, skills(lan)) == (1, False, ["design"])

    def test_undone_leaves_skills_that_changed_since(self, training, lan, owner):
        trainings.pass_item(training, 0, True, by=owner)
        change = trainings.pass_item(training, 1, True, by=owner)
        User.objects.filter(pk=lan.pk).update(skills=[CHAT, "film"])
        with pytest.raises(Refused):
            undo(change, by=owner)
        assert skills(lan) == [CHAT, "film"]

    def test_finished_stays_as_it_is(self, training, owner):
        for place in (0, 1):
            trainings.pass_item(training, place, True, by=owner)
        for act in (
            lambda: trainings.pass_item(training, 0, False, by=owner),
            lambda: trainings.edit_training(training, {"items": ["Other"]}, by=owner),
            lambda: trainings.call_off(training, by=owner),
        ):
            with pytest.raises(Refused, match="stays as it is"):
                act()

    def test_is_not_passed_by_the_trainee(self, campaign, manager, owner, today):
        own, _change = trainings.plan_training(
            campaign, manager, CHAT, today, ["Answers ten"], by=owner
        )
        with pytest.raises(Refused, match="Somebody else"):
            trainings.pass_item(own, 0, True, by=manager)
        assert skills(manager) == []

    def test_does_not_end_by_crossing_out_what_is_left(self, training, owner):
        trainings.pass_item(training, 0, True, by=owner)
        with pytest.raises(Invalid, match="left is passed"):
            trainings.edit_training(training, {"items": ["Reads the manual"]}, by=owner)
        trainings.edit_training(training, {"items": ["Reads the manual", "Answers 20"]}, by=owner)
        training.refresh_from_db()
        assert [(one["text"], bool(one.get("at"))) for one in training.items] == [
            ("Reads the manual", True),
            ("Answers 20", False),
        ]

    def test_of_a_skill_that_is_there_is_refused(self, campaign, lan, owner, today, training):
        with pytest.raises(Invalid, match="is learning"):
            trainings.plan_training(campaign, lan, CHAT, today, ["x"], by=owner)
        User.objects.filter(pk=lan.pk).update(skills=["Film"])
        lan.refresh_from_db()
        with pytest.raises(Invalid, match="has the skill"):
            trainings.plan_training(campaign, lan, "film", today, ["x"], by=owner)

    def test_needs_something_to_pass(self, campaign, lan, owner, today):
        with pytest.raises(Invalid, match="at least one thing"):
            trainings.plan_training(campaign, lan, "Film", today, [" "], by=owner)

    def test_of_a_closed_campaign_stays(self, campaign, training, owner):
        change = trainings.pass_item(training, 0, True, by=owner)
        Campaign.objects.filter(pk=campaign.pk).update(status=Campaign.Status.ARCHIVED)
        with pytest.raises(Refused):
            trainings.pass_item(training, 1, True, by=owner)
        with pytest.raises(Refused):
            undo(change, by=owner)

    def test_called_off_comes_back(self, campaign, training, owner):
        trainings.pass_item(training, 0, True, by=owner)
        change = trainings.call_off(training, by=owner)
        assert not campaign.trainings.exists()
        bring_back(change, by=owner)
        assert campaign.trainings.get().passed == 1

    def test_is_not_passed_by_the_way_back(self, campaign, manager, owner, today):
        own, _change = trainings.plan_training(
            campaign, manager, CHAT, today, ["Answers ten", "Films"], by=owner
        )
        trainings.pass_item(own, 0, True, by=owner)
        change = trainings.pass_item(own, 0, False, by=owner)
        with pytest.raises(Refused, match="Somebody else"):
            bring_back(change, by=manager)
        own.refresh_from_db()
        assert own.passed == 0
        bring_back(change, by=owner)
        own.refresh_from_db()
        assert own.passed == 1

    def test_passes_only_what_was_seen(self, training, owner):
        trainings.edit_training(training, {"items": ["Answers ten", "Films"]}, by=owner)
        with pytest.raises(Refused, match="changed since"):
            trainings.pass_item(training, 0, True, by=owner, seen="Reads the manual")
        trainings.pass_item(training, 0, True, by=owner, seen="Answers ten")
        training.refresh_from_db()
        assert training.items[0]["at"]

    def has_it(self, campaign, lan, owner, today):
        User.objects.filter(pk=lan.pk).update(skills=["DESIGN"])

    def learns_it(self, campaign, lan, owner, today):
        trainings.plan_training(campaign, lan, "design", today, ["x"], by=owner)

    def left(self, campaign, lan, owner, today):
        User.objects.filter(pk=lan.pk).update(is_active=False)

    @pytest.mark.parametrize("happened", ["has_it", "learns_it", "left"])
    def test_called_off_stays_away_where_it_could_not_be_planned(
        self, campaign, lan, owner, today, happened
    ):
        held, _change = trainings.plan_training(campaign, lan, "Design", today, ["x"], by=owner)
        change = trainings.call_off(held, by=owner)
        getattr(self, happened)(campaign, lan, owner, today)
        with pytest.raises(Refused, match="Lan Yi"):
            bring_back(change, by=owner)
        assert not campaign.trainings.filter(skill="Design").exists()

    def test_is_not_moved_to_a_day_that_has_passed(self, training, owner, today):
        with pytest.raises(Invalid, match="has passed"):
            trainings.edit_training(training, {"due": today - timedelta(1)}, by=owner)
        # One that is overdue may still get another list.
        Training.objects.filter(pk=training.pk).update(due=today - timedelta(1))
        assert trainings.edit_training(training, {"items": ["x"]}, by=owner)

    def test_goes_to_a_colleague_when_somebody_leaves(self, training, lan, manager, owner):
        trainings.pass_item(training, 0, True, by=owner)
        hand_over(lan, manager)
        training.refresh_from_db()
        assert (training.trainee, training.passed) == (manager, 0)

    def test_goes_to_nobody_who_has_the_skill(self, training, lan, manager):
        manager.skills = [CHAT]
        manager.save()
        hand_over(lan, manager)
        training.refresh_from_db()
        assert training.trainee == lan

    def test_is_not_due_before_today(self, campaign, lan, owner, today):
        with pytest.raises(Invalid, match="has passed"):
            trainings.plan_training(campaign, lan, CHAT, today - timedelta(1), ["x"], by=owner)

    def test_waits_in_my_work_of_the_trainee(self, training, lan, owner):
        [item] = to_learn(lan)
        assert item.title == f"Learn “{CHAT}”"
        assert item.line == "Double 11: 2 things to pass, next: Reads the manual"
        assert list(to_learn(owner)) == []
        for place in (0, 1):
            trainings.pass_item(training, place, True, by=owner)
        assert list(to_learn(lan)) == []

    def test_keeps_what_is_passed_while_its_text_stays(self):
        items = [{"text": "a", "at": "2026-11-01T00:00:00+00:00"}, {"text": "b"}]
        assert reworded(items, ["c ", "a", "", "c"]) == [{"text": "c"}, items[0]]


class TestWhoCouldLearn:
    def test_has_time(self, campaign, lan, manager, owner, today):
        """Ten working days of eight hours; one of them has two days of leave and 16 h of work."""
        first = CN.first_from(today)
        last = CN.shift(first, 9)
        days = CN.days(first, last)
        take_leave(manager, days[5], days[6], by=owner)
        task = add_task(campaign, {"title": "Film", "days": 2, "hours": 16}, by=owner)
        give(task, manager, by=owner)
        free = {one.user: one.free for one in candidates(campaign, CHAT, last)}
        assert free[lan] == Decimal(80)
        assert free[manager] == Decimal(80 - 16 - 16)
        User.objects.filter(pk=lan.pk).update(skills=[CHAT])
        assert lan not in {one.user for one in candidates(campaign, CHAT, last)}


class TestMissingPeople:
    DAYS = (date(2026, 11, 9), date(2026, 11, 10), date(2026, 11, 11), date(2026, 11, 12))

    @pytest.mark.parametrize(
        ("need", "there", "heads"),
        [("16", "0", 2), ("16", "8", 1), ("8.5", "8", 0), ("17", "8", 2), ("8", "8", 0)],
    )
    def test_are_whole_people(self, need, there, heads):
        assert missing(Decimal(need), Decimal(there)) == heads

    def test_of_days_in_a_row_are_one_window(self):
        need = [Decimal(hours) for hours in (8, 24, 16, 8)]
        there = [Decimal(8)] * 4
        # 0, 16, 8 and 0 hours are missing.
        assert windows(self.DAYS, need, there) == [
            Window(date(2026, 11, 10), date(2026, 11, 11), 2)
        ]

    def test_are_two_windows_around_a_good_day(self):
        need = [Decimal(hours) for hours in (8, 0, 0, 16)]
        found = windows(self.DAYS, need, [Decimal(0)] * 4)
        assert [(one.first.day, one.last.day, one.heads) for one in found] == [
            (9, 9, 1),
            (12, 12, 2),
        ]


@pytest.fixture
def chats(campaign, owner, today):
    """48 hours of service on three working days: 16 hours, so two people, a day."""
    first = CN.shift(CN.first_from(today), 5)
    fields = {"title": "Answer", "days": 3, "hours": 48, "skill": CHAT, "not_before": first}
    return add_task(campaign, fields, by=owner)


@pytest.fixture
def days(today):
    first = CN.first_from(today)
    return [CN.shift(first, n) for n in (5, 6, 7)]


def missed(campaign):
    campaign = Campaign.objects.get(pk=campaign.pk)
    plan = plan_of(campaign)
    users = User.objects.filter(is_active=True)
    return suggestions(plan, demands(plan, days_ahead(plan)), users, campaign.peaks.all())


def gap(campaign):
    campaign = Campaign.objects.get(pk=campaign.pk)
    plan = plan_of(campaign)
    users = User.objects.filter(is_active=True)
    wanted = demands(plan, days_ahead(plan))
    [need] = people.needs(plan, wanted, users, campaign.peaks.all())
    return need.is_gap, need.temporary, need.uncovered


class TestPeaks:
    def test_are_suggested_where_hours_are_missing(self, campaign, chats, days, lan):
        assert missed(campaign) == [Suggestion(CHAT, days[0], days[2], 2)]
        User.objects.filter(pk=lan.pk).update(skills=[CHAT])
        assert missed(campaign) == [Suggestion(CHAT, days[0], days[2], 1)]

    def test_see_leave_and_other_work(self, campaign, chats, days, lan, owner):
        User.objects.filter(pk=lan.pk).update(skills=[CHAT])
        take_leave(lan, days[1], days[1], by=owner)
        fields = {"title": "Film", "days": 1, "hours": 8, "not_before": days[2]}
        give(add_task(campaign, fields, by=owner), lan, by=owner)
        # One is missing on the first day, two on each of the others: one window of two.
        assert missed(campaign) == [Suggestion(CHAT, days[0], days[2], 2)]

    def test_that_are_planned_are_not_suggested_again(self, campaign, chats, days, owner):
        fields = {"skill": CHAT, "first": days[0], "last": days[1], "heads": 2}
        _peak, change = peaks.plan_peak(campaign, fields, by=owner)
        assert missed(campaign) == [Suggestion(CHAT, days[2], days[2], 2)]
        undo(change, by=owner)
        assert missed(campaign) == [Suggestion(CHAT, days[0], days[2], 2)]

    def test_close_the_gap_once_they_are_trained(self, campaign, chats, days, owner):
        fields = {"skill": CHAT, "first": days[0], "last": days[1], "heads": 2}
        peak, _change = peaks.plan_peak(campaign, fields, by=owner)
        assert gap(campaign) == (True, 0, 3)
        peaks.edit_peak(peak, {"trained": 1}, by=owner)
        assert gap(campaign) == (True, 1, 1)
        peaks.edit_peak(peak, {"last": days[2]}, by=owner)
        assert gap(campaign) == (False, 1, 0)

    def test_bring_hours_by_those_who_are_trained(self, campaign, chats, days, owner):
        fields = {"skill": CHAT, "first": days[0], "last": days[0], "heads": 3, "trained": 2}
        peaks.plan_peak(campaign, fields, by=owner)
        plan = plan_of(Campaign.objects.get(pk=campaign.pk))
        [(_peak, hours)] = people.weeks(plan, days_ahead(plan), campaign.peaks.all()).temporary
        assert sum(hours) == 16

    def test_bring_no_hours_on_days_off(self, campaign, chats, owner, today):
        """One head for all the weeks of the plan works on its working days only."""
        plan = plan_of(Campaign.objects.get(pk=campaign.pk))
        ahead = days_ahead(plan)
        fields = {"skill": CHAT, "first": today, "last": ahead[-1], "heads": 1, "trained": 1}
        peaks.plan_peak(campaign, fields, by=owner)
        [(_peak, hours)] = people.weeks(plan, ahead, campaign.peaks.all()).temporary
        assert sum(hours) == 8 * len(ahead)

    def test_are_not_missed_where_a_colleague_of_six_hours_does_it(
        self, campaign, lan, owner, days
    ):
        User.objects.filter(pk=lan.pk).update(skills=[CHAT], hours_per_day=6)
        lan.refresh_from_db()
        fields = {"title": "Answer", "days": 1, "skill": CHAT, "not_before": days[0]}
        task = add_task(campaign, fields, by=owner)
        give(task, lan, by=owner)
        assert missed(campaign) == []

    def test_are_missed_where_one_person_would_be_needed_twice(self, campaign, lan, owner, days):
        """Two whole days of two skills, and one person who has both."""
        User.objects.filter(pk=lan.pk).update(skills=["chat", "film"])
        for skill in ("chat", "film"):
            fields = {"title": skill, "days": 1, "skill": skill, "not_before": days[0]}
            add_task(campaign, fields, by=owner)
        assert [(one.first, one.last, one.heads) for one in missed(campaign)] == [
            (days[0], days[0], 1)
        ]

    def test_are_not_missed_where_another_has_the_time(self, campaign, lan, manager, owner, days):
        """Who has both skills is left for the one that nobody else has."""
        User.objects.filter(pk=lan.pk).update(skills=["chat", "film"])
        User.objects.filter(pk=manager.pk).update(skills=["chat"])
        for skill in ("chat", "film"):
            fields = {"title": skill, "days": 1, "skill": skill, "not_before": days[0]}
            add_task(campaign, fields, by=owner)
        assert missed(campaign) == []

    @pytest.mark.parametrize(
        ("wrong", "at"),
        [
            ({"heads": 0}, "/heads"),
            ({"trained": 3}, "/trained"),
            ({"last": date(2020, 1, 1)}, "/last"),
            ({"skill": " "}, "/skill"),
        ],
        ids=["nobody", "more-trained-than-heads", "ends-first", "no-skill"],
    )
    def test_that_cannot_be(self, campaign, owner, today, wrong, at):
        fields = {"skill": CHAT, "first": today, "last": today, "heads": 2, **wrong}
        with pytest.raises(Invalid) as refused:
            peaks.plan_peak(campaign, fields, by=owner)
        assert at in {one.at for one in refused.value.errors}

    def test_dropped_and_edited_come_back(self, campaign, owner, today):
        vendor = add_vendor({"name": "Agency"}, by=owner)
        fields = {"skill": CHAT, "first": today, "last": today, "heads": 2, "vendor": vendor}
        peak, _change = peaks.plan_peak(campaign, fields, by=owner)
        undo(peaks.edit_peak(peak, {"heads": 5, "vendor": None}, by=owner), by=owner)
        peak.refresh_from_db()
        assert (peak.heads, peak.vendor) == (2, vendor)
        undo(peaks.drop_peak(peak, by=owner), by=owner)
        assert campaign.peaks.get() == peak


def test_a_need_without_temporary_people_is_as_before():
    [film, chat] = needs(["chat", "Film", "film "], {"Lan": ["Chat"]})
    assert (film.skill, film.tasks, film.is_gap) == ("Film", 2, True)
    assert (chat.people, chat.is_gap) == (("Lan",), False)


class TestPages:
    @pytest.fixture
    def url(self, campaign):
        return f"/c/{campaign.public_id}/plan"

    def test_a_gap_is_closed_from_the_page(self, client_for, owner, campaign, url, chats, lan):
        client = client_for(owner)
        text = client.get(f"{url}/resources").content.decode()
        assert "2 people missing" in text
        assert f"{url}/trainings/plan?skill=%E5%AE%A2%E6%9C%8D" in text
        drawer = client.get(f"{url}/trainings/plan", {"skill": CHAT}, headers=HTMX)
        assert "Lan Yi · " in drawer.content.decode()
        data = {"skill": CHAT, "trainee": lan.pk, "due": campaign.starts, "items": "One\nTwo"}
        answer = client.post(f"{url}/trainings/plan", data, headers=HTMX)
        assert answer.status_code == 200
        [training] = campaign.trainings.all()
        for place, seen in enumerate(("One", "Two")):
            path = f"{url}/trainings/{training.public_id}/items/{place}"
            assert client.post(path, {"passed": "on"}, headers=HTMX).status_code == 409
            data = {"passed": "on", "text": seen}
            assert client.post(path, data, headers=HTMX).status_code == 204
        text = client.get(f"{url}/resources", headers=HTMX).content.decode()
        assert "has the skill" in text
        assert "1 person missing" in text

    def test_a_suggestion_becomes_temporary_staff(self, client_for, owner, campaign, url, chats):
        client, [missing] = client_for(owner), missed(campaign)
        data = {
            "skill": missing.skill, "first": missing.first, "last": missing.last,
            "heads": missing.heads,
        }  # fmt: skip
        assert client.post(f"{url}/peaks/plan", data, headers=HTMX).status_code == 200
        peak = campaign.peaks.get()
        path = f"{url}/peaks/{peak.public_id}"
        assert client.post(f"{path}/trained", {"trained": "2"}, headers=HTMX).status_code == 204
        text = client.get(f"{url}/resources", headers=HTMX).content.decode()
        assert "missing ·" not in text
        assert "2 temporary" in text
        assert client.post(f"{path}/drop", headers=HTMX).status_code == 204
        assert not campaign.peaks.exists()

    def test_change_in_the_drawer(self, client_for, owner, url, training, campaign, today):
        client = client_for(owner)
        path = f"{url}/trainings/{training.public_id}"
        assert "Reads the manual" in client.get(path, headers=HTMX).content.decode()
        data = {"due": today + timedelta(days=3), "items": "Reads the manual\nFilms"}
        assert client.post(path, data, headers=HTMX).status_code == 200
        training.refresh_from_db()
        assert (training.due, training.items[1]) == (today + timedelta(days=3), {"text": "Films"})
        assert client.post(f"{path}/call-off", headers=HTMX).status_code == 204
        assert not campaign.trainings.exists()

    def test_keep_what_a_colleague_changed_meanwhile(
        self, client_for, owner, manager, url, training, today
    ):
        opened = timezone.now()
        texts = ["Reads the manual", "Answers twenty"]
        trainings.edit_training(training, {"items": texts}, by=manager)
        trainings.pass_item(training, 0, True, by=manager)
        path = f"{url}/trainings/{training.public_id}"
        # The form still holds the old list; only the day was changed in it.
        mine = {
            "since": opened.isoformat(),
            "due": today + timedelta(days=4),
            "items": "Reads the manual\r\nAnswers ten",
            "was": "Reads the manual\r\nAnswers ten",
        }
        assert client_for(owner).post(path, mine, headers=HTMX).status_code == 200
        training.refresh_from_db()
        assert training.due == today + timedelta(days=4)
        assert [one["text"] for one in training.items] == texts
        mine["items"] = "Reads the manual\nAnswers thirty"
        answer = client_for(owner).post(path, mine, headers=HTMX)
        assert answer.status_code == 409
        assert "Li Qiang wrote: " in answer.content.decode()
        answer = client_for(owner).post(path, {**mine, "mine": "items"}, headers=HTMX)
        assert answer.status_code == 200
        training.refresh_from_db()
        assert [one["text"] for one in training.items] == ["Reads the manual", "Answers thirty"]
        assert training.passed == 1

    def test_say_in_one_sentence_on_which_days_nobody_is_there(
        self, client_for, owner, campaign, url, chats, days
    ):
        """Two temporary people on one of the three days."""
        fields = {"skill": CHAT, "first": days[0], "last": days[0], "heads": 2, "trained": 2}
        peaks.plan_peak(campaign, fields, by=owner)
        text = client_for(owner).get(f"{url}/resources").content.decode()
        assert "2 temporary, nobody on 2 days" in text

    def test_open_for_a_number_that_is_none(self, client_for, owner, url):
        answer = client_for(owner).get(f"{url}/peaks/plan", {"heads": "9" * 5000}, headers=HTMX)
        assert answer.status_code == 200
        assert 'value="1"' in answer.content.decode()

    def test_show_readers_no_way_to_change(self, client_for, user_with, url, training, chats):
        text = client_for(user_with("analyst")).get(f"{url}/resources").content.decode()
        assert "Reads the manual" in text
        assert "trainings/plan" not in text
        assert "peaks/plan" not in text


class TestApi:
    def test_trains(self, api, campaign, lan, today):
        path = f"/campaigns/{campaign.public_id}/trainings"
        body = {"trainee": "lan@muster.test", "skill": CHAT, "due": str(today), "items": ["a", "b"]}
        made = api("POST", path, body)
        assert made.status_code == 201, made.content
        one = f"{path}/{made.json()['id']}"
        api("POST", f"{one}/items", {"place": 0, "text": "a", "passed": True})
        api("POST", f"{one}/items", {"place": 0, "text": "a", "passed": False})
        other = api("POST", f"{one}/items", {"place": 1, "text": "a", "passed": True})
        assert (other.status_code, other.json()["code"]) == (409, "list_changed")
        later = api("PATCH", one, {"items": ["a"]}).json()
        assert [(item["text"], item["passed"]) for item in later["items"]] == [("a", False)]
        done = api("POST", f"{one}/items", {"place": 0, "text": "a", "passed": True}).json()
        assert done["finished_at"]
        assert done["items"][0]["by"] == "Wang Min"
        assert skills(lan) == [CHAT]
        again = api("DELETE", one)
        assert (again.status_code, again.json()["code"]) == (409, "finished")
        assert len(api("GET", path).json()["items"]) == 1

    def test_staffs_peaks(self, api, campaign, chats, days):
        path = f"/campaigns/{campaign.public_id}/peaks"
        [one] = api("GET", path).json()["suggestions"]
        assert one == {
            "skill": CHAT, "first": str(days[0]), "last": str(days[2]), "heads": 2
        }  # fmt: skip
        vendor = api("POST", "/vendors", {"name": "Agency"}).json()["id"]
        made = api("POST", path, {**one, "vendor": vendor}).json()
        assert (made["heads"], made["trained"], made["vendor"]) == (2, 0, vendor)
        changed = api("PATCH", f"{path}/{made['id']}", {"trained": 2, "vendor": None}).json()
        assert (changed["trained"], changed["vendor"], changed["skill"]) == (2, None, CHAT)
        assert api("GET", path).json()["suggestions"] == []
        assert api("DELETE", f"{path}/{made['id']}").status_code == 204
        assert api("GET", path).json()["items"] == []

    def test_writes_only_with_the_right(self, api, campaign, training):
        few = ["campaigns:read"]
        path = f"/campaigns/{campaign.public_id}"
        for method, address in (
            ("POST", f"{path}/trainings/{training.public_id}/items"),
            ("DELETE", f"{path}/trainings/{training.public_id}"),
        ):
            assert (
                api(
                    method, address, {"place": 0, "text": "a", "passed": True}, scopes=few
                ).status_code
                == 403
            )


def test_every_step_leaves_a_trace(campaign, training, owner):
    trainings.pass_item(training, 0, True, by=owner)
    trainings.pass_item(training, 1, True, by=owner)
    verbs = (
        Change.objects.filter(kind="plan.training").order_by("pk").values_list("verb", flat=True)
    )
    assert list(verbs) == ["training_planned", "item_passed", "training_finished"]


def test_the_page_asks_few_questions(client_for, owner, campaign, user_with, today):
    """However many skills, trainings and windows there are, the number of questions is the same."""
    client, url_of = client_for(owner), f"/c/{campaign.public_id}/plan/resources"
    client.get(url_of)

    def asked():
        with CaptureQueriesContext(connection) as found:
            assert client.get(url_of).status_code == 200
        return len(found)

    def grow(n):
        learner = user_with("content", f"Learner {n}", f"learner{n}@muster.test")
        trainings.plan_training(campaign, learner, f"skill {n}", today, ["a", "b"], by=owner)
        fields = {"skill": f"skill {n}", "first": today, "last": today}
        peaks.plan_peak(campaign, fields, by=owner)
        task = add_task(campaign, {"title": f"T{n}", "days": 2, "skill": f"skill {n}"}, by=owner)
        give(task, learner, by=owner)
        User.objects.filter(pk=learner.pk).update(skills=[f"Skill {n}"])

    grow(0)
    few = asked()
    for n in range(1, 6):
        grow(n)
    assert asked() == few
