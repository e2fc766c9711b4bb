"""Beginning a campaign with everything that is known of it: goals and budget in one step."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from django.db import transaction

from muster.kit.errors import Invalid
from muster.kit.words import _
from muster.plan.budget.actions import set_lines, split_by_suggestion
from muster.plan.campaigns.actions import create_campaign
from muster.plan.campaigns.models import Campaign
from muster.plan.goals.actions import set_goal
from muster.plan.overview.listing import COLUMNS, USUAL, may_see
from muster.plan.overview.models import ListLook, SavedView, Tag
from muster.plan.starting.actions import Wanted, made, start_from
from muster.plan.starting.rules import Template
from muster.team.changes.actions import as_one, record_change, takes_back
from muster.team.changes.models import Change
from muster.team.users.models import User


@transaction.atomic
def start_campaign(
    *,
    name: str,
    starts: date,
    ends: date,
    currency: str,
    by: User,
    goals: Sequence[Mapping[str, Any]] = (),
    lines: Sequence[Mapping[str, Any]] | None = None,
    total_budget: Decimal = Decimal(0),
    **fields: Any,
) -> Campaign:
    """A new campaign with its goals and its budget, all or nothing.

    Without `lines` the total is split as the planning method suggests.
    """
    campaign = create_campaign(
        name=name,
        starts=starts,
        ends=ends,
        currency=currency,
        by=by,
        total_budget=total_budget,
        **fields,
    )
    for place, goal in enumerate(goals):
        set_goal(campaign, goal, by=by, at=f"/goals/{place}")
    if lines is not None:
        set_lines(campaign, lines, by=by)
    elif campaign.total_budget:
        split_by_suggestion(campaign, by=by)
    return campaign


@transaction.atomic
def start_from_template(
    template: Template,
    fields: Mapping[str, Any],
    *,
    by: User,
    goals: Sequence[Mapping[str, Any]] = (),
    lines: Sequence[Mapping[str, Any]] | None = None,
) -> Campaign:
    """A new campaign as a template has it; goals and lines that are given win over its own."""
    asked = {name: fields[name] for name in ("name", "starts", "ends", "currency")}
    wanted = Wanted(
        **asked,
        owner=fields.get("owner", by),
        total_budget=fields.get("total_budget", Decimal(0)),
        goal=goals[0] if goals else None,
        fields={name: value for name, value in fields.items() if name not in {*asked, *_OWN}},
    )
    campaign = made(start_from(template, wanted, by=by))
    for place, goal in enumerate(goals[1:], 1):
        set_goal(campaign, goal, by=by, at=f"/goals/{place}")
    if lines is not None:
        set_lines(campaign, lines, by=by)
    return campaign


_OWN = ("owner", "total_budget")


def keep_view(name: str, query: str, *, by: User, shared: bool = False) -> SavedView:
    """Keep a view of the list under a name; one's own of the same name is replaced."""
    view, _made = SavedView.objects.update_or_create(
        by=by, name=" ".join(name.split())[:60], defaults={"query": query, "shared": shared}
    )
    return view


@transaction.atomic
def tag(campaigns: Iterable[Campaign], name: str, *, by: User, off: bool = False) -> Change | None:
    """Put a tag on these campaigns, or take it off; one undo for all that it changed."""
    name = " ".join(name.split())[:40]
    if not name:
        raise Invalid.at("/tag", "blank", _("Write the tag."))
    chosen = {one.pk: one for one in campaigns}
    rows = Tag.objects.filter(campaign__in=chosen, name=name)
    have = set(rows.values_list("campaign", flat=True))
    changed = have if off else set(chosen) - have
    if off:
        rows.delete()
    else:
        Tag.objects.bulk_create(Tag(campaign_id=pk, name=name) for pk in sorted(changed))
    verb = "untagged" if off else "tagged"
    changes = [
        record_change(verb, chosen[pk], by=by, undo={"back": {"tag": name}}, campaign=pk, tag=name)
        for pk in sorted(changed)
    ]
    return as_one(changes)


@takes_back("tagged")
@takes_back("untagged")
def tag_as_before(change: Change, back: Mapping[str, Any], by: User) -> None:
    """The tag is off again, or on again."""
    key = {"campaign_id": change.object_id, "name": back["tag"]}
    if change.verb == "tagged":
        Tag.objects.filter(**key).delete()
    elif Campaign.objects.filter(pk=change.object_id).exists():
        Tag.objects.get_or_create(**key)


def choose_columns(columns: Iterable[str], *, by: User) -> None:
    """Which columns of the list this person sees from now on."""
    chosen = [key for key in COLUMNS if key in set(columns)]
    ListLook.objects.update_or_create(user=by, defaults={"columns": chosen})


def columns_of(user: User) -> list[str]:
    """The columns that this person sees, in their order."""
    look = ListLook.objects.filter(user=user).first()
    wanted = set(look.columns) if look else USUAL
    return [key for key in COLUMNS if key in wanted and may_see(key, user)]
