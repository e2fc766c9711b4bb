"""Every question that Muster asks about sets of people, by name: the same for every engine."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, is_dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pyarrow as pa

from muster.warehouse import (
    arrivals,
    attribution,
    behind,
    companies,
    funnel,
    metrics,
    outcomes,
    portrait,
    rfm,
    scores,
    segments,
    touchpoints,
    web,
)
from muster.warehouse.compile import Context
from muster.warehouse.consents import Asks, Lapsing
from muster.warehouse.metrics import METRICS, Scope
from muster.warehouse.rules import parse
from muster.warehouse.scorecard import read
from tests.parity.people import NOW

ZONE = ZoneInfo("Asia/Shanghai")
START, END = NOW - timedelta(days=200), NOW - timedelta(days=1)
ORDER = "Order Completed"
CARD = {
    "behaviour": [
        {"event": "Page Viewed", "points": 2, "half_life": 14, "cap": 20},
        {
            "event": "Form Submitted",
            "where": [{"property": "form", "op": "eq", "value": "price list"}],
            "points": 30,
            "half_life": 30,
        },
        {"event": "Unsubscribed", "points": -40, "cap": 40},
        {"event": ORDER, "points": 3},
    ],
    "fit": [
        {"trait": "level", "op": "in", "value": ["L3", "007"], "points": 40},
        {"trait": "age", "op": "gte", "value": 30, "points": 25},
        {"trait": "city", "op": "missing", "points": -10},
    ],
    "grades": {"A": 60, "B": 40, "C": 20},
    "bands": {"hot": 20, "warm": 5},
}
LAPSING = Lapsing(
    here={"marketing": Asks(months=18, confirmed=True)},
    there=(
        (("DE",), {"marketing": Asks(months=6, confirmed=True)}),
        (("US",), {"marketing": Asks(silence=True)}),
    ),
)
CONTEXT = Context(
    NOW,
    ZONE,
    identity_matches=lambda leaf: list(range(1, 60, 2)),
    segment_rule=lambda name: (
        pa.array(range(1, 40, 3)) if name == "fixed" else parse({"tag": "vip"})
    ),
    scorecard=read(CARD),
    lapsing=LAPSING,
)


def did(name: str = ORDER, **more: object) -> dict[str, object]:
    return {"event": name, **more}


def where(prop: str, op: str, value: object = None) -> dict[str, object]:
    one = {"property": prop, "op": op}
    return did(where=[one if value is None else {**one, "value": value}])


def has(trait: str, op: str, value: object = None) -> dict[str, object]:
    one = {"trait": trait, "op": op}
    return one if value is None else {**one, "value": value}


RULES: dict[str, dict[str, object]] = {
    "trait eq": has("city", "eq", "上海"),
    "trait ne": has("city", "ne", "Zürich"),
    "trait in": has("level", "in", ["L1", "007"]),
    "trait not in": has("level", "not_in", ["L1", "L2"]),
    "trait number in": has("age", "in", [25, 61, "40"]),
    "trait gt": has("age", "gt", 25),
    "trait between": has("age", "between", [25, 40]),
    "trait contains": has("city", "contains", "AACH"),
    "trait contains sign": has("city", "contains", "%"),
    "trait not contains": has("city", "not_contains", "ü"),
    "trait starts with": has("city", "starts_with", "M"),
    "trait ends with": has("city", "ends_with", "_"),
    "trait exists": has("birthday", "exists"),
    "trait missing": has("vip", "missing"),
    "trait boolean": has("vip", "eq", True),
    "trait boolean as text": has("vip", "eq", "false"),
    "trait number as text": has("size", "gte", 39),
    "trait number contains": has("age", "contains", "5.0"),
    "trait before": has("joined", "before", "2026-01-01"),
    "trait after": has("joined", "after", "2025-11-11T08:00:00+08:00"),
    "trait within last": has("joined", "within_last", "90d"),
    "trait not within last": has("joined", "not_within_last", "this_month"),
    "trait anniversary": has("birthday", "anniversary_within", "30d"),
    "trait text order": has("city", "gt", "a"),
    "trait builtin": has("mail_domain", "ends_with", ".example"),
    "trait last seen": has("last_seen", "within_last", "6mo"),
    "trait unknown": has("nothing", "not_contains", "x"),
    "trait identity": has("email", "contains", "p1"),
    "trait identity not": has("email", "not_contains", "p1"),
    "event": did(),
    "event never": did(count={"eq": 0}),
    "event count": did("Page Viewed", count={"gte": 3, "lte": 6}, within="6mo"),
    "event from to": did(**{"from": "2026-01-01", "to": "2026-05-01"}),
    "event calendar": did("Page Viewed", within="last_month"),
    "event where eq": where("colour", "eq", "red"),
    "event where number": where("items", "gte", 2),
    "event where text number": where("items", "eq", "3"),
    "event where in": where("items", "in", [1, 4.5, "many"]),
    "event where nested": where("shipping.city", "contains", "stadt"),
    "event where null": where("shipping.to", "missing"),
    "event where starts": where("shipping.city", "starts_with", "北"),
    "event where not": where("colour", "not_in", ["red", "rot"]),
    "event where revenue": where("revenue", "between", [1, 100]),
    "event where odd text": did(
        "Form Submitted", where=[{"property": "note", "op": "contains", "value": "b\\c"}]
    ),
    "event sum": did(sum={"property": "revenue", "gte": 100.5}),
    "event sum none": did(sum={"property": "revenue", "lt": 50}, count={"gte": 0}),
    "event avg": did(avg={"property": "items", "gt": 1.5}),
    "event min": did(min={"property": "discount", "lte": 1}),
    "event max": did(max={"property": "items", "gte": 3}),
    "event first": did(first={"within": "6mo"}),
    "event last": did(last={"before": "2026-03-01"}),
    "event after": did(first={"after": "2025-09-01T00:00:00Z"}),
    "sequence": {"sequence": [did("Page Viewed"), did("Product Viewed"), did()], "within": "30d"},
    "sequence same": {"sequence": [did(), did()]},
    "sequence months": {"sequence": [did("Page Viewed"), did()], "within": "2mo"},
    "message opened": {"message": {"send": "s1", "state": "opened"}},
    "message not opened": {"message": {"send": "s1", "state": "not_opened"}},
    "message bounced": {"message": {"send": "s0", "state": "bounced"}},
    "message last": {"message": {"last": 2, "state": "delivered"}},
    "message last not": {"message": {"last": 2, "state": "not_clicked"}},
    "tag": {"tag": "早鸟"},
    "tags": {"any": [{"tag": "vip"}, {"not": {"tag": "早鸟"}}]},
    "consent": {"consent": {"channel": "email", "purpose": "marketing", "state": "granted"}},
    "consent withdrawn": {
        "consent": {"channel": "sms", "purpose": "marketing", "state": "withdrawn"}
    },
    "consent unknown": {
        "consent": {"channel": "email", "purpose": "marketing", "state": "unknown"}
    },
    "segment": {"segment": "rule"},
    "segment fixed": {"not": {"segment": "fixed"}},
    "score lead": {"score": "lead", "op": "gte", "value": 5},
    "score fit": {"score": "fit", "op": "between", "value": [0, 40]},
    "score grade": {"score": "grade", "op": "gte", "value": "B"},
    "random": {"random": {"percent": 33, "salt": "春"}},
    "everything": {
        "all": [
            {"any": [has("city", "exists"), has("age", "gte", 20), {"tag": "vip"}]},
            {"not": did("Page Viewed", within="7d", count={"gte": 9})},
            did(count={"gte": 1}, sum={"property": "revenue", "gte": 10}),
            {"not": {"consent": {"channel": "sms", "purpose": "marketing", "state": "withdrawn"}}},
            {"random": {"percent": 90, "salt": "x"}},
        ]
    },
}
STEPS = ["Page Viewed", "Product Viewed", ORDER]
SCOPES = {
    "all": Scope(),
    "period": Scope(start=START, end=END),
    "people": Scope(people=list(range(1, 90, 2)), start=START),
    "campaign": Scope(campaign_id="c1", currency="EUR"),
}


def questions(*, each_metric: bool = False) -> dict[str, Callable[[object], object]]:
    """Name → what asks it of a warehouse that is being read; `each_metric` asks for every metric
    alone too, beside all of them at once."""
    found: dict[str, Callable[[object], object]] = {}
    rules = {name: parse(rule) for name, rule in RULES.items()}
    for name, rule in rules.items():
        found[f"rule {name}"] = lambda db, rule=rule: segments.people(db, rule, CONTEXT)
    some = rules["everything"]
    found |= {
        "count": lambda db: [
            segments.count(db, rule, CONTEXT) for rule in list(rules.values())[:5]
        ],
        "known": segments.known,
        "as of": segments.as_of,
        "all rules at once": lambda db: [
            m.sort() for m in segments.memberships(db, list(rules.values()), CONTEXT)
        ],
        "all rules among some": lambda db: [
            m.sort()
            for m in segments.memberships(
                db, list(rules.values()), CONTEXT, among=pa.array(range(1, 70))
            )
        ],
        "sample": lambda db: segments.sample(db, some, CONTEXT, 5, seed="s").sort(),
        "reachable": lambda db: segments.reachable(db, some, CONTEXT),
        "waterfall": lambda db: [
            (s.removed, s.left) for s in segments.waterfall(db, some, CONTEXT).steps
        ],
        "traits": segments.trait_catalogue,
        "events": segments.event_catalogue,
        "names of events": segments.event_names,
        "trait values": lambda db: [
            segments.trait_values(db, name, 9) for name in ("city", "age", "vip")
        ],
        "funnel": lambda db: funnel.funnel(db, funnel.steps_of(STEPS), within="30d"),
        "funnel in a period": lambda db: funnel.funnel(
            db, funnel.steps_of(STEPS), start=START, end=END
        ),
        "funnel by channel": lambda db: funnel.funnel_by(
            db, funnel.steps_of([ORDER, ORDER]), "currency"
        ),
        "funnel with conditions": lambda db: funnel.funnel(
            db,
            funnel.steps_of(
                [
                    "Product Viewed",
                    {"event": ORDER, "where": [{"property": "items", "op": "gte", "value": 2}]},
                ]
            ),
            within="2mo",
        ),
        "funnel of a campaign": lambda db: funnel.campaign_funnel(db, Scope(campaign_id="c0")),
        "rfm": lambda db: rfm.rfm(db, date(2026, 6, 1), ZONE, "CNY"),
        "rfm elsewhere": lambda db: rfm.rfm(
            db, date(2026, 3, 1), ZoneInfo("America/New_York"), "EUR"
        ),
        "scores": lambda db: scores.meant(db, some, CONTEXT),
        "scores spread": lambda db: sorted(scores.spread(db, CONTEXT).items()),
        "scores of some": lambda db: sorted(
            scores.standings(db, some, CONTEXT, list(range(1, 20))).items()
        ),
        "web": lambda db: web.overview(db, Scope(start=START, end=END), "Asia/Shanghai"),
        "web now": lambda db: web.now_on_pages(db, NOW - timedelta(days=1)),
        "web explained": lambda db: len(web.explained(db, Scope(), "Google / organic")),
        "outcomes": lambda db: outcomes.outcomes(
            db,
            pa.table({"person_id": list(range(1, 100)), "group": ["AB"[n % 2] for n in range(99)]}),
            START,
            END,
            currency="CNY",
        ),
        "portrait": lambda db: sorted_portrait(
            portrait.portrait(db, list(range(1, 200)), ZONE, frozenset())
        ),
        "touchpoints": lambda db: sorted(touchpoints.passages(db, "c0").items()),
        "behind": lambda db: behind.behind(db, [ORDER, "Message Opened"], Scope(start=START)),
        "machine opens": lambda db: behind.machine_opens(db, Scope()),
        # When an event arrived differs from load to load.
        "sources": lambda db: sorted(arrivals.last_by_source(db)),
        "companies": lambda db: companies.domains(db, ["qq.com"], least=2, most=10),
        "company people": lambda db: companies.people_at(db, ["firma.example"]),
        "company engagement": lambda db: sorted(
            companies.engagement(db, CONTEXT, [(n % 7, n) for n in range(1, 80)]).items()
        ),
    }
    for group in attribution.GROUPS:
        for reset in (False, True):
            found[f"attribution by {group}{' reset' if reset else ''}"] = (
                lambda db, group=group, reset=reset: attribution.attribution(
                    db,
                    ORDER,
                    models=list(attribution.MODELS),
                    group_by=group,
                    reset=reset,
                    window="30d",
                )
            )
    found["attribution of some people"] = lambda db: attribution.attribution(
        db, ORDER, models=list(attribution.MODELS), start=START, end=END, people=list(range(1, 100))
    )
    for name, scope in SCOPES.items():
        for key in METRICS if each_metric else ():
            found[f"metric {key} of {name}"] = lambda db, key=key, scope=scope: metrics.evaluate(
                db, [key], scope, cost=Decimal(1000)
            )
        found[f"metrics of {name}"] = lambda db, scope=scope: metrics.evaluate(
            db, METRICS, scope, cost=Decimal(1000)
        )
    return found


def sorted_portrait(found: portrait.Portrait) -> object:
    """Values that equally many share come in no particular order."""
    return sorted(found.traits, key=repr), found.channels, sorted(found.hours)


def plain(value: object) -> object:
    """An answer in a form that compares: doubles as they are, all else exact; rows keep their order.

    Money and other decimals are exact, whatever the number of zeros an engine ends them with.
    """
    if is_dataclass(value) and not isinstance(value, type):
        return plain(asdict(value))
    if isinstance(value, dict):
        return {str(k): plain(v) for k, v in sorted(value.items(), key=lambda one: str(one[0]))}
    if isinstance(value, pa.Table):
        return {name: plain(value.column(name).combine_chunks()) for name in value.column_names}
    if isinstance(value, pa.Array):
        kind = value.type
        if (pa.types.is_integer(kind) or pa.types.is_floating(kind)) and not value.null_count:
            return value.to_numpy(zero_copy_only=False)
        return plain(value.to_pylist())
    if isinstance(value, list | tuple):
        return [plain(one) for one in value]
    if isinstance(value, bool | float) or value is None:
        return value
    if isinstance(value, int | Decimal):
        return f"{Decimal(value).normalize():f}"
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat() if value.tzinfo else value.isoformat()
    return str(value)
