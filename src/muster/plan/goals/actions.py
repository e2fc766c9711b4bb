"""What people do with goals: set one, sharpen it, drop it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from django.db import transaction
from django.utils.translation import gettext

from muster.kit.days import far_away
from muster.kit.errors import Invalid, Problem, Refused
from muster.kit.words import _
from muster.plan.campaigns.actions import check_open, touch
from muster.plan.campaigns.models import Campaign
from muster.plan.goals import rules
from muster.plan.goals.drafts import fields_of, reading_of
from muster.plan.goals.history import baseline_of
from muster.plan.goals.models import Goal
from muster.plan.objectives.finding import objective_named
from muster.team.changes.actions import record_change
from muster.team.changes.keeping import kept
from muster.team.changes.models import Change
from muster.team.users.models import User
from muster.warehouse.metrics import METRICS, Metric

MOST = 5
"""One main goal and four more: who steers by ten numbers steers by none."""
EDITABLE = frozenset(
    {
        "metric", "baseline", "baseline_source", "target", "starts", "due", "owner", "population",
        "channel", "statement", "reason", "objective", "supports", "checkpoints", "guardrails",
        "primary",
    }
)  # fmt: skip
_LENGTHS = {
    "baseline_source": 200, "population": 200, "channel": 60, "statement": 300, "supports": 200,
}  # fmt: skip
_MOST = Decimal("99999999999999.9999")
_OPERATORS = ("gte", "lte")


@transaction.atomic
def set_goal(campaign: Campaign, fields: Mapping[str, Any], *, by: User, at: str = "") -> Goal:
    """A new goal. Without dates it counts over the campaign; the first one is the main goal.

    `at` is the JSON pointer under which problems are named.
    """
    check_open(campaign)
    if campaign.goals.count() >= MOST:
        raise Refused(
            _("A campaign has at most %(most)s goals. Drop one of them first."), most=MOST
        )
    goal = Goal(campaign=campaign, starts=campaign.starts, due=campaign.ends, owner=campaign.owner)
    values = dict(fields)
    if not campaign.goals.exists():
        values["primary"] = True
    _take(goal, values, at)
    _only_primary(goal)
    goal.save()
    record_change("goal_set", goal, by=by, campaign=campaign.pk, metric=goal.metric)
    touch(campaign)
    return goal


@transaction.atomic
def edit_goal(goal: Goal, fields: Mapping[str, Any], *, by: User, at: str = "") -> Change | None:
    """Change some fields of a goal and nothing else; None if all stayed as it was."""
    check_open(goal.campaign)
    goal.refresh_from_db()
    fields = _linked(fields)
    before = {name: getattr(goal, name, None) for name in fields}
    _take(goal, fields, at)
    changed = {name: old for name, old in before.items() if getattr(goal, name) != old}
    if not changed:
        return None
    if before.get("primary") and not goal.primary:
        raise Invalid.at(
            f"{at}/primary",
            "primary_needed",
            _("A campaign has one main goal. Make another one the main goal instead."),
        )
    _only_primary(goal)
    goal.save(update_fields=list(changed))
    touch(goal.campaign)
    undo = {name: getattr(old, "pk", old) for name, old in changed.items()}
    # The main goal is marked on two rows: taking it back on one alone would leave none.
    return record_change(
        "goal_edited",
        goal,
        by=by,
        undo={} if "primary" in changed else undo,
        campaign=goal.campaign_id,
        fields=sorted(changed),
    )


@transaction.atomic
def set_goal_from_sentence(
    campaign: Campaign, sentence: str, *, by: User, today: date, at: str = ""
) -> Goal:
    """A new goal from what a sentence says; what it leaves open is filled in afterwards."""
    said = reading_of(sentence, today, (campaign.starts, campaign.ends))
    if said is None or not said.metric:
        raise Invalid.at(
            f"{at}/statement",
            "no_metric",
            _("The sentence names no number that is counted here. Choose the metric, then set it."),
        )
    fields = fields_of(said, campaign.starts)
    if said.baseline is None:
        days = fields.get("starts", campaign.starts), fields.get("due", campaign.ends)
        before = baseline_of(campaign, said.metric, *days)
        if before is not None:
            fields = fields_of(said, campaign.starts, before.value)
            fields["baseline_source"] = before.source[:200]
    if fields.get("target") is None:
        raise Invalid.at(
            f"{at}/statement",
            "no_target",
            _("The sentence does not say which value counts as reached. Add the number."),
        )
    return set_goal(campaign, fields, by=by, at=at)


@transaction.atomic
def reread_goal(goal: Goal, sentence: str, *, by: User, today: date) -> Change | None:
    """Fill the goal's fields from a sentence: what it says is taken, the rest stays."""
    campaign = goal.campaign
    said = reading_of(sentence, today, (campaign.starts, campaign.ends))
    if said is None:
        return None
    fields = fields_of(said, campaign.starts, goal.baseline)
    return edit_goal(goal, fields, by=by)


@transaction.atomic
def drop_goal(goal: Goal, *, by: User) -> Change:
    """Take a goal away; the oldest of the others becomes the main goal if it was that."""
    campaign = goal.campaign
    if campaign.is_live or campaign.is_over:
        raise Refused(
            _("“%(name)s” has started: its goals can be sharpened, but not dropped."),
            name=campaign.name,
        )
    with kept(goal, campaign.goals.all()) as rows:
        Goal.objects.filter(pk=goal.pk).delete()
        heir = campaign.goals.order_by("pk").first() if goal.primary else None
        if heir is not None:
            Goal.objects.filter(pk=heir.pk).update(primary=True)
    touch(campaign)
    return record_change(
        "goal_dropped", goal, by=by, undo=rows.undo, campaign=campaign.pk, metric=goal.metric
    )


def _take(goal: Goal, fields: Mapping[str, Any], at: str) -> None:
    fields = _linked(fields)
    problems = [
        Problem(f"{at}/{name}", "unknown_field", _("There is no field “%(name)s”."), {"name": name})
        for name in sorted(set(fields) - EDITABLE)
    ]
    for name, value in fields.items():
        if name in EDITABLE:
            setattr(goal, name, value)
    problems += far_away({f"{at}/{name}": fields.get(name) for name in ("starts", "due")})
    problems += _problems(goal, at)
    if problems:
        raise Invalid.of(problems)


def _linked(fields: Mapping[str, Any]) -> Mapping[str, Any]:
    """An objective may be given by its id or name; other words are kept as words."""
    given = fields.get("objective")
    if not isinstance(given, str):
        return fields
    found = objective_named(given)
    if found is None:
        return {**fields, "objective": None, "supports": given.strip()}
    return {**fields, "objective": found, "supports": ""}


def _problems(goal: Goal, at: str) -> list[Problem]:
    problems = []
    if goal.metric not in METRICS:
        problems.append(
            Problem(
                f"{at}/metric",
                "unknown_metric",
                _("There is no metric “%(metric)s”. Use one of: %(known)s."),
                {"metric": goal.metric, "known": ", ".join(sorted(METRICS))},
            )
        )
    if goal.target is None:
        problems.append(Problem(f"{at}/target", "missing", _("Say which value counts as reached.")))
    problems += _impossible(goal, at)
    problems += [
        Problem(f"{at}/{name}", "out_of_range", _("This number is too large."))
        for name in ("baseline", "target")
        if (value := getattr(goal, name)) is not None and not abs(value) <= _MOST
    ]
    problems += [
        Problem(
            f"{at}/{name}", "too_long", _("This has at most %(most)s characters."), {"most": most}
        )
        for name, most in _LENGTHS.items()
        if len(getattr(goal, name)) > most
    ]
    if goal.starts and goal.due and goal.due < goal.starts:
        problems.append(
            Problem(
                f"{at}/due",
                "due_before_start",
                _("The goal is due on %(due)s, before it starts on %(starts)s."),
                {"due": goal.due.isoformat(), "starts": goal.starts.isoformat()},
            )
        )
    problems += _checkpoint_problems(goal, at)
    return problems + _guardrail_problems(goal, at)


def _impossible(goal: Goal, at: str) -> list[Problem]:
    """Values that the metric can never have."""
    metric = METRICS.get(goal.metric)
    if metric is None:
        return []
    problems = [
        _never(f"{at}/{name}", metric, value)
        for name, value in (("baseline", goal.baseline), ("target", goal.target))
    ]
    for place, rail in enumerate(goal.guardrails):
        watched = METRICS.get(rail.get("metric", "")) if isinstance(rail, dict) else None
        value = _number(rail.get("value")) if watched is not None else None
        if watched is not None:
            problems.append(_never(f"{at}/guardrails/{place}/value", watched, value))
    return [problem for problem in problems if problem is not None]


def _never(at: str, metric: Metric, value: Decimal | None) -> Problem | None:
    if value is None:
        return None
    if value < 0 and not metric.may_be_negative:
        text = _("“%(metric)s” is never less than zero. Write the value that is to be reached.")
        return Problem(at, "negative", text, {"metric": gettext(metric.name)})
    if value > 1 and metric.is_share:
        text = _("“%(metric)s” is a share and never more than 100 %%. In the API 5 %% is 0.05.")
        return Problem(at, "over_whole", text, {"metric": gettext(metric.name)})
    return None


def _number(value: object) -> Decimal | None:
    try:
        return Decimal(str(value))
    except InvalidOperation:
        return None


def _checkpoint_problems(goal: Goal, at: str) -> list[Problem]:
    problems = []
    for place, day in enumerate(goal.checkpoints):
        try:
            found = date.fromisoformat(str(day))
        except ValueError:
            problems.append(
                Problem(
                    f"{at}/checkpoints/{place}",
                    "bad_date",
                    _("“%(day)s” is no date. Write it as 2026-11-04."),
                    {"day": day},
                )
            )
            continue
        problems += far_away({f"{at}/checkpoints/{place}": found})
        if (goal.starts and found < goal.starts) or (goal.due and found > goal.due):
            problems.append(
                Problem(
                    f"{at}/checkpoints/{place}",
                    "outside",
                    _("The checkpoint %(day)s lies outside the days of the goal."),
                    {"day": day},
                )
            )
    return problems


def _guardrail_problems(goal: Goal, at: str) -> list[Problem]:
    problems = []
    for place, rail in enumerate(goal.guardrails):
        where = f"{at}/guardrails/{place}"
        if not isinstance(rail, dict) or rail.get("metric") not in METRICS:
            problems.append(
                Problem(
                    f"{where}/metric",
                    "unknown_metric",
                    _("A guardrail names a metric of the catalogue."),
                )
            )
            continue
        if rail.get("op") not in _OPERATORS:
            problems.append(
                Problem(
                    f"{where}/op",
                    "unknown_op",
                    _("A guardrail is “gte” (at least) or “lte” (at most)."),
                )
            )
        try:
            Decimal(str(rail.get("value")))
        except InvalidOperation:
            problems.append(Problem(f"{where}/value", "bad_number", _("A guardrail has a number.")))
    return problems


def _only_primary(goal: Goal) -> None:
    if goal.primary:
        Goal.objects.filter(campaign=goal.campaign_id, primary=True).exclude(pk=goal.pk).update(
            primary=False
        )


def suggested_checkpoints(starts: date, due: date) -> list[str]:
    """Days on which to look at progress, as they are stored."""
    return [day.isoformat() for day in rules.even_checkpoints(starts, due)]
