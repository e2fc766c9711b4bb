"""What people do with the strategy: fill a cell, have it made, name competitors and personas."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import urlsplit

from django.db import transaction
from django.utils.translation import gettext

from muster.kit.errors import Invalid, Problem, Refused
from muster.kit.words import _
from muster.people.personas.models import Persona
from muster.plan.campaigns.actions import check_open, touch
from muster.plan.campaigns.channels import channel_name
from muster.plan.campaigns.models import Campaign
from muster.plan.strategy.models import Cell, Competitor, Meant
from muster.plan.tasks.actions import add_task
from muster.plan.tasks.models import Task
from muster.team.calendars.working import work_calendar
from muster.team.changes.actions import record_change, take_away
from muster.team.changes.keeping import kept
from muster.team.changes.models import Change
from muster.team.users.models import User

FIELDS = frozenset({"text", "link", "owner", "status"})
BEFORE_START = -5
"""Working days before the first day by which content made from a gap is due."""
_MOST_RIVALS = 20


class ChangedMeanwhile(Refused):
    """Someone else changed the cell."""

    code = "changed_meanwhile"
    text = _("Someone changed this cell since you opened it. Open it again, then change it.")


@transaction.atomic
def set_cell(
    campaign: Campaign,
    stage: str,
    channel: str,
    fields: Mapping[str, Any],
    *,
    by: User,
    version: int | None = None,
) -> Change | None:
    """Say what a channel says in a stage; without words, link and decision the cell is emptied.

    `version` is the one that the writer saw (0: it was empty); an older one is refused.
    """
    check_open(campaign)
    cell = campaign.cells.select_for_update().filter(stage=stage, channel=channel).first()
    if version is not None and version != (cell.version if cell else 0):
        raise ChangedMeanwhile
    before = cell is not None
    cell = cell or Cell(campaign=campaign, stage=stage, channel=channel)
    _take(cell, fields)
    if not cell.text and not cell.link and cell.status != Cell.Status.LEFT_OUT:
        if before:
            touch(campaign)
            return take_away("removed", cell, by=by, campaign=campaign.pk)
        return None
    cell.version = cell.version + 1 if before else 1
    with kept(campaign.cells.filter(stage=stage, channel=channel)) as rows:
        cell.save()
    touch(campaign)
    verb = "changed" if before else "made"
    return record_change(verb, cell, by=by, undo=rows.undo, campaign=campaign.pk)


def _take(cell: Cell, fields: Mapping[str, Any]) -> None:
    problems = [
        Problem(f"/{name}", "unknown_field", _("There is no field “%(name)s”."), {"name": name})
        for name in sorted(set(fields) - FIELDS)
    ]
    for name, value in fields.items():
        if name in FIELDS:
            setattr(cell, name, value.strip() if isinstance(value, str) else value)
    if cell.stage not in Cell.Stage.values:
        problems.append(
            Problem(
                "/stage",
                "unknown_stage",
                _("There is no stage “%(stage)s”. Use one of: %(known)s."),
                {"stage": cell.stage, "known": ", ".join(Cell.Stage.values)},
            )
        )
    if not cell.channel or len(cell.channel) > 60:
        problems.append(
            Problem("/channel", "bad_channel", _("A channel has a name of at most 60 characters."))
        )
    if cell.status not in Cell.Status.values:
        problems.append(
            Problem(
                "/status",
                "unknown_status",
                _("There is no status “%(status)s”. Use one of: %(known)s."),
                {"status": cell.status, "known": ", ".join(Cell.Status.values)},
            )
        )
    problems += [
        Problem(f"/{name}", "too_long", _("This has at most %(most)s characters."), {"most": 300})
        for name in ("text", "link")
        if len(getattr(cell, name)) > 300
    ]
    if cell.link and not _is_address(cell.link):
        problems.append(
            Problem(
                "/link",
                "bad_link",
                _("“%(link)s” is no address. It begins with https:// or with / for a page here."),
                {"link": cell.link},
            )
        )
    _raise(problems)


def _is_address(link: str) -> bool:
    if link.startswith("/"):
        return not link.startswith("//")
    parts = urlsplit(link)
    return parts.scheme in {"http", "https"} and bool(parts.netloc)


@transaction.atomic
def make_task(campaign: Campaign, stage: str, channel: str, *, by: User) -> Task:
    """Have it made: a task for what a cell says, or for the gap where nothing is said yet."""
    check_open(campaign)
    cell = campaign.cells.select_for_update().filter(stage=stage, channel=channel).first()
    if cell is not None and cell.task_id:
        raise Refused(_("A task makes this already: “%(task)s”."), task=str(cell.task))
    if cell is None:
        cell = Cell(campaign=campaign, stage=stage, channel=channel)
        _take(cell, {})
    names = {"stage": cell.get_stage_display(), "channel": channel_name(channel)}
    title = cell.text or gettext("Content for “%(stage)s” on %(channel)s") % names
    maker = cell.owner or campaign.owner
    due = work_calendar(campaign.starts).shift(campaign.starts, BEFORE_START)
    task = add_task(
        campaign,
        {"title": title[:160], "days": 2, "due": due},
        by=by,
        to=[maker],
        accountable=campaign.owner,
    )
    cell.text = cell.text or title[:300]
    cell.task, cell.owner, cell.status = task, maker, Cell.Status.MAKING
    cell.version = cell.version + 1 if cell.pk else 1
    cell.save()
    touch(campaign)
    return task


@transaction.atomic
def set_competitor(
    campaign: Campaign, fields: Mapping[str, Any], *, by: User, rival: Competitor | None = None
) -> Competitor:
    """A new competitor, or other words for one that is there."""
    check_open(campaign)
    if rival is None and campaign.rivals.count() >= _MOST_RIVALS:
        raise Refused(
            _("At most %(most)s competitors: who watches all sees none."), most=_MOST_RIVALS
        )
    verb = "changed" if rival else "made"
    rival = rival or Competitor(campaign=campaign)
    known = {"name": 80, "does": 300, "link": 300, "difference": 300}
    problems = [
        Problem(f"/{name}", "unknown_field", _("There is no field “%(name)s”."), {"name": name})
        for name in sorted(set(fields) - set(known))
    ]
    for name, value in fields.items():
        if name in known:
            setattr(rival, name, str(value).strip())
    if not rival.name:
        problems.append(Problem("/name", "blank", _("Give the competitor a name.")))
    problems += [
        Problem(f"/{name}", "too_long", _("This has at most %(most)s characters."), {"most": most})
        for name, most in known.items()
        if len(getattr(rival, name)) > most
    ]
    if rival.link and (rival.link.startswith("/") or not _is_address(rival.link)):
        problems.append(
            Problem(
                "/link",
                "bad_link",
                _("“%(link)s” is no address. It begins with https://."),
                {"link": rival.link},
            )
        )
    _raise(problems)
    with kept(campaign.rivals.all()) as rows:
        rival.save()
    touch(campaign)
    record_change(verb, rival, by=by, undo=rows.undo, campaign=campaign.pk)
    return rival


@transaction.atomic
def drop_competitor(rival: Competitor, *, by: User) -> Change:
    """Take a competitor off the list."""
    check_open(rival.campaign)
    touch(rival.campaign)
    return take_away("removed", rival, by=by, campaign=rival.campaign_id)


@transaction.atomic
def set_personas(campaign: Campaign, personas: Iterable[Persona], *, by: User) -> None:
    """For whom the campaign is: these personas and no others."""
    check_open(campaign)
    wanted = {persona.pk for persona in personas}
    have = set(campaign.meant.values_list("persona", flat=True))
    if wanted == have:
        return
    campaign.meant.filter(persona__in=have - wanted).delete()
    Meant.objects.bulk_create(
        Meant(campaign=campaign, persona_id=pk) for pk in sorted(wanted - have)
    )
    record_change("edited", campaign, by=by, campaign=campaign.pk, fields=["personas"])
    touch(campaign)


def _raise(problems: list[Problem]) -> None:
    if problems:
        raise Invalid.of(problems)
