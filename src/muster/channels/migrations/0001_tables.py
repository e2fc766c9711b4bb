import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import muster.channels.sending.models
from muster.team.tables import TablesTogether


class Migration(TablesTogether):
    replaces = [("channels", "0001_sends"), ("channels", "0002_send_topic")]

    initial = True

    dependencies = [
        ("content", "0001_tables"),
        ("people", "0001_tables"),
        ("plan", "0001_tables"),
        ("team", "0001_tables"),
    ]

    operations = [
        migrations.CreateModel(
            name="Send",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("name", models.CharField(max_length=120, verbose_name="name")),
                (
                    "channel",
                    models.CharField(default="email", max_length=20, verbose_name="channel"),
                ),
                (
                    "purpose",
                    models.CharField(default="marketing", max_length=40, verbose_name="purpose"),
                ),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("draft", "Draft"),
                            ("in_review", "Awaits approval"),
                            ("approved", "Approved"),
                            ("scheduled", "Scheduled"),
                            ("sending", "Sending"),
                            ("paused", "Paused"),
                            ("done", "Done"),
                            ("stopped", "Stopped"),
                            ("missed", "Missed"),
                        ],
                        default="draft",
                        max_length=12,
                    ),
                ),
                ("rule", models.JSONField(null=True)),
                (
                    "holdout",
                    models.DecimalField(
                        decimal_places=5, max_digits=6, null=True, verbose_name="hold-out share"
                    ),
                ),
                ("holdout_rule", models.JSONField(null=True)),
                ("seed", models.BigIntegerField(default=muster.channels.sending.models.new_seed)),
                ("starts_at", models.DateTimeField(null=True, verbose_name="starts at")),
                ("not_after", models.DateTimeField(null=True, verbose_name="not after")),
                ("approved", models.CharField(blank=True, max_length=64)),
                ("frozen_at", models.DateTimeField(null=True)),
                ("audience_size", models.PositiveBigIntegerField(null=True)),
                ("started_at", models.DateTimeField(null=True)),
                ("ended_at", models.DateTimeField(null=True)),
                ("generation", models.PositiveIntegerField(default=0)),
                ("trouble", models.CharField(blank=True, max_length=300)),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                (
                    "by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="sends",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "campaign",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="sends",
                        to="plan.campaign",
                    ),
                ),
                (
                    "segment",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="sends",
                        to="people.segment",
                    ),
                ),
                (
                    "topic",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="people.topic",
                        verbose_name="topic",
                    ),
                ),
            ],
            options={
                "indexes": [models.Index(fields=["status"], name="send_by_status")],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("segment__isnull", False), ("rule__isnull", False), _connector="OR"
                        ),
                        name="send_has_one_audience",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("holdout__isnull", True),
                            models.Q(("holdout__gte", 0), ("holdout__lt", 1)),
                            _connector="OR",
                        ),
                        name="send_holdout_is_a_share",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Variant",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("position", models.PositiveSmallIntegerField()),
                ("name", models.CharField(max_length=60, verbose_name="name")),
                ("share", models.DecimalField(decimal_places=5, max_digits=6, null=True)),
                ("rule", models.JSONField(null=True)),
                ("compiled", models.JSONField(null=True)),
                (
                    "email",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="variants",
                        to="content.email",
                    ),
                ),
                (
                    "send",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="variants",
                        to="channels.send",
                    ),
                ),
            ],
            options={
                "ordering": ["position"],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("send", "position"), name="variant_position_once"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Link",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("number", models.PositiveSmallIntegerField()),
                ("url", models.TextField()),
                ("label", models.CharField(blank=True, max_length=200)),
                (
                    "send",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="links",
                        to="channels.send",
                    ),
                ),
                (
                    "variant",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="links",
                        to="channels.variant",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("variant", "number"), name="link_number_once")
                ],
            },
        ),
        migrations.CreateModel(
            name="Recipient",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("address", models.CharField(blank=True, max_length=254)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("queued", "Waiting"),
                            ("claimed", "Under way"),
                            ("sent", "Sent"),
                            ("failed", "Failed"),
                            ("retry", "Later"),
                            ("unknown", "Outcome unknown"),
                            ("skipped", "Not sent"),
                            ("held_out", "Held out"),
                            ("stopped", "Stopped before sending"),
                        ],
                        max_length=8,
                    ),
                ),
                ("reason", models.CharField(blank=True, max_length=30)),
                ("owner", models.CharField(blank=True, max_length=60)),
                ("lease_until", models.DateTimeField(null=True)),
                ("attempt", models.PositiveSmallIntegerField(default=0)),
                ("due_at", models.DateTimeField(null=True)),
                ("sent_at", models.DateTimeField(null=True)),
                ("code", models.PositiveSmallIntegerField(null=True)),
                ("answer", models.CharField(blank=True, max_length=200)),
                ("key", models.CharField(max_length=32)),
                ("traits", models.JSONField(null=True)),
                ("announced", models.BooleanField(default=True)),
                (
                    "person",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="people.person",
                    ),
                ),
                (
                    "send",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="recipients",
                        to="channels.send",
                    ),
                ),
                (
                    "variant",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="recipients",
                        to="channels.variant",
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(fields=["send", "state", "id"], name="recipient_by_state"),
                    models.Index(fields=["person", "sent_at"], name="recipient_by_person"),
                    models.Index(
                        condition=models.Q(("announced", False)),
                        fields=["send"],
                        name="recipient_to_announce",
                    ),
                ],
                "constraints": [
                    models.UniqueConstraint(fields=("send", "person"), name="recipient_once"),
                    models.UniqueConstraint(
                        condition=models.Q(
                            models.Q(("state", "skipped"), _negated=True),
                            models.Q(("address", ""), _negated=True),
                        ),
                        fields=("send", "address"),
                        name="recipient_address_once",
                    ),
                ],
            },
        ),
    ]
