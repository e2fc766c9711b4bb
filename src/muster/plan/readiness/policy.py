"""What a workspace decides about the checks (PL8): which it asks, how serious, and its own.

Only what differs from the code is kept, as a row for each check. Checks that stand for a decision
of others are never softened, and what law or money limits forbid is forbidden where it is done.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal, InvalidOperation
from typing import Any

from django.db import transaction
from django.db.models import F
from django.urls import reverse
from django.utils.crypto import get_random_string

from muster.kit.errors import Invalid, NotFound, Problem, Refused
from muster.kit.words import _
from muster.plan.campaigns import rules as phases
from muster.plan.campaigns.models import Campaign
from muster.plan.readiness import checks
from muster.plan.readiness.checks import GROUPS, Dial, Question, Severity
from muster.plan.readiness.duties import duties
from muster.plan.readiness.models import CheckRule
from muster.team.changes.actions import record_change
from muster.team.changes.keeping import kept
from muster.team.changes.models import Change
from muster.team.users.models import User, Workspace

OWN_FIELDS = ("group", "title", "text", "duty")
FIELDS = frozenset({"off", "severity", "dials", "strategies", *OWN_FIELDS})
MOST_OWN = 50
DEPENDS = "depends"
"""What the API says of a check whose findings block or warn as the case is."""
_FINEST = Decimal("0.000001")
_LONGEST = {"title": 120, "text": 300}


@dataclass(frozen=True)
class Ruled:
    """A check as this workspace asks it, and as the code would."""

    question: Question
    rule: CheckRule | None
    usual: Question | None
    """None for a check of the workspace's own."""

    @property
    def is_own(self) -> bool:
        return self.usual is None

    @property
    def is_off(self) -> bool:
        return self.rule is not None and self.rule.off

    @property
    def is_changed(self) -> bool:
        """Whether it is not as the code has it."""
        return self.rule is not None and not self.is_own

    @property
    def dials(self) -> list[tuple[Dial, Decimal]]:
        """Each number of the check and what it is here."""
        set_here = self.rule.dials if self.rule else {}
        return [(one, Decimal(set_here.get(one.name, one.usual))) for one in self.question.dials]

    @property
    def strategies(self) -> list[str]:
        return list(self.rule.strategies) if self.rule else []

    @property
    def set_at(self) -> str:
        """The page on which its numbers are set, where that is another."""
        return reverse(self.question.set_at) if self.question.set_at else ""


def ruled() -> list[Ruled]:
    """Every check there is, in the order of the groups."""
    rules = checks.rules_here()
    return [
        Ruled(question, rules.get(question.key), checks.usual(question.key))
        for question in checks.questions(rules)
    ]


def one_ruled(key: str) -> Ruled:
    """One check by its key."""
    found = next((one for one in ruled() if one.question.key == key), None)
    if found is None:
        raise NotFound
    return found


def locked(key: str) -> Ruled:
    """The same; until the transaction ends nobody else decides about checks.

    A check that nobody decided about has no row to lock.
    """
    _lock()
    return one_ruled(key)


def _lock() -> None:
    Workspace.objects.select_for_update().first()


@transaction.atomic
def set_check(key: str, fields: Mapping[str, Any], *, by: User) -> Change | None:
    """Change what is asked of campaigns here; None when all stays as it was."""
    before = locked(key)
    _check_fields(fields, before)
    rule = before.rule or CheckRule(key=key)
    was = _decided(rule)
    _take(rule, fields, before.usual)
    if _decided(rule) == was:
        return None
    with kept(CheckRule.objects.filter(key=key)) as rows:
        # As the code has it is no decision to keep.
        if not before.is_own and not (rule.off or rule.severity or rule.dials or rule.strategies):
            CheckRule.objects.filter(key=key).delete()
        else:
            rule.by = by
            rule.save()
    return _noted("check_set", rule, rows.undo, by)


@transaction.atomic
def add_check(fields: Mapping[str, Any], *, by: User) -> CheckRule:
    """A check of the workspace's own, which people answer."""
    _lock()
    if CheckRule.objects.exclude(title="").count() >= MOST_OWN:
        raise Refused(
            _("A workspace has at most %(most)s checks of its own. Drop one first."), most=MOST_OWN
        )
    rule = CheckRule(key=f"own.{get_random_string(8).lower()}", by=by)
    with kept(CheckRule.objects.filter(key=rule.key)) as rows:
        _take(rule, {"severity": Severity.WARN, **fields}, None)
        rule.save()
    _noted("check_added", rule, rows.undo, by)
    return rule


@transaction.atomic
def reset_check(key: str, *, by: User) -> Change:
    """Ask as the code does again; a check of the workspace's own goes."""
    rule = CheckRule.objects.select_for_update().filter(key=key).first()
    if rule is None:
        raise NotFound
    with kept(CheckRule.objects.filter(key=key)) as rows:
        CheckRule.objects.filter(key=key).delete()
    return _noted("check_dropped" if rule.is_own else "check_reset", rule, rows.undo, by)


def let_campaigns_see() -> None:
    """Open pages of campaigns that are asked notice that the checks are others now.

    A moment is added to when each was changed: which was changed last stays as it was.
    """
    rows = Campaign.objects.filter(status__in=phases.OPEN, deleted_at=None)
    rows.update(updated_at=F("updated_at") + timedelta(milliseconds=1))


def _noted(verb: str, rule: CheckRule, undo: Mapping[str, object], by: User) -> Change:
    let_campaigns_see()
    usual = checks.usual(rule.key)
    return record_change(verb, rule, by=by, undo=undo, check=usual.title if usual else rule.title)


def _decided(rule: CheckRule) -> dict[str, Any]:
    return {name: getattr(rule, name) for name in FIELDS}


def _check_fields(fields: Mapping[str, Any], before: Ruled) -> None:
    allowed = FIELDS if before.is_own else FIELDS - set(OWN_FIELDS)
    for name in fields:
        if name not in allowed:
            raise Invalid.at(
                f"/{name}", "unknown_field", _("There is no field “%(name)s”."), name=name
            )
    if not before.question.may_be_waived and fields:
        raise Refused(
            _("“%(title)s” stands for a decision of others, so it is asked as it is."),
            code="fixed",
            title=before.question.title,
        )
    if before.question.set_at and {"severity", "dials"} & fields.keys():
        raise Refused(
            _("The budget rules say what “%(title)s” asks and whether it blocks. Set it there."),
            code="set_elsewhere",
            title=before.question.title,
        )


def _take(rule: CheckRule, fields: Mapping[str, Any], usual: Question | None) -> None:
    problems: list[Problem] = []

    def wrong(at: str, code: str, text: str, **params: object) -> None:
        problems.append(Problem(f"/{at}", code, text, params))

    if "off" in fields:
        rule.off = bool(fields["off"])
    if "severity" in fields:
        severity = str(fields["severity"] or "")
        if severity == DEPENDS and usual is not None and usual.severity is None:
            severity = ""
        if severity not in {"", *Severity}:
            wrong("severity", "unknown", _("A check blocks (“block”) or warns (“warn”)."))
        rule.severity = "" if usual is not None and severity == usual.severity else severity
    if "dials" in fields:
        rule.dials = _dials(fields["dials"], usual, wrong)
    if "strategies" in fields:
        rule.strategies = sorted({str(one) for one in fields["strategies"] or ()})
        unknown = set(rule.strategies) - set(Campaign.Strategy.values)
        if unknown:
            wrong(
                "strategies",
                "unknown",
                _("There is no kind of campaign “%(name)s”."),
                name=min(unknown),
            )
    for name in OWN_FIELDS:
        if name in fields:
            setattr(rule, name, str(fields[name] or "").strip())
    if usual is None:
        _check_own(rule, wrong)
    if problems:
        raise Invalid.of(problems)


def _check_own(rule: CheckRule, wrong: Any) -> None:
    if rule.group not in GROUPS:
        known = ", ".join(GROUPS)
        wrong("group", "unknown", _("Choose one of the groups: %(known)s."), known=known)
    if not rule.title:
        wrong("title", "blank", _("Say in a few words what has to hold."))
    for name, most in _LONGEST.items():
        if len(getattr(rule, name)) > most:
            wrong(name, "too_long", _("This may have at most %(most)s characters."), most=most)
    if rule.duty not in duties():
        wrong("duty", "unknown", _("Say whose duty it is: the owner’s, an A’s or a role’s."))


def _dials(given: Mapping[str, Any], usual: Question | None, wrong: Any) -> dict[str, str]:
    known = {one.name: one for one in (usual.dials if usual else ())}
    kept_: dict[str, str] = {}
    for name, value in dict(given).items():
        one = known.get(name)
        if one is None:
            wrong(f"dials/{name}", "unknown", _("This check has no number “%(name)s”."), name=name)
            continue
        try:
            number = Decimal(str(value))
        except InvalidOperation:
            number = Decimal("NaN")
        if not (number.is_finite() and one.least <= number <= one.most):
            wrong(
                f"dials/{name}",
                "out_of_range",
                _("It is a number from %(least)s to %(most)s."),
                least=f"{one.least:f}",
                most=f"{one.most:f}",
            )
        elif number != number.quantize(_FINEST):
            wrong(f"dials/{name}", "too_fine", _("This number has too many decimals."))
        elif number != one.usual:
            kept_[name] = f"{number.normalize():f}"
    return kept_
