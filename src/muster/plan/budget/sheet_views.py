"""The budget as an Excel file: out, back with a preview of what would change, and applied (S10)."""

from __future__ import annotations

from django.contrib import messages
from django.core import signing
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods, require_POST

from muster.kit.errors import Invalid
from muster.kit.words import _
from muster.plan.budget.models import BudgetLine
from muster.plan.budget.sheets import LARGEST, RowChange, apply, export, read
from muster.plan.campaigns.found import of_page
from muster.plan.campaigns.page import page
from muster.team.http import TeamRequest
from muster.team.permissions import allow

_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_SALT = "budget-import"
_HOUR = 3600


@allow("budget.see")
def sheet(request: TeamRequest, campaign_id: int) -> HttpResponse:
    """The file."""
    campaign = of_page(request, campaign_id)
    answer = HttpResponse(export(campaign), content_type=_XLSX)
    answer["Content-Disposition"] = f'attachment; filename="budget-{campaign.public_id}.xlsx"'
    return answer


@allow("budget.edit")
@require_http_methods(["GET", "POST"])
def import_sheet(request: TeamRequest, campaign_id: int) -> HttpResponse:
    """Choose a file, and see what it would change."""
    campaign = of_page(request, campaign_id)
    changes: list[RowChange] | None = None
    refusal = ""
    file = request.FILES.get("file")
    if request.method == "POST":
        try:
            if file is None:
                raise Invalid.at("/file", "no_file", _("Choose a file first."))
            changes = read(campaign, file.read(LARGEST + 1))
        except Invalid as invalid:
            refusal = (
                gettext(invalid.text) % invalid.params if invalid.params else gettext(invalid.text)
            )
    usable = [change for change in changes or [] if not change.refusal]
    context = {
        "changes": changes,
        "usable": usable,
        "refused": len(changes or []) - len(usable),
        "refusal": refusal,
        "payload": signing.dumps(
            [campaign.pk, [_packed(change) for change in usable]], salt=_SALT, compress=True
        ),
    }
    whole = page(campaign, request.user, "budget/lines", **context)
    return render(request, "plan/budget/import.html", whole, status=422 if refusal else 200)


def _packed(change: RowChange) -> dict[str, object]:
    line: BudgetLine | None = change.line
    return {
        "row": change.number,
        "line": line.public_id if line else None,
        "fields": change.fields,
        "before": change.before if line else {},
    }


@allow("budget.edit")
@require_POST
def apply_sheet(request: TeamRequest, campaign_id: int) -> HttpResponse:
    """Make the changes of the preview."""
    campaign = of_page(request, campaign_id)
    try:
        payload = signing.loads(request.POST.get("payload", ""), salt=_SALT, max_age=_HOUR)
        number, changes = payload
    except (signing.BadSignature, ValueError):
        number, changes = 0, []
    if number != campaign.pk:
        raise Invalid.at("/payload", "too_old", _("The preview is too old. Choose the file again."))
    count = apply(campaign, changes, by=request.user)
    messages.success(request, gettext("Lines changed: %(many)s") % {"many": count})
    url = redirect("plan:budget", campaign.pk)
    if request.htmx:
        return HttpResponse(status=204, headers={"HX-Redirect": url["Location"]})
    return url
