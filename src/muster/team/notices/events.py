"""What people can be told about, why they are, and how if they choose nothing (ux §1.6)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from muster.kit.words import _

AT_ONCE, DIGEST, OFF, ON = "at_once", "digest", "off", "on"
UNREAD = timedelta(minutes=15)


@dataclass(frozen=True)
class Event:
    """A kind of news."""

    key: str
    name: str
    why: str
    """Why a person gets it."""
    urgent: bool = False
    """Not held back by quiet hours for more than the night, and never by a digest."""
    icon: str = "bell"
    email: str = AT_ONCE
    """How it is mailed unless a person chooses otherwise: at_once, digest or off."""
    robot: str = OFF
    """Whether it goes into a group unless a person chooses otherwise: on or off."""
    wait: timedelta = timedelta(0)
    """How long it may be read in Muster before it is mailed."""


EVENTS = {
    event.key: event
    for event in (
        Event(
            "approval_asked",
            _("Approval asked"),
            _("You may decide this."),
            urgent=True,
            icon="clipboard-check",
            robot=ON,
        ),
        Event(
            "approval_decided",
            _("Approval decided"),
            _("You asked for this."),
            icon="checks",
            robot=ON,
        ),
        Event(
            "approval_overdue",
            _("Approval overdue"),
            _("You may decide this."),
            urgent=True,
            icon="clock",
            robot=ON,
        ),
        Event(
            "task_given",
            _("Task given to you"),
            _("You are responsible for this task."),
            icon="list-check",
            email=DIGEST,
            robot=ON,
        ),
        Event(
            "task_due",
            _("Task due"),
            _("You are responsible for this task."),
            icon="calendar-event",
            email=DIGEST,
            robot=ON,
        ),
        Event(
            "task_blocked",
            _("Task blocked"),
            _("You can unblock this, or wait for it."),
            icon="alert-triangle",
            email=DIGEST,
            robot=ON,
        ),
        Event(
            "plan_late",
            _("Launch is late"),
            _("You own this campaign."),
            urgent=True,
            icon="alert-triangle",
            robot=ON,
        ),
        Event(
            "budget_line_crossed",
            _("Budget used up"),
            _("You own this budget."),
            urgent=True,
            icon="coin",
        ),
        Event(
            "vault_reached",
            _("Vault reached into"),
            _("You own this budget."),
            urgent=True,
            icon="lock",
        ),
        Event(
            "budget_move_asked",
            _("Budget move asked"),
            _("You may decide this."),
            urgent=True,
            icon="arrows-exchange",
        ),
        Event(
            "risk_fired",
            _("Risk came true"),
            _("You own this risk."),
            urgent=True,
            icon="alert-triangle",
            robot=ON,
        ),
        Event(
            "lead_given",
            _("Lead given to you"),
            _("You own this lead."),
            urgent=True,
            icon="user-plus",
            robot=ON,
        ),
        Event(
            "lead_late",
            _("Lead waits too long"),
            _("You own this lead, or lead those who do."),
            urgent=True,
            icon="clock",
            robot=ON,
        ),
        Event(
            "leads_waiting",
            _("Leads without owner"),
            _("You give out leads."),
            icon="users",
        ),
        Event("stock_low", _("Stock is low"), _("You look after this material."), icon="package"),
        Event(
            "send_finished",
            _("Send finished"),
            _("You started this send."),
            icon="send",
            robot=ON,
        ),
        Event(
            "checkpoint_missed",
            _("Checkpoint missed"),
            _("You own this goal."),
            urgent=True,
            icon="target",
            robot=ON,
        ),
        Event(
            "guardrail_broken",
            _("Guardrail broken"),
            _("You own this goal."),
            urgent=True,
            icon="alert-triangle",
            robot=ON,
        ),
        Event(
            "segment_wrong",
            _("Segment is wrong"),
            _("You made this segment."),
            urgent=True,
            icon="alert-triangle",
        ),
        Event(
            "segment_failed",
            _("Segment cannot be worked out"),
            _("You made this segment."),
            urgent=True,
            icon="alert-triangle",
        ),
        Event(
            "warehouse_damaged",
            _("Warehouse file damaged"),
            _("You look after this installation."),
            urgent=True,
            icon="alert-triangle",
        ),
        Event("facts_changed", _("A fact changed"), _("You work with this fact."), icon="history"),
        Event(
            "mention",
            _("You were mentioned"),
            _("Somebody wrote your name."),
            urgent=True,
            icon="at",
            wait=UNREAD,
        ),
        Event("comment", _("New comment"), _("You work on this."), icon="message", wait=UNREAD),
        Event(
            "comment_asked",
            _("Comment asked for"),
            _("You are consulted on this (RACI)."),
            icon="messages",
        ),
        Event(
            "informed",
            _("For your information"),
            _("You are informed of this (RACI)."),
            icon="info-circle",
            email=DIGEST,
        ),
        Event(
            "access_asked",
            _("A right is asked for"),
            _("You can give this right."),
            icon="key",
        ),
        Event(
            "standup",
            _("Stand-up page"),
            _("You work on campaigns that run, or begin soon."),
            icon="sunrise",
        ),
        Event("job_done", _("Long work is done"), _("You started it."), icon="check", wait=UNREAD),
    )
}
"""Key → event, in the order in which pages list them."""
