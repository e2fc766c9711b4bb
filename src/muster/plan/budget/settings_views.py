"""The rules of all budgets: shares, limits, alerts, prices, hourly and exchange rates (S10)."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods, require_POST

from muster.kit.errors import Invalid
from muster.kit.words import _
from muster.plan.budget.exchange import read_csv, set_rates
from muster.plan.budget.forms import RateForm
from muster.plan.budget.models import BudgetLine, ExchangeRate
from muster.plan.budget.policy import as_data, kept, policy, set_policy
from muster.plan.budget.views import TITLES
from muster.plan.campaigns.days import today
from muster.plan.campaigns.fields import read_number
from muster.team.http import TeamRequest
from muster.team.permissions import allow
from muster.team.roles import ROLES
from muster.team.users.models import Workspace

_CHANNELS = {
    "email": _("E-mail"),
    "sms": _("Text message"),
    "wecom": _("WeCom"),
    "wechat": _("WeChat"),
    "push": _("App push"),
}
_EMPTY_ROWS = 2


@allow("settings.manage")
@require_http_methods(["GET", "POST"])
def rules(request: TeamRequest) -> HttpResponse:
    """Show the rules, and keep them when they were changed."""
    refusal = ""
    if request.method == "POST":
        try:
            set_policy(_given(request), by=request.user)
        except Invalid as invalid:
            words = gettext(invalid.text)
            refusal = words % invalid.params if invalid.params else words.replace("%%", "%")
        else:
            messages.success(request, gettext("The budget rules are kept."))
            return redirect("plan:rules")
    context = _context(request) | {"refusal": refusal}
    return render(request, "plan/budget/rules.html", context, status=422 if refusal else 200)


def _context(request: TeamRequest) -> dict[str, Any]:
    row, asked = kept(), policy()
    shares = [
        {**as_data(share), "title": share.title or gettext(TITLES.get(share.key, ""))}
        for share in asked.shares
    ]
    channels = list(dict.fromkeys([*_CHANNELS, *row.prices]))
    return {
        "shares": shares + [{"key": ""}] * _EMPTY_ROWS,
        "of": [("core", gettext("Core channels")), *BudgetLine.Category.choices],
        "row": row,
        "alerts": ", ".join(map(str, row.alerts)),
        "prices": [
            (name, gettext(_CHANNELS.get(name, name)), row.prices.get(name, ""))
            for name in channels
        ],
        "rates": [(role, row.rates.get(role.key, "")) for role in ROLES.values()],
        "may_see_rates": request.user.may("budget.rates"),
        "currency": Workspace.here().currency,
        "exchange": ExchangeRate.objects.all()[:30],
        "rate_form": RateForm(
            initial={"day": today(), "base": Workspace.here().currency}, auto_id="rate_%s"
        ),
    }


def _given(request: TeamRequest) -> dict[str, Any]:
    post = request.POST
    rows = zip(
        *(post.getlist(name) for name in ("key", "title", "of", "least", "most", "blocks")),
        strict=False,
    )
    shares = []
    for n, (key, title, of, least, most, blocks) in enumerate(rows):
        if not title.strip():
            continue
        builtin = key in TITLES
        shares.append(
            {
                "key": key or f"own-{n}-{of}",
                "title": "" if builtin and title == gettext(TITLES[key]) else title,
                "of": of,
                "least": _share(least, "0"),
                "most": _share(most, "1"),
                "blocks": blocks == "1",
            }
        )
    changes: dict[str, Any] = {
        "shares": shares,
        "move_limit": _share(post.get("move_limit", ""), "0.05"),
        "release_limit": _share(post.get("release_limit", ""), "0.02"),
        "alerts": [part.strip(" %") for part in post.get("alerts", "").split(",") if part.strip()],
        "prices": _named(request, "price-"),
    }
    if request.user.may("budget.rates"):
        changes["rates"] = _named(request, "hour-")
    return changes


def _named(request: TeamRequest, prefix: str) -> dict[str, str]:
    return {
        name.removeprefix(prefix): value
        for name, value in request.POST.items()
        if name.startswith(prefix) and isinstance(value, str)
    }


def _share(text: str, otherwise: str) -> Decimal:
    """`10%`, `0.1` or `10`: more than 1 is meant in percent."""
    if not text.strip():
        return Decimal(otherwise)
    number = read_number(text)
    if number is None:
        return Decimal(-1)
    return number / 100 if number > 1 else number


@allow("settings.manage")
@require_POST
def exchange(request: TeamRequest) -> HttpResponse:
    """Enter one exchange rate, or many from a CSV."""
    file = request.FILES.get("file")
    if file is not None:
        count = set_rates(
            read_csv(file.read(1_000_000).decode("utf-8", "replace")), by=request.user
        )
    else:
        form = RateForm(request.POST)
        if not form.is_valid():
            raise Invalid.at("/rate", "bad_rate", _("Give a day, two currencies and a rate."))
        data = form.cleaned_data
        row = (data["day"], data["currency"].upper(), data["base"].upper(), data["rate"])
        count = set_rates([row], by=request.user)
    messages.success(request, gettext("Rates entered: %(many)s") % {"many": count})
    return redirect("plan:rules")
