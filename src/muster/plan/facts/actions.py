"""What people do with facts: write one down, change it, verify it, drop it (S08)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.conf import settings
from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from muster.kit.errors import Invalid, NotFound, Problem, Refused
from muster.kit.words import _
from muster.plan.approvals.actions import withdraw
from muster.plan.campaigns.actions import check_open, touch
from muster.plan.campaigns.models import Campaign
from muster.plan.facts import rules, usage
from muster.plan.facts.models import Fact
from muster.plan.facts.rules import Typed
from muster.plan.facts.usage import Use
from muster.team.changes.actions import record_change, take_away, takes_back
from muster.team.changes.conflict import check_version
from muster.team.changes.history import value_of
from muster.team.changes.keeping import CHANGED
from muster.team.changes.models import Change
from muster.team.lacking import lacking
from muster.team.notices.actions import notify
from muster.team.users.models import User

MOST = 100
EDITABLE = frozenset(
    {
        "key", "name", "kind", "values", "unit", "valid_from", "valid_to", "evidence_url",
        "evidence", "owner",
    }
)  # fmt: skip
_SAID = frozenset({"key", "values", "unit", "valid_from", "valid_to", "kind"})
"""What people read: after a change of these somebody has to verify it again."""
_LENGTHS = {"name": 120, "unit": 20, "evidence_url": 500, "evidence": 300}
_MOST_LETTERS = 300


@transaction.atomic
def write_down(campaign: Campaign, fields: Mapping[str, Any], *, by: User, at: str = "") -> Fact:
    """A new fact; who writes it owns it unless somebody is named."""
    check_open(campaign)
    if campaign.facts.count() >= MOST:
        raise Refused(_("A campaign has at most %(most)s facts."), most=MOST)
    fact = Fact(campaign=campaign, owner=by, written_by=by)
    _take(fact, fields, at)
    fact.save()
    record_change("fact_written", fact, by=by, campaign=campaign.pk, key=fact.key)
    touch(campaign)
    return fact


@transaction.atomic
def change_fact(
    fact: Fact, fields: Mapping[str, Any], *, by: User, at: str = "", version: int | None = None
) -> Change | None:
    """Change a fact: what says it needs approval anew, and those who work on it are told.

    None if all stayed as it was. Refused when `version` is given and is not the fact's any more.
    """
    fact = Fact.objects.select_for_update().select_related("campaign").get(pk=fact.pk)
    check_version(fact, version)
    check_open(fact.campaign)
    before = {name: getattr(fact, name, None) for name in fields}
    old_values, old_key = dict(fact.values), fact.key
    _take(fact, fields, at)
    changed = {name: old for name, old in before.items() if getattr(fact, name) != old}
    if not changed:
        return None
    written = list(changed)
    if set(changed) & _SAID:
        fact.status, fact.verified_by, fact.verified_at = Fact.Status.DRAFT, None, None
        fact.written_by = by
        written += ["status", "verified_by", "verified_at", "written_by"]
    if "values" in changed:
        gone = [one for one in old_values.values() if one and one not in fact.values.values()]
        fact.was = list(dict.fromkeys([*gone, *fact.was]))[:10]
        written.append("was")
    touched = [use for use in usage.uses_of(fact.campaign) if old_key in use.keys]
    if "key" in changed and touched:
        raise Refused(
            _("“%(name)s” is said in %(count)s places, for instance “%(place)s”. Mend them first."),
            code="in_use",
            name=fact.name,
            count=len(touched),
            place=touched[0].title,
        )
    fact.save(update_fields=written)
    if set(changed) & _SAID:
        _void(fact, touched, by)
    touch(fact.campaign)
    undo = {name: getattr(old, "pk", old) for name, old in changed.items()}
    return record_change(
        "fact_changed",
        fact,
        by=by,
        undo={"back": undo},
        was=undo,
        campaign=fact.campaign_id,
        key=fact.key,
        fields=sorted(changed),
        touched=len(touched),
    )


@takes_back("fact_changed")
def say_as_before(change: Change, back: Mapping[str, Any], by: User) -> None:
    """The fact says what it said before; it is verified anew, and whoever says it is told."""
    fact = Fact.objects.select_related("campaign").filter(pk=change.object_id).first()
    if fact is None:
        raise Refused(_("“%(thing)s” is gone by now."), thing=change.label)
    later = Change.objects.filter(kind=change.kind, object_id=fact.pk, pk__gt=change.pk)
    if any(back.keys() & one.before.keys() for one in later.filter(undone_at=None)):
        raise Refused(CHANGED)
    columns = {one.name: one for one in Fact._meta.concrete_fields}
    values = {name: value_of(columns[name], raw) for name, raw in back.items()}
    if "owner" in values:
        values["owner"] = User.objects.filter(pk=values["owner"]).first()
    change_fact(fact, values, by=by)


@transaction.atomic
def verify(fact: Fact, *, by: User) -> Change:
    """Say that a fact is right as it stands; somebody else than its writer, unless an owner."""
    if not by.may("approvals.decide"):
        raise lacking("approvals.decide")
    fact = Fact.objects.select_for_update().get(pk=fact.pk)
    if fact.is_verified:
        raise Refused(_("“%(name)s” is verified already."), name=fact.name)
    if fact.written_by_id == by.pk and by.role != "owner":
        raise Refused(
            _("You wrote this value yourself. Somebody else has to verify it."), code="own_fact"
        )
    if not (fact.evidence_url or fact.evidence):
        raise Refused(
            _("“%(name)s” has no proof. Add a link or say where it is from, then verify it."),
            code="no_evidence",
            name=fact.name,
        )
    fact.status, fact.verified_by, fact.verified_at = Fact.Status.VERIFIED, by, timezone.now()
    fact.save(update_fields=["status", "verified_by", "verified_at"])
    touch(fact.campaign)
    return record_change("fact_verified", fact, by=by, campaign=fact.campaign_id, key=fact.key)


@transaction.atomic
def drop_fact(fact: Fact, *, by: User) -> Change:
    """Take a fact away; refused while something says it."""
    check_open(fact.campaign)
    uses = usage.uses_of_fact(fact)
    if uses:
        raise Refused(
            _("“%(name)s” is said in %(count)s places, for instance “%(place)s”. Mend them first."),
            code="in_use",
            name=fact.name,
            count=len(uses),
            place=uses[0].title,
        )
    touch(fact.campaign)
    return take_away("fact_dropped", fact, by=by, campaign=fact.campaign_id, key=fact.key)


def replace_typed(fact: Fact, place: str, typed: Typed, *, by: User) -> None:
    """Put the fact's token where its value was typed by hand."""
    if not usage.replace(place, typed, fact, by=by):
        raise NotFound


def _void(fact: Fact, touched: list[Use], by: User) -> None:
    """Open requests are closed, given approvals lose their hold by the changed fingerprint."""
    for kind, object_id in dict.fromkeys(one for use in touched for one in use.approvals):
        withdraw(kind, object_id, by=by)
    people = [user for use in touched for user in use.people]
    if fact.owner is not None:
        people.append(fact.owner)
    people.append(fact.campaign.owner)
    notify(
        "facts_changed",
        fact,
        people,
        _("“%(name)s” of “%(campaign)s” was changed; it is said in %(count)s places."),
        url=reverse("plan:facts", args=[fact.campaign_id]) + f"#{fact.public_id}",
        params={"name": fact.name, "campaign": fact.campaign.name, "count": len(touched)},
        by=by,
        campaign=fact.campaign_id,
    )


def _take(fact: Fact, fields: Mapping[str, Any], at: str) -> None:
    problems = [
        Problem(f"{at}/{name}", "unknown_field", _("There is no field “%(name)s”."), {"name": name})
        for name in sorted(set(fields) - EDITABLE)
    ]
    for name, value in fields.items():
        if name == "values":
            fact.values = _values(value, f"{at}/values", problems)
        elif name in EDITABLE:
            setattr(fact, name, value.strip() if isinstance(value, str) else value)
    problems += _problems(fact, at)
    if problems:
        raise Invalid.of(problems)


def _values(given: object, at: str, problems: list[Problem]) -> dict[str, str]:
    languages = {"", *dict(settings.LANGUAGES)}
    if isinstance(given, str):
        given = {"": given}
    if not isinstance(given, Mapping):
        problems.append(Problem(at, "wrong_type", _("Values are given by language.")))
        return {}
    values = {}
    for language, value in given.items():
        if language not in languages:
            problems.append(
                Problem(
                    f"{at}/{language}",
                    "unknown_language",
                    _("There is no language “%(language)s” here."),
                    {"language": language},
                )
            )
        text = " ".join(str(value).split())
        if len(text) > _MOST_LETTERS or "{{" in text or "{%" in text:
            problems.append(
                Problem(f"{at}/{language}", "bad_value", _("A value is a short text without {{."))
            )
        elif text:
            values[str(language)] = text
    return values


def _problems(fact: Fact, at: str) -> list[Problem]:
    problems = []
    if not rules.is_valid_key(fact.key):
        problems.append(
            Problem(
                f"{at}/key",
                "bad_key",
                _("A key is small letters, digits and dots, such as price.hero."),
            )
        )
    elif Fact.objects.filter(campaign=fact.campaign_id, key=fact.key).exclude(pk=fact.pk).exists():
        problems.append(
            Problem(
                f"{at}/key",
                "key_taken",
                _("This campaign has a fact “%(key)s” already."),
                {"key": fact.key},
            )
        )
    if not fact.name:
        problems.append(Problem(f"{at}/name", "blank", _("Say in a few words what it is.")))
    if fact.kind not in Fact.Kind.values:
        problems.append(
            Problem(
                f"{at}/kind",
                "unknown_kind",
                _("A fact is one of: %(known)s."),
                {"known": ", ".join(Fact.Kind.values)},
            )
        )
    if not fact.values:
        problems.append(Problem(f"{at}/values", "missing", _("Say what is to be read.")))
    problems += [
        Problem(
            f"{at}/{name}", "too_long", _("This has at most %(most)s characters."), {"most": most}
        )
        for name, most in _LENGTHS.items()
        if len(getattr(fact, name)) > most
    ]
    if fact.valid_from and fact.valid_to and fact.valid_to <= fact.valid_from:
        problems.append(
            Problem(f"{at}/valid_to", "ends_before_start", _("It ends before it begins."))
        )
    if fact.evidence_url and not fact.evidence_url.startswith(("http://", "https://")):
        problems.append(
            Problem(f"{at}/evidence_url", "bad_link", _("A link begins with http:// or https://."))
        )
    return problems
