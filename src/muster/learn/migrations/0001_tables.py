import django.core.serializers.json
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from muster.team.tables import TablesTogether


class Migration(TablesTogether):
    replaces = [("learn", "0001_retros")]

    initial = True

    dependencies = [
        ("plan", "0001_tables"),
        ("team", "0001_tables"),
    ]

    operations = [
        migrations.CreateModel(
            name="Retro",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "status",
                    models.CharField(
                        choices=[("open", "Being written"), ("done", "Done")],
                        default="open",
                        max_length=8,
                        verbose_name="status",
                    ),
                ),
                (
                    "would_do_again",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("yes", "Yes, as it was"),
                            ("changed", "Yes, with changes"),
                            ("no", "No"),
                        ],
                        max_length=8,
                        verbose_name="would we do it again?",
                    ),
                ),
                ("why", models.CharField(blank=True, max_length=300, verbose_name="why")),
                (
                    "filled",
                    models.JSONField(
                        default=dict, encoder=django.core.serializers.json.DjangoJSONEncoder
                    ),
                ),
                ("completed_at", models.DateTimeField(null=True)),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                (
                    "campaign",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="retro",
                        to="plan.campaign",
                    ),
                ),
                (
                    "completed_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="retros",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Card",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("keep", "Keep"),
                            ("stop", "Stop"),
                            ("start", "Start"),
                            ("lesson", "Lesson"),
                            ("action", "Action"),
                        ],
                        max_length=8,
                        verbose_name="kind",
                    ),
                ),
                ("text", models.CharField(max_length=400, verbose_name="text")),
                (
                    "screen",
                    models.CharField(
                        blank=True, max_length=20, verbose_name="where it should appear again"
                    ),
                ),
                (
                    "condition",
                    models.CharField(blank=True, max_length=160, verbose_name="and when"),
                ),
                ("due", models.DateField(blank=True, null=True, verbose_name="due")),
                ("at", models.DateTimeField(auto_now_add=True)),
                ("removed_at", models.DateTimeField(null=True)),
                (
                    "by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "owner",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="who does it",
                    ),
                ),
                (
                    "retro",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="cards",
                        to="learn.retro",
                    ),
                ),
            ],
        ),
    ]
