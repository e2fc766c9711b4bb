from typing import Any

from django.db import migrations


def enter(apps: Any, schema_editor: Any) -> None:
    """Every plan that is there becomes the first entry of its line."""
    line_model = apps.get_model("plan", "BudgetLine")
    entry_model = apps.get_model("plan", "PlanEntry")
    entry_model.objects.bulk_create(
        (
            entry_model(
                campaign_id=line.campaign_id,
                line=line,
                label=line.label,
                kind="plan",
                amount=line.planned,
            )
            for line in line_model.objects.exclude(planned=0).iterator()
        ),
        batch_size=1000,
    )


class Migration(migrations.Migration):
    dependencies = [
        ("plan", "0009_budget_ledger"),
    ]

    operations = [migrations.RunPython(enter, migrations.RunPython.noop)]
