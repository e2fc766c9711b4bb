"""A sentence as the brief shows it before it is set: slots, what was not read, letters (S09)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.utils import timezone
from django.utils.translation import get_language, gettext

from muster.plan.campaigns import days
from muster.plan.campaigns.models import Campaign
from muster.plan.goals import rules
from muster.plan.goals.cascade import CHANNELS
from muster.plan.goals.drafts import facts_of_draft, fields_of, reading_of, target_of
from muster.plan.goals.facts import arrivals, metric_names, past_values
from muster.plan.goals.history import Baseline, baseline_of
from muster.plan.goals.meter import KINDS, MARKS
from muster.plan.goals.reading.sentence import Reading
from muster.plan.goals.shown import letter_text, written
from muster.ui import formats
from muster.warehouse.metrics import METRICS


@dataclass(frozen=True)
class Slot:
    """One part of a goal: what was read, and from which words."""

    label: str
    value: str
    words: str
    """Of the sentence; empty where the value is from elsewhere."""


@dataclass(frozen=True)
class DraftLetter:
    """One letter in words."""

    letter: str
    kind: str
    mark: str
    text: str
    rewrites: tuple[str, ...]


@dataclass(frozen=True)
class ShownDraft:
    """A sentence that is not yet a goal."""

    sentence: str
    slots: tuple[Slot, ...]
    unread: tuple[str, ...]
    remarks: tuple[str, ...]
    """What its writer should know of how it was read."""
    letters: tuple[DraftLetter, ...]
    score: int
    may_be_set: bool


def shown_draft(campaign: Campaign, sentence: str, today: date) -> ShownDraft | None:
    """What a sentence says for this campaign; None for an empty one."""
    said = reading_of(sentence, today, (campaign.starts, campaign.ends))
    if said is None:
        return None
    fields = fields_of(said, campaign.starts)
    before = _baseline(campaign, said, fields)
    if before is not None:
        fields = fields_of(said, campaign.starts, before.value)
    letters = rules.smart(_facts(campaign, said, fields), timezone.now())
    metric = METRICS.get(said.metric)
    return ShownDraft(
        sentence=sentence,
        slots=tuple(_slots(campaign, said, fields, before)),
        unread=said.unread,
        remarks=tuple(gettext(one.text) % one.params for one in said.remarks),
        letters=tuple(
            DraftLetter(
                one.letter,
                KINDS[one.verdict],
                MARKS[one.verdict],
                letter_text(one, metric, campaign.currency),
                tuple(letter_text(r, metric, campaign.currency) for r in one.rewrites),
            )
            for one in letters
        ),
        score=rules.score(letters),
        may_be_set=bool(said.metric) and target_of(said, fields.get("baseline")) is not None,
    )


def _baseline(campaign: Campaign, said: Reading, fields: dict[str, Any]) -> Baseline | None:
    if not said.metric or said.baseline is not None:
        return None
    first, last = fields.get("starts", campaign.starts), fields.get("due", campaign.ends)
    return baseline_of(campaign, said.metric, first, last)


def _facts(campaign: Campaign, said: Reading, fields: dict[str, Any]) -> rules.GoalFacts:
    needs, seen = arrivals(METRICS.get(said.metric))
    comparable = past_values(campaign, said.metric) if said.metric else ()
    return facts_of_draft(
        said, fields, metric_names(), needs=needs, seen=seen, comparable=comparable
    )


def _slots(
    campaign: Campaign, said: Reading, fields: dict[str, Any], before: Baseline | None
) -> Iterator[Slot]:
    words, metric = said.words, METRICS.get(said.metric)

    def number(value: Decimal) -> str:
        return written(value, metric, campaign.currency)

    if metric is not None:
        yield Slot(gettext("Metric"), gettext(metric.name), words.get("metric", ""))
    if "baseline" in fields:
        source = before.source if before is not None else ""
        yield Slot(
            gettext("Baseline"), number(fields["baseline"]), source or words.get("baseline", "")
        )
    if fields.get("target") is not None:
        yield Slot(gettext("Target"), number(fields["target"]), words.get("target", ""))
    elif said.change is not None:
        share = formats.percent(said.change, get_language() or "en", digits=0)
        yield Slot(gettext("Change"), share, words.get("target", ""))
    elif said.more is not None:
        yield Slot(gettext("Change"), number(said.more), words.get("target", ""))
    if said.population:
        yield Slot(gettext("Of whom"), said.population, words.get("population", ""))
    if said.channel:
        name = str(CHANNELS.get(said.channel, said.channel))
        yield Slot(gettext("Through"), name, words.get("channel", ""))
    if "due" in fields:
        language = get_language() or "en"
        span = " – ".join(
            formats.day(fields[end], language, today=days.today()) for end in ("starts", "due")
        )
        yield Slot(gettext("Days"), span, words.get("window", ""))
    for rail in said.rails:
        known = METRICS[rail.metric]
        sign = "≥" if rail.op == "gte" else "≤"
        value = written(rail.value, known, campaign.currency)
        yield Slot(gettext("Guardrail"), f"{gettext(known.name)} {sign} {value}", "")
