"""What the channels and the content ask before a launch: each question fires and can be mended."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta

import pytest
from django.db import connection
from django.db.models import F
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from muster.channels.sending.models import Recipient, Send
from muster.channels.sending.speed import measured, open_for
from muster.content.emails.actions import write
from muster.content.emails.testing import send_test
from muster.content.readiness import emails_were_tried
from muster.people.models import ConsentEntry, ConsentTerms, Person, Segment
from muster.plan.campaigns.models import Campaign
from muster.plan.readiness.actions import waive
from muster.plan.readiness.checks import readiness
from muster.plan.readiness.looking import due, look_again
from muster.team.models import Workspace
from tests.channels.test_pressure import known_to_the_warehouse
from tests.channels.world import EVERYBODY

pytestmark = pytest.mark.django_db


def soon(days: int = 3, hour: int = 10) -> datetime:
    """A morning in Shanghai."""
    zone = Workspace.here().zone
    today = timezone.now().astimezone(zone).date()
    return datetime.combine(today + timedelta(days=days), time(hour), zone)


@pytest.fixture
def campaign(world):
    """A campaign of the coming week."""
    world.campaign.starts, world.campaign.ends = soon(2).date(), soon(6).date()
    world.campaign.status = "preparing"
    world.campaign.save()
    return world.campaign


@pytest.fixture
def crowd(world, stores):
    people = world.people(20)
    known_to_the_warehouse(stores, people)
    return people


def said(campaign: Campaign, check: str) -> list[str]:
    return [str(finding) for finding in readiness(campaign).answer(check).open]


class TestTrying:
    KEY = "channels.emails_were_tried"

    def test_is_asked_of_every_version_of_every_mail(self, world, campaign, owner):
        mail = world.mail
        assert said(campaign, self.KEY) == [
            "The e-mail “First pick” was never tried. Send yourself a test."
        ]
        send_test(mail, to=owner, values={}, by=owner)
        answer = readiness(campaign).answer(self.KEY)
        assert answer.passed
        assert [str(note) for note in answer.notes] == [
            "Wang Min has tried “First pick” as it is now."
        ]
        write(mail, by=owner, subject="Second pick")
        assert "was changed after Wang Min tried it" in said(campaign, self.KEY)[0]
        mail.refresh_from_db()
        send_test(mail, to=owner, values={}, by=owner)
        assert readiness(campaign).answer(self.KEY).passed

    def test_blocks_only_where_mail_leaves_the_house(self, world, campaign, settings):
        assert not readiness(campaign).answer(self.KEY).blocks
        settings.INBOX = False
        assert readiness(campaign).answer(self.KEY).blocks

    def test_is_written_on_the_page(self, world, campaign, owner, client_for):
        send_test(world.mail, to=owner, values={}, by=owner)
        page = client_for(owner).get(f"/c/{campaign.public_id}/readiness").content.decode()
        assert "Wang Min has tried “First pick” as it is now." in page

    def test_asks_once_for_all_mails(self, world, campaign):
        for number in range(6):
            world.email(f"Mail {number}")
        with CaptureQueriesContext(connection) as asked:
            assert len(list(emails_were_tried(campaign))) == 7
        assert sum("team_change" in query["sql"] for query in asked) == 1


class TestSeverities:
    """B blocks a launch and W warns, as S09 lists them."""

    def test_of_the_audience(self, world, campaign):
        segment = Segment.objects.create(name="All", rule=EVERYBODY)
        world.send(segment=segment, rule=None)
        asked = readiness(campaign)
        # Nobody counted it yet: whom it reaches is not known.
        assert asked.answer("audience.audience_is_fresh").blocks
        holdout = asked.answer("audience.holdout_is_decided")
        assert holdout.findings
        assert not holdout.blocks
        Segment.objects.update(last_counted_at=timezone.now(), last_count=0)
        asked = readiness(campaign)
        assert asked.answer("audience.audience_is_fresh").passed
        assert asked.answer("audience.audience_is_not_empty").blocks


class TestTheQuietHours:
    SHANGHAI = timezone.get_fixed_timezone(480)

    @pytest.mark.parametrize(
        ("start", "quiet", "hours"),
        [
            ((6, 10), (22, 8), 12),  # until 22:00
            ((6, 23), (22, 8), 14),  # begins at 8:00 of the next day
            ((7, 3), (22, 8), 14),
            ((6, 10), (12, 14), 2),
            ((6, 10), None, 14 + 24 * 2),  # until the end, midnight after the 8th
            ((8, 20), (23, 8), 3),
            ((8, 23), (22, 8), 0),  # the end comes before the morning
        ],
    )
    def test_and_the_end_close_the_window(self, start, quiet, hours):
        begin = datetime(2026, 11, *start, tzinfo=self.SHANGHAI)
        end = datetime(2026, 11, 9, tzinfo=self.SHANGHAI)
        between = (time(quiet[0]), time(quiet[1])) if quiet else (None, None)
        assert open_for(begin, *between, end) == timedelta(hours=hours)


class TestThroughput:
    KEY = "channels.messages_leave_in_time"

    def test_is_compared_with_the_hours_that_are_left(self, world, campaign, settings):
        settings.SENDER_CONNECTIONS = 2  # ten messages a second are assumed
        Workspace.objects.update(quiet_from=time(12), quiet_until=time(14))
        segment = Segment.objects.create(name="All", rule=EVERYBODY, last_count=72_001)
        world.send(segment=segment, rule=None, starts_at=soon(hour=10))
        assert said(campaign, self.KEY) == [
            "“First pick” goes to 72,001 people. At 10 messages a second that takes 2 hours, but "
            "the quiet hours or the end come after 2. Begin earlier, or divide it."
        ]
        Send.objects.update(starts_at=soon(hour=9))
        assert readiness(campaign).answer(self.KEY).passed

    def test_was_measured_with_the_latest_sends(self, world, owner):
        assert measured() is None
        begin = datetime(2026, 11, 1, 4, tzinfo=UTC)
        send = Send.objects.create(
            campaign=world.campaign, name="Earlier", rule=EVERYBODY, by=owner, status="done",
            audience_size=300, ended_at=begin,
        )  # fmt: skip
        # 301 messages in 100 seconds.
        Recipient.objects.bulk_create(
            Recipient(
                send=send, person_id=number + 1, state="sent", key=str(number),
                sent_at=begin + timedelta(seconds=number / 3),
            )
            for number in range(301)
        )  # fmt: skip
        assert measured() == pytest.approx(3.01)


class TestTheAudience:
    SHARED = "audience.people_are_its_own"
    READ = "content.speaks_their_languages"

    def other(self, owner, at: datetime, people: list[Person]) -> Send:
        from muster.channels.sending import actions

        campaign = Campaign.objects.create(
            name="New year", starts=at.date(), ends=at.date(), currency="CNY", owner=owner
        )
        from muster.content.emails.actions import make_inline

        mail = make_inline(
            campaign, {"subject": "Hello", "html": '<p><a href="https://tea.example">x</a></p>'},
            by=owner,
        )  # fmt: skip
        segment = Segment.objects.create(name="Some", rule=EVERYBODY, kind="frozen")
        segment.members.bulk_create(
            segment.members.model(segment=segment, person=person) for person in people
        )
        return actions.prepare(
            campaign, "Hello", by=owner, variants=[actions.NewVariant("A", mail)],
            segment=segment, rule=None, starts_at=at,
        )  # fmt: skip

    def test_of_others_on_the_same_days_is_named(self, world, campaign, crowd, owner):
        world.send(starts_at=soon(3))
        self.other(owner, soon(4), crowd[:4])
        look_again(campaign)
        (text,) = said(campaign, self.SHARED)
        assert text.startswith("4 people of “First pick” (20%) also get a message of “New year”")

    def test_of_fewer_than_a_fifth_is_let_be(self, world, campaign, crowd, owner):
        world.send(starts_at=soon(3))
        self.other(owner, soon(4), crowd[:3])
        look_again(campaign)
        assert said(campaign, self.SHARED) == []

    def test_is_looked_at_again_when_a_day_changes(self, world, campaign, crowd, owner):
        world.send(starts_at=soon(3))
        other = self.other(owner, soon(3), crowd)
        assert look_again(campaign) == 2  # the audience and the links
        assert said(campaign, self.SHARED)
        assert due(campaign, timezone.now()) == {}
        Send.objects.filter(pk=other.pk).update(starts_at=soon(6))
        assert list(due(campaign, timezone.now())) == ["audience"]
        look_again(campaign)
        assert said(campaign, self.SHARED) == []

    def test_is_not_looked_at_again_whenever_somebody_comes_or_leaves(
        self, world, campaign, crowd, owner
    ):
        send = world.send(starts_at=soon(3))
        list_ = self.other(owner, soon(9), crowd).segment
        Send.objects.filter(pk=send.pk).update(segment=list_)
        look_again(campaign)
        Segment.objects.update(last_count=7, last_counted_at=timezone.now())
        now = timezone.now()
        assert due(campaign, now) == {}
        assert list(due(campaign, now + timedelta(minutes=61))) == ["audience"]
        Segment.objects.update(version=F("version") + 1)
        assert list(due(campaign, now)) == ["audience"]

    def test_reads_other_languages_than_the_mail(self, world, campaign, crowd):
        Person.objects.filter(pk__in=[one.pk for one in crowd[:3]]).update(language="fr-CA")
        Person.objects.filter(pk__in=[one.pk for one in crowd[3:8]]).update(language="zh_TW")
        Person.objects.filter(pk__in=[one.pk for one in crowd[8:15]]).update(language="en-GB")
        send = world.send(starts_at=soon(3))
        look_again(campaign)
        assert readiness(campaign).answer(self.READ).blocks
        found = said(campaign, self.READ)
        assert [text.split(",")[0] for text in found] == [
            "5 people of “First pick” read 繁體中文",
            "3 people of “First pick” read French",
        ]
        world.mail.language = "zh-hant"
        world.mail.save()
        assert [text.split(",")[0] for text in said(campaign, self.READ)] == [
            "7 people of “First pick” read English",
            "3 people of “First pick” read French",
        ]
        assert send.variants.count() == 1

    def test_of_one_reader_is_said_so(self, world, campaign, crowd):
        Person.objects.filter(pk=crowd[0].pk).update(language="fr")
        world.send(starts_at=soon(3))
        look_again(campaign)
        (text,) = said(campaign, self.READ)
        assert text.startswith("One person of “First pick” reads French, and it has no e-mail")

    def test_costs_a_page_little(self, world, campaign, crowd, django_assert_num_queries):
        from muster.channels.readiness import people_are_its_own

        world.send(starts_at=soon(3))
        look_again(campaign)
        # What was seen, and whether the sends are still what was seen.
        with django_assert_num_queries(4):
            list(people_are_its_own(campaign))


class TestTheGround:
    """On what people are written to: the list of those who are not, and what their yes rests on."""

    LIST = "audience.suppression_is_applied"
    BASIS = "compliance.consent_has_a_basis"

    def test_is_unknown_before_the_first_look(self, world, campaign, crowd):
        world.send(starts_at=soon(3))
        for key in (self.LIST, self.BASIS):
            answer = readiness(campaign).answer(key)
            assert [str(one) for one in answer.open] == [
                "The people of “First pick” are being looked at. Come back in a minute."
            ]
            assert not answer.blocks
            assert answer.seen_at is None

    def test_is_unknown_again_for_another_send(self, world, campaign, crowd):
        world.send(starts_at=soon(3))
        look_again(campaign)
        assert not readiness(campaign).answer(self.LIST).blocks
        world.send(starts_at=soon(4))
        assert readiness(campaign).answer(self.LIST).blocks
        assert said(campaign, TestTheAudience.SHARED) == [
            "This is being looked at. Come back in a minute."
        ]

    def test_is_answered_for_send_by_send(self, world, campaign, crowd, owner):
        world.send(starts_at=soon(3))
        look_again(campaign)
        waive(campaign, self.BASIS, "They signed on paper", by=owner)
        world.send(starts_at=soon(4))
        look_again(campaign)
        assert len(readiness(campaign).answer(self.BASIS).findings) == 2
        assert len(said(campaign, self.BASIS)) == 1

    def test_leaves_out_who_is_on_the_list(self, world, campaign, crowd):
        for person, reason in zip(crowd, ["hard_bounce", "complaint", "manual"], strict=False):
            world.keep_out(person, reason)
        world.send(starts_at=soon(3))
        look_again(campaign)
        answer = readiness(campaign).answer(self.LIST)
        assert answer.passed
        assert [str(note) for note in answer.notes] == [
            "“First pick”: people left out because of the list: 3."
        ]
        assert answer.seen_at is not None

    def test_is_a_yes_with_its_proof_or_its_words(self, world, campaign, crowd):
        entries = ConsentEntry.objects.order_by("person")
        numbers = list(entries.values_list("pk", flat=True))
        entries.filter(pk__in=numbers[:12]).update(proof={"text": "Fair, 3 May"})
        entries.filter(pk__in=numbers[12:15]).update(text_version="a1b2")
        world.says(crowd[19], "withdrawn")
        world.send(starts_at=soon(3))
        look_again(campaign)
        answer = readiness(campaign).answer(self.BASIS)
        # 20 people, of whom 12 + 3 have a proven yes, one said no, and 4 say yes without a proof.
        assert [str(one) for one in answer.open] == [
            "4 people of “First pick” said yes to Mail, but neither a proof nor the words they "
            "agreed to are recorded. Record them, or leave these people out."
        ]
        assert not answer.blocks
        assert [str(note) for note in answer.notes] == [
            "“First pick” by Mail: 15 people with a proven yes, 0 who may be written to by law."
        ]
        entries.update(text_version="a1b2")
        campaign.sightings.all().delete()
        look_again(campaign)
        assert readiness(campaign).answer(self.BASIS).passed

    def test_is_the_law_where_it_lets_us_write_to_the_silent(self, world, campaign, stores):
        ConsentTerms.objects.create(law="can_spam")
        people = [world.person("said"), world.person("silent", consent="")]
        ConsentEntry.objects.update(text_version="a1b2")
        known_to_the_warehouse(stores, people)
        world.send(starts_at=soon(3))
        look_again(campaign)
        answer = readiness(campaign).answer(self.BASIS)
        assert answer.passed
        assert str(answer.notes[0]).endswith("1 who may be written to by law.")
