"""Contact pressure: what is forecast is what is sent; sends on the calendar move by their own rules."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import numpy as np
import pytest
from django.utils import timezone

from muster.channels.pressure import forecast as asking
from muster.channels.pressure.rules import Touch, grid, held_back, over_on, overlap, stagger
from muster.channels.sending import actions
from muster.channels.sending.models import Recipient, Send
from muster.people.models import Segment
from muster.plan.calendar.layers import Window, tiles
from muster.plan.campaigns.models import Campaign
from muster.team.models import Workspace
from tests.channels.world import World

DAY = date(2026, 11, 10)


def touch(
    key: str, people: list[int], day: int, hour: int = 10, *, planned: bool = True, of: int = 1
):
    """Messages to these people on a day of November 2026."""
    moment = datetime(2026, 11, day, hour, tzinfo=UTC)
    numbers = np.array(people, dtype=np.int64)
    return Touch(key, key, of, f"Campaign {of}", moment, moment.date(), numbers, planned, planned)


class TestCounting:
    def test_weeks_are_the_seven_days_that_end_with_the_day(self):
        touches = [touch("a", [1, 2, 3], 4), touch("b", [1, 2], 10), touch("c", [1], 11)]
        found = grid(touches, None, 10, DAY, date(2026, 11, 12))
        assert found.weeks[found.row(DAY)].tolist() == [2, 2, 1]
        assert found.weeks[found.row(date(2026, 11, 11))].tolist() == [2, 1, 0]

    def test_leaves_out_those_who_are_not_in_the_audience(self):
        found = grid([touch("a", [1, 2, 3], 10)], np.array([2, 9]), 2, DAY, DAY)
        assert found.people.tolist() == [2]
        assert found.size == 2

    def test_of_overlaps_is_a_share_of_the_smaller_audience(self):
        one, two = touch("a", list(range(100)), 10), touch("b", [5, 6, 7, 500], 11, of=2)
        assert overlap(one, two, None) == (3, 0.75)
        assert overlap(one, two, np.array([500])) == (0, 0.0)


class TestStaggering:
    def test_offers_the_nearest_day_with_the_fewest_over_the_limit(self):
        # Limit 1: everybody already has a message on the 8th and one on the 20th. On the 10th the
        # send makes two in the week to the 10th; from the 15th on the 8th is out of the week, but
        # the week to the 20th holds the 14th to the 20th: no day within five is free.
        known = [touch("a", [1, 2], 8), touch("b", [1], 20), touch("c", [1, 2, 3], 10)]
        found = grid(known, None, 3, date(2026, 11, 1), date(2026, 11, 30))
        assert over_on(found, known[2], known[2].day, 1) == 2
        before, other = stagger(found, known[2], 1, date(2026, 11, 1), date(2026, 11, 28))
        assert before == 2
        # On the 15th only person 1 has another in the seven days up to the 20th.
        assert other is not None
        assert (other.day, other.over) == (date(2026, 11, 15), 1)

    def test_offers_nothing_in_the_past_or_no_better(self):
        known = [touch("a", [1], 9), touch("c", [1], 10)]
        found = grid(known, None, 1, date(2026, 11, 1), date(2026, 11, 30))
        assert stagger(found, known[1], 1, date(2026, 11, 9), date(2026, 11, 12)) == (1, None)


class TestTheWeeklyLimit:
    def test_holds_back_in_the_order_of_time_to_the_minute(self):
        touches = [
            touch("past", [1, 2], 3, 12, planned=False),
            touch("first", [1, 2, 3], 5),
            touch("second", [1, 2, 3], 10, 11),  # the past one is 6 days and 23 hours old
            touch("third", [1, 2, 3], 10, 13),  # now it is more than seven days old
        ]
        assert held_back(touches, None, 2) == {"first": 0, "second": 2, "third": 1}

    def test_holds_nothing_back_without_a_limit(self):
        assert held_back([touch("a", [1], 5), touch("b", [1], 5)], None, 0) == {}


def known_to_the_warehouse(stores, people) -> None:
    """Let the warehouse hear of these people."""
    from muster.events import shape
    from muster.team import stores as team_stores

    team_stores.emit(
        [
            shape.event(
                "Product Viewed", person_id=one.pk, message_id=f"seen-{one.pk}", at=timezone.now()
            )
            for one in people
        ]
    )
    stores.settle()


@pytest.fixture
def crowd(world: World, stores):
    """Forty people, whom the warehouse knows too; five of them do not want messages."""
    people = world.people(40)
    for one in people[:5]:
        world.says(one, "withdrawn")
    known_to_the_warehouse(stores, people)
    return people


@pytest.mark.django_db
class TestTheForecast:
    def window(self, days: int = 20) -> Window:
        zone = Workspace.here().zone
        today = timezone.now().astimezone(zone).date()
        return Window(today, today + timedelta(days=days), zone)

    def at(self, days: int, hour: int = 10) -> datetime:
        zone = Workspace.here().zone
        today = timezone.now().astimezone(zone).date()
        return datetime(today.year, today.month, today.day, hour, tzinfo=zone) + timedelta(
            days=days
        )

    def test_counts_those_who_would_get_it(self, world, crowd, owner):
        world.send(starts_at=self.at(2))
        found = asking.forecast(owner, self.window(), "all")
        assert (found.people, found.planned, found.sent) == (40, 35, 35)
        day = found.days[2]
        assert (day.touches, day.at_limit, day.over) == (35, 0, 0)
        assert day.week_mean == pytest.approx(35 / 40)

    def test_leaves_out_the_hold_out_as_the_send_will(self, world, crowd, owner):
        send = world.send(starts_at=self.at(2), holdout=Decimal("0.5"))
        found = asking.forecast(owner, self.window(), "all")
        mine = actions.start(_approved(send, owner), by=owner, now=self.at(2))
        queued = Recipient.objects.filter(send=mine, state="queued").count()
        assert found.planned == queued
        assert 5 < queued < 30

    def test_is_what_is_really_sent(self, world, crowd, owner):
        """Five sends within a week at a limit of three: forecast first, then let them go."""
        Workspace.objects.update(messages_per_week=3, quiet_from=None, quiet_until=None)
        earlier = world.send()
        for one in crowd[5:15]:
            Recipient.objects.create(
                send=earlier, person=one, address=one.email, state="sent", key=f"k{one.pk}",
                sent_at=timezone.now() - timedelta(days=1),
            )  # fmt: skip
        sends = [world.send(starts_at=self.at(n + 1)) for n in range(5)]
        found = asking.forecast(owner, self.window(), "all")
        # 35 may be written to; ten of them had one already and get two more, the others three.
        assert (found.planned, found.sent) == (5 * 35, 10 * 2 + 25 * 3)
        sent = 0
        for n, send in enumerate(sends):
            moment = self.at(n + 1)
            try:
                begun = actions.start(_approved(send, owner), by=owner, now=moment)
            except actions.NobodyLeft:
                continue
            rows = Recipient.objects.filter(send=begun, state="queued")
            sent += rows.update(state="sent", sent_at=moment)
        assert sent == found.sent

    def test_lists_conflicts_with_a_better_day(self, world, crowd, owner):
        Workspace.objects.update(messages_per_week=1)
        world.send(starts_at=self.at(2))
        second = world.send(starts_at=self.at(4))
        found = asking.forecast(owner, self.window(), "all")
        (conflict,) = found.conflicts
        assert (conflict.day.day, conflict.day.over, conflict.most) == (self.at(4).date(), 35, 2)
        assert conflict.day.over_share == pytest.approx(35 / 40)
        (offer,) = conflict.suggestions
        assert (offer.tile, offer.day, offer.over) == (
            f"sends:{second.public_id}", self.at(9).date(), 0,
        )  # fmt: skip

    def test_warns_of_two_campaigns_that_reach_for_the_same_people(self, world, crowd, owner):
        world.send(starts_at=self.at(2))
        other = World.__new__(World)
        other.owner = owner
        other.campaign = Campaign.objects.create(
            name="Members",
            starts=date(2026, 11, 1),
            ends=date(2026, 11, 30),
            currency="CNY",
            owner=owner,
        )
        other.mail = world.mail
        other.send(starts_at=self.at(3))
        found = asking.forecast(owner, self.window(), "all")
        (one,) = found.overlaps
        assert (one.people, one.share) == (35, 1.0)
        assert "Members" in one.second

    def test_remembers_what_left_in_the_days_before(self, world, crowd, owner):
        other = world.send()
        for one in crowd[5:15]:
            Recipient.objects.create(
                send=other, person=one, address=one.email, state="sent", key=f"k{one.pk}",
                sent_at=timezone.now() - timedelta(days=2),
            )  # fmt: skip
        found = asking.forecast(owner, self.window(), "all")
        assert found.planned == 0
        assert found.days[0].week_mean == pytest.approx(10 / 40)
        assert found.days[5].week_mean == 0

    def test_is_told_for_a_segment(self, world, crowd, owner):
        segment = Segment.objects.create(
            name="VIP", kind="frozen", rule={"any": []}, frozen_at=timezone.now()
        )
        segment.members.bulk_create(
            [segment.members.model(segment=segment, person=one) for one in crowd[:10]]
        )
        world.send(starts_at=self.at(2))
        found = asking.forecast(owner, self.window(), segment.public_id)
        assert (found.audience, found.people, found.planned) == ("VIP", 10, 5)
        assert asking.forecast(owner, self.window(), "seg_00000000") is None

    def test_says_who_masked_for_those_who_may(self, world, crowd, owner, user_with):
        Workspace.objects.update(messages_per_week=1)
        world.send(starts_at=self.at(2))
        world.send(starts_at=self.at(4))
        day = self.at(4).date()
        count, people = asking.who(user_with("manager"), day, "all", 100)
        assert count == len(people) == 35
        assert all("***@" in one.email for one in people)
        assert asking.who(user_with("legal"), day, "all", 100) == (35, [])


def _approved(send: Send, owner) -> Send:
    send.refresh_from_db()
    actions.approve(send, by=owner, waiver=True)
    send.refresh_from_db()
    return send


@pytest.mark.django_db
class TestSendsOnTheCalendar:
    @pytest.fixture
    def soon(self) -> datetime:
        zone = Workspace.here().zone
        today = timezone.now().astimezone(zone).date()
        return datetime(today.year, today.month, today.day, 20, 30, tzinfo=zone) + timedelta(days=3)

    def move(self, client, send, to, **more):
        data = {"tile": f"sends:{send.public_id}", "to": to.isoformat()}
        return client.post("/calendar/move", data, **more)

    def test_show_their_hour(self, world, owner, client_for, soon):
        world.send(starts_at=soon)
        text = client_for(owner).get(f"/calendar?day={soon.date()}").content.decode()
        assert "<time>20:30</time>" in text

    def test_keep_their_hour_when_moved(self, world, owner, client_for, soon):
        send = world.send(starts_at=soon)
        answer = self.move(client_for(owner), send, soon.date() + timedelta(days=2))
        send.refresh_from_db()
        assert send.starts_at == soon + timedelta(days=2)
        assert send.not_after == soon + timedelta(days=2, minutes=30)
        said = json.loads(answer.headers["HX-Trigger"])["toast"]["text"]
        assert "20:30" in said
        assert "approval" not in said

    def test_lose_their_approval_and_get_it_back_by_undo(
        self, world, crowd, owner, client_for, soon
    ):
        send = actions.start(_approved(world.send(starts_at=soon), owner), by=owner)
        assert send.status == "scheduled"
        client = client_for(owner)
        answer = self.move(client, send, soon.date() + timedelta(days=1))
        send.refresh_from_db()
        assert (send.status, send.approved) == ("draft", "")
        told = json.loads(answer.headers["HX-Trigger"])["toast"]
        assert "ask for approval again" in told["text"]
        client.post(told["undo"])
        send.refresh_from_db()
        assert (send.status, send.starts_at) == ("scheduled", soon)
        # It is truly as before: at its time it begins.
        assert actions.start(send, by=None, now=soon).status == "sending"

    def test_are_not_moved_into_the_past(self, world, owner, client_for, soon):
        send = world.send(starts_at=soon)
        answer = self.move(
            client_for(owner), send, soon.date() - timedelta(days=9), headers={"HX-Request": "true"}
        )
        assert answer.status_code == 409
        send.refresh_from_db()
        assert send.starts_at == soon

    @pytest.mark.parametrize("role", ["analyst", "legal", "executive"])
    def test_are_moved_only_by_those_who_may(self, world, client_for, user_with, soon, role):
        send = world.send(starts_at=soon)
        user = user_with(role)
        window = Window(soon.date(), soon.date(), Workspace.here().zone)
        assert [tile.movable for tile in tiles(user, window, ["sends"])] == [False]
        assert self.move(client_for(user), send, soon.date() + timedelta(days=1)).status_code == 403

    def test_that_have_begun_stay(self, world, owner, client_for, soon):
        send = world.send(starts_at=soon)
        Send.objects.filter(pk=send.pk).update(
            status="done", frozen_at=timezone.now(), started_at=timezone.now()
        )
        answer = self.move(client_for(owner), send, soon.date(), headers={"HX-Request": "true"})
        assert answer.status_code == 409

    def test_begin_on_the_day_that_was_chosen(self, world, owner, client_for, soon):
        text = client_for(owner).get(f"/sends/new?at={soon.date()}").content.decode()
        assert f'value="{soon.date()}T10:00"' in text

    def test_are_hidden_from_those_who_may_not_see_them(self, world, client_for, user_with, soon):
        world.send(starts_at=soon)
        client = client_for(user_with("content"))
        assert "20:30" not in client.get(f"/calendar?day={soon.date()}").content.decode()
        assert client.get("/calendar/pressure").status_code == 404

    def test_pressure_is_fetched_by_the_page(self, world, owner, client_for, soon):
        client = client_for(owner)
        assert "/calendar/pressure" in client.get("/calendar").content.decode()
        text = client.get(f"/calendar/pressure?day={soon.date()}").content.decode()
        assert f'id="p-{soon.date()}"' in text
