"""The matrix of duties in the API."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from ninja import Router

from muster.kit.errors import Invalid, Problem
from muster.kit.words import _
from muster.plan.campaigns.found import caller, of_call
from muster.plan.campaigns.models import Campaign
from muster.plan.raci import actions, rules
from muster.plan.raci.matrix import RaciMatrix
from muster.plan.raci.reading import cell_of
from muster.team.bodies import Strict
from muster.team.tokens.auth import scope

router = Router(tags=["campaigns"])


class DutyCellIn(Strict):
    """One cell: a task, a person or team, and the letters it has from now on."""

    task: str
    who: str
    letters: str = ""


class DutiesIn(Strict):
    """The cells to set; all others stay as they are."""

    duties: list[DutyCellIn]


def shown(campaign: Campaign) -> dict[str, Any]:
    """The matrix as the API speaks of it."""
    matrix = RaciMatrix(campaign)
    return {
        "tasks": [
            {
                "id": row.task.public_id,
                "title": row.task.title,
                "phase": row.task.phase,
                "due": row.task.due,
                "duties": [
                    {"who": matrix.holders[key].public_id, "letters": letters.replace("/", "")}
                    for key, letters in row.cells.items()
                ],
                "faults": [fault.value for fault in row.faults],
                "broken": row.breaks,
            }
            for row in matrix.rows()
        ],
        "people": [
            {
                "id": one.public_id,
                "name": one.name,
                "accountable": matrix.figures[key].accountable,
                "responsible": matrix.figures[key].responsible,
                "hours": float(matrix.figures[key].hours),
                "load": _share(matrix, key),
                "days_away": matrix.figures[key].days_away,
            }
            for key, one in matrix.holders.items()
        ],
    }


def _share(matrix: RaciMatrix, key: str) -> float | None:
    load = matrix.figures[key].load
    return round(float(load), 4) if load is not None else None


@router.get("/{campaign_id}/raci", auth=scope("campaigns:read"), response=dict[str, Any])
def get_raci(request: HttpRequest, campaign_id: str) -> dict[str, Any]:
    """Tasks with their duties and what is wrong with them; people with what is asked of them."""
    return shown(of_call(request, campaign_id))


@router.put("/{campaign_id}/raci", auth=scope("campaigns:write"), response=dict[str, Any])
def put_raci(
    request: HttpRequest, campaign_id: str, body: DutiesIn, preview: bool = False
) -> dict[str, Any]:
    """Set cells; with `?preview=true` only say what that would bring about."""
    campaign = of_call(request, campaign_id)
    problems = [
        Problem(
            f"/duties/{place}/letters",
            "bad_letters",
            _("“%(given)s” is no duty. Write R, A, C or I, or nothing to take it away."),
            {"given": one.letters[:20]},
        )
        for place, one in enumerate(body.duties)
        if not rules.is_letters(one.letters)
    ]
    if problems:
        raise Invalid.of(problems)
    changes = {cell_of(one.task, one.who): rules.read_letters(one.letters) for one in body.duties}
    if preview:
        found = actions.preview(campaign, changes)
        return {"effects": found.sentences, "still_broken": found.still_broken}
    actions.set_duties(campaign, changes, by=caller(request))
    return shown(campaign)
