"""What people do with trainings: plan one, pass its items, change it, call it off."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from django.db import transaction
from django.utils import timezone

from muster.kit.days import far_away
from muster.kit.errors import Invalid, Problem, Refused
from muster.kit.words import _
from muster.plan.campaigns.actions import check_open, touch
from muster.plan.campaigns.days import today
from muster.plan.campaigns.models import Campaign
from muster.plan.training import rules
from muster.plan.training.models import Training
from muster.team.changes.actions import record_change, take_away
from muster.team.changes.keeping import kept
from muster.team.changes.models import Change
from muster.team.members.actions import gain_skill
from muster.team.users.models import User

EDITABLE = frozenset({"due", "items"})
_MOST_ITEMS, _LONGEST_ITEM, _LONGEST_SKILL = 30, 200, 40


@transaction.atomic
def plan_training(
    campaign: Campaign, trainee: User, skill: str, due: date, items: Sequence[str], *, by: User
) -> tuple[Training, Change]:
    """A colleague is to learn a skill until then; `items` is what has to be passed."""
    campaign = _locked_campaign(campaign)
    training = Training(
        campaign=campaign,
        trainee=trainee,
        skill=skill.strip(),
        due=due,
        items=rules.reworded((), items),
        by=by,
    )
    problems = _problems(training)
    if not training.skill or len(training.skill) > _LONGEST_SKILL:
        problems.append(Problem("/skill", "blank", _("Name the skill in at most 40 characters.")))
    problems += _day_problems(training)
    problems += _trainee_problems(training)
    if problems:
        raise Invalid.of(problems)
    with kept(Training.objects.filter(campaign=campaign)) as rows:
        training.save()
    touch(campaign)
    return training, record_change(
        "training_planned", training, by=by, undo=rows.undo, campaign=campaign.pk
    )


@transaction.atomic
def edit_training(training: Training, fields: Mapping[str, Any], *, by: User) -> Change | None:
    """Another day or another checklist; None if all stayed as it was.

    What is passed stays passed while its text stays, and the last item still to pass stays: a
    training ends by passing, never by crossing out.
    """
    held = _open(training)
    unknown = sorted(set(fields) - EDITABLE)
    if unknown:
        raise Invalid.at(
            f"/{unknown[0]}",
            "unknown_field",
            _("There is no field “%(name)s”."),
            name=unknown[0],
        )
    before = {name: getattr(held, name) for name in EDITABLE}
    held.due = fields.get("due", held.due)
    if "items" in fields:
        held.items = rules.reworded(held.items, fields["items"])
    problems = _problems(held)
    if held.due != before["due"]:
        problems += _day_problems(held)
    if not problems and rules.all_passed(held.items):
        problems.append(
            Problem(
                "/items",
                "nothing_left",
                _("Everything that is left is passed. Pass the last item instead of dropping it."),
            )
        )
    if problems:
        raise Invalid.of(problems)
    changed = {name: old for name, old in before.items() if getattr(held, name) != old}
    if not changed:
        return None
    held.save(update_fields=list(changed))
    touch(held.campaign)
    return record_change("training_edited", held, by=by, undo=changed, campaign=held.campaign_id)


@transaction.atomic
def pass_item(
    training: Training, place: int, is_passed: bool, *, by: User, seen: str | None = None
) -> Change | None:
    """Say of one item whether it is passed; with the last one the colleague has the skill.

    Somebody else than the trainee says so. A training that is finished stays so. `seen` is the text
    that stood at this place for whoever says it: refused where another does by now.
    """
    held = _open(training)
    if not 0 <= place < len(held.items):
        raise Invalid.at("/place", "unknown_item", _("There is no such item."))
    if seen is not None and seen != held.items[place]["text"]:
        raise Refused(
            _("The list was changed since. Look at it again before you say what is passed."),
            code="list_changed",
        )
    check_other(held, by)
    if rules.is_passed(held.items[place]) == is_passed:
        return None
    with kept(Training.objects.filter(pk=held.pk), User.objects.filter(pk=held.trainee_id)) as rows:
        item = {"text": held.items[place]["text"]}
        if is_passed:
            item |= {"by": by.pk, "name": str(by), "at": timezone.now().isoformat()}
        held.items[place] = item
        if rules.all_passed(held.items):
            held.finished_at = timezone.now()
            gain_skill(held.trainee, held.skill)
        held.save(update_fields=["items", "finished_at"])
    touch(held.campaign)
    verb = "item_passed" if is_passed else "item_unpassed"
    return record_change(
        "training_finished" if held.is_finished else verb,
        held,
        by=by,
        undo=rows.undo,
        campaign=held.campaign_id,
        note=item["text"],
    )


@transaction.atomic
def call_off(training: Training, *, by: User) -> Change:
    """It is not learned after all."""
    held = _open(training)
    touch(held.campaign)
    return take_away("training_called_off", held, by=by, campaign=held.campaign_id)


def pass_on(training: Training, to: User) -> bool:
    """A colleague learns it instead, from the first item on; not whoever could not be planned."""
    training.trainee = to
    if _trainee_problems(training):
        return False
    training.items = rules.reworded((), [one["text"] for one in training.items])
    training.save(update_fields=["trainee", "items"])
    return True


def check_other(training: Training, by: User) -> None:
    """Refuse that people say themselves what they have passed."""
    if training.trainee_id == by.pk:
        raise Refused(
            _("Somebody else says what you have passed. Ask a colleague who saw it."),
            code="own_training",
        )


def check_learnable(training: Training) -> None:
    """Refuse a training that could not be planned for this colleague now."""
    problems = _trainee_problems(training)
    if problems:
        raise Invalid.of(problems)


def _locked_campaign(campaign: Campaign) -> Campaign:
    locked = Campaign.objects.select_for_update().get(pk=campaign.pk)
    check_open(locked)
    return locked


def _open(training: Training) -> Training:
    """The training and its campaign, locked; refused when either is closed."""
    campaign = _locked_campaign(training.campaign)
    rows = Training.objects.select_for_update(of=("self",)).select_related("trainee")
    held = rows.get(pk=training.pk)
    held.campaign = campaign
    if held.is_finished:
        raise Refused(
            _(
                "%(name)s has passed everything and has the skill “%(skill)s”, so this training "
                "stays as it is. Skills are changed under Members."
            ),
            code="finished",
            name=str(held.trainee),
            skill=held.skill,
        )
    return held


def _day_problems(training: Training) -> list[Problem]:
    if training.due < today():
        return [Problem("/due", "out_of_range", _("This day has passed."))]
    return []


def _trainee_problems(training: Training) -> list[Problem]:
    trainee, skill = training.trainee, training.skill
    problems = []
    if rules.has_skill(trainee.skills, skill):
        text = _("%(name)s has the skill “%(skill)s” already.")
        params = {"name": str(trainee), "skill": skill}
        problems.append(Problem("/trainee", "has_it", text, params))
    elif rules.has_skill(_being_learned_beside(training), skill):
        text = _("%(name)s is learning “%(skill)s” already.")
        params = {"name": str(trainee), "skill": skill}
        problems.append(Problem("/trainee", "learns_it", text, params))
    if not trainee.is_active or not trainee.may("campaigns.see"):
        text = _("%(name)s cannot work on campaigns here.")
        problems.append(Problem("/trainee", "not_here", text, {"name": str(trainee)}))
    return problems


def _being_learned_beside(training: Training) -> list[str]:
    rows = training.campaign.trainings.filter(trainee=training.trainee, finished_at=None)
    return list(rows.exclude(pk=training.pk).values_list("skill", flat=True))


def _problems(training: Training) -> list[Problem]:
    problems = far_away({"/due": training.due})
    if not training.items:
        problems.append(
            Problem("/items", "blank", _("Name at least one thing that has to be passed."))
        )
    elif len(training.items) > _MOST_ITEMS or any(
        len(item["text"]) > _LONGEST_ITEM for item in training.items
    ):
        problems.append(
            Problem("/items", "too_long", _("At most 30 items of at most 200 characters each."))
        )
    return problems
