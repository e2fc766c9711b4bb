"""What one click mends of a goal (S09): each fix is an edit like any other, with a way back."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import TypeAlias

from muster.kit.errors import Invalid, NotFound, Refused
from muster.kit.words import _
from muster.plan.goals import actions
from muster.plan.goals.drafts import reading_of, target_of
from muster.plan.goals.history import baseline_of
from muster.plan.goals.models import Goal
from muster.plan.objectives.actions import make_objective
from muster.plan.objectives.finding import objective_named
from muster.team.changes.models import Change
from muster.team.users.models import User

Fix: TypeAlias = Callable[[Goal, str, User, date], Change | None]


def fix(goal: Goal, do: str, value: str, *, by: User, today: date) -> Change | None:
    """Mend one thing of the goal; raises NotFound for a fix that does not exist."""
    found = FIXES.get(do)
    if found is None:
        raise NotFound
    return found(goal, value, by, today)


def _sentence(goal: Goal, value: str, by: User, today: date) -> Change | None:
    return actions.reread_goal(goal, value, by=by, today=today)


def _target(goal: Goal, value: str, by: User, today: date) -> Change | None:
    try:
        target = Decimal(value)
    except ArithmeticError:
        raise Invalid.at("/target", "bad_number", _("This is no number.")) from None
    return actions.edit_goal(goal, {"target": target}, by=by)


def _baseline(goal: Goal, value: str, by: User, today: date) -> Change | None:
    """The value of the last comparable period; a target that was said as a change follows it."""
    first, last = goal.starts or goal.campaign.starts, goal.due or goal.campaign.ends
    found = baseline_of(goal.campaign, goal.metric, first, last)
    if found is None:
        raise Refused(_("Nothing comparable is known of this number yet. Type it yourself."))
    fields = {"baseline": found.value, "baseline_source": found.source[:200]}
    said = reading_of(goal.statement, today)
    if said is not None and said.metric == goal.metric:
        target = target_of(said, found.value)
        if target is not None:
            fields["target"] = target
    return actions.edit_goal(goal, fields, by=by)


def _objective(goal: Goal, value: str, by: User, today: date) -> Change | None:
    """Make what the goal says it supports an objective, and link it."""
    first, last = goal.starts or goal.campaign.starts, goal.due or goal.campaign.ends
    objective = objective_named(value) or make_objective(
        {"name": value, "starts": first, "ends": last}, by=by
    )
    return actions.edit_goal(goal, {"objective": objective, "supports": ""}, by=by)


def _link(goal: Goal, value: str, by: User, today: date) -> Change | None:
    objective = objective_named(value)
    if objective is None:
        raise NotFound
    return actions.edit_goal(goal, {"objective": objective, "supports": ""}, by=by)


def _checkpoints(goal: Goal, value: str, by: User, today: date) -> Change | None:
    first, last = goal.starts or goal.campaign.starts, goal.due or goal.campaign.ends
    days = actions.suggested_checkpoints(first, last)
    return actions.edit_goal(goal, {"checkpoints": days}, by=by)


def _days(goal: Goal, value: str, by: User, today: date) -> Change | None:
    fields = {"starts": goal.campaign.starts, "due": goal.campaign.ends}
    return actions.edit_goal(goal, fields, by=by)


def _channel(goal: Goal, value: str, by: User, today: date) -> Change | None:
    return actions.edit_goal(goal, {"channel": value}, by=by)


def _population(goal: Goal, value: str, by: User, today: date) -> Change | None:
    return actions.edit_goal(goal, {"population": value}, by=by)


FIXES: dict[str, Fix] = {
    "sentence": _sentence,
    "target": _target,
    "baseline": _baseline,
    "objective": _objective,
    "link": _link,
    "checkpoints": _checkpoints,
    "days": _days,
    "channel": _channel,
    "population": _population,
}
"""Key → what it does with the goal and the value that was offered."""
