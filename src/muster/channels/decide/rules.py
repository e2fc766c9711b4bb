"""Who does not get a message, and why (CH8): one list of reasons, and the first that fits counts.

Each reason is a piece of SQL over the same few names, so that a million people are judged in one
pass; the review, the freezing of the list and the fence before every chunk ask the same list.

    p   the person (erased people keep an empty row)
    c   what they allowed for channel and purpose, unless it has lapsed
    t   the same for the topic of the send, if it has one
    x   the entry of their address on the suppression list
    r   the place in the send: id, person_id, address, grp, nth
    s   what holds for the whole send
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum, StrEnum

from muster.kit.words import _


class Reason(StrEnum):
    """Why a message does not go out, or not yet."""

    HALTED = "halted"
    NOT_APPROVED = "not_approved"
    ERASED = "erased"
    MERGED = "merged"
    SUPPRESSED = "suppressed"
    UNREACHABLE = "unreachable"
    NO_CONSENT = "no_consent"
    UNSUBSCRIBED = "unsubscribed"
    PAUSED = "paused"
    NO_VARIANT = "no_variant"
    DUPLICATE = "duplicate"
    HELD_OUT = "held_out"
    CAPPED = "capped"
    QUIET = "quiet"
    RENDER_ERROR = "render_error"


LABELS = {
    Reason.HALTED: _("All sending is halted"),
    Reason.NOT_APPROVED: _("Not approved in this form"),
    Reason.ERASED: _("Erased"),
    Reason.MERGED: _("Is one with another person"),
    Reason.SUPPRESSED: _("Bounced, complained or blocked"),
    Reason.UNREACHABLE: _("No usable address"),
    Reason.NO_CONSENT: _("No consent for this channel"),
    Reason.UNSUBSCRIBED: _("Unsubscribed"),
    Reason.PAUSED: _("Asked for a pause"),
    Reason.NO_VARIANT: _("Fits no variant"),
    Reason.DUPLICATE: _("Address given twice"),
    Reason.HELD_OUT: _("Held out for comparison"),
    Reason.CAPPED: _("Too many messages this week"),
    Reason.QUIET: _("Quiet hours where they live"),
    Reason.RENDER_ERROR: _("The message could not be made for them"),
}


class Effect(Enum):
    """What a reason does."""

    DROP = "drop"
    """The person gets nothing in this send."""
    DEFER = "defer"
    """The person gets it later."""


class When(Enum):
    """When a reason is looked at."""

    ALWAYS = "always"
    PLANNING = "planning"
    """Once, when the list is frozen; afterwards the row itself says it."""
    FENCE = "fence"
    """Only just before a message begins."""
    MAKING = "making"
    """Found out while the message is made, not by asking the database."""


@dataclass(frozen=True)
class Rule:
    """One reason, and the SQL that says whether it fits."""

    reason: Reason
    predicate: str
    effect: Effect = Effect.DROP
    when: When = When.ALWAYS


HELD_OUT_GROUP = 0
NO_GROUP = 63
GROUPS = 64
"""Codes of groups: 0 is held out, 1 to 62 are the variants in order, 63 fits none."""

FACTS = (
    Rule(Reason.HALTED, "s.halted", Effect.DEFER, When.FENCE),
    Rule(Reason.NOT_APPROVED, "s.not_approved", Effect.DEFER, When.FENCE),
    Rule(Reason.ERASED, "p.id IS NULL OR p.erased_at IS NOT NULL OR x.reason = 'erased'"),
    # Whoever both are now stands in the list by their own number.
    Rule(Reason.MERGED, "p.merged_into_id IS NOT NULL"),
    Rule(Reason.SUPPRESSED, "x.reason IN ('hard_bounce', 'complaint', 'manual')"),
    Rule(
        Reason.UNREACHABLE,
        "p.email NOT LIKE '%%_@_%%' OR p.email LIKE '%% %%'"
        " OR p.email <> coalesce(r.address, p.email)",
    ),
    Rule(
        Reason.NO_CONSENT,
        "coalesce(c.state, 'unknown') NOT IN ('granted', 'withdrawn')"
        " AND coalesce(t.state, 'unknown') NOT IN ('granted', 'withdrawn')"
        # Whoever was asked and did not answer yet did not just keep silent.
        " AND (c.state = 'pending' OR NOT {silence})",
    ),
    Rule(
        Reason.UNSUBSCRIBED,
        "c.state = 'withdrawn' OR t.state = 'withdrawn' OR x.reason = 'unsubscribed_all'",
    ),
    Rule(
        Reason.PAUSED,
        "s.purpose <> 'service' AND EXISTS (SELECT 1 FROM people_consentstate q"
        " WHERE q.person_id = r.person_id AND q.channel = s.channel"
        " AND q.purpose = 'pause' AND q.state = 'granted' AND q.expires_at > s.now)",
    ),
)
"""What is true of the person, whoever else is in the audience."""

PLACE = (
    Rule(Reason.NO_VARIANT, f"r.grp = {NO_GROUP}", when=When.PLANNING),
    # Two people with one address: the one we knew first gets the message.
    Rule(Reason.DUPLICATE, "r.nth > 1", when=When.PLANNING),
    Rule(Reason.HELD_OUT, f"r.grp = {HELD_OUT_GROUP}", when=When.PLANNING),
    Rule(
        Reason.CAPPED,
        # The least of what the workspace and the person themselves allow.
        "s.counting AND (SELECT min(most) FROM ("
        "SELECT CASE WHEN s.per_week > 0 THEN s.per_week END AS most UNION ALL"
        " SELECT {at_most} FROM people_consentstate f"
        " JOIN people_consententry e ON e.id = f.entry_id"
        " WHERE f.person_id = r.person_id AND f.channel = s.channel AND s.purpose <> 'service'"
        " AND f.purpose = 'frequency' AND f.state = 'granted') limits)"
        " <= (SELECT count(*) FROM channels_recipient o"
        " WHERE o.person_id = r.person_id AND o.sent_at > s.week_ago AND o.id <> r.id"
        # Of two sends that reach for the same person at once, the older one goes first.
        " AND (o.state IN ('sent', 'unknown') OR (o.state = 'claimed' AND o.id < r.id)))"
        # What went to somebody who is the same person now counts too.
        " + (SELECT count(*) FROM people_person g JOIN channels_recipient o ON o.person_id = g.id"
        " WHERE g.merged_into_id = r.person_id AND g.merged_into_id IS NOT NULL"
        " AND o.sent_at > s.week_ago AND o.state IN ('sent', 'unknown'))",
    ),
    Rule(Reason.QUIET, "coalesce(nullif(p.time_zone, ''), s.zone) IN {quiet_zones}", Effect.DEFER),
)
"""What follows from the other people of the audience, and from the moment."""

MAKING = (Rule(Reason.RENDER_ERROR, "", when=When.MAKING),)

ORDER: tuple[Rule, ...] = (*FACTS, *PLACE, *MAKING)
"""Every reason in the order in which they are looked at; the first that fits is the answer."""

PLANNED = tuple(rule for rule in ORDER if rule.when in (When.ALWAYS, When.PLANNING))
FENCED = tuple(rule for rule in ORDER if rule.when in (When.ALWAYS, When.FENCE))

JOINS = """
    LEFT JOIN people_person p ON p.id = r.person_id
    LEFT JOIN people_consentstate c
        ON c.person_id = r.person_id AND c.channel = s.channel AND c.purpose = s.purpose
        AND NOT (c.state = 'granted' AND c.expires_at IS NOT NULL AND c.expires_at <= s.now)
    LEFT JOIN people_topicstate t
        ON t.person_id = r.person_id AND t.topic_id = s.topic
        AND t.channel = s.channel AND t.purpose = s.purpose
        AND NOT (t.state = 'granted' AND t.expires_at IS NOT NULL AND t.expires_at <= s.now)
    LEFT JOIN people_suppression x
        ON x.channel = s.channel AND x.address_hash = p.email_hash AND p.email_hash <> ''
"""

_NO_ROW = 9223372036854775807


@dataclass(frozen=True)
class Engine:
    """How the two databases write the few things that they write differently."""

    boolean: str
    moment: str
    texts: str
    """A list of texts given as one parameter, after IN."""
    number: str
    at_most: str
    """The number in the proof (`e.proof`) of a limit."""


SQLITE = Engine(
    "%({})s",
    "%({})s",
    "(SELECT value FROM json_each(%({})s))",
    "%({})s",
    "json_extract(e.proof, '$.at_most')",
)
POSTGRESQL = Engine(
    "%({})s::boolean",
    "%({})s::timestamptz",
    "(SELECT unnest(%({})s::text[]))",
    "%({})s::bigint",
    "(e.proof ->> 'at_most')::int",
)


def parameters(engine: Engine) -> str:
    """The one row that holds what is true of the whole send."""
    flag, moment = engine.boolean, engine.moment
    return (
        f"SELECT {flag.format('halted')} AS halted, {flag.format('not_approved')} AS not_approved,"
        f" %(channel)s AS channel, %(purpose)s AS purpose, %(per_week)s AS per_week,"
        f" {flag.format('counting')} AS counting,"
        f" {moment.format('week_ago')} AS week_ago, {moment.format('now')} AS now,"
        f" {engine.number.format('topic')} AS topic, {flag.format('silence')} AS silence,"
        f" %(zone)s AS zone"
    )


def first_reason(rules: Sequence[Rule], engine: Engine) -> str:
    """One CASE that gives the first reason that fits, NULL if none does."""
    parts = {
        "{quiet_zones}": engine.texts.format("quiet_zones"),
        "{silence}": _silence(engine),
        "{at_most}": engine.at_most,
    }
    steps = []
    for rule in rules:
        predicate = rule.predicate
        for name, sql in parts.items():
            predicate = predicate.replace(name, sql)
        steps.append(f"WHEN {predicate} THEN '{rule.reason}'")
    return f"CASE {' '.join(steps)} END"


def _silence(engine: Engine) -> str:
    """Whether the law lets us write to somebody who said nothing: that of their country first."""

    def starts(codes: str) -> str:
        known = engine.texts.format(codes)
        return " OR ".join(f"substr(p.phone, 1, {size}) IN {known}" for size in (2, 3, 4))

    return (
        f"CASE WHEN {starts('strict_codes')} THEN false WHEN {starts('free_codes')} THEN true"
        " ELSE s.silence END"
    )


def plan(audience: str, engine: Engine) -> str:
    """A query that says for each person of the audience: person_id, grp, address, reason.

    `audience` is a subquery with the columns person_id and grp.
    """
    of_place = [rule for rule in PLANNED if rule in PLACE]
    of_person = [rule for rule in PLANNED if rule in FACTS]
    return f"""
    WITH s AS ({parameters(engine)}),
    asked AS (
        SELECT r.person_id, r.grp, p.email AS address, p.time_zone,
            {first_reason(of_person, engine)} AS reason
        FROM (SELECT a.person_id, a.grp, NULL AS address FROM {audience}) r CROSS JOIN s {JOINS}
    ),
    numbered AS (
        SELECT asked.*, {_NO_ROW} AS id,
            CASE WHEN reason IS NULL AND grp <> {NO_GROUP} THEN row_number() OVER (
                PARTITION BY address, reason IS NULL AND grp <> {NO_GROUP} ORDER BY person_id
            ) END AS nth
        FROM asked
    )
    SELECT r.person_id, r.grp, r.address,
        coalesce(r.reason, {first_reason(of_place, engine).replace("p.time_zone", "r.time_zone")})
            AS reason
    FROM numbered r CROSS JOIN s
    """  # noqa: S608


def fence(chunk: str, columns: str, engine: Engine) -> str:
    """A query that says for each row of the chunk: `columns`, reason. `chunk` gives an id each."""
    return f"""
    WITH s AS ({parameters(engine)})
    SELECT {columns}, {first_reason(FENCED, engine)} AS reason
    FROM {chunk} JOIN channels_recipient r ON r.id = given.id CROSS JOIN s {JOINS}
    ORDER BY r.id
    """  # noqa: S608
