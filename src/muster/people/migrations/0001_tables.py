import datetime

import django.db.models.deletion
import django.db.models.functions.text
from django.conf import settings
from django.db import migrations, models

from muster.team.tables import TablesTogether


class Migration(TablesTogether):
    replaces = [
        ("people", "0001_people"),
        ("people", "0002_segments"),
        ("people", "0003_personas"),
        ("people", "0004_identity"),
        ("people", "0005_double_opt_in"),
        ("people", "0006_segment_moves"),
        ("people", "0007_consent_in_full"),
        ("people", "0008_identifiers"),
        ("people", "0009_leads"),
        ("people", "0010_import_repairs"),
    ]

    initial = True

    dependencies = [
        ("team", "0001_tables"),
    ]

    operations = [
        migrations.CreateModel(
            name="ConsentTerms",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "law",
                    models.CharField(
                        choices=[
                            ("pipl", "PIPL (mainland China)"),
                            ("gdpr", "GDPR (European Union)"),
                            ("can_spam", "CAN-SPAM (United States)"),
                        ],
                        default="pipl",
                        max_length=20,
                        verbose_name="law",
                    ),
                ),
                ("by_country", models.BooleanField(default=False, verbose_name="by country")),
                ("months", models.PositiveSmallIntegerField(default=0, verbose_name="months")),
                ("double_opt_in", models.BooleanField(default=False, verbose_name="double opt-in")),
            ],
        ),
        migrations.CreateModel(
            name="ConsentText",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("name", models.CharField(max_length=80, verbose_name="name")),
                ("language", models.CharField(max_length=20, verbose_name="language")),
                ("number", models.PositiveSmallIntegerField()),
                ("words", models.TextField(verbose_name="words")),
                ("code", models.CharField(max_length=16, unique=True)),
                ("at", models.DateTimeField(auto_now_add=True)),
                (
                    "by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "ordering": ["name", "language", "-number"],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("name", "language", "number"), name="one_text_per_version"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Handover",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("rules", models.JSONField(default=list)),
                (
                    "room",
                    models.PositiveSmallIntegerField(
                        default=20, verbose_name="open leads per seller"
                    ),
                ),
                ("rooms", models.JSONField(default=dict)),
                (
                    "contact_hours",
                    models.PositiveSmallIntegerField(
                        default=8, verbose_name="working hours to the contact"
                    ),
                ),
                (
                    "raise_hours",
                    models.PositiveSmallIntegerField(
                        default=4, verbose_name="hours until the lead hears"
                    ),
                ),
                (
                    "opens",
                    models.TimeField(default=datetime.time(9, 0), verbose_name="work begins"),
                ),
                (
                    "closes",
                    models.TimeField(default=datetime.time(18, 0), verbose_name="work ends"),
                ),
                (
                    "rest_days",
                    models.PositiveSmallIntegerField(default=30, verbose_name="rest after a lead"),
                ),
                ("version", models.PositiveIntegerField(default=1)),
                ("updated_at", models.DateTimeField(auto_now=True)),
                (
                    "by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Import",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("name", models.CharField(max_length=200, verbose_name="file")),
                ("path", models.CharField(max_length=255)),
                ("size", models.BigIntegerField(default=0)),
                ("encoding", models.CharField(blank=True, max_length=20, verbose_name="encoding")),
                ("separator", models.CharField(blank=True, max_length=2, verbose_name="separator")),
                ("columns", models.JSONField(default=list)),
                ("mapping", models.JSONField(default=dict)),
                ("consent", models.JSONField(default=dict)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("uploaded", "Waiting for its columns to be matched"),
                            ("checking", "Being checked"),
                            ("checked", "Checked"),
                            ("running", "Running"),
                            ("done", "Done"),
                            ("cancelled", "Cancelled"),
                            ("failed", "Failed"),
                            ("undone", "Undone"),
                        ],
                        default="uploaded",
                        max_length=10,
                    ),
                ),
                ("counts", models.JSONField(default=dict)),
                ("error", models.TextField(blank=True)),
                ("errors_file", models.CharField(blank=True, max_length=255)),
                ("header", models.CharField(blank=True, max_length=64)),
                ("nonce", models.CharField(max_length=24)),
                ("last_person_before", models.BigIntegerField(default=0)),
                ("at", models.DateTimeField(auto_now_add=True)),
                ("started_at", models.DateTimeField(null=True)),
                ("ended_at", models.DateTimeField(null=True)),
                ("undone_at", models.DateTimeField(null=True)),
                (
                    "by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="imports",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "job",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to="team.job",
                    ),
                ),
                ("repairs", models.JSONField(default=list)),
                ("report_file", models.CharField(blank=True, max_length=255)),
            ],
        ),
        migrations.CreateModel(
            name="Person",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "external_id",
                    models.CharField(
                        max_length=200, null=True, unique=True, verbose_name="id in your systems"
                    ),
                ),
                (
                    "email",
                    models.CharField(
                        blank=True, db_index=True, max_length=254, verbose_name="e-mail"
                    ),
                ),
                (
                    "phone",
                    models.CharField(
                        blank=True, db_index=True, max_length=20, verbose_name="phone"
                    ),
                ),
                ("email_hash", models.CharField(blank=True, max_length=32)),
                ("phone_hash", models.CharField(blank=True, max_length=32)),
                (
                    "first_name",
                    models.CharField(blank=True, max_length=100, verbose_name="first name"),
                ),
                (
                    "last_name",
                    models.CharField(blank=True, max_length=100, verbose_name="last name"),
                ),
                ("language", models.CharField(blank=True, max_length=20, verbose_name="language")),
                (
                    "time_zone",
                    models.CharField(blank=True, max_length=50, verbose_name="time zone"),
                ),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                ("erased_at", models.DateTimeField(null=True)),
                ("merged_at", models.DateTimeField(null=True)),
                (
                    "merged_into",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="merged",
                        to="people.person",
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(
                        condition=models.Q(("merged_into__isnull", False)),
                        fields=["merged_into"],
                        name="person_merged_into",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="ScoreModel",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("card", models.JSONField(default=dict)),
                ("mql", models.JSONField(default=dict)),
                ("on", models.BooleanField(default=False)),
                ("scored_at", models.DateTimeField(null=True)),
                ("version", models.PositiveIntegerField(default=1)),
                ("updated_at", models.DateTimeField(auto_now=True)),
                (
                    "by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Segment",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("name", models.CharField(max_length=120, verbose_name="name")),
                ("note", models.CharField(blank=True, max_length=500, verbose_name="note")),
                ("rule", models.JSONField(default=dict, verbose_name="rule")),
                (
                    "kind",
                    models.CharField(
                        choices=[("live", "Dynamic"), ("frozen", "Frozen")],
                        default="live",
                        max_length=6,
                        verbose_name="kind",
                    ),
                ),
                ("frozen_at", models.DateTimeField(null=True)),
                ("last_count", models.PositiveBigIntegerField(null=True)),
                ("last_reachable", models.JSONField(default=dict)),
                ("last_counted_at", models.DateTimeField(null=True)),
                ("version", models.PositiveIntegerField(default=1)),
                ("sample", models.BooleanField(default=False)),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                ("updated_at", models.DateTimeField(auto_now=True)),
                ("deleted_at", models.DateTimeField(blank=True, editable=False, null=True)),
                (
                    "by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="segments",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                ("checked_at", models.DateTimeField(null=True)),
                ("draft", models.JSONField(null=True)),
                ("refreshed_at", models.DateTimeField(null=True)),
                ("refreshed_rule", models.CharField(blank=True, max_length=64)),
                ("refreshed_to", models.CharField(blank=True, max_length=80)),
                ("size", models.PositiveBigIntegerField(default=0)),
                ("wrong", models.PositiveIntegerField(default=0)),
            ],
            options={
                "indexes": [
                    models.Index(
                        fields=["deleted_at", "-updated_at"], name="people_segm_deleted_6247ec_idx"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Suppression",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "channel",
                    models.CharField(
                        choices=[
                            ("email", "E-mail"),
                            ("sms", "SMS"),
                            ("wecom", "WeCom"),
                            ("phone", "Phone"),
                        ],
                        max_length=20,
                        verbose_name="channel",
                    ),
                ),
                ("address_hash", models.CharField(max_length=32)),
                (
                    "reason",
                    models.CharField(
                        choices=[
                            ("hard_bounce", "Address does not exist"),
                            ("complaint", "Complained"),
                            ("erased", "Erased"),
                            ("manual", "By hand"),
                            ("unsubscribed_all", "Unsubscribed from everything"),
                        ],
                        max_length=20,
                        verbose_name="reason",
                    ),
                ),
                ("at", models.DateTimeField()),
                ("source", models.CharField(max_length=120, verbose_name="source")),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("channel", "address_hash"), name="one_suppression_per_address"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Topic",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("name", models.CharField(max_length=60, verbose_name="name")),
                (
                    "says",
                    models.CharField(blank=True, max_length=200, verbose_name="what it is about"),
                ),
                ("position", models.PositiveSmallIntegerField(default=0)),
                ("removed_at", models.DateTimeField(null=True)),
            ],
            options={
                "ordering": ["position", "pk"],
                "constraints": [
                    models.UniqueConstraint(
                        django.db.models.functions.text.Lower("name"),
                        condition=models.Q(("removed_at", None)),
                        name="one_topic_per_name",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Account",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("name", models.CharField(max_length=120, verbose_name="name")),
                (
                    "domain",
                    models.CharField(max_length=253, null=True, unique=True, verbose_name="domain"),
                ),
                ("industry", models.CharField(blank=True, max_length=60, verbose_name="industry")),
                (
                    "size",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("small", "up to 50 people"),
                            ("medium", "51 to 250 people"),
                            ("large", "251 to 1,000 people"),
                            ("huge", "more than 1,000 people"),
                        ],
                        max_length=6,
                        verbose_name="size",
                    ),
                ),
                ("note", models.CharField(blank=True, max_length=500, verbose_name="note")),
                ("version", models.PositiveIntegerField(default=1)),
                ("sample", models.BooleanField(default=False)),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                ("deleted_at", models.DateTimeField(blank=True, editable=False, null=True)),
                (
                    "by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "owner",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="accounts",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "ordering": ["name", "pk"],
            },
        ),
        migrations.CreateModel(
            name="ConsentEntry",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("message_id", models.CharField(max_length=200, unique=True)),
                (
                    "channel",
                    models.CharField(
                        choices=[
                            ("email", "E-mail"),
                            ("sms", "SMS"),
                            ("wecom", "WeCom"),
                            ("phone", "Phone"),
                        ],
                        max_length=20,
                        verbose_name="channel",
                    ),
                ),
                (
                    "purpose",
                    models.CharField(
                        choices=[
                            ("marketing", "Offers and news"),
                            ("service", "Service messages"),
                            ("personalisation", "Personalised content"),
                        ],
                        max_length=20,
                        verbose_name="purpose",
                    ),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("granted", "Allowed"),
                            ("withdrawn", "Withdrawn"),
                            ("unknown", "Unknown"),
                            ("pending", "Not confirmed yet"),
                        ],
                        max_length=10,
                        verbose_name="state",
                    ),
                ),
                ("source", models.CharField(max_length=120, verbose_name="source")),
                ("at", models.DateTimeField()),
                ("text_version", models.CharField(blank=True, max_length=60)),
                ("proof", models.JSONField(default=dict)),
                (
                    "by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "person",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="consent_entries",
                        to="people.person",
                    ),
                ),
                ("expires_at", models.DateTimeField(null=True)),
                (
                    "topic",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="people.topic",
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(
                        fields=["person", "channel", "purpose", "at"],
                        name="people_cons_person__ae9ae1_idx",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="ErasedIdentity",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("hash", models.CharField(db_index=True, max_length=32)),
                (
                    "person",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="erased_identities",
                        to="people.person",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Identifier",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("kind", models.CharField(max_length=12)),
                ("value", models.CharField(max_length=254)),
                (
                    "person",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="identifiers",
                        to="people.person",
                    ),
                ),
                (
                    "strength",
                    models.CharField(
                        choices=[("strong", "Strong"), ("weak", "Weak")],
                        default="strong",
                        max_length=6,
                    ),
                ),
                ("source", models.CharField(blank=True, max_length=60)),
                ("first_seen", models.DateTimeField(null=True)),
                ("last_seen", models.DateTimeField(null=True)),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("person", "kind", "value"), name="one_identifier_per_person"
                    )
                ],
                "indexes": [models.Index(fields=["kind", "value"], name="identifier_by_value")],
            },
        ),
        migrations.CreateModel(
            name="Lead",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("new", "New lead"),
                            ("accepted", "Taken on"),
                            ("working", "In contact"),
                            ("qualified", "Sales opportunity"),
                            ("won", "Won"),
                            ("lost", "Lost"),
                            ("recycled", "Given back"),
                        ],
                        default="new",
                        max_length=9,
                        verbose_name="stage",
                    ),
                ),
                ("score", models.FloatField(default=0)),
                ("fit", models.IntegerField(default=0)),
                ("grade", models.CharField(blank=True, max_length=1)),
                ("why", models.JSONField(default=list)),
                ("by_hand", models.BooleanField(default=False)),
                ("opened_at", models.DateTimeField()),
                ("assigned_at", models.DateTimeField(null=True)),
                ("contact_due", models.DateTimeField(null=True)),
                ("contacted_at", models.DateTimeField(null=True)),
                (
                    "next_step",
                    models.CharField(blank=True, max_length=200, verbose_name="next step"),
                ),
                ("next_on", models.DateField(blank=True, null=True, verbose_name="on")),
                (
                    "amount",
                    models.DecimalField(
                        decimal_places=2, max_digits=14, null=True, verbose_name="amount"
                    ),
                ),
                ("currency", models.CharField(blank=True, max_length=3)),
                (
                    "reason",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("no_budget", "No budget"),
                            ("no_need", "No need"),
                            ("too_early", "Too early"),
                            ("competitor", "Bought elsewhere"),
                            ("price", "Too dear"),
                            ("no_answer", "Does not answer"),
                            ("wrong", "Wrong person or data"),
                            ("other", "Something else"),
                        ],
                        max_length=12,
                        verbose_name="reason",
                    ),
                ),
                ("closed_at", models.DateTimeField(null=True)),
                ("late_told_at", models.DateTimeField(null=True)),
                ("late_raised_at", models.DateTimeField(null=True)),
                ("version", models.PositiveIntegerField(default=1)),
                ("sample", models.BooleanField(default=False)),
                (
                    "owner",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="leads",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "person",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="leads",
                        to="people.person",
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(fields=["owner", "state"], name="leads_of_owner"),
                    models.Index(fields=["state", "contact_due"], name="leads_by_due"),
                ],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("closed_at", None)),
                        fields=("person",),
                        name="one_open_lead_per_person",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Likeness",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("why", models.CharField(max_length=20)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("open", "To decide"),
                            ("merged", "Merged"),
                            ("apart", "Kept apart"),
                        ],
                        default="open",
                        max_length=6,
                    ),
                ),
                ("reason", models.CharField(blank=True, max_length=200, verbose_name="reason")),
                ("found_at", models.DateTimeField()),
                ("decided_at", models.DateTimeField(null=True)),
                (
                    "by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "first",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="people.person",
                    ),
                ),
                (
                    "second",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="people.person",
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(fields=["state", "why", "id"], name="people_like_state_962850_idx")
                ],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("first", "second"), name="two_people_compared_once"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Merge",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("moved", models.JSONField(default=list)),
                ("joined", models.JSONField(default=list)),
                ("reason", models.CharField(blank=True, max_length=200, verbose_name="reason")),
                ("at", models.DateTimeField()),
                ("undone_at", models.DateTimeField(null=True)),
                (
                    "by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "other",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="people.person",
                    ),
                ),
                (
                    "person",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="merges",
                        to="people.person",
                    ),
                ),
                (
                    "undone_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("undone_at", None)),
                        fields=("other",),
                        name="merged_once_at_a_time",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="OwnRecord",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("email", models.CharField(blank=True, max_length=254)),
                ("phone", models.CharField(blank=True, max_length=20)),
                ("email_hash", models.CharField(blank=True, max_length=32)),
                ("phone_hash", models.CharField(blank=True, max_length=32)),
                ("first_name", models.CharField(blank=True, max_length=100)),
                ("last_name", models.CharField(blank=True, max_length=100)),
                ("language", models.CharField(blank=True, max_length=20)),
                ("time_zone", models.CharField(blank=True, max_length=50)),
                (
                    "person",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="own_record",
                        to="people.person",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Persona",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("name", models.CharField(max_length=80, verbose_name="name")),
                ("who", models.TextField(blank=True, max_length=1000, verbose_name="who they are")),
                (
                    "aims",
                    models.TextField(blank=True, max_length=1000, verbose_name="what they want"),
                ),
                (
                    "pains",
                    models.TextField(
                        blank=True, max_length=1000, verbose_name="what troubles them"
                    ),
                ),
                (
                    "objections",
                    models.TextField(blank=True, max_length=1000, verbose_name="why they hesitate"),
                ),
                (
                    "words",
                    models.TextField(blank=True, max_length=1000, verbose_name="words they use"),
                ),
                ("channels", models.JSONField(blank=True, default=list, verbose_name="channels")),
                (
                    "hours",
                    models.CharField(
                        blank=True, max_length=120, verbose_name="when they are active"
                    ),
                ),
                ("numbers", models.JSONField(blank=True, default=dict)),
                ("counted_at", models.DateTimeField(blank=True, null=True)),
                ("version", models.PositiveIntegerField(default=1)),
                ("sample", models.BooleanField(default=False)),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                ("updated_at", models.DateTimeField(auto_now=True)),
                ("deleted_at", models.DateTimeField(blank=True, editable=False, null=True)),
                (
                    "by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "segment",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="personas",
                        to="people.segment",
                        verbose_name="segment",
                    ),
                ),
            ],
            options={
                "ordering": ["name", "pk"],
            },
        ),
        migrations.CreateModel(
            name="PrivacyRequest",
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
                        choices=[("access", "Access"), ("erasure", "Erasure")],
                        max_length=10,
                        verbose_name="what is asked",
                    ),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[("open", "To do"), ("done", "Done"), ("declined", "Declined")],
                        default="open",
                        max_length=10,
                    ),
                ),
                ("asked_at", models.DateTimeField(verbose_name="asked on")),
                ("due_at", models.DateTimeField(verbose_name="due")),
                (
                    "law",
                    models.CharField(
                        choices=[
                            ("pipl", "PIPL (mainland China)"),
                            ("gdpr", "GDPR (European Union)"),
                            ("can_spam", "CAN-SPAM (United States)"),
                        ],
                        max_length=20,
                    ),
                ),
                (
                    "how",
                    models.CharField(blank=True, max_length=200, verbose_name="how it was asked"),
                ),
                ("answer", models.CharField(blank=True, max_length=300, verbose_name="answer")),
                ("done_at", models.DateTimeField(null=True)),
                (
                    "by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "done_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "person",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="requests",
                        to="people.person",
                    ),
                ),
            ],
            options={
                "ordering": ["due_at", "pk"],
                "indexes": [
                    models.Index(fields=["state", "due_at"], name="people_priv_state_d1c5ca_idx")
                ],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("state", "open")),
                        fields=("person", "kind"),
                        name="one_open_request_of_a_kind",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Qualified",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("since", models.DateTimeField()),
                ("score", models.FloatField()),
                ("grade", models.CharField(max_length=1)),
                (
                    "person",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="qualified",
                        to="people.person",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="ScoreMove",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("became", models.BooleanField()),
                ("score", models.FloatField(default=0)),
                ("grade", models.CharField(blank=True, max_length=1)),
                ("at", models.DateTimeField()),
                ("told", models.BooleanField(default=False)),
                (
                    "person",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="people.person",
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(
                        condition=models.Q(("told", False)),
                        fields=["id"],
                        name="score_moves_not_told",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="SegmentMember",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "person",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="people.person",
                    ),
                ),
                (
                    "segment",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="members",
                        to="people.segment",
                    ),
                ),
                ("since", models.DateTimeField(null=True)),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("segment", "person"), name="person_once_per_segment"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="SegmentMove",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("entered", models.BooleanField()),
                (
                    "cause",
                    models.CharField(
                        choices=[
                            ("behaviour", "what people did, or time that went by"),
                            ("rule", "another definition"),
                            ("correction", "the tables were built again"),
                        ],
                        max_length=10,
                    ),
                ),
                ("at", models.DateTimeField()),
                ("told", models.BooleanField(default=False)),
                (
                    "person",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="people.person",
                    ),
                ),
                (
                    "segment",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="moves",
                        to="people.segment",
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(fields=["segment", "-id"], name="moves_of_segment"),
                    models.Index(
                        condition=models.Q(("told", False)), fields=["id"], name="moves_not_told"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="AccountPerson",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "part",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("decider", "Decider"),
                            ("buyer", "Buyer"),
                            ("influencer", "Influencer"),
                            ("user", "User of it"),
                            ("gatekeeper", "Gatekeeper"),
                        ],
                        max_length=11,
                        verbose_name="buying role",
                    ),
                ),
                ("by_domain", models.BooleanField(default=False)),
                ("since", models.DateTimeField()),
                (
                    "account",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="members",
                        to="people.account",
                    ),
                ),
                (
                    "person",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="account_person",
                        to="people.person",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="ConsentState",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "channel",
                    models.CharField(
                        choices=[
                            ("email", "E-mail"),
                            ("sms", "SMS"),
                            ("wecom", "WeCom"),
                            ("phone", "Phone"),
                        ],
                        max_length=20,
                        verbose_name="channel",
                    ),
                ),
                (
                    "purpose",
                    models.CharField(
                        choices=[
                            ("marketing", "Offers and news"),
                            ("service", "Service messages"),
                            ("personalisation", "Personalised content"),
                        ],
                        max_length=20,
                        verbose_name="purpose",
                    ),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("granted", "Allowed"),
                            ("withdrawn", "Withdrawn"),
                            ("unknown", "Unknown"),
                            ("pending", "Not confirmed yet"),
                        ],
                        max_length=10,
                        verbose_name="state",
                    ),
                ),
                ("at", models.DateTimeField()),
                (
                    "entry",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="people.consententry",
                    ),
                ),
                (
                    "person",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="consents",
                        to="people.person",
                    ),
                ),
                ("expires_at", models.DateTimeField(null=True)),
            ],
            options={
                "indexes": [
                    models.Index(
                        fields=["channel", "purpose", "state"],
                        name="people_cons_channel_a8687b_idx",
                    )
                ],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("person", "channel", "purpose"),
                        name="one_state_per_channel_and_purpose",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="LeadStep",
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
                            ("opened", "Became a lead"),
                            ("given", "Handed to sales"),
                            ("moved", "Went on"),
                            ("noted", "Noted"),
                        ],
                        max_length=6,
                    ),
                ),
                (
                    "state",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("new", "New lead"),
                            ("accepted", "Taken on"),
                            ("working", "In contact"),
                            ("qualified", "Sales opportunity"),
                            ("won", "Won"),
                            ("lost", "Lost"),
                            ("recycled", "Given back"),
                        ],
                        max_length=9,
                    ),
                ),
                ("note", models.TextField(blank=True, max_length=2000)),
                ("facts", models.JSONField(default=dict)),
                ("at", models.DateTimeField()),
                ("told", models.BooleanField(default=False)),
                (
                    "by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "lead",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="steps",
                        to="people.lead",
                    ),
                ),
                (
                    "to",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "ordering": ["pk"],
                "indexes": [
                    models.Index(
                        condition=models.Q(("told", False)),
                        fields=["id"],
                        name="lead_steps_not_told",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="TopicState",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "channel",
                    models.CharField(
                        choices=[
                            ("email", "E-mail"),
                            ("sms", "SMS"),
                            ("wecom", "WeCom"),
                            ("phone", "Phone"),
                        ],
                        max_length=20,
                        verbose_name="channel",
                    ),
                ),
                (
                    "purpose",
                    models.CharField(
                        choices=[
                            ("marketing", "Offers and news"),
                            ("service", "Service messages"),
                            ("personalisation", "Personalised content"),
                        ],
                        max_length=20,
                        verbose_name="purpose",
                    ),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("granted", "Allowed"),
                            ("withdrawn", "Withdrawn"),
                            ("unknown", "Unknown"),
                            ("pending", "Not confirmed yet"),
                        ],
                        max_length=10,
                        verbose_name="state",
                    ),
                ),
                ("at", models.DateTimeField()),
                ("expires_at", models.DateTimeField(null=True)),
                (
                    "entry",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="people.consententry",
                    ),
                ),
                (
                    "person",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="topic_states",
                        to="people.person",
                    ),
                ),
                (
                    "topic",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="states",
                        to="people.topic",
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(
                        fields=["topic", "channel", "purpose", "state"],
                        name="people_topi_topic_i_bf2855_idx",
                    )
                ],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("person", "channel", "purpose", "topic"), name="one_state_per_topic"
                    )
                ],
            },
        ),
        migrations.AddField(
            model_name="account",
            name="people",
            field=models.ManyToManyField(
                related_name="accounts", through="people.AccountPerson", to="people.person"
            ),
        ),
    ]
