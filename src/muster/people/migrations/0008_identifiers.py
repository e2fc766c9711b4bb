"""Former addresses become a table of every identifier; what records show now is added to it."""

# ruff: noqa: S608 - the statement holds names of ours.

from typing import Any

from django.db import migrations, models


def add_what_is_shown(_apps: Any, schema_editor: Any) -> None:
    for kind in ("external_id", "email", "phone"):
        schema_editor.execute(
            f"INSERT INTO people_identifier (person_id, kind, value, strength, source, first_seen)"
            f" SELECT id, '{kind}', {kind}, 'strong', '', created_at FROM people_person"
            f" WHERE erased_at IS NULL AND {kind} IS NOT NULL AND {kind} <> ''"
            " ON CONFLICT (person_id, kind, value) DO NOTHING"
        )


class Migration(migrations.Migration):
    dependencies = [("people", "0007_consent_in_full")]

    operations = [
        migrations.RenameModel("FormerIdentity", "Identifier"),
        migrations.RemoveConstraint("identifier", "one_person_per_former_identity"),
        migrations.AlterField(
            "identifier",
            "person",
            models.ForeignKey(
                on_delete=models.deletion.CASCADE, related_name="identifiers", to="people.person"
            ),
        ),
        migrations.AddField(
            "identifier",
            "strength",
            models.CharField(
                choices=[("strong", "Strong"), ("weak", "Weak")], default="strong", max_length=6
            ),
        ),
        migrations.AddField("identifier", "source", models.CharField(blank=True, max_length=60)),
        migrations.AddField("identifier", "first_seen", models.DateTimeField(null=True)),
        migrations.AddField("identifier", "last_seen", models.DateTimeField(null=True)),
        migrations.AddConstraint(
            "identifier",
            models.UniqueConstraint(
                fields=["person", "kind", "value"], name="one_identifier_per_person"
            ),
        ),
        migrations.AddIndex(
            "identifier", models.Index(fields=["kind", "value"], name="identifier_by_value")
        ),
        migrations.RunPython(add_what_is_shown, migrations.RunPython.noop, elidable=True),
    ]
