"""News of imports and of people."""

from __future__ import annotations

from muster.kit import ids
from muster.people.imports.models import Import
from muster.people.leads.models import LeadStep
from muster.ui.live import topic


@topic("import")
def import_version(public_id: str) -> str:
    """Changes with every step of the import."""
    number = ids.number("import", public_id) or 0
    found = Import.objects.select_related("job").filter(pk=number).first()
    if found is None:
        return ""
    job = f"{found.job.state}-{found.job.done}-{found.job.total}" if found.job else ""
    return f"{found.state}-{job}"


@topic("leads")
def leads_version(public_id: str) -> str:
    """Changes when a lead comes, goes on or changes hands."""
    newest = LeadStep.objects.order_by("-pk").values_list("pk", flat=True).first()
    return str(newest or 0)
