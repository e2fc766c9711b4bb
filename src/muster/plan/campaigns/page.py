"""What every page of a campaign shows around its content (S07): header, life, tabs, next step."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.urls import NoReverseMatch, reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from muster.plan.campaigns import workspace
from muster.plan.campaigns.models import Campaign
from muster.plan.campaigns.once import look
from muster.plan.campaigns.rules import Clock
from muster.team.users.models import User

CHIP = {
    Campaign.Status.IN_REVIEW: "warn",
    Campaign.Status.READY: "info",
    Campaign.Status.RUNNING: "good",
    Campaign.Status.PAUSED: "warn",
}
"""Status → kind of chip; the others are plain."""
_PHASES = (
    Campaign.Status.DRAFT,
    Campaign.Status.PREPARING,
    Campaign.Status.IN_REVIEW,
    Campaign.Status.READY,
    Campaign.Status.RUNNING,
    Campaign.Status.ENDED,
    Campaign.Status.REVIEWED,
)
_WIDE = Campaign.Status.RUNNING


@dataclass(frozen=True)
class Phase:
    """One part of the strip that shows where in its life a campaign is."""

    label: str | Promise
    state: str
    """done, now or an empty text"""
    passed: float
    """How much of it is behind us, 0 to 1."""
    share: int


@dataclass(frozen=True)
class Step:
    """Something that this reader may do with the campaign now."""

    label: str | Promise
    url: str
    icon: str
    is_primary: bool = False
    is_link: bool = False
    asks: str | Promise = ""
    """A sentence to confirm, where the step cannot simply be taken back."""


def page(campaign: Campaign, user: User, here: str, **more: Any) -> dict[str, Any]:
    """The context of a campaign's page; `here` is its tab's key, with a view `plan/raci`.

    Its template extends `plan/campaign.html`.
    """
    look(campaign)
    clock = campaign.clock()
    here, _slash, view = here.partition("/")
    return {
        "campaign": campaign,
        "clock": clock,
        "status_chip": CHIP.get(Campaign.Status(campaign.status), ""),
        "phases": phases(campaign, clock),
        "steps": steps(campaign, user),
        "figures": workspace.figures(campaign, user),
        "tabs": workspace.tabs(campaign, user, here),
        "views": workspace.views(here, campaign, user, view),
        "here": here,
        "here_view": view,
        "may_edit": user.may("campaigns.edit"),
        "may_edit_budget": user.may("budget.edit"),
        **more,
    }


def phases(campaign: Campaign, clock: Clock) -> list[Phase]:
    """The life of the campaign as a strip."""
    status = Campaign.Status(campaign.status)
    shown = {Campaign.Status.PAUSED: _WIDE, Campaign.Status.ARCHIVED: Campaign.Status.REVIEWED}
    at = _PHASES.index(shown.get(status, status))
    found = []
    for place, phase in enumerate(_PHASES):
        passed = 1.0 if place < at or status == Campaign.Status.ARCHIVED else 0.0
        if place == at and phase is _WIDE:
            passed = clock.day / clock.days
        elif place == at:
            passed = 0.5 if phase is not Campaign.Status.REVIEWED else 1.0
        label = Campaign.Status.PAUSED.label if place == at and status == "paused" else phase.label
        state = "now" if place == at else "done" if place < at else ""
        found.append(Phase(label, state, passed, 3 if phase is _WIDE else 1))
    return found


def steps(campaign: Campaign, user: User) -> list[Step]:
    """What this reader may do now, the main thing first."""
    found = []
    if user.may("campaigns.edit"):
        found += _editor_steps(campaign)
    elif campaign.status == Campaign.Status.IN_REVIEW and user.may("approvals.decide"):
        found.append(_open_review(campaign))
    return found


def _editor_steps(campaign: Campaign) -> list[Step]:
    def url(name: str, *more: str) -> str:
        return reverse(f"plan:{name}", args=[campaign.pk, *more])

    status = Campaign.Status
    pause = Step(_("Pause"), url("step", "pause"), "player-pause")
    resume = Step(_("Resume"), url("step", "resume"), "player-play", is_primary=True)
    end = Step(
        _("End campaign"),
        url("step", "end"),
        "player-stop",
        asks=_("The campaign ends now. Its results stay; nothing more is planned for it."),
    )
    rework = Step(_("Back to work on the plan"), url("rework"), "pencil")
    submit = Step(_("Submit for approval"), url("submit"), "send", is_primary=True)
    archive = Step(_("Archive"), url("step", "archive"), "archive")
    return {
        status.DRAFT: [submit, archive],
        status.PREPARING: [submit, archive],
        status.IN_REVIEW: [_open_review(campaign), rework],
        status.READY: [
            Step(_("Launch"), url("launch"), "bolt", is_primary=True),
            Step(_("Ask for approval again"), url("submit"), "send"),
            rework,
        ],
        status.RUNNING: [pause, end],
        status.PAUSED: [resume, end],
        status.ENDED: [*_retro(campaign), archive],
        status.REVIEWED: [archive],
        status.ARCHIVED: [],
    }[status(campaign.status)]


def _open_review(campaign: Campaign) -> Step:
    url = reverse("plan:open_review", args=[campaign.pk])
    return Step(_("Review"), url, "clipboard-check", is_primary=True, is_link=True)


def _retro(campaign: Campaign) -> list[Step]:
    try:
        url = reverse("learn:retro", args=[campaign.pk])
    except NoReverseMatch:
        return []
    return [Step(_("Start the retrospective"), url, "notebook", is_primary=True, is_link=True)]
