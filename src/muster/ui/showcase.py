"""What the page of components shows: one campaign, one moment, and numbers that add up."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

from django import forms
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from muster.kit import clock
from muster.kit.money import Money
from muster.ui import charts


class ShowcaseForm(forms.Form):
    """One field of each kind."""

    name = forms.CharField(label=_("Name"), help_text=_("People see it in the subject of reports."))
    address = forms.EmailField(label=_("E-mail"), required=False)
    role = forms.ChoiceField(label=_("Role"), choices=[("a", _("Analyst")), ("m", _("Manager"))])
    note = forms.CharField(
        label=_("Note"), required=False, widget=forms.Textarea(attrs={"rows": 3})
    )
    start = forms.ChoiceField(
        label=_("Begin with"),
        widget=forms.RadioSelect,
        choices=[("demo", _("Sample campaigns")), ("empty", _("An empty workspace"))],
    )
    agreed = forms.BooleanField(label=_("Send 2% first and stop on trouble"), required=False)
    file = forms.FileField(
        label=_("File"), required=False, help_text=_("CSV or Excel, up to 2 GB.")
    )


_STEPS = [
    (_("Same address twice"), 412),
    (_("No consent for e-mail"), 8_022),
    (_("Unsubscribed, complained or bounced"), 3_104),
    (_("At most 3 messages in 7 days"), 5_221),
    (_("Holdout 5%, random"), 5_583),
]
_AUDIENCE = 128_430


def showcase(request: HttpRequest) -> dict[str, Any]:
    """The names that the page of components uses."""
    now = clock.now()
    left, steps = _AUDIENCE, []
    for name, lost in _STEPS:
        left -= lost
        steps.append({"name": name, "lost": lost, "left": left})
    days = [f"11-{day:02}" for day in range(4, 16)]
    return {
        "blank": ShowcaseForm(),
        "wrong": ShowcaseForm({"name": "", "address": "wang@", "role": "a", "start": "demo"}),
        "audience": _AUDIENCE,
        "steps": steps,
        "reached": left,
        "lost": _AUDIENCE - left,
        "goal": SimpleNamespace(value=2_186, target=5_000, plan=2_020),
        "budget": SimpleNamespace(
            actual=168_950, committed=212_400, forecast=430_800, total=500_000, free=Decimal(69_200)
        ),
        "spent": Money(Decimal("168950"), "CNY"),
        "price": Money(Decimal("-1234.5"), "CNY"),
        "progress": charts.line(
            days,
            {str(_("Actual")): [0, 282, 608, 995, 1446, 2186]},
            plan=[0, 283, 592, 942, 1358, 1833, 2342, 2908, 3425, 3700, 3892, 5000],
            plan_name=str(_("Plan")),
        ),
        "channels": charts.bars(
            [str(_("E-mail")), str(_("SMS")), str(_("WeCom"))],
            {str(_("Orders")): [812, 640, 734]},
            lying=True,
        ),
        "pulse": [12, 13, 15, 14, 18, 17, 22, 25, 24, 31, 33, 36, 34, 38, 41],
        "now": now,
        "earlier": now - timedelta(hours=3),
        "ratio": Decimal("0.1828"),
        "difference": Decimal("-0.021"),
        "icons": ["mail", "device-mobile", "brand-wechat", "users", "ticket", "flask", "send"],
    }
