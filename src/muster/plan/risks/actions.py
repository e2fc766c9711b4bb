"""What people do with risks: write them down, watch them, run the plan when they come true."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext

from muster.kit.errors import Invalid, Problem, Refused
from muster.kit.words import _
from muster.plan.campaigns.actions import check_open, touch
from muster.plan.campaigns.days import today
from muster.plan.campaigns.models import Campaign
from muster.plan.risks import rules
from muster.plan.risks.models import Risk
from muster.plan.risks.registry import FREE_STOCK, step_kind, step_kinds, value_of
from muster.team.changes.actions import record_change, take_away
from muster.team.changes.models import Change
from muster.team.notices.actions import close, notify
from muster.team.users.models import User
from muster.warehouse.metrics import METRICS

EDITABLE = frozenset(
    {
        "title", "category", "likelihood", "impact", "owner", "sign", "trigger", "response", "plan",
        "money",
    }
)  # fmt: skip


@dataclass(frozen=True)
class Done:
    """One step of a plan, and what came of it."""

    step: rules.Step
    ok: bool
    said: str


@transaction.atomic
def add_risk(campaign: Campaign, fields: Mapping[str, Any], *, by: User) -> Risk:
    """Write a risk down; its owner is the campaign's unless another is named."""
    check_open(campaign)
    risk = Risk(campaign=campaign, owner=campaign.owner)
    _take(risk, fields)
    risk.save()
    record_change("risk_added", risk, by=by, campaign=campaign.pk)
    touch(campaign)
    return risk


@transaction.atomic
def edit_risk(risk: Risk, fields: Mapping[str, Any], *, by: User) -> Change | None:
    """Change some fields; returns the change, or None if all stayed as it was."""
    check_open(risk.campaign)
    before = {name: getattr(risk, name, None) for name in fields}
    _take(risk, fields)
    changed = {name: old for name, old in before.items() if getattr(risk, name) != old}
    if not changed:
        return None
    risk.save(update_fields=list(changed))
    touch(risk.campaign)
    undo = {name: old.pk if isinstance(old, User) else old for name, old in changed.items()}
    return record_change("risk_edited", risk, by=by, undo=undo, campaign=risk.campaign_id)


@transaction.atomic
def drop_risk(risk: Risk, *, by: User) -> Change:
    """Take a risk off the list."""
    check_open(risk.campaign)
    close(risk, "risk_fired")
    touch(risk.campaign)
    return take_away("risk_dropped", risk, by=by, campaign=risk.campaign_id)


@transaction.atomic
def fire(risk: Risk, *, by: User | None, why: str = "") -> Risk:
    """It has come true: its owner and the campaign's are told."""
    held = _locked(risk)
    check_open(held.campaign)
    if held.status == Risk.Status.FIRED:
        return held
    held.status, held.fired_at = Risk.Status.FIRED, timezone.now()
    held.plan_run_at, held.plan_run_by = None, None
    held.save(update_fields=["status", "fired_at", "plan_run_at", "plan_run_by"])
    record_change("risk_fired", held, by=by, campaign=held.campaign_id, note=why)
    notify(
        "risk_fired",
        held,
        [user for user in (held.owner, held.campaign.owner) if user is not None],
        _("“%(risk)s” has come true in “%(campaign)s”. Its plan is ready to run."),
        url=f"{reverse('plan:risks', args=[held.campaign_id])}#{held.public_id}",
        params={"risk": held.title, "campaign": held.campaign.name},
        by=by,
        campaign=held.campaign_id,
    )
    touch(held.campaign)
    return held


@transaction.atomic
def settle(risk: Risk, status: str, *, by: User) -> Risk:
    """It is handled, closed for good, or watched again.

    What still happens when a campaign is closed may be settled; nothing is watched there again.
    """
    if status not in {Risk.Status.OPEN, Risk.Status.HANDLED, Risk.Status.CLOSED}:
        raise Invalid.at(
            "/status", "unknown_status", _("A risk is open, happening, handled or closed.")
        )
    held = _locked(risk)
    before = held.status
    if before != Risk.Status.FIRED or status == Risk.Status.OPEN:
        check_open(held.campaign)
    held.status = status
    held.save(update_fields=["status"])
    close(held, "risk_fired")
    record_change("risk_settled", held, by=by, undo={"status": before}, campaign=held.campaign_id)
    touch(held.campaign)
    return held


@transaction.atomic
def drill(risk: Risk, *, by: User) -> Risk:
    """The plan was rehearsed today, without doing anything of it."""
    held = _locked(risk)
    check_open(held.campaign)
    held.drilled_on = today()
    held.save(update_fields=["drilled_on"])
    record_change("risk_drilled", held, by=by, campaign=held.campaign_id)
    touch(held.campaign)
    return held


def run_plan(risk: Risk, *, by: User) -> list[Done]:
    """Do every step of the plan, once for each time that the risk comes true.

    A step that fails is named and does not hold up the others.
    """
    steps = rules.read_plan(risk.plan)
    if not steps:
        raise Refused(_("“%(risk)s” has no plan yet. Write its steps first."), risk=risk.title)
    fire(risk, by=by)
    _claim(risk, by)
    done = []
    for one in steps:
        kind = step_kind(one.kind)
        if kind is None:
            done.append(Done(one, False, gettext("Nothing here can do this step.")))
            continue
        try:
            with transaction.atomic():
                done.append(Done(one, True, kind.do(risk, one.text, by)))
        except Refused as refused:
            done.append(Done(one, False, gettext(refused.text) % refused.params))
    record_change(
        "risk_plan_run",
        risk,
        by=by,
        campaign=risk.campaign_id,
        note="; ".join(one.said for one in done)[:1000],
        failed=sum(not one.ok for one in done),
    )
    touch(risk.campaign)
    return done


def _claim(risk: Risk, by: User) -> None:
    """Of two who press at once, one runs the plan; the other is told who."""
    mine = Risk.objects.filter(pk=risk.pk, plan_run_at=None)
    if mine.update(plan_run_at=timezone.now(), plan_run_by=by):
        return
    ran = Risk.objects.select_related("plan_run_by").get(pk=risk.pk)
    who = ran.plan_run_by
    raise Refused(
        _(
            "%(who)s has run the plan of “%(risk)s” already, so nothing was done twice. To run it "
            "again, first mark the risk as handled."
        ),
        code="already_run",
        who=who.name if who else "–",
        risk=ran.title,
    )


def watch() -> int:
    """Look at every sign of a campaign that runs; returns how many risks came true."""
    fired = 0
    rows = Risk.objects.filter(
        status=Risk.Status.OPEN, campaign__status=Campaign.Status.RUNNING
    ).exclude(trigger={})
    for risk in rows.select_related("campaign", "campaign__owner", "owner"):
        trigger = rules.read_trigger(risk.trigger)
        value = value_of(risk.campaign, trigger.metric) if trigger else None
        if trigger is not None and value is not None and trigger.fires(value):
            fire(risk, by=None, why=f"{trigger.metric} = {value.normalize():f}")
            fired += 1
    return fired


def suggestions(campaign: Campaign, most: int = 8) -> list[tuple[str, int, int]]:
    """Risks of earlier campaigns that this one does not list: title, how often written down, how
    often come true; the most frequent first.
    """
    mine = set(campaign.risks.values_list("title", flat=True))
    seen: dict[str, list[int]] = {}
    rows = Risk.objects.exclude(campaign=campaign).filter(campaign__deleted_at=None)
    for title, fired_at in rows.values_list("title", "fired_at"):
        if title not in mine:
            counts = seen.setdefault(title, [0, 0])
            counts[0] += 1
            counts[1] += fired_at is not None
    ranked = sorted(seen.items(), key=lambda one: (-one[1][1], -one[1][0], one[0]))
    return [(title, times, fired) for title, (times, fired) in ranked[:most]]


@transaction.atomic
def take_from_earlier(campaign: Campaign, title: str, *, by: User) -> Risk:
    """Copy the latest risk of this title from an earlier campaign, plan and all."""
    source = (
        Risk.objects.exclude(campaign=campaign)
        .filter(title=title, campaign__deleted_at=None)
        .order_by("-pk")
        .first()
    )
    if source is None:
        raise Refused(_("No earlier campaign has a risk “%(title)s”."), title=title)
    fields = {name: getattr(source, name) for name in EDITABLE - {"owner", "money"}}
    return add_risk(campaign, fields, by=by)


def _locked(risk: Risk) -> Risk:
    return (
        Risk.objects.select_for_update(of=("self",))
        .select_related("campaign", "campaign__owner", "owner")
        .get(pk=risk.pk)
    )


def _take(risk: Risk, fields: Mapping[str, Any]) -> None:
    problems = [
        Problem(f"/{name}", "unknown_field", _("There is no field “%(name)s”."), {"name": name})
        for name in sorted(set(fields) - EDITABLE)
    ]
    for name in set(fields) & EDITABLE:
        value = fields[name]
        setattr(risk, name, value.strip() if isinstance(value, str) else value)
    problems += _problems(risk)
    if problems:
        raise Invalid.of(problems)


def _problems(risk: Risk) -> list[Problem]:
    problems = []
    if not risk.title or len(risk.title) > 160:
        problems.append(Problem("/title", "blank", _("Name the risk in at most 160 characters.")))
    if risk.category not in Risk.Category.values:
        problems.append(
            Problem(
                "/category",
                "unknown_category",
                _("There is no category “%(category)s”. Use one of: %(known)s."),
                {"category": risk.category, "known": ", ".join(Risk.Category.values)},
            )
        )
    problems += [
        Problem(f"/{name}", "out_of_range", _("Likelihood and impact go from 1 to 5."))
        for name in ("likelihood", "impact")
        if not isinstance(getattr(risk, name), int) or not 1 <= getattr(risk, name) <= 5
    ]
    if not 0 <= risk.money < Decimal(10) ** 12:
        problems.append(Problem("/money", "out_of_range", _("Money is zero or more.")))
    trigger = rules.read_trigger(risk.trigger)
    known = [FREE_STOCK, *METRICS]
    if trigger is not None and trigger.metric not in known:
        problems.append(
            Problem(
                "/trigger/metric",
                "unknown_metric",
                _("There is no metric “%(metric)s”. Use one of: %(known)s."),
                {"metric": trigger.metric, "known": ", ".join(sorted(known))},
            )
        )
    if risk.trigger and trigger is None:
        problems.append(
            Problem(
                "/trigger",
                "bad_trigger",
                _("A trigger names a metric, “lt” or “gt”, and a number."),
            )
        )
    problems += _plan_problems(risk.plan)
    for name, most in (("sign", 200), ("response", 2000)):
        if len(getattr(risk, name)) > most:
            text = _("This has at most %(most)s characters.")
            problems.append(Problem(f"/{name}", "too_long", text, {"most": most}))
    return problems


def _plan_problems(plan: Sequence[Any]) -> list[Problem]:
    known = {kind.key for kind in step_kinds()}
    return [
        Problem(
            f"/plan/{place}/kind",
            "unknown_step",
            _("There is no step “%(kind)s”. Use one of: %(known)s."),
            {"kind": one.get("kind") if isinstance(one, Mapping) else one,
             "known": ", ".join(sorted(known))},
        )
        for place, one in enumerate(plan)
        if not isinstance(one, Mapping) or one.get("kind") not in known
    ]  # fmt: skip
