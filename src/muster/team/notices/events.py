"""What people can be told about, and why they are (ux §1.6)."""

from __future__ import annotations

from dataclasses import dataclass

from muster.kit.words import _


@dataclass(frozen=True)
class Event:
    """A kind of news."""

    key: str
    name: str
    why: str
    """Why a person gets it."""
    urgent: bool = False
    """Not held back by quiet hours for more than the night, and never by a digest."""


EVENTS = {
    event.key: event
    for event in (
        Event("approval_asked", _("Approval asked"), _("You may decide this."), urgent=True),
        Event("approval_decided", _("Approval decided"), _("You asked for this.")),
        Event("approval_overdue", _("Approval overdue"), _("You may decide this."), urgent=True),
        Event("task_given", _("Task given to you"), _("You are responsible for this task.")),
        Event("task_due", _("Task due"), _("You are responsible for this task.")),
        Event("task_blocked", _("Task blocked"), _("You can unblock this, or wait for it.")),
        Event("plan_late", _("Launch is late"), _("You own this campaign."), urgent=True),
        Event("budget_line_crossed", _("Budget used up"), _("You own this budget."), urgent=True),
        Event("budget_move_asked", _("Budget move asked"), _("You may decide this."), urgent=True),
        Event("risk_fired", _("Risk came true"), _("You own this risk."), urgent=True),
        Event("stock_low", _("Stock is low"), _("You look after this material.")),
        Event("send_finished", _("Send finished"), _("You started this send.")),
        Event("checkpoint_missed", _("Checkpoint missed"), _("You own this goal."), urgent=True),
        Event("guardrail_broken", _("Guardrail broken"), _("You own this goal."), urgent=True),
        Event("facts_changed", _("A fact changed"), _("You work with this fact.")),
        Event("mention", _("You were mentioned"), _("Somebody wrote your name."), urgent=True),
        Event("comment", _("New comment"), _("You work on this.")),
        Event("comment_asked", _("Comment asked for"), _("You are consulted on this (RACI).")),
        Event("informed", _("For your information"), _("You are informed of this (RACI).")),
        Event("job_done", _("Long work is done"), _("You started it.")),
    )
}
"""Key → event, in the order in which pages list them."""
