"""What the budget has to say before the launch (PL8)."""

from __future__ import annotations

from collections.abc import Iterator

from django.urls import reverse
from django.utils.translation import get_language

from muster.kit.words import _
from muster.plan.budget import rules
from muster.plan.budget.standing import standing
from muster.plan.campaigns.models import Campaign
from muster.plan.readiness.checks import Finding, Severity, check, once
from muster.ui import formats

TEXTS = {
    rules.Rule.SUM: (
        _("The lines are %(change)s short of the total. Plan the rest, or lower the total."),
        _("The lines are %(change)s over the total. Take it away somewhere, or raise the total."),
    ),
    rules.Rule.CONTINGENCY: (
        _("The contingency is %(share)s of the total. Add %(change)s to it."),
        _("The contingency is %(share)s of the total. %(change)s of it can go to work."),
    ),
    rules.Rule.CORE: (
        _("Core channels get %(share)s of the total. Move %(change)s to them."),
        _("Core channels get %(share)s of the total. Take %(change)s away from them."),
    ),
    rules.Rule.FLEXIBLE: (
        _("The flexible part is %(share)s of the total. Add %(change)s to it."),
        _("The flexible part is %(share)s of the total. Take %(change)s away from it."),
    ),
}
"""Rule → what to say when something has to be added, and when something has to be taken away."""
_BLOCKING = {rules.Rule.SUM, rules.Rule.CONTINGENCY}


_standing = once(standing)


def worded(campaign: Campaign, answer: rules.Answer) -> tuple[str, dict[str, object]]:
    """What a broken rule asks for: a marked sentence and its values, with the exact sum."""
    add, take = TEXTS[answer.rule]
    language = get_language() or "en"
    return add if answer.change > 0 else take, {
        "share": formats.percent(answer.share, language, digits=1),
        "change": formats.money(abs(answer.change), language, campaign.currency, short=True),
    }


def _finding(campaign: Campaign, rule: rules.Rule) -> Iterator[Finding]:
    answer = next(a for a in _standing(campaign).answers if a.rule is rule)
    if not answer.holds:
        text, params = worded(campaign, answer)
        severity = Severity.BLOCK if rule in _BLOCKING else Severity.WARN
        yield Finding(text, reverse("plan:budget", args=[campaign.pk]), severity, params)


def has_money(campaign: Campaign) -> bool:
    """A campaign may also do without any."""
    return bool(campaign.total_budget) or campaign.lines.exists()


@check("budget", _("The lines add up to the total"), fits=has_money)
def adds_up(campaign: Campaign) -> Iterator[Finding]:
    return _finding(campaign, rules.Rule.SUM)


@check("budget", _("The contingency is large enough"), fits=has_money)
def has_contingency(campaign: Campaign) -> Iterator[Finding]:
    return _finding(campaign, rules.Rule.CONTINGENCY)


@check("budget", _("Most money goes to core channels"), fits=has_money)
def backs_the_core(campaign: Campaign) -> Iterator[Finding]:
    return _finding(campaign, rules.Rule.CORE)


@check("budget", _("A part stays flexible"), fits=has_money)
def stays_flexible(campaign: Campaign) -> Iterator[Finding]:
    return _finding(campaign, rules.Rule.FLEXIBLE)
