import hashlib
from typing import Any

import django.db.models.deletion
from django.db import migrations, models


def hash_sets(apps: Any, schema_editor: Any) -> None:
    """Files with the same columns in another order are matched alike from now on."""
    table = apps.get_model("people", "Import")
    for one in table.objects.exclude(header="").only("columns").iterator():
        names = sorted(column["name"] for column in one.columns)
        header = hashlib.sha256("\x1f".join(names).encode()).hexdigest()
        table.objects.filter(pk=one.pk).update(header=header)


class Migration(migrations.Migration):
    dependencies = [
        ("people", "0005_segment_failure"),
    ]

    operations = [
        migrations.AddField(
            model_name="import",
            name="sheet",
            field=models.CharField(blank=True, default="", max_length=255, verbose_name="sheet"),
            preserve_default=False,
        ),
        migrations.AddField(
            model_name="import",
            name="sheets",
            field=models.JSONField(default=list),
        ),
        migrations.AddField(
            model_name="import",
            name="header_row",
            field=models.PositiveIntegerField(default=0, verbose_name="row of the column names"),
        ),
        migrations.AddField(
            model_name="import",
            name="beginning",
            field=models.JSONField(default=list),
        ),
        migrations.AddField(
            model_name="import",
            name="values",
            field=models.JSONField(default=dict),
        ),
        migrations.AddField(
            model_name="import",
            name="alike",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="+",
                to="people.import",
            ),
        ),
        migrations.AlterField(
            model_name="import",
            name="header",
            field=models.CharField(blank=True, db_index=True, max_length=64),
        ),
        migrations.RunPython(hash_sets, migrations.RunPython.noop),
    ]
