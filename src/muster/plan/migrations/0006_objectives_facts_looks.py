"""Objectives above campaigns, the fact sheet, and what was seen of goals.

What goals said in words of the aim they support stays as words; the link is set by people.
"""

from __future__ import annotations

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
        ("plan", "0005_calendar"),
    ]

    operations = [
        migrations.RenameField("goal", "objective", "supports"),
        migrations.CreateModel(
            name="Objective",
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
                        choices=[("company", "Company objective"), ("plan", "Plan")],
                        default="company",
                        max_length=8,
                        verbose_name="kind",
                    ),
                ),
                ("name", models.CharField(max_length=200, verbose_name="name")),
                ("starts", models.DateField(verbose_name="first day")),
                ("ends", models.DateField(verbose_name="last day")),
                ("metric", models.CharField(blank=True, max_length=60, verbose_name="metric")),
                (
                    "target",
                    models.DecimalField(
                        blank=True,
                        decimal_places=4,
                        max_digits=18,
                        null=True,
                        verbose_name="target",
                    ),
                ),
                ("sample", models.BooleanField(default=False)),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                (
                    "owner",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="objectives",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="owner",
                    ),
                ),
                (
                    "parent",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="parts",
                        to="plan.objective",
                        verbose_name="serves",
                    ),
                ),
            ],
            options={
                "ordering": ["starts", "pk"],
            },
        ),
        migrations.AddField(
            model_name="goal",
            name="objective",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="goals",
                to="plan.objective",
                verbose_name="which objective it supports",
            ),
        ),
        migrations.CreateModel(
            name="Fact",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("key", models.CharField(max_length=60, verbose_name="key")),
                ("name", models.CharField(max_length=120, verbose_name="what it is")),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("price", "Price"),
                            ("date", "Date"),
                            ("limit", "Limit"),
                            ("number", "Number"),
                            ("claim", "Claim"),
                        ],
                        default="price",
                        max_length=8,
                        verbose_name="kind",
                    ),
                ),
                ("values", models.JSONField(default=dict, verbose_name="values")),
                ("unit", models.CharField(blank=True, max_length=20, verbose_name="unit")),
                (
                    "valid_from",
                    models.DateTimeField(blank=True, null=True, verbose_name="valid from"),
                ),
                (
                    "valid_to",
                    models.DateTimeField(blank=True, null=True, verbose_name="valid until"),
                ),
                (
                    "evidence_url",
                    models.CharField(blank=True, max_length=500, verbose_name="link to the proof"),
                ),
                ("evidence", models.CharField(blank=True, max_length=300, verbose_name="proof")),
                (
                    "status",
                    models.CharField(
                        choices=[("draft", "Not verified"), ("verified", "Verified")],
                        default="draft",
                        max_length=8,
                        verbose_name="status",
                    ),
                ),
                ("verified_at", models.DateTimeField(blank=True, null=True)),
                ("was", models.JSONField(default=list)),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                (
                    "campaign",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="facts",
                        to="plan.campaign",
                    ),
                ),
                (
                    "owner",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="facts",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="owner",
                    ),
                ),
                (
                    "verified_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "written_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "ordering": ["key"],
                "constraints": [
                    models.UniqueConstraint(fields=("campaign", "key"), name="one_fact_per_key")
                ],
            },
        ),
        migrations.CreateModel(
            name="Look",
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
                        choices=[("checkpoint", "Checkpoint"), ("rail", "Guardrail")], max_length=10
                    ),
                ),
                ("what", models.CharField(max_length=60)),
                ("expected", models.DecimalField(decimal_places=4, max_digits=18, null=True)),
                ("actual", models.DecimalField(decimal_places=4, max_digits=18, null=True)),
                (
                    "state",
                    models.CharField(
                        choices=[("held", "Held"), ("missed", "Missed")], max_length=6
                    ),
                ),
                ("at", models.DateTimeField()),
                (
                    "goal",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="looks",
                        to="plan.goal",
                    ),
                ),
            ],
            options={
                "ordering": ["goal", "kind", "what"],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("goal", "kind", "what"), name="one_look_per_mark"
                    )
                ],
            },
        ),
        migrations.AddConstraint(
            model_name="objective",
            constraint=models.CheckConstraint(
                condition=models.Q(("ends__gte", models.F("starts"))),
                name="objective_ends_after_start",
            ),
        ),
        migrations.AddConstraint(
            model_name="objective",
            constraint=models.UniqueConstraint(
                fields=("name", "starts"), name="one_objective_per_name"
            ),
        ),
    ]
