"""Templates in the API, and campaigns copied from others."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from django.http import HttpRequest
from django.utils.translation import get_language
from ninja import File, Form, Router
from ninja.files import UploadedFile

from muster.kit.errors import Invalid, NotFound
from muster.kit.words import _
from muster.plan.campaigns.days import today
from muster.plan.campaigns.found import caller, of_call
from muster.plan.campaigns.models import Campaign
from muster.plan.campaigns.schemas import MoneyIn, amount_of, colleague
from muster.plan.starting import brief_text, rules
from muster.plan.starting.actions import Wanted, check_start, made, start_from
from muster.plan.starting.copying import template_of
from muster.plan.starting.documents import LARGEST, text_of
from muster.plan.starting.shelf import templates
from muster.team.bodies import Strict
from muster.team.tokens.auth import scope

router = Router(tags=["campaigns"])


def named(key: str) -> rules.Template:
    """The template with this key, or a refusal that names those there are."""
    if key not in templates():
        raise Invalid.at(
            "/template",
            "unknown_template",
            _("There is no template “%(template)s”. Use one of: %(known)s."),
            template=key,
            known=", ".join(templates()),
        )
    return templates()[key]


@router.get("", auth=scope("campaigns:read"), response=dict[str, Any])
def list_templates(request: HttpRequest) -> dict[str, Any]:
    """The templates from which a campaign can begin."""
    return {"items": [_summary(one) for one in templates().values()], "next": None}


@router.post("/read", auth=scope("campaigns:write"), response=dict[str, Any])
def read_brief(
    request: HttpRequest, text: Form[str] = "", file: File[UploadedFile | None] = None
) -> dict[str, Any]:
    """What a brief says, as `text` or as a `file` (.docx, .txt): the fields of a new campaign.

    Each comes with the words from which it was read; nothing is created.
    """
    if file is not None:
        text = text_of(file.name or "", file.read(LARGEST + 1))
    if not text.strip():
        raise Invalid.at("/text", "blank", _("Write something first."))
    found = brief_text.read(text[:20_000], today())
    items = [{"field": one.field, "value": one.value, "phrase": one.phrase} for one in found]
    return {"items": items, "next": None}


@router.get("/{key}", auth=scope("campaigns:read"), response=dict[str, Any])
def get_template(request: HttpRequest, key: str) -> dict[str, Any]:
    """One template: days as `D-5` and `E+2`, money in percent, duties by role."""
    if key not in templates():
        raise NotFound
    one = templates()[key]
    language = get_language() or "en"

    def said(text: rules.Text) -> str:
        return rules.words(text, language)

    return {
        **_summary(one),
        "brief": {name: said(text) for name, text in one.texts.items()},
        "goals": [
            {"metric": aim.metric, "target": aim.target, "typical": aim.typical}
            for aim in one.goals
        ],
        "guardrails": [
            {
                "metric": rail.metric,
                "op": rail.op,
                "value": rail.value,
                "times": rail.times,
                "currency": rail.currency or None,
            }
            for rail in one.rails
        ],
        "tasks": [
            {
                "key": task.key,
                "title": said(task.title),
                "phase": task.phase,
                "days": task.days,
                "ends": str(task.ends),
                "after": [link.key for link in task.after],
                "duties": [{"letter": letter, "role": role} for letter, role in task.who],
            }
            for task in one.tasks
        ],
        "lines": [
            {
                "category": line.category,
                "label": said(line.label),
                "share": line.share,
                "channel": line.channel,
                "core": line.core,
            }
            for line in one.lines
        ],
        "map": [
            {"stage": cell.stage, "channel": cell.channel, "text": said(cell.text)}
            for cell in one.cells
        ],
        "risks": [
            {
                "title": said(risk.title),
                "likelihood": risk.likelihood,
                "impact": risk.impact,
                "plan": [said(step) for step in risk.plan],
            }
            for risk in one.risks
        ],
    }


def _summary(one: rules.Template) -> dict[str, Any]:
    language = get_language() or "en"
    return {
        "key": one.key,
        "name": rules.words(one.name, language),
        "summary": rules.words(one.summary, language),
        "strategy": one.strategy,
        "days": one.days,
        "channels": list(one.channels),
    }


class CloneIn(Strict):
    """What the copy does not take over; without `ends` it lasts as long as the original."""

    starts: date
    ends: date | None = None
    name: str = ""
    owner: str = ""
    total_budget: MoneyIn | Decimal | None = None


clones = Router(tags=["campaigns"])


@clones.post("/{campaign_id}/clone", auth=scope("campaigns:write"), response={201: dict[str, Any]})
def clone_campaign(request: HttpRequest, campaign_id: str, body: CloneIn) -> dict[str, Any]:
    """Begin a campaign like this one: dates move by working days, money by shares."""
    copied = of_call(request, campaign_id)
    check_start(body.starts)
    budget = copied.total_budget
    if body.total_budget is not None:
        budget = amount_of(body.total_budget, copied.currency, "/total_budget")
    main = copied.goals.first()
    template = template_of(copied)
    change = start_from(
        template,
        Wanted(
            name=body.name or copied.name,
            starts=body.starts,
            ends=body.ends or body.starts + timedelta(days=template.days - 1),
            currency=copied.currency,
            owner=colleague(body.owner, "/owner") if body.owner else caller(request),
            total_budget=budget,
            goal={name: getattr(main, name) for name in ("metric", "target", "baseline")}
            if main
            else None,
        ),
        by=caller(request),
        copied=copied,
    )
    return begun(made(change))


def begun(campaign: Campaign) -> dict[str, Any]:
    """What was created, in numbers."""
    return {
        "id": campaign.public_id,
        "name": campaign.name,
        "status": campaign.status,
        "starts": campaign.starts,
        "ends": campaign.ends,
        "created": {
            "goals": campaign.goals.count(),
            "tasks": campaign.tasks.count(),
            "lines": campaign.lines.count(),
            "cells": campaign.cells.count(),
            "risks": campaign.risks.count(),
        },
    }
