"""What people do with temporary staff: plan it, note who passed the training, drop it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from django.db import transaction

from muster.kit.days import far_away
from muster.kit.errors import Invalid, Problem
from muster.kit.words import _
from muster.plan.campaigns.actions import check_open, touch
from muster.plan.campaigns.models import Campaign
from muster.plan.peaks.models import Peak
from muster.plan.vendors.models import Vendor
from muster.team.changes.actions import record_change, take_away
from muster.team.changes.keeping import kept
from muster.team.changes.models import Change
from muster.team.users.models import User

EDITABLE = frozenset({"skill", "first", "last", "heads", "trained", "items", "vendor", "source"})
_LONGEST = timedelta(days=92)
_MOST_HEADS = 500


@transaction.atomic
def plan_peak(campaign: Campaign, fields: Mapping[str, Any], *, by: User) -> tuple[Peak, Change]:
    """Temporary staff for some days; `fields` are of EDITABLE."""
    campaign = _open(campaign)
    peak = Peak(campaign=campaign, by=by)
    _take(peak, fields)
    with kept(Peak.objects.filter(campaign=campaign)) as rows:
        peak.save()
    touch(campaign)
    return peak, record_change("peak_planned", peak, by=by, undo=rows.undo, campaign=campaign.pk)


@transaction.atomic
def edit_peak(peak: Peak, fields: Mapping[str, Any], *, by: User) -> Change | None:
    """Change some fields; None if all stayed as it was."""
    campaign = _open(peak.campaign)
    held = Peak.objects.select_for_update(of=("self",)).select_related("vendor").get(pk=peak.pk)
    before = {name: getattr(held, name) for name in EDITABLE}
    _take(held, fields)
    changed = {name: old for name, old in before.items() if getattr(held, name) != old}
    if not changed:
        return None
    held.save(update_fields=list(changed))
    touch(campaign)
    undo = {name: old.pk if isinstance(old, Vendor) else old for name, old in changed.items()}
    return record_change("peak_edited", held, by=by, undo=undo, campaign=campaign.pk)


@transaction.atomic
def drop_peak(peak: Peak, *, by: User) -> Change:
    """They are not needed after all."""
    campaign = _open(peak.campaign)
    touch(campaign)
    return take_away("peak_dropped", peak, by=by, campaign=campaign.pk)


def _open(campaign: Campaign) -> Campaign:
    locked = Campaign.objects.select_for_update().get(pk=campaign.pk)
    check_open(locked)
    return locked


def _take(peak: Peak, fields: Mapping[str, Any]) -> None:
    problems = [
        Problem(f"/{name}", "unknown_field", _("There is no field “%(name)s”."), {"name": name})
        for name in sorted(set(fields) - EDITABLE)
    ]
    for name in set(fields) & EDITABLE:
        value = fields[name]
        setattr(peak, name, value.strip() if isinstance(value, str) else value)
    peak.items = list(dict.fromkeys(text.strip() for text in peak.items if text.strip()))
    if not peak.skill or len(peak.skill) > 60:
        problems.append(Problem("/skill", "blank", _("Name the skill in at most 60 characters.")))
    strange = far_away({"/first": peak.first, "/last": peak.last})
    problems += strange
    if not strange and not peak.first <= peak.last <= peak.first + _LONGEST:
        problems.append(
            Problem(
                "/last",
                "out_of_range",
                _("The last day is not before the first, and at most three months later."),
            )
        )
    if not 1 <= peak.heads <= _MOST_HEADS:
        problems.append(
            Problem(
                "/heads", "out_of_range", _("Between 1 and %(most)s people."), {"most": _MOST_HEADS}
            )
        )
    elif not 0 <= peak.trained <= peak.heads:
        problems.append(
            Problem(
                "/trained",
                "out_of_range",
                _("At most all %(heads)s can have passed the training."),
                {"heads": peak.heads},
            )
        )
    if len(peak.items) > 30 or any(len(text) > 200 for text in peak.items):
        problems.append(
            Problem("/items", "too_long", _("At most 30 items of at most 200 characters each."))
        )
    if len(peak.source) > 200:
        text = _("This has at most %(most)s characters.")
        problems.append(Problem("/source", "too_long", text, {"most": 200}))
    if problems:
        raise Invalid.of(problems)
