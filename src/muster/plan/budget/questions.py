"""What the budget has to say before the launch (PL8)."""

from __future__ import annotations

from collections.abc import Iterator

from django.urls import reverse
from django.utils.translation import get_language

from muster.kit.words import _
from muster.plan.budget import rules
from muster.plan.budget.models import Cost
from muster.plan.budget.policy import policy
from muster.plan.budget.standing import standing
from muster.plan.campaigns.models import Campaign
from muster.plan.readiness.checks import Finding, Severity, check
from muster.ui import formats

TEXTS: dict[str, tuple[str, str]] = {
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
_OWN = (
    _("“%(title)s” gets %(share)s of the total. Add %(change)s to it."),
    _("“%(title)s” gets %(share)s of the total. Take %(change)s away from it."),
)
"""The same for a rule of the workspace's own."""
_RULES = "plan:rules"
"""Where shares, and what breaking them does, are set."""


def worded(campaign: Campaign, answer: rules.Answer) -> tuple[str, dict[str, object]]:
    """What a broken rule asks for: a marked sentence and its values, with the exact sum."""
    add, take = TEXTS.get(answer.rule, _OWN)
    language = get_language() or "en"
    return add if answer.change > 0 else take, {
        "share": formats.percent(answer.share, language, digits=1),
        "change": formats.money(abs(answer.change), language, campaign.currency, short=True),
        "title": answer.asked.title if answer.asked else "",
    }


def _finding(campaign: Campaign, *keys: str) -> Iterator[Finding]:
    for answer in standing(campaign).answers:
        known = answer.rule in keys or (not keys and answer.rule not in TEXTS)
        if known and not answer.holds and campaign.total_budget:
            text, params = worded(campaign, answer)
            blocks = answer.asked is None or answer.asked.blocks
            severity = Severity.BLOCK if blocks else Severity.WARN
            yield Finding(text, _page(campaign), severity, params)


def _page(campaign: Campaign) -> str:
    return reverse("plan:budget", args=[campaign.pk])


def has_money(campaign: Campaign) -> bool:
    """A campaign may also do without any."""
    return bool(campaign.total_budget) or campaign.lines.exists()


@check("budget", _("The lines add up to the total"), fits=has_money)
def adds_up(campaign: Campaign) -> Iterator[Finding]:
    return _finding(campaign, rules.Rule.SUM)


@check("budget", _("The contingency is large enough"), fits=has_money, severity=None, set_at=_RULES)
def has_contingency(campaign: Campaign) -> Iterator[Finding]:
    return _finding(campaign, rules.Rule.CONTINGENCY)


@check(
    "budget", _("Most money goes to core channels"), fits=has_money, severity=None, set_at=_RULES
)
def backs_the_core(campaign: Campaign) -> Iterator[Finding]:
    return _finding(campaign, rules.Rule.CORE)


@check("budget", _("A part stays flexible"), fits=has_money, severity=None, set_at=_RULES)
def stays_flexible(campaign: Campaign) -> Iterator[Finding]:
    return _finding(campaign, rules.Rule.FLEXIBLE)


@check("budget", _("The workspace's own budget rules hold"), severity=None, set_at=_RULES)
def keeps_own_rules(campaign: Campaign) -> Iterator[Finding]:
    return _finding(campaign)


@check("budget", _("What is promised has a paper"), severity=Severity.WARN)
def has_papers(campaign: Campaign) -> Iterator[Finding]:
    # What was promised and paid, or taken back, is promised no more.
    promised = campaign.lines.filter(
        costs__kind=Cost.Kind.COMMITTED,
        costs__reverses=None,
        costs__reversed_by=None,
        documents=None,
    )
    for label in promised.distinct().values_list("label", flat=True)[:3]:
        yield Finding(
            _("Money is promised on “%(label)s”, but no contract or order lies beside it."),
            _page(campaign),
            Severity.WARN,
            {"label": label},
        )


@check("budget", _("Large orders have a quote or contract"), fits=has_money, severity=Severity.WARN)
def vendors_have_papers(campaign: Campaign) -> Iterator[Finding]:
    # What is promised already is asked about above: this is the plan.
    limit = campaign.total_budget * policy().move_limit
    large = campaign.lines.exclude(vendor="").filter(planned__gt=limit, documents=None)
    for line in large.exclude(costs__kind=Cost.Kind.COMMITTED).distinct()[:3]:
        yield Finding(
            _(
                "“%(label)s” plans %(amount)s for %(vendor)s, but no quote or contract lies beside "
                "it. Add the paper to the line."
            ),
            reverse("plan:line", args=[campaign.pk, line.pk]),
            Severity.WARN,
            {
                "label": line.label,
                "amount": formats.money(
                    line.planned, get_language() or "en", campaign.currency, short=True
                ),
                "vendor": line.vendor,
            },
        )


@check("budget", _("It is said what the money should bring"), severity=Severity.WARN)
def expects_a_return(campaign: Campaign) -> Iterator[Finding]:
    lines = campaign.lines.exclude(category__in=rules.VAULTS).filter(planned__gt=0)
    if lines.exists() and not lines.filter(expected_return__gt=0).exists():
        yield Finding(
            _("No budget line says what it is expected to bring. Enter an expected return."),
            _page(campaign),
            Severity.WARN,
        )
