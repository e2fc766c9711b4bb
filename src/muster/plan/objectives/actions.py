"""What people do with objectives: set one, change it, drop it (PL14)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db import transaction

from muster.kit.days import far_away
from muster.kit.errors import Invalid, Problem, Refused
from muster.kit.words import _
from muster.plan.objectives import rules
from muster.plan.objectives.models import Objective
from muster.team.changes.actions import record_change, take_away
from muster.team.changes.models import Change
from muster.team.users.models import User
from muster.warehouse.metrics import METRICS

EDITABLE = frozenset({"parent", "kind", "name", "starts", "ends", "metric", "target", "owner"})


@transaction.atomic
def make_objective(
    fields: Mapping[str, Any], *, by: User, sample: bool = False, at: str = ""
) -> Objective:
    """A new objective or plan; who makes it owns it unless somebody is named."""
    objective = Objective(owner=by, sample=sample)
    _take(objective, fields, at)
    objective.save()
    record_change("objective_made", objective, by=by, name=objective.name)
    return objective


@transaction.atomic
def edit_objective(
    objective: Objective, fields: Mapping[str, Any], *, by: User, at: str = ""
) -> Change | None:
    """Change some fields and nothing else; None if all stayed as it was."""
    objective = Objective.objects.select_for_update().get(pk=objective.pk)
    before = {name: getattr(objective, name, None) for name in fields}
    _take(objective, fields, at)
    changed = {name: old for name, old in before.items() if getattr(objective, name) != old}
    if not changed:
        return None
    objective.save(update_fields=list(changed))
    undo = {name: getattr(old, "pk", old) for name, old in changed.items()}
    return record_change(
        "objective_edited", objective, by=by, undo=undo, fields=sorted(changed), name=objective.name
    )


@transaction.atomic
def drop_objective(objective: Objective, *, by: User) -> Change:
    """Take an objective away; refused while plans or goals stand on it."""
    parts, goals = objective.parts.count(), objective.goals.count()
    if parts or goals:
        raise Refused(
            _(
                "“%(name)s” carries %(parts)s plans and %(goals)s goals. Link them to another "
                "objective first."
            ),
            code="in_use",
            name=objective.name,
            parts=parts,
            goals=goals,
        )
    return take_away("objective_dropped", objective, by=by, name=objective.name)


def _take(objective: Objective, fields: Mapping[str, Any], at: str) -> None:
    problems = [
        Problem(f"{at}/{name}", "unknown_field", _("There is no field “%(name)s”."), {"name": name})
        for name in sorted(set(fields) - EDITABLE)
    ]
    for name, value in fields.items():
        if name in EDITABLE:
            setattr(objective, name, value)
    objective.name = " ".join(objective.name.split())
    problems += far_away({f"{at}/{name}": fields.get(name) for name in ("starts", "ends")})
    problems += _problems(objective, at)
    if problems:
        raise Invalid.of(problems)


def _problems(objective: Objective, at: str) -> list[Problem]:
    problems = []
    if not objective.name:
        problems.append(Problem(f"{at}/name", "blank", _("Say in a few words what is wanted.")))
    if len(objective.name) > 200:
        problems.append(
            Problem(
                f"{at}/name", "too_long", _("This has at most %(most)s characters."), {"most": 200}
            )
        )
    if objective.starts is None or objective.ends is None:
        problems.append(Problem(f"{at}/ends", "missing", _("It needs a first and a last day.")))
        return problems
    if objective.ends < objective.starts:
        problems.append(Problem(f"{at}/ends", "ends_before_start", _("It ends before it begins.")))
    if objective.metric and objective.metric not in METRICS:
        problems.append(
            Problem(
                f"{at}/metric",
                "unknown_metric",
                _("There is no metric “%(metric)s”. Use one of: %(known)s."),
                {"metric": objective.metric, "known": ", ".join(sorted(METRICS))},
            )
        )
    if objective.target is not None and not objective.metric:
        problems.append(
            Problem(f"{at}/metric", "missing", _("Say of which metric this is the target."))
        )
    same = Objective.objects.filter(name=objective.name, starts=objective.starts)
    if same.exclude(pk=objective.pk).exists():
        problems.append(
            Problem(
                f"{at}/name",
                "name_taken",
                _("There is an objective “%(name)s” from this day on already."),
                {"name": objective.name},
            )
        )
    line = rules.refusal(objective, objective.parent)
    if line is not None:
        problems.append(Problem(f"{at}/parent", line.value, _TEXTS[line]))
    return problems


_TEXTS = {
    rules.No.ROUND: _("An objective cannot serve itself, or one that serves it."),
    rules.No.COMPANY_BELOW: _("A company objective stands at the top; make it a plan."),
    rules.No.OUTSIDE: _("It begins and ends within the objective that it serves."),
}
