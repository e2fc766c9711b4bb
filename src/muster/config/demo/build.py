"""Makes the sample workspace by letting time run: plan, send, answer, measure, learn."""

from __future__ import annotations

import io
import secrets
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import numpy as np
from django.conf import settings
from django.utils import translation

from muster.channels.sending import actions as sends
from muster.channels.sending.models import Recipient, Send
from muster.channels.sending.news import campaign_context
from muster.channels.sending.sender import run as run_sender
from muster.config.demo import behaviour, money, people
from muster.config.demo.behaviour import SHOP, Reached
from muster.config.demo.duties import give_duties
from muster.config.demo.leads import Market
from muster.config.demo.personas import describe_people
from muster.config.demo.resources import come_true, plan_resources, staff
from muster.config.demo.stories import ALL, COLLEAGUES, STORIES, Mail, Story
from muster.config.demo.strategy import fill_the_map
from muster.config.demo.tasks import plan_work
from muster.content.emails import actions as emails
from muster.kit import clock
from muster.learn.retros import actions as retros
from muster.learn.retros.numbers import fill
from muster.people.consent import keeping
from muster.people.imports import actions as imports
from muster.people.imports.models import Import
from muster.people.segments import actions as segments
from muster.people.segments.counting import counted
from muster.people.segments.models import Segment
from muster.plan.approvals import actions as approvals
from muster.plan.approvals.models import Decision
from muster.plan.brief.actions import submit
from muster.plan.campaigns.actions import move
from muster.plan.campaigns.days import today
from muster.plan.campaigns.models import Campaign
from muster.plan.facts import actions as facts
from muster.plan.objectives.actions import make_objective
from muster.plan.objectives.models import Objective
from muster.plan.overview.actions import start_campaign
from muster.plan.rollup.periods import quarter_of
from muster.plan.starting.actions import Wanted, start_from
from muster.plan.starting.shelf import templates
from muster.team.jobs.models import Job
from muster.team.members.actions import make_user
from muster.team.stores import emit, stores, wait_until_loaded
from muster.team.tokens.actions import make_write_key
from muster.team.users.models import User, Workspace

TOPICS = (
    ("新品", "新茶、新品上市，先人一步知道"),
    ("优惠", "折扣、满减与优惠券"),
    ("会员活动", "品鉴会、积分与会员日"),
)
CONSENT_WORDS = "我愿意接收青禾茶饮的新品与优惠邮件,可随时点击邮件底部的链接退订。"
SEED = 20261111
KEY = "青禾商城"
Status = Campaign.Status


def build() -> None:
    """Fill an empty installation with the sample workspace; does nothing where there is one."""
    if Workspace.objects.exists():
        return
    began = time.monotonic()
    _say("Making the sample workspace (once) …")
    with _inbox(), translation.override("zh-hans"):
        _Builder(clock.now()).build()
    _say(f"Sample workspace ready after {time.monotonic() - began:.0f} s.")


@contextmanager
def _inbox() -> Iterator[None]:
    """The built-in inbox in a process of its own, so that it and the sender do not share a core."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "muster.connect.inbox", str(settings.DATA.inbox), str(port)]
    before = settings.MAIL_URL
    settings.MAIL_URL = f"smtp://127.0.0.1:{port}"
    with subprocess.Popen(command, stdin=subprocess.PIPE) as child:  # noqa: S603
        try:
            yield
        finally:
            child.terminate()
            settings.MAIL_URL = before


def _say(text: str) -> None:
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


class _Builder:
    def __init__(self, now: datetime) -> None:
        self.now = now
        self.today = now.astimezone(UTC).replace(hour=2, minute=0, second=0, microsecond=0)
        self.rng = np.random.default_rng(SEED)
        self.until = self.today - timedelta(days=150)
        self.numbers: dict[int, int] = {}

    def build(self) -> None:
        workspace = Workspace.objects.create(
            name="青禾茶饮", language="zh-hans", time_zone="Asia/Shanghai", currency="CNY",
            sender_name="青禾茶饮", sender_address="hi@mail.qinghe.example",
            postal_address="上海市徐汇区湖南路 8 号", demo=True, messages_per_week=4,
        )  # fmt: skip
        self.owner = make_user(
            "wang.min@muster.example",
            name="王敏",
            role="owner",
            password=secrets.token_urlsafe(24),
            by=None,
        )
        self.team = {
            role: make_user(email, name=name, role=role, password=None, by=self.owner)
            for name, email, role in COLLEAGUES
        }
        User.objects.update(time_zone=workspace.time_zone)
        make_write_key(KEY, by=self.owner)
        money.set_up(by=self.owner)
        for name, says in TOPICS:
            keeping.add_topic(name, says, by=self.owner)
        keeping.keep_text("会员注册页", "zh-hans", CONSENT_WORDS, by=self.owner)
        self.bring_people()
        self.aim()
        for story in STORIES:
            self.live(story)
        self.live_on(self.now)
        lived = list(Campaign.objects.order_by("starts"))
        plan_resources(lived[-1], self.owner, self.team)
        plan_work(lived[-1], {"owner": self.owner, **self.team}, today())
        staff(lived[-1], self.owner, self.team)
        fill_the_map(lived[-1], {"owner": self.owner, **self.team}, by=self.owner)
        describe_people(lived[-1], by=self.owner)
        self.plan_next()
        market = Market(self.now, self.rng, by=self.owner)
        self.put(f"key:{KEY}", market.events())
        market.sell()
        give_duties(lived[-1], {"owner": self.owner, **self.team}, by=self.owner)

    def aim(self) -> None:
        """What the company wants this year, and the plan of the quarter that serves it."""
        today = self.today.date()
        year = {"starts": today.replace(month=1, day=1), "ends": today.replace(month=12, day=31)}
        first, last = quarter_of(today)
        self.year = make_objective(
            {"name": f"{today.year} 年会员订单 1,000 单", **year, "metric": "orders",
             "target": Decimal(1000)},
            by=self.owner, sample=True,
        )  # fmt: skip
        self.quarter = make_objective(
            {"name": f"Q{(today.month + 2) // 3} 会员订单 300 单", "kind": "plan",
             "parent": self.year, "starts": first, "ends": last, "metric": "orders",
             "target": Decimal(300)},
            by=self.team["analyst"], sample=True,
        )  # fmt: skip

    def objective_for(self, goal: Mapping[str, Any], starts: datetime) -> Objective | None:
        """The objective that a goal about orders supports, if its days lie within one."""
        if goal["metric"] != "orders":
            return None
        both = (self.quarter, self.year)
        return next((one for one in both if one.starts <= starts.date() <= one.ends), None)

    def bring_people(self) -> None:
        """The members come from the shop system's file, by the ordinary import."""
        with clock.starting_at(self.until):
            file = io.BytesIO(people.as_csv(self.rng, self.today.date()))
            brought = imports.begin(file, "会员导出.csv", by=self.owner)
            imports.match_by_name(brought, people.MAPPING)
            brought = Import.objects.get(pk=brought.pk)
            _wait_for(imports.start(brought, by=self.owner))
        from muster.people.profile.models import Person

        numbers = {people.external_id(n): n for n in range(people.SIZE)}
        self.numbers = {
            pk: numbers[external]
            for pk, external in Person.objects.values_list("pk", "external_id")
            if external in numbers
        }

    def live_on(self, until: datetime) -> None:
        """Ordinary days pass."""
        self.put(f"key:{KEY}", behaviour.daily_life(self.rng, self.until, until))
        self.until = until

    def put(self, source: str, events: list[bytes]) -> None:
        if events:
            wait_until_loaded(stores().spool.append(source, events))

    def live(self, story: Story) -> None:
        """One campaign from brief to retrospective, as far as it is by today."""
        starts = self.today + timedelta(days=story.starts)
        ends = starts + timedelta(days=story.length)
        self.live_on(starts)
        with clock.starting_at(starts - timedelta(days=6)):
            campaign = self.plan(story, starts, ends)
            segment = Segment.objects.filter(name=story.segment).first() or segments.create(
                story.segment, story.rule, by=self.team["operator"]
            )
        for number, (day, mails) in enumerate(zip(story.sends_on, story.waves, strict=True), 1):
            moment = starts + timedelta(days=day, minutes=5)
            self.live_on(moment)
            with clock.starting_at(moment):
                send = self.send(story, campaign, segment, number, mails)
            self.answer(send, min(ends, self.now))
        with clock.starting_at(min(starts + timedelta(days=2), self.now)):
            money.spend(campaign, story, starts, self.now, owner=self.owner, team=self.team)
        if ends < self.now:
            with clock.starting_at(starts + timedelta(days=3)):
                first = not Campaign.objects.filter(sample=True, ends__lt=campaign.ends).exists()
                come_true(campaign, first=first, owner=self.owner, operator=self.team["operator"])
            self.live_on(ends)
            with clock.starting_at(ends + timedelta(days=8)):
                self.close(story, campaign)

    def plan(self, story: Story, starts: datetime, ends: datetime) -> Campaign:
        goals = [
            {
                **goal,
                "baseline": Decimal(goal["baseline"]),
                "target": Decimal(goal["target"]),
                "due": ends.date(),
                "objective": self.objective_for(goal, starts),
                "checkpoints": [(starts + (ends - starts) / 2).date().isoformat()],
            }
            for goal in story.goals
        ]
        campaign = start_campaign(
            name=story.name, starts=starts.date(), ends=ends.date(), currency="CNY",
            by=self.owner, goals=goals,
            total_budget=story.budget, strategy=story.strategy, message=story.message,
            value_proposition=story.value, audience=story.audience, channels=["email", "社媒"],
        )  # fmt: skip
        Campaign.objects.filter(pk=campaign.pk).update(sample=True)
        for fields in story.facts:
            fact = facts.write_down(campaign, fields, by=self.owner)
            facts.verify(fact, by=self.team["legal"])
        money.plan(campaign, by=self.owner)
        request = submit(campaign, by=self.owner)
        approvals.decide(request, Decision.Verdict.APPROVED, by=self.team["legal"])
        campaign.refresh_from_db()
        if campaign.status != Status.READY:
            move(campaign, Status.READY, by=self.owner)
        move(campaign, Status.RUNNING, by=self.owner)
        return campaign

    def send(
        self,
        story: Story,
        campaign: Campaign,
        segment: Segment,
        number: int,
        mails: tuple[Mail, ...],
    ) -> Send:
        """Write the mails, have them approved, and let the real sender send them."""
        variants = [sends.NewVariant(mail.name, self.write(campaign, mail)) for mail in mails]
        send = sends.prepare(
            campaign, f"{story.name} {number}", by=self.team["operator"], variants=variants,
            segment=segment, holdout=story.holdout,
        )  # fmt: skip
        request = sends.ask_approval(send, by=self.team["operator"])
        approvals.decide(request, Decision.Verdict.APPROVED, by=self.team["legal"])
        send = sends.start(send, by=self.owner, now=clock.now())
        _send_all(send)
        return send

    def write(self, campaign: Campaign, mail: Mail) -> Any:
        blocks = [
            {"kind": "header"},
            {"kind": "heading", "text": mail.title},
            {
                "kind": "text",
                "text": f'<p>{{{{ first_name | default: "您" }}}}，您好！</p><p>{mail.text}</p>',
            },
            {"kind": "button", "label": mail.button, "url": f"{SHOP}{mail.path}"},
            {"kind": "footer"},
        ]
        return emails.make(
            campaign, mail.name, by=self.team["content"], subject=mail.subject,
            preheader=mail.preheader, blocks=blocks, language="zh-hans", sample=True, ready=True,
        )  # fmt: skip

    def answer(self, send: Send, until: datetime) -> None:
        """Those who got it open, click, visit and order, or do not."""
        appeal = {mail.name: mail for story in STORIES for wave in story.waves for mail in wave}
        reached = []
        rows = Recipient.objects.filter(send=send, state=Recipient.State.SENT).select_related(
            "variant"
        )
        for row in rows.order_by("person_id"):
            if row.variant is None or row.sent_at is None or row.person_id not in self.numbers:
                continue
            mail = appeal[row.variant.name]
            context = campaign_context(send, row.variant, row.key)
            url = f"{SHOP}{mail.path}"
            reached.append(
                Reached(
                    self.numbers[row.person_id],
                    row.person_id,
                    context,
                    row.sent_at,
                    url,
                    mail.appeal,
                )
            )
        events = behaviour.answers(self.rng, reached, until)
        ours = [one for one in events if b'"Message ' in one]
        position = emit(ours) if ours else None
        self.put(f"key:{KEY}", [one for one in events if b'"Message ' not in one])
        if position:
            wait_until_loaded(position)

    def close(self, story: Story, campaign: Campaign) -> None:
        """The campaign ends and the team writes down what it learnt."""
        move(campaign, Status.ENDED, by=self.owner)
        retro = retros.open_retro(campaign)
        for kind, text in story.cards:
            retros.add_card(retro, retros.NewCard(kind, text), by=self.owner)
        retros.judge(retro, story.again, story.why, by=self.owner)
        retros.complete(retro, fill(campaign, clock.now()), by=self.owner, now=clock.now())

    def plan_next(self) -> None:
        """One campaign is still a draft, with gaps that the readiness check names."""
        starts = self.today + timedelta(days=20)
        campaign = start_campaign(
            name="新春礼盒预售", starts=starts.date(), ends=(starts + timedelta(days=15)).date(),
            currency="CNY", by=self.owner, total_budget=Decimal(30000), strategy="launch",
            message="新春第一份礼", goals=[],
        )  # fmt: skip
        Campaign.objects.filter(pk=campaign.pk).update(sample=True)
        self.plan_from_template()
        segments.create(
            "高频复购会员",
            {"all": [ALL, {"event": "Order Completed", "within": "90d", "count": {"gte": 2}}]},
            by=self.team["operator"],
        )
        for segment in Segment.objects.all():
            segments.remember(segment, counted(segment.rule))

    def plan_from_template(self) -> None:
        """Another one was begun from a template, with all that comes along."""
        starts = (self.today + timedelta(days=60)).date()
        template = templates()["member_day"]
        change = start_from(
            template,
            Wanted(
                name=f"{starts.month} 月会员日", starts=starts,
                ends=starts + timedelta(days=template.days - 1),
                currency="CNY", owner=self.owner, total_budget=Decimal(80000),
                goal={"metric": "orders", "target": Decimal(260), "baseline": Decimal(208)},
            ),
            by=self.owner,
        )  # fmt: skip
        Campaign.objects.filter(pk=change.object_id).update(sample=True)


def _send_all(send: Send) -> None:
    """Let a sender work in this process until this send is done."""
    stop = threading.Event()
    sender = threading.Thread(target=run_sender, args=(stop,), name="demo-sender")
    sender.start()
    deadline = time.monotonic() + 120
    try:
        while not Send.objects.get(pk=send.pk).is_over and time.monotonic() < deadline:
            time.sleep(0.05)
    finally:
        stop.set()
        sender.join()


def _wait_for(job: Job) -> None:
    while not job.is_over:
        time.sleep(0.05)
        job.refresh_from_db()
    if job.state != Job.State.DONE:
        raise RuntimeError(f"The sample people could not be imported: {job.error}")
