"""Visits (TR3): which looks at pages belong together, and where each visit came from.

A visit ends after 30 minutes without a sign from the pages. A look at a page whose address carries
other campaign tags than the visit begins a new one. Midnight ends none: a visit belongs to the
moment it began. Only people count; what machines fetch is no visit.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import ibis

from muster.events import names
from muster.warehouse import sources
from muster.warehouse.functions import first_said, json_extract_string, url_decode
from muster.warehouse.tables import human, who

if TYPE_CHECKING:
    import ibis.expr.types as ir

REST = timedelta(minutes=30)
"""So long without a sign ends a visit."""
LOOK_BACK = timedelta(days=1)
"""How much earlier than a period one has to look to know which of its visits began before it."""
LOOK_AHEAD = timedelta(days=1)
"""How much later one has to look to know whether its last visits go on after it."""
LONGEST_VIEW = 1800.0
"""Seconds of one view that count at most: a page left open on a desk is not being read."""
PHONE, TABLET = 640, 1100
"""Pages narrower than this are laid out for a phone, for a tablet."""

LANDING = ("host", "referrer_host", "referrer_path", "utm_source", "utm_medium", "click_id")
"""The columns by which `sources.origin` decides."""


def on_pages(events: ir.Table) -> ir.Table:
    """What people did on pages, each with the visit it belongs to.

    Columns: event_id, who, at, name, actor, view, host, path, device, version, seconds, depth, and
    of the visit: visit_begins (true for one event of each), visit_views, landing_path, landing_at,
    campaign, and those of LANDING.
    """
    e = events.filter(
        events.name.isin(names.ON_PAGES), human(events), who(events).notnull()
    ).mutate(who=who(events))
    url = e.url.fill_null("")
    is_view = e.name.isin([names.PAGE_VIEWED, names.SCREEN_VIEWED])
    referrer = json_extract_string(e.props, "$.referrer").fill_null("")
    width = json_extract_string(e.props, "$.screen[0]").try_cast("float64")
    e = e.select(
        "event_id",
        "who",
        "at",
        "name",
        "actor",
        "url",
        "props",
        is_view=is_view,
        view=json_extract_string(e.props, "$.view"),
        version=json_extract_string(e.props, "$.version").fill_null(""),
        referrer=referrer,
        host=_host(url),
        path=_path(url),
        referrer_host=_host(referrer),
        # Only great portals are told apart by the beginning of their paths.
        referrer_path=_path(referrer).re_extract(r"^(/[^/?#]*(?:/[^/?#]*)?)", 1),
        utm_source=_parameter(url, "utm_source"),
        utm_medium=_parameter(url, "utm_medium"),
        utm_campaign=_parameter(url, "utm_campaign"),
        click_id=url.re_extract(rf"[?&]({'|'.join(sources.click_ids())})=", 1),
        device=ibis.cases(
            (width < PHONE, "phone"), (width < TABLET, "tablet"), (width.notnull(), "desktop")
        ),
        seconds=json_extract_string(e.props, "$.seconds")
        .try_cast("float64")
        .clip(lower=0.0, upper=LONGEST_VIEW),
        depth=json_extract_string(e.props, "$.depth").try_cast("float64").clip(0.0, 100.0),
    )
    tag = e.utm_source.concat(" ", e.utm_medium, " ", e.utm_campaign)
    e = e.mutate(tag=ibis.ifelse(e.is_view & (tag.strip() != ""), tag, ibis.null("string")))
    # Of what was told for one moment the look at the page comes first.
    order = [e.at, ibis.desc(e.is_view), e.event_id]
    earlier = ibis.window(group_by=e.who, order_by=order, preceding=(None, 1))
    # Read backwards, the last tag before is the first one.
    backwards = ibis.window(
        group_by=e.who,
        order_by=[ibis.desc(e.at), ibis.asc(e.is_view), ibis.desc(e.event_id)],
        following=(1, None),
    )
    e = e.mutate(before=e.at.max().over(earlier), tag_before=first_said(e.tag).over(backwards))
    rested = e.before.isnull() | (
        e.at > e.before + ibis.interval(seconds=int(REST.total_seconds()))
    )
    changed = e.tag.notnull() & (e.tag_before.isnull() | (e.tag != e.tag_before))
    e = e.mutate(visit_begins=rested | changed)
    so_far = ibis.cumulative_window(
        group_by=e.who, order_by=[e.at, ibis.desc(e.is_view), e.event_id]
    )
    e = e.mutate(visit=e.visit_begins.cast("int64").sum().over(so_far))
    whole = ibis.window(group_by=[e.who, e.visit])
    # The first row is the first look, if there is one: any other way to find it, such as the first
    # value that is something, has engines go through the visit anew for each of its rows.
    looks_first = ibis.window(
        group_by=[e.who, e.visit],
        order_by=[ibis.desc(e.is_view), e.at, e.event_id],
        preceding=None,
        following=None,
    )

    def of_first_look(column: str) -> ir.Value:
        seen = ibis.ifelse(e.is_view, e[column], ibis.null("string"))
        return seen.first().over(looks_first)

    return e.mutate(
        visit_views=e.is_view.cast("int64").sum().over(whole),
        landing_at=e.at.min().over(whole),
        landing_path=of_first_look("path"),
        campaign=of_first_look("utm_campaign"),
        **{f"landing_{name}": of_first_look(name) for name in LANDING},
    )


def origins_of(landings: list[dict[str, str]]) -> list[dict[str, str]]:
    """Each different beginning of a visit with its source, medium and channel group."""
    rows = []
    for row in landings:
        found = sources.origin(sources.Landing(**{k: row[f"landing_{k}"] or "" for k in LANDING}))
        rows.append({**row, "source": found.source, "medium": found.medium, "group": found.group})
    return rows


def _host(url: ir.StringValue) -> ir.StringValue:
    return url.re_extract(r"^[a-zA-Z-]+://(?:[^/?#@]*@)?([^/?#:]+)", 1).lower()


def _path(url: ir.StringValue) -> ir.StringValue:
    path = url.re_extract(r"^(?:[a-zA-Z-]+://[^/?#]*)?([^?#]*)", 1)
    return ibis.ifelse(path == "", "/", path)


def _parameter(url: ir.StringValue, name: str) -> ir.StringValue:
    written = url.re_extract(rf"(?i)[?&]{name}=([^&#]*)", 1)
    return url_decode(written.replace("+", " ")).strip()
