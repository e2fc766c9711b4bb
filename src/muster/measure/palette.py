"""What the command palette finds of measuring: reports, and the results of each campaign."""

from __future__ import annotations

import re
from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from django.urls import reverse
from django.utils.translation import get_language, gettext
from django.utils.translation import gettext_lazy as _

from muster.events import names
from muster.kit import clock
from muster.kit.clock import calendar_window
from muster.kit.money import Money
from muster.measure.reports.roi import roi_of
from muster.plan.budget.models import Cost
from muster.plan.campaigns.models import Campaign
from muster.team.stores import NO_NUMBERS, warehouse
from muster.team.users.models import Workspace
from muster.ui import formats
from muster.ui.palette import Entry, answers, entries, matches
from muster.warehouse.attribution import attribution

_MOST = 200


@entries
def reports(user: Any, query: str) -> Iterable[Entry]:
    """Reports, and the results page of the latest campaigns."""
    if not user.may("insights.see"):
        return
    if user.may("budget.see"):
        yield Entry(
            "go",
            _("Return on what was spent"),
            reverse("measure:roi"),
            _("Report"),
            "chart-bar",
            ("roi",),
        )
    yield Entry("go", _("Funnel"), reverse("measure:funnel"), _("Report"), "chart-bar", ("funnel",))
    site = ("web", "heatmap", "visitors", "uv", "pv")
    yield Entry("go", _("Site"), reverse("measure:web"), _("Report"), "chart-bar", site)
    if query:
        rows = Campaign.objects.visible_to(user).only("name").order_by("-pk")[:_MOST]
        for campaign in (one for one in rows if matches(one.name, query)):
            url = reverse("measure:results", args=[campaign.pk])
            yield Entry("go", campaign.name, url, _("Results"), "chart-bar")


_WINDOWS = {
    "上周": "last_week", "上週": "last_week", "last week": "last_week",
    "本周": "this_week", "本週": "this_week", "this week": "this_week",
    "上月": "last_month", "上个月": "last_month", "上個月": "last_month",
    "本月": "this_month", "这个月": "this_month", "這個月": "this_month",
    "last month": "last_month", "this month": "this_month",
}  # fmt: skip
_CHANNELS = {
    "邮件": "email", "郵件": "email", "mail": "email", "e-mail": "email", "email": "email",
    "短信": "sms", "簡訊": "sms", "sms": "sms", "企微": "wecom", "wecom": "wecom",
    "广告": "ads", "廣告": "ads", "ads": "ads", "社媒": "social", "social": "social",
}  # fmt: skip
_BY_WINDOW = re.compile(
    rf"^({'|'.join(_WINDOWS)})\s*的?\s*({'|'.join(_CHANNELS)})?\s*的?\s*(?:roi|回报率|投产比)\s*[?？]?$",
    re.IGNORECASE,
)
_BY_NAME = re.compile(r"^(.{2,60}?)\s*的?\s*(?:roi|回报率|投产比)\s*[?？]?$", re.IGNORECASE)


@answers
def return_on_spending(user: Any, query: str) -> Iterable[Entry]:
    """“last week mail ROI” by last touch and booked costs; “Double 11 ROI” as its results say."""
    if not (user.may("insights.see") and user.may("budget.see")):
        return
    try:
        by_window, by_name = _BY_WINDOW.match(query), _BY_NAME.match(query)
        if by_window:
            channel = _CHANNELS.get((by_window[2] or "").lower(), "")
            yield _roi_of_window(_WINDOWS[by_window[1].lower()], channel, query)
        elif by_name:
            yield from _roi_of_campaign(user, by_name[1])
    except NO_NUMBERS:
        return


def _roi_of_window(window: str, channel: str, query: str) -> Entry:
    here = Workspace.here()
    start, end = calendar_window(window, clock.now(), here.zone)
    with warehouse() as db:
        credit = attribution(
            db, names.ORDER_COMPLETED, start=start, end=min(end, clock.now()), window="30d",
            models=("last",), currency=here.currency,
        )  # fmt: skip
    credits = [one for one in credit.models["last"] if channel in ("", one.key)]
    revenue = Decimal(str(round(sum(one.value for one in credits), 2)))
    first, last = (moment.astimezone(here.zone).date() for moment in (start, end))
    costs = Cost.objects.filter(
        kind=Cost.Kind.ACTUAL, campaign__currency=here.currency, campaign__deleted_at=None,
        at__gte=first, at__lt=last,
    )  # fmt: skip
    cost = sum(
        (costs.filter(channel=channel) if channel else costs).values_list("amount", flat=True),
        Decimal(0),
    )
    return _answered(query, revenue, cost, here.currency, reverse("measure:roi"))


def _roi_of_campaign(user: Any, name: str) -> Iterable[Entry]:
    rows = Campaign.objects.visible_to(user).order_by("-starts")[:_MOST]
    campaign = next((one for one in rows if matches(one.name, name)), None)
    if campaign is not None:
        found = roi_of(campaign, "channel").total
        url = reverse("measure:results", args=[campaign.pk])
        yield _answered(campaign.name, found.revenue, found.cost, campaign.currency, url)


def _answered(of: str, revenue: Decimal, cost: Decimal, currency: str, trace: str) -> Entry:
    language = get_language() or "en"
    facts = {
        "of": of,
        "roi": formats.percent((revenue - cost) / cost, language, digits=0) if cost else "–",
        "revenue": formats.money(Money(revenue, currency), language, short=True),
        "cost": formats.money(Money(cost, currency), language, short=True),
    }
    text = (
        gettext("%(of)s: ROI %(roi)s") if cost else gettext("%(of)s: no cost is booked, so no ROI")
    )
    hint = gettext("%(revenue)s back for %(cost)s · how it came about")
    return Entry("ask", text % facts, trace, hint % facts, "chart-bar")
