"""Where the links of a campaign lead: each asked once beside the pages, and their tags."""

from __future__ import annotations

from datetime import date, timedelta
from types import SimpleNamespace

import pytest
from django.utils import timezone

from muster.connect import web
from muster.connect.web import Answer, Verdict
from muster.content.emails import leading
from muster.content.emails.actions import make_inline, write
from muster.content.readiness import pictures_have_words
from muster.kit.errors import NotFound
from muster.plan.campaigns.models import Campaign
from muster.plan.readiness import actions, checks
from muster.plan.readiness.actions import NotReady, launch, waive
from muster.plan.readiness.checks import readiness
from muster.plan.readiness.looking import due, look_again
from muster.team.jobs.models import Job
from muster.track.links.actions import make_link
from muster.track.links.actions import remove as remove_link

pytestmark = pytest.mark.django_db
ANSWER, TAGS = "content.links_answer", "content.links_are_tagged"


class Net:
    """What addresses answer, without their tags; all others are well."""

    def __init__(self):
        self.says, self.asked = {}, []

    def ask(self, url, own=""):
        bare = url.partition("?")[0]
        self.asked.append(bare)
        return self.says.get(bare, Answer(Verdict.WELL, 200))


@pytest.fixture
def net(monkeypatch):
    net = Net()
    monkeypatch.setattr(web, "ask", net.ask)
    return net


@pytest.fixture
def campaign(owner):
    return Campaign.objects.create(
        name="Tea", starts=date(2030, 11, 1), ends=date(2030, 11, 30), currency="CNY", owner=owner,
        channels=["email"], status="preparing",
    )  # fmt: skip


def mail(campaign, owner, *urls, subject="Tea"):
    links = " ".join(f'<a href="{url}">x</a>' for url in urls)
    return make_inline(campaign, {"subject": subject, "html": f"<p>{links}</p>"}, by=owner)


def said(campaign, key=ANSWER):
    return [(finding.severity, str(finding)) for finding in readiness(campaign).answer(key).open]


def test_are_asked_by_the_machine_and_not_by_the_page(net, campaign, owner):
    assert readiness(campaign).answer(ANSWER) is None
    mail(campaign, owner, "https://tea.example/pick")
    assert said(campaign) == [("warn", "The links are being asked. Come back in a minute.")]
    assert not net.asked
    look_again(campaign)
    assert net.asked == ["https://tea.example/pick"]
    answer = readiness(campaign).answer(ANSWER)
    assert answer.passed
    assert answer.seen_at is not None


def test_block_until_those_of_a_new_mail_are_asked_too(net, campaign, owner):
    mail(campaign, owner, "https://tea.example/pick")
    look_again(campaign)
    assert readiness(campaign).answer(ANSWER).passed
    net.says["https://tea.example/gone"] = Answer(Verdict.MISSING, 404)
    mail(campaign, owner, "https://tea.example/gone")
    assert said(campaign) == [("block", "The links are being asked. Come back in a minute.")]
    assert readiness(campaign).answer(TAGS).blocks
    assert readiness(campaign).answer(ANSWER).seen_at is None
    # Going on without a look is decided for what there is now.
    waive(campaign, ANSWER, "Asked by hand", by=owner)
    assert readiness(campaign).answer(ANSWER).waived
    mail(campaign, owner, "https://tea.example/more")
    assert readiness(campaign).answer(ANSWER).blocks
    look_again(campaign)
    assert "page that does not exist" in said(campaign)[0][1]


@pytest.fixture
def ready(campaign, owner, monkeypatch):
    """Nothing is asked of it but what its links say."""
    of_links = {key: checks._questions[key] for key in (ANSWER, TAGS)}
    monkeypatch.setattr(checks, "_questions", of_links)
    Campaign.objects.update(status="ready")
    campaign.refresh_from_db()
    mail(campaign, owner, "https://tea.example/pick")
    look_again(campaign)
    return campaign


@pytest.fixture
def machine(monkeypatch, run_jobs):
    """Works while somebody waits."""
    slept = []

    def sleep(seconds):
        slept.append(seconds)
        run_jobs()

    clock = SimpleNamespace(monotonic=lambda: float(len(slept)), sleep=sleep)
    monkeypatch.setattr(actions, "time", clock)
    return slept


class TestALaunch:
    def test_waits_for_a_look_at_what_changed(self, net, ready, owner, machine):
        mail(ready, owner, "https://tea.example/more")
        assert readiness(ready).answer(TAGS).blocks
        launch(ready, by=owner)
        assert Campaign.objects.get().status == "running"
        assert net.asked[-1] == "https://tea.example/more"

    def test_is_refused_by_what_is_seen_then(self, net, ready, owner, machine):
        net.says["https://tea.example/gone"] = Answer(Verdict.MISSING, 404)
        mail(ready, owner, "https://tea.example/gone")
        with pytest.raises(NotReady) as refused:
            launch(ready, by=owner)
        (problem,) = refused.value.errors
        assert "page that does not exist" in str(problem)
        assert Campaign.objects.get().status == "ready"

    def test_is_refused_when_the_machine_does_not_come_to_it(self, ready, owner, machine, run_jobs):
        mail(ready, owner, "https://tea.example/more")
        Job.objects.create(
            kind="test.other", title="Import", unique=f"readiness_look:{ready.pk}", state="running",
            lease_until=timezone.now() + timedelta(hours=1),
        )  # fmt: skip
        with pytest.raises(NotReady) as refused:
            launch(ready, by=owner)
        assert "being asked" in str(refused.value.errors[0])
        assert len(machine) == 11

    def test_does_not_wait_where_something_else_blocks(self, net, ready, owner, machine):
        mail(ready, owner, "https://tea.example/more")

        @checks.check("plan", "Somebody is in charge")
        def nobody_is(campaign):
            yield checks.Finding("Nobody is", "/x")

        with pytest.raises(NotReady):
            launch(ready, by=owner)
        assert machine == []

    def test_does_not_wait_for_what_is_waived(self, net, ready, owner, machine):
        mail(ready, owner, "https://tea.example/more")
        for key in (ANSWER, TAGS):
            waive(ready, key, "It goes up at noon", by=owner)
        launch(ready, by=owner)
        assert machine == []

    def test_of_what_was_put_away_meanwhile_is_none(self, ready, owner):
        Campaign.objects.update(deleted_at=timezone.now())
        with pytest.raises(NotFound):
            launch(ready, by=owner)
        assert Campaign.objects.get().status == "ready"


def test_are_not_asked_after_the_launch_and_nobody_waits_for_it(net, campaign, owner):
    mail(campaign, owner, "https://tea.example/pick")
    campaign.status = "running"
    assert readiness(campaign).answer(ANSWER) is None
    campaign.status = "preparing"
    look_again(campaign)
    campaign.status = "running"
    assert readiness(campaign).answer(ANSWER).passed


@pytest.mark.parametrize(
    ("found", "inbox", "wanted"),
    [
        (Answer(Verdict.MISSING, 404), True, ("block", "page that does not exist")),
        (Answer(Verdict.BROKEN, 502), True, ("block", "ends in an error (502)")),
        (Answer(Verdict.PRIVATE), True, ("block", "network that readers cannot reach")),
        (Answer(Verdict.SILENT), True, ("warn", "did not answer")),
        (Answer(Verdict.SILENT), False, ("warn", "did not answer")),
        (Answer(Verdict.UNKNOWN_HOST), True, ("warn", "site that does not exist")),
        (Answer(Verdict.UNKNOWN_HOST), False, ("block", "site that does not exist")),
    ],
    ids=["missing", "broken", "private", "silent", "silent-out", "unknown", "unknown-out"],
)
def test_block_where_readers_would_find_nothing(
    net, campaign, owner, settings, found, inbox, wanted
):
    settings.INBOX = inbox
    net.says["https://tea.example/pick"] = found
    mail(campaign, owner, "https://tea.example/pick", "https://tea.example/well")
    look_again(campaign)
    ((severity, text),) = said(campaign)
    assert (severity, wanted[1] in text) == (wanted[0], True)
    assert "“Tea”" in text


def test_that_lead_on_or_are_guarded_are_well(net, campaign, owner):
    net.says["https://tea.example/old"] = Answer(Verdict.WELL, 200, "https://tea.example/new")
    net.says["https://tea.example/shut"] = Answer(Verdict.GUARDED, 403)
    mail(campaign, owner, "https://tea.example/old", "https://tea.example/shut")
    look_again(campaign)
    answer = readiness(campaign).answer(ANSWER)
    assert answer.passed
    assert [str(note) for note in answer.notes] == [
        "A link of “Tea” leads on to https://tea.example/new.", "Links asked: 2.",
    ]  # fmt: skip


def test_are_asked_again_when_something_changes_or_soon_when_one_is_broken(net, campaign, owner):
    first = mail(campaign, owner, "https://tea.example/pick")
    look_again(campaign)
    now = timezone.now()
    assert not due(campaign, now)
    assert not due(campaign, now + timedelta(hours=5))
    assert due(campaign, now + timedelta(hours=7))
    net.says["https://tea.example/pick"] = Answer(Verdict.MISSING, 404)
    write(first, by=owner, subject="New tea")
    assert list(due(campaign, now)) == ["links"]
    look_again(campaign)
    assert list(due(campaign, timezone.now() + timedelta(minutes=11))) == ["links"]


def test_of_short_links_and_the_map_are_asked_too_each_once(net, campaign, owner, settings):
    link = make_link(
        "https://tea.example/pick", channel="store", by=owner, campaign=campaign, placement="Poster"
    )
    other = make_link("https://tea.example/shop", channel="store", by=owner, campaign=campaign)
    campaign.cells.create(
        stage="interest", channel="social", text="Post", link="https://tea.example/post"
    )
    # A short link of ours in a mail is not followed, for that would be counted.
    mail(campaign, owner, link.address, "https://tea.example/post")
    look_again(campaign)
    assert sorted(net.asked) == [
        "https://tea.example/pick",
        "https://tea.example/post",
        "https://tea.example/post",  # with the tags of the mail, and as the map says it
        "https://tea.example/shop",
    ]
    remove_link(link, by=owner)
    look_again(campaign)
    assert said(campaign)[0][1].startswith(
        "A link of “Tea” leads to a page that does not exist: http"
    )
    assert other.target.startswith("https://tea.example/shop?utm_source=store")


def test_are_all_asked_however_many_there_are(net, campaign, owner):
    net.says["https://tea.example/104"] = Answer(Verdict.MISSING, 404)
    mail(campaign, owner, *(f"https://tea.example/{number}" for number in range(105)))
    look_again(campaign)
    assert len(net.asked) == 105
    ((_severity, text),) = said(campaign)
    assert "https://tea.example/104?" in text


def test_that_there_is_no_time_for_have_not_answered(net, campaign, owner, monkeypatch):
    monkeypatch.setattr(leading, "_SECONDS", -1.0)
    mail(campaign, owner, "https://tea.example/pick")
    look_again(campaign)
    assert not net.asked
    ((severity, text),) = said(campaign)
    assert (severity, "did not answer" in text) == ("warn", True)


def test_have_tags_that_can_be_read(net, campaign, owner):
    mail(campaign, owner, "https://tea.example/pick?utm_sorce=news", "https://tea.example/well")
    look_again(campaign)
    assert said(campaign, TAGS) == [
        ("block", "A link of “Tea”: “utm_sorce” is not read; utm_source is meant."),
        ("block", "A link of “Tea”: utm_source stands there twice. The first one stays."),
    ]


def test_pictures_say_what_they_show(campaign, owner, client_for):
    email = mail(campaign, owner, "https://tea.example/pick")
    assert not list(pictures_have_words(campaign))
    blocks = [{"kind": "image", "image": "https://tea.example/a.png", "alt": ""}, *email.blocks]
    email.blocks = blocks
    email.save()
    (finding,) = pictures_have_words(campaign)
    assert (finding.severity, finding.params["count"]) == ("warn", 1)
