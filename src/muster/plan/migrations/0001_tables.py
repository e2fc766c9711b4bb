import datetime
from decimal import Decimal

import django.core.validators
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import muster.plan.approvals.models
import muster.plan.budget.models
from muster.team.tables import TablesTogether


class Migration(TablesTogether):
    replaces = [
        ("plan", "0001_campaigns_goals_budget_approvals"),
        ("plan", "0002_tasks_and_risks"),
        ("plan", "0003_materials_and_vendors"),
        ("plan", "0004_tasks_put_away"),
        ("plan", "0005_calendar"),
        ("plan", "0006_objectives_facts_looks"),
        ("plan", "0007_waivers"),
        ("plan", "0008_approval_policies"),
        ("plan", "0009_budget_ledger"),
        ("plan", "0010_plans_into_the_ledger"),
        ("plan", "0011_standup"),
        ("plan", "0012_strategy_and_views"),
        ("plan", "0013_sightings"),
        ("plan", "0014_risk_plans_run_once"),
        ("plan", "0015_standup_posted_by_itself"),
        ("plan", "0016_tags_and_columns"),
        ("plan", "0017_fields_named_for_the_history"),
    ]

    initial = True

    dependencies = [
        ("people", "0001_tables"),
        ("team", "0001_tables"),
    ]

    operations = [
        migrations.CreateModel(
            name="BudgetPolicy",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("shares", models.JSONField(null=True)),
                (
                    "move_limit",
                    models.DecimalField(decimal_places=4, default=Decimal("0.05"), max_digits=5),
                ),
                (
                    "release_limit",
                    models.DecimalField(decimal_places=4, default=Decimal("0.02"), max_digits=5),
                ),
                ("alerts", models.JSONField(default=muster.plan.budget.models._alerts)),
                ("prices", models.JSONField(blank=True, default=dict)),
                ("rates", models.JSONField(blank=True, default=dict)),
            ],
        ),
        migrations.CreateModel(
            name="Campaign",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("name", models.CharField(max_length=120, verbose_name="name")),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("draft", "Draft"),
                            ("preparing", "Preparing"),
                            ("in_review", "In review"),
                            ("ready", "Ready"),
                            ("running", "Running"),
                            ("paused", "Paused"),
                            ("ended", "Ended"),
                            ("reviewed", "Reviewed"),
                            ("archived", "Archived"),
                        ],
                        default="draft",
                        max_length=12,
                        verbose_name="status",
                    ),
                ),
                (
                    "strategy",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("acquire", "Win new customers"),
                            ("activate", "Get people started"),
                            ("retain", "Keep customers coming"),
                            ("win_back", "Win customers back"),
                            ("launch", "Launch a product"),
                            ("awareness", "Become known"),
                        ],
                        default="",
                        max_length=12,
                        verbose_name="strategy",
                    ),
                ),
                ("starts", models.DateField(verbose_name="first day")),
                ("ends", models.DateField(verbose_name="last day")),
                ("currency", models.CharField(max_length=3, verbose_name="currency")),
                (
                    "total_budget",
                    models.DecimalField(
                        decimal_places=2,
                        default=Decimal("0"),
                        max_digits=14,
                        validators=[django.core.validators.MinValueValidator(Decimal("0"))],
                        verbose_name="total budget",
                    ),
                ),
                (
                    "message",
                    models.TextField(blank=True, max_length=1000, verbose_name="core message"),
                ),
                (
                    "value_proposition",
                    models.TextField(
                        blank=True, max_length=2000, verbose_name="why people should care"
                    ),
                ),
                (
                    "audience",
                    models.TextField(
                        blank=True, max_length=2000, verbose_name="whom we want to reach"
                    ),
                ),
                ("channels", models.JSONField(blank=True, default=list, verbose_name="channels")),
                (
                    "competitors",
                    models.TextField(blank=True, max_length=2000, verbose_name="what others do"),
                ),
                (
                    "difference",
                    models.TextField(
                        blank=True, max_length=2000, verbose_name="what makes us different"
                    ),
                ),
                (
                    "not_doing",
                    models.TextField(
                        blank=True, max_length=2000, verbose_name="what we will not do"
                    ),
                ),
                (
                    "holdout",
                    models.TextField(
                        blank=True, max_length=1000, verbose_name="how we will know that it worked"
                    ),
                ),
                ("sample", models.BooleanField(default=False)),
                ("deleted_at", models.DateTimeField(blank=True, editable=False, null=True)),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                ("updated_at", models.DateTimeField(auto_now=True)),
                (
                    "owner",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="campaigns",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="owner",
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(fields=["status", "starts"], name="plan_campai_status_6ff936_idx")
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("ends__gte", models.F("starts"))),
                        name="campaign_ends_after_start",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("total_budget__gte", 0)),
                        name="campaign_budget_not_negative",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="ExchangeRate",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("day", models.DateField(verbose_name="date")),
                ("currency", models.CharField(max_length=3, verbose_name="currency")),
                ("base", models.CharField(max_length=3, verbose_name="in")),
                ("rate", models.DecimalField(decimal_places=8, max_digits=18, verbose_name="rate")),
            ],
            options={
                "ordering": ["-day", "currency"],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("day", "currency", "base"), name="one_rate_per_day"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("rate__gt", 0)), name="rate_is_positive"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Feed",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("name", models.CharField(max_length=80, verbose_name="name")),
                ("layers", models.JSONField(default=list)),
                ("countries", models.JSONField(default=list)),
                ("hash", models.CharField(max_length=64, unique=True)),
                ("at", models.DateTimeField(auto_now_add=True)),
                ("last_used_at", models.DateTimeField(null=True)),
                ("revoked_at", models.DateTimeField(null=True)),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="feeds",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "ordering": ["-pk"],
            },
        ),
        migrations.CreateModel(
            name="ImportedCalendar",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("name", models.CharField(max_length=80, verbose_name="name")),
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
                "ordering": ["name", "pk"],
            },
        ),
        migrations.CreateModel(
            name="ListLook",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("columns", models.JSONField(default=list)),
                (
                    "user",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="list_look",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Material",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("name", models.CharField(max_length=120, unique=True, verbose_name="name")),
                ("code", models.CharField(blank=True, max_length=40, verbose_name="code")),
                ("unit", models.CharField(blank=True, max_length=20, verbose_name="unit")),
                (
                    "unit_cost",
                    models.DecimalField(
                        decimal_places=2,
                        default=Decimal("0"),
                        max_digits=12,
                        verbose_name="cost of one",
                    ),
                ),
                (
                    "currency",
                    models.CharField(default="CNY", max_length=3, verbose_name="currency"),
                ),
                ("low_at", models.PositiveIntegerField(default=0, verbose_name="warn below")),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                (
                    "owner",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="looked after by",
                    ),
                ),
            ],
            options={
                "ordering": ["name"],
            },
        ),
        migrations.CreateModel(
            name="Morning",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("day", models.DateField(unique=True)),
                ("at", models.DateTimeField(auto_now_add=True)),
                (
                    "group",
                    models.CharField(
                        choices=[
                            ("none", "No group"),
                            ("waiting", "Waiting"),
                            ("taken", "Being sent"),
                            ("sent", "Sent"),
                            ("failed", "Failed"),
                        ],
                        default="none",
                        max_length=7,
                    ),
                ),
                ("due_at", models.DateTimeField(null=True)),
                ("tries", models.PositiveSmallIntegerField(default=0)),
                ("trouble", models.CharField(blank=True, max_length=300)),
                (
                    "robot",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to="team.robot",
                    ),
                ),
            ],
        ),
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
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("ends__gte", models.F("starts"))),
                        name="objective_ends_after_start",
                    ),
                    models.UniqueConstraint(
                        fields=("name", "starts"), name="one_objective_per_name"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Place",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("name", models.CharField(max_length=80, unique=True, verbose_name="name")),
                ("region", models.CharField(blank=True, max_length=80, verbose_name="region")),
            ],
            options={
                "ordering": ["region", "name"],
            },
        ),
        migrations.CreateModel(
            name="Policy",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("kind", models.CharField(max_length=20, unique=True, verbose_name="for")),
                ("steps", models.JSONField(default=list)),
                ("at", models.DateTimeField(auto_now=True)),
                (
                    "by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "ordering": ["kind"],
            },
        ),
        migrations.CreateModel(
            name="Rhythm",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("at", models.TimeField(default=datetime.time(9, 15), verbose_name="at")),
                (
                    "tell",
                    models.BooleanField(default=True, verbose_name="tell everybody in Muster"),
                ),
                (
                    "mail",
                    models.BooleanField(
                        default=False, verbose_name="and by e-mail, as each chose to be told"
                    ),
                ),
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
                    "robot",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to="team.robot",
                        verbose_name="chat group",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="SavedView",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("name", models.CharField(max_length=60, verbose_name="name")),
                ("query", models.CharField(blank=True, max_length=500)),
                ("shared", models.BooleanField(default=False, verbose_name="for the whole team")),
                (
                    "by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="views",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "ordering": ["name", "pk"],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("by", "name"), name="one_view_per_name_and_person"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Tick",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("day", models.DateField()),
                ("key", models.CharField(max_length=80)),
                ("at", models.DateTimeField(auto_now_add=True)),
                (
                    "by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("day", "key"), name="one_tick_per_line")
                ],
            },
        ),
        migrations.CreateModel(
            name="Vendor",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("name", models.CharField(max_length=120, unique=True, verbose_name="name")),
                (
                    "scope",
                    models.CharField(blank=True, max_length=200, verbose_name="line of work"),
                ),
                ("contact", models.CharField(blank=True, max_length=200, verbose_name="contact")),
                ("contract", models.CharField(blank=True, max_length=300, verbose_name="contract")),
                (
                    "critical",
                    models.BooleanField(
                        default=False, verbose_name="the campaign stands or falls with them"
                    ),
                ),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                (
                    "backup",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="steps_in_for",
                        to="plan.vendor",
                        verbose_name="who steps in",
                    ),
                ),
            ],
            options={
                "ordering": ["name"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("backup", models.F("pk")), _negated=True),
                        name="no_vendor_backs_itself",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="ApprovalRequest",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("kind", models.CharField(max_length=20)),
                ("object_id", models.BigIntegerField()),
                ("title", models.CharField(max_length=200)),
                ("url", models.CharField(max_length=300)),
                ("fingerprint", models.CharField(max_length=64)),
                ("steps", models.JSONField(default=muster.plan.approvals.models._release)),
                ("asked_at", models.DateTimeField(auto_now_add=True)),
                ("note", models.TextField(blank=True, max_length=1000, verbose_name="note")),
                ("closed_at", models.DateTimeField(null=True)),
                (
                    "asked_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="approvals_asked",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "campaign",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="approvals",
                        to="plan.campaign",
                    ),
                ),
                ("about", models.JSONField(default=list)),
                ("amount", models.DecimalField(decimal_places=2, max_digits=14, null=True)),
                ("due_at", models.DateTimeField(null=True)),
                ("escalated_at", models.DateTimeField(null=True)),
                ("nudged_at", models.DateTimeField(null=True)),
                ("opened_at", models.DateTimeField(null=True)),
                ("outline", models.JSONField(default=list)),
            ],
            options={
                "ordering": ["-pk"],
                "indexes": [
                    models.Index(
                        fields=["kind", "object_id", "fingerprint"],
                        name="plan_approv_kind_526dcd_idx",
                    ),
                    models.Index(
                        condition=models.Q(("closed_at", None), ("escalated_at", None)),
                        fields=["due_at"],
                        name="request_that_may_be_overdue",
                    ),
                ],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("closed_at", None)),
                        fields=("kind", "object_id"),
                        name="one_open_request_per_thing",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="BudgetAlert",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("percent", models.PositiveSmallIntegerField()),
                ("at", models.DateTimeField(auto_now_add=True)),
                (
                    "campaign",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="budget_alerts",
                        to="plan.campaign",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("campaign", "percent"), name="one_alert_per_threshold"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="BudgetLine",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "category",
                    models.CharField(
                        choices=[
                            ("media", "Media"),
                            ("creative", "Creative"),
                            ("tools", "Tools"),
                            ("venue", "Venue"),
                            ("materials", "Materials"),
                            ("people", "Staff"),
                            ("discounts", "Discounts"),
                            ("contingency", "Contingency"),
                            ("flexible", "Flexible"),
                            ("other", "Other"),
                        ],
                        max_length=12,
                        verbose_name="category",
                    ),
                ),
                ("label", models.CharField(max_length=120, verbose_name="what for")),
                ("channel", models.CharField(blank=True, max_length=60, verbose_name="channel")),
                ("vendor", models.CharField(blank=True, max_length=120, verbose_name="vendor")),
                (
                    "planned",
                    models.DecimalField(
                        decimal_places=2,
                        max_digits=14,
                        validators=[django.core.validators.MinValueValidator(Decimal("0"))],
                        verbose_name="planned",
                    ),
                ),
                ("core", models.BooleanField(default=False, verbose_name="core channel")),
                ("place", models.PositiveSmallIntegerField(default=0)),
                (
                    "campaign",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="lines",
                        to="plan.campaign",
                    ),
                ),
                (
                    "auto",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("discounts", "By discounts given"),
                            ("labour", "By hours of work"),
                            ("sending", "By messages sent"),
                        ],
                        max_length=10,
                        verbose_name="counted from",
                    ),
                ),
                ("currency", models.CharField(blank=True, max_length=3, verbose_name="currency")),
                (
                    "estimate",
                    models.DecimalField(
                        blank=True,
                        decimal_places=2,
                        max_digits=14,
                        null=True,
                        verbose_name="forecast",
                    ),
                ),
                (
                    "expected_return",
                    models.DecimalField(
                        blank=True,
                        decimal_places=2,
                        max_digits=14,
                        null=True,
                        verbose_name="expected return",
                    ),
                ),
                (
                    "live",
                    models.DecimalField(decimal_places=2, default=Decimal("0"), max_digits=14),
                ),
                ("live_at", models.DateTimeField(blank=True, null=True)),
                (
                    "own_planned",
                    models.DecimalField(
                        blank=True,
                        decimal_places=2,
                        max_digits=14,
                        null=True,
                        verbose_name="plan in its currency",
                    ),
                ),
                (
                    "rate",
                    models.DecimalField(
                        decimal_places=8, default=Decimal("1"), max_digits=18, verbose_name="rate"
                    ),
                ),
                ("rate_on", models.DateField(blank=True, null=True, verbose_name="rate of")),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("planned", "Still planned"),
                            ("contracted", "Contracted"),
                            ("happened", "Happened"),
                            ("invoiced", "Invoiced"),
                        ],
                        default="planned",
                        max_length=10,
                        verbose_name="status",
                    ),
                ),
            ],
            options={
                "ordering": ["place", "pk"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("planned__gte", 0)), name="line_not_negative"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("rate__gt", 0)), name="line_rate_is_positive"
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("auto", ""), _negated=True),
                        fields=("campaign", "auto"),
                        name="one_automatic_line_of_a_kind",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Competitor",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("name", models.CharField(max_length=80, verbose_name="name")),
                ("does", models.CharField(blank=True, max_length=300, verbose_name="what they do")),
                ("link", models.URLField(blank=True, max_length=300, verbose_name="link")),
                (
                    "difference",
                    models.CharField(blank=True, max_length=300, verbose_name="how we differ"),
                ),
                (
                    "campaign",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="rivals",
                        to="plan.campaign",
                    ),
                ),
            ],
            options={
                "ordering": ["pk"],
            },
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
            name="Goal",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("metric", models.CharField(max_length=60, verbose_name="metric")),
                (
                    "baseline",
                    models.DecimalField(
                        blank=True, decimal_places=4, max_digits=18, null=True, verbose_name="today"
                    ),
                ),
                (
                    "baseline_source",
                    models.CharField(
                        blank=True, max_length=200, verbose_name="where this number is from"
                    ),
                ),
                (
                    "target",
                    models.DecimalField(decimal_places=4, max_digits=18, verbose_name="target"),
                ),
                ("starts", models.DateField(blank=True, null=True, verbose_name="counted from")),
                ("due", models.DateField(blank=True, null=True, verbose_name="due")),
                (
                    "population",
                    models.CharField(blank=True, max_length=200, verbose_name="of whom"),
                ),
                ("channel", models.CharField(blank=True, max_length=60, verbose_name="through")),
                (
                    "statement",
                    models.CharField(blank=True, max_length=300, verbose_name="in one sentence"),
                ),
                (
                    "reason",
                    models.TextField(
                        blank=True, max_length=1000, verbose_name="why this is possible"
                    ),
                ),
                (
                    "checkpoints",
                    models.JSONField(blank=True, default=list, verbose_name="checkpoints"),
                ),
                (
                    "guardrails",
                    models.JSONField(blank=True, default=list, verbose_name="guardrails"),
                ),
                ("primary", models.BooleanField(default=False, verbose_name="main goal")),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                (
                    "campaign",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="goals",
                        to="plan.campaign",
                    ),
                ),
                (
                    "owner",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="goals",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="owner",
                    ),
                ),
                (
                    "supports",
                    models.CharField(blank=True, max_length=200, verbose_name="what it supports"),
                ),
                (
                    "objective",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="goals",
                        to="plan.objective",
                        verbose_name="which objective it supports",
                    ),
                ),
            ],
            options={
                "ordering": ["-primary", "pk"],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("primary", True)),
                        fields=("campaign",),
                        name="one_primary_goal_per_campaign",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="ImportedEvent",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("title", models.CharField(max_length=200, verbose_name="title")),
                ("first", models.DateField()),
                ("last", models.DateField()),
                ("starts_at", models.DateTimeField(null=True)),
                ("ends_at", models.DateTimeField(null=True)),
                (
                    "calendar",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="events",
                        to="plan.importedcalendar",
                    ),
                ),
            ],
            options={
                "ordering": ["first", "pk"],
                "indexes": [models.Index(fields=["first", "last"], name="imported_by_days")],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("last__gte", models.F("first"))),
                        name="imported_ends_after_start",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Meant",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "campaign",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="meant",
                        to="plan.campaign",
                    ),
                ),
                (
                    "persona",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="campaigns",
                        to="people.persona",
                    ),
                ),
            ],
            options={
                "ordering": ["pk"],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("campaign", "persona"), name="persona_once_per_campaign"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Movement",
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
                            ("received", "Received"),
                            ("counted", "Stock count"),
                            ("used", "Handed out"),
                            ("sent", "Sent away"),
                            ("arrived", "Arrived"),
                            ("called_back", "Called back"),
                        ],
                        max_length=11,
                    ),
                ),
                ("change", models.IntegerField()),
                ("note", models.CharField(blank=True, max_length=200, verbose_name="note")),
                ("at", models.DateTimeField(auto_now_add=True)),
                (
                    "by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "campaign",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to="plan.campaign",
                    ),
                ),
                (
                    "material",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="movements",
                        to="plan.material",
                    ),
                ),
                (
                    "place",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="movements",
                        to="plan.place",
                    ),
                ),
            ],
            options={
                "ordering": ["-pk"],
                "indexes": [
                    models.Index(
                        fields=["material", "place", "-at"], name="plan_moveme_materia_fe11e6_idx"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Reservation",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("quantity", models.PositiveIntegerField(verbose_name="quantity")),
                ("used", models.PositiveIntegerField(default=0)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("open", "Reserved"),
                            ("used", "Handed out"),
                            ("released", "Given back"),
                        ],
                        default="open",
                        max_length=8,
                    ),
                ),
                ("at", models.DateTimeField(auto_now_add=True)),
                (
                    "by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "campaign",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="reservations",
                        to="plan.campaign",
                    ),
                ),
                (
                    "material",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="reservations",
                        to="plan.material",
                    ),
                ),
                (
                    "place",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="reservations",
                        to="plan.place",
                    ),
                ),
            ],
            options={
                "ordering": ["pk"],
                "indexes": [
                    models.Index(
                        fields=["campaign", "state"], name="plan_reserv_campaig_7d20f5_idx"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Risk",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("title", models.CharField(max_length=160, verbose_name="risk")),
                (
                    "category",
                    models.CharField(
                        choices=[
                            ("market", "Market"),
                            ("supply", "Supply chain"),
                            ("data", "Data security"),
                            ("legal", "Law"),
                            ("technology", "Technology"),
                            ("opinion", "Public opinion"),
                            ("team", "Team"),
                        ],
                        default="market",
                        max_length=10,
                        verbose_name="category",
                    ),
                ),
                (
                    "likelihood",
                    models.PositiveSmallIntegerField(default=3, verbose_name="likelihood"),
                ),
                ("impact", models.PositiveSmallIntegerField(default=3, verbose_name="impact")),
                (
                    "sign",
                    models.CharField(
                        blank=True, max_length=200, verbose_name="how we would notice"
                    ),
                ),
                (
                    "trigger",
                    models.JSONField(blank=True, default=dict, verbose_name="number that shows it"),
                ),
                (
                    "response",
                    models.TextField(
                        blank=True, max_length=2000, verbose_name="what we do against it"
                    ),
                ),
                (
                    "plan",
                    models.JSONField(blank=True, default=list, verbose_name="plan for that day"),
                ),
                (
                    "money",
                    models.DecimalField(
                        decimal_places=2,
                        default=Decimal("0"),
                        max_digits=14,
                        verbose_name="contingency money",
                    ),
                ),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("open", "Open"),
                            ("fired", "Happening"),
                            ("handled", "Handled"),
                            ("closed", "Closed"),
                        ],
                        default="open",
                        max_length=7,
                        verbose_name="status",
                    ),
                ),
                ("fired_at", models.DateTimeField(blank=True, null=True)),
                ("drilled_on", models.DateField(blank=True, null=True, verbose_name="last drill")),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                (
                    "campaign",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="risks",
                        to="plan.campaign",
                    ),
                ),
                (
                    "owner",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="risks",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="owner",
                    ),
                ),
                ("plan_run_at", models.DateTimeField(blank=True, null=True)),
                (
                    "plan_run_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "ordering": ["pk"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("impact__gte", 1),
                            ("impact__lte", 5),
                            ("likelihood__gte", 1),
                            ("likelihood__lte", 5),
                        ),
                        name="risk_between_1_and_5",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Sighting",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("what", models.CharField(max_length=60)),
                ("mark", models.CharField(max_length=64)),
                ("found", models.JSONField()),
                ("at", models.DateTimeField()),
                (
                    "campaign",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="sightings",
                        to="plan.campaign",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("campaign", "what"), name="one_sighting_per_look"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Stock",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("on_hand", models.PositiveIntegerField(default=0)),
                ("reserved", models.PositiveIntegerField(default=0)),
                ("counted_at", models.DateTimeField(null=True)),
                (
                    "material",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="stock",
                        to="plan.material",
                    ),
                ),
                (
                    "place",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="stock",
                        to="plan.place",
                    ),
                ),
            ],
            options={
                "ordering": ["place__region", "place__name"],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("material", "place"), name="one_stock_per_place"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Tag",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("name", models.CharField(db_index=True, max_length=40, verbose_name="tag")),
                (
                    "campaign",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="tags",
                        to="plan.campaign",
                    ),
                ),
            ],
            options={
                "ordering": ["name"],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("campaign", "name"), name="one_tag_per_campaign"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Task",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("title", models.CharField(max_length=160, verbose_name="title")),
                ("note", models.TextField(blank=True, max_length=4000, verbose_name="note")),
                (
                    "phase",
                    models.CharField(
                        choices=[
                            ("prepare", "Preparation"),
                            ("warm_up", "Warm-up"),
                            ("launch", "Launch"),
                            ("peak", "Peak"),
                            ("encore", "Encore"),
                            ("review", "Retrospective"),
                        ],
                        default="prepare",
                        max_length=8,
                        verbose_name="phase",
                    ),
                ),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("todo", "To do"),
                            ("doing", "In progress"),
                            ("review", "In review"),
                            ("done", "Done"),
                        ],
                        default="todo",
                        max_length=6,
                        verbose_name="status",
                    ),
                ),
                ("milestone", models.BooleanField(default=False, verbose_name="milestone")),
                ("days", models.PositiveSmallIntegerField(default=1, verbose_name="working days")),
                ("not_before", models.DateField(blank=True, null=True, verbose_name="not before")),
                ("due", models.DateField(blank=True, null=True, verbose_name="due")),
                ("started_on", models.DateField(blank=True, null=True, verbose_name="begun on")),
                ("done_on", models.DateField(blank=True, null=True, verbose_name="done on")),
                (
                    "progress",
                    models.PositiveSmallIntegerField(default=0, verbose_name="progress, %"),
                ),
                (
                    "hours",
                    models.DecimalField(
                        blank=True,
                        decimal_places=2,
                        max_digits=6,
                        null=True,
                        verbose_name="hours of work",
                    ),
                ),
                ("skill", models.CharField(blank=True, max_length=60, verbose_name="skill needed")),
                ("checklist", models.JSONField(blank=True, default=list, verbose_name="checklist")),
                (
                    "blocked_reason",
                    models.CharField(blank=True, max_length=200, verbose_name="blocked because"),
                ),
                ("about_kind", models.CharField(blank=True, max_length=60)),
                ("about_id", models.BigIntegerField(blank=True, null=True)),
                ("place", models.PositiveIntegerField(default=0)),
                ("version", models.PositiveIntegerField(default=1)),
                ("baseline_start", models.DateField(blank=True, null=True)),
                ("baseline_end", models.DateField(blank=True, null=True)),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                (
                    "campaign",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="tasks",
                        to="plan.campaign",
                    ),
                ),
                (
                    "parent",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="parts",
                        to="plan.task",
                        verbose_name="part of",
                    ),
                ),
                (
                    "unblocker",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="unblocks",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                ("deleted_at", models.DateTimeField(blank=True, editable=False, null=True)),
            ],
            options={
                "ordering": ["place", "pk"],
                "indexes": [
                    models.Index(fields=["campaign", "status"], name="plan_task_campaig_ead515_idx")
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("progress__lte", 100)), name="task_progress_is_a_share"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Transfer",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("quantity", models.PositiveIntegerField(verbose_name="quantity")),
                ("arrived", models.PositiveIntegerField(null=True)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("sent", "On the way"),
                            ("arrived", "Arrived"),
                            ("cancelled", "Called back"),
                        ],
                        default="sent",
                        max_length=9,
                    ),
                ),
                ("at", models.DateTimeField(auto_now_add=True)),
                (
                    "by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "material",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="transfers",
                        to="plan.material",
                    ),
                ),
                (
                    "source",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="transfers_out",
                        to="plan.place",
                    ),
                ),
                (
                    "target",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="transfers_in",
                        to="plan.place",
                    ),
                ),
            ],
            options={
                "ordering": ["-pk"],
                "indexes": [models.Index(fields=["state"], name="plan_transf_state_99763b_idx")],
            },
        ),
        migrations.CreateModel(
            name="Waiver",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("check_key", models.CharField(max_length=80)),
                ("title", models.CharField(max_length=200)),
                ("done", models.BooleanField(default=False)),
                ("blocking", models.BooleanField(default=False)),
                ("covers", models.JSONField(default=list)),
                ("reason", models.TextField(blank=True, max_length=500, verbose_name="reason")),
                ("at", models.DateTimeField(auto_now_add=True)),
                ("revoked_at", models.DateTimeField(null=True)),
                (
                    "by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="waivers",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "campaign",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="waivers",
                        to="plan.campaign",
                    ),
                ),
                (
                    "revoked_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "ordering": ["pk"],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("revoked_at", None)),
                        fields=("campaign", "check_key"),
                        name="one_waiver_per_check",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="BudgetMove",
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
                            ("move", "Move"),
                            ("release", "Release"),
                            ("return", "Return to the vault"),
                            ("raise", "Raise of the total"),
                        ],
                        max_length=8,
                    ),
                ),
                (
                    "amount",
                    models.DecimalField(decimal_places=2, max_digits=14, verbose_name="amount"),
                ),
                ("reason", models.CharField(max_length=300, verbose_name="reason")),
                (
                    "reason_class",
                    models.CharField(
                        blank=True,
                        choices=[("emergency", "Emergency"), ("opportunity", "Opportunity")],
                        max_length=12,
                        verbose_name="kind of reason",
                    ),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("asked", "Waits for approval"),
                            ("posted", "Posted"),
                            ("refused", "Sent back"),
                        ],
                        default="asked",
                        max_length=8,
                    ),
                ),
                ("at", models.DateTimeField(auto_now_add=True)),
                ("posted_at", models.DateTimeField(null=True)),
                (
                    "agreed_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="budget_moves",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "campaign",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="budget_moves",
                        to="plan.campaign",
                    ),
                ),
                (
                    "reverses",
                    models.OneToOneField(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="reversed_by",
                        to="plan.budgetmove",
                    ),
                ),
                (
                    "source",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="moves_out",
                        to="plan.budgetline",
                        verbose_name="from",
                    ),
                ),
                (
                    "target",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="moves_in",
                        to="plan.budgetline",
                        verbose_name="to",
                    ),
                ),
            ],
            options={
                "ordering": ["-pk"],
                "indexes": [
                    models.Index(
                        fields=["kind", "state", "reason_class"], name="plan_budget_kind_5af4a5_idx"
                    )
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("amount__gt", 0)), name="move_is_positive"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("source__isnull", True),
                            models.Q(("source", models.F("target")), _negated=True),
                            _connector="OR",
                        ),
                        name="move_goes_somewhere",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Cell",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "stage",
                    models.CharField(
                        choices=[
                            ("awareness", "Awareness"),
                            ("interest", "Interest"),
                            ("consideration", "Consideration"),
                            ("purchase", "Purchase"),
                            ("service", "Service"),
                            ("loyalty", "Loyalty"),
                        ],
                        max_length=13,
                        verbose_name="stage",
                    ),
                ),
                ("channel", models.CharField(max_length=60, verbose_name="channel")),
                ("text", models.CharField(blank=True, max_length=300, verbose_name="what it says")),
                ("link", models.CharField(blank=True, max_length=300, verbose_name="link")),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("planned", "Not begun"),
                            ("making", "In the making"),
                            ("ready", "Ready"),
                            ("left_out", "Left out on purpose"),
                        ],
                        default="planned",
                        max_length=8,
                        verbose_name="status",
                    ),
                ),
                ("version", models.PositiveIntegerField(default=1)),
                (
                    "campaign",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="cells",
                        to="plan.campaign",
                    ),
                ),
                (
                    "owner",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="cells",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="owner",
                    ),
                ),
                (
                    "task",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="cells",
                        to="plan.task",
                    ),
                ),
            ],
            options={
                "ordering": ["pk"],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("campaign", "stage", "channel"),
                        name="one_cell_per_stage_and_channel",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Cost",
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
                        choices=[("committed", "Promised"), ("actual", "Spent")],
                        max_length=10,
                        verbose_name="kind",
                    ),
                ),
                (
                    "category",
                    models.CharField(
                        choices=[
                            ("media", "Media"),
                            ("creative", "Creative"),
                            ("tools", "Tools"),
                            ("venue", "Venue"),
                            ("materials", "Materials"),
                            ("people", "Staff"),
                            ("discounts", "Discounts"),
                            ("contingency", "Contingency"),
                            ("flexible", "Flexible"),
                            ("other", "Other"),
                        ],
                        max_length=12,
                        verbose_name="category",
                    ),
                ),
                (
                    "amount",
                    models.DecimalField(decimal_places=2, max_digits=14, verbose_name="amount"),
                ),
                ("at", models.DateField(verbose_name="date")),
                ("channel", models.CharField(blank=True, max_length=60, verbose_name="channel")),
                ("note", models.CharField(blank=True, max_length=300, verbose_name="note")),
                (
                    "source",
                    models.CharField(
                        choices=[("manual", "By hand"), ("auto", "Automatic")],
                        default="manual",
                        max_length=6,
                    ),
                ),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                (
                    "by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="costs",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "campaign",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="costs",
                        to="plan.campaign",
                    ),
                ),
                (
                    "line",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="costs",
                        to="plan.budgetline",
                        verbose_name="line",
                    ),
                ),
                (
                    "reverses",
                    models.OneToOneField(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="reversed_by",
                        to="plan.cost",
                    ),
                ),
                ("currency", models.CharField(blank=True, max_length=3, verbose_name="currency")),
                (
                    "own_amount",
                    models.DecimalField(blank=True, decimal_places=2, max_digits=14, null=True),
                ),
                (
                    "rate",
                    models.DecimalField(decimal_places=8, default=Decimal("1"), max_digits=18),
                ),
            ],
            options={
                "ordering": ["-at", "-pk"],
                "indexes": [
                    models.Index(
                        fields=["campaign", "kind", "at"], name="plan_cost_campaig_c9caa5_idx"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Decision",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("step", models.CharField(max_length=20)),
                (
                    "verdict",
                    models.CharField(
                        choices=[("approved", "Approved"), ("sent_back", "Sent back")],
                        max_length=10,
                    ),
                ),
                ("fingerprint", models.CharField(max_length=64)),
                ("note", models.TextField(blank=True, max_length=1000, verbose_name="note")),
                ("waiver", models.BooleanField(default=False)),
                ("at", models.DateTimeField(auto_now_add=True)),
                (
                    "by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="decisions",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "request",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="decisions",
                        to="plan.approvalrequest",
                    ),
                ),
                ("by_link", models.BooleanField(default=False)),
                (
                    "instead_of",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "ordering": ["pk"],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("request", "step"), name="one_decision_per_step"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="DecisionLink",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("fingerprint", models.CharField(max_length=64)),
                ("expires_at", models.DateTimeField()),
                ("used_at", models.DateTimeField(null=True)),
                (
                    "request",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="links",
                        to="plan.approvalrequest",
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Dependency",
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
                            ("FS", "starts when the other has finished"),
                            ("SS", "starts when the other has started"),
                            ("FF", "finishes when the other has finished"),
                        ],
                        default="FS",
                        max_length=2,
                    ),
                ),
                ("lag", models.SmallIntegerField(default=0, verbose_name="lag, working days")),
                (
                    "after",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="waits_for",
                        to="plan.task",
                    ),
                ),
                (
                    "before",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="followers",
                        to="plan.task",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("before", "after"), name="one_dependency_per_pair"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("before", models.F("after")), _negated=True),
                        name="no_task_waits_for_itself",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Duty",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "letter",
                    models.CharField(
                        choices=[
                            ("R", "Responsible"),
                            ("A", "Accountable"),
                            ("C", "Consulted"),
                            ("I", "Informed"),
                        ],
                        max_length=1,
                    ),
                ),
                (
                    "share",
                    models.DecimalField(decimal_places=2, default=Decimal("1"), max_digits=3),
                ),
                (
                    "team",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="duties",
                        to="team.team",
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="duties",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "task",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="duties",
                        to="plan.task",
                    ),
                ),
            ],
            options={
                "ordering": ["pk"],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("letter", "A")),
                        fields=("task",),
                        name="one_accountable_per_task",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("user__isnull", False)),
                        fields=("task", "user", "letter"),
                        name="one_letter_per_person",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("team__isnull", False)),
                        fields=("task", "team", "letter"),
                        name="one_letter_per_team",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("team__isnull", True), ("user__isnull", False)),
                            models.Q(("team__isnull", False), ("user__isnull", True)),
                            _connector="OR",
                        ),
                        name="duty_of_a_person_or_a_team",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="LineMonth",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("month", models.DateField()),
                ("planned", models.DecimalField(decimal_places=2, max_digits=14)),
                (
                    "line",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="months",
                        to="plan.budgetline",
                    ),
                ),
            ],
            options={
                "ordering": ["month"],
                "constraints": [
                    models.UniqueConstraint(fields=("line", "month"), name="one_plan_per_month"),
                    models.CheckConstraint(
                        condition=models.Q(("planned__gte", 0)), name="month_not_negative"
                    ),
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
        migrations.CreateModel(
            name="StandIn",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("first", models.DateField(verbose_name="first day")),
                ("last", models.DateField(null=True, verbose_name="last day")),
                ("note", models.CharField(blank=True, max_length=200, verbose_name="note")),
                ("at", models.DateTimeField(auto_now_add=True)),
                (
                    "of",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="stand_ins",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "request",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="stand_ins",
                        to="plan.approvalrequest",
                    ),
                ),
                (
                    "to",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="stands_in_for",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "ordering": ["first", "pk"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("of", models.F("to")), _negated=True),
                        name="nobody_stands_in_for_themselves",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("last", None), ("last__gte", models.F("first")), _connector="OR"
                        ),
                        name="stand_in_ends_after_start",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="BudgetDocument",
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
                            ("contract", "Contract"),
                            ("order", "Purchase order"),
                            ("receipt", "Receipt or invoice"),
                            ("other", "Other paper"),
                        ],
                        max_length=8,
                        verbose_name="kind",
                    ),
                ),
                ("name", models.CharField(max_length=120, verbose_name="name")),
                ("link", models.URLField(blank=True, max_length=500, verbose_name="link")),
                ("file", models.CharField(blank=True, max_length=80)),
                ("type", models.CharField(blank=True, max_length=60)),
                ("size", models.PositiveIntegerField(default=0)),
                ("at", models.DateTimeField(auto_now_add=True)),
                (
                    "by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "cost",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="documents",
                        to="plan.cost",
                    ),
                ),
                (
                    "line",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="documents",
                        to="plan.budgetline",
                    ),
                ),
            ],
            options={
                "ordering": ["pk"],
            },
        ),
        migrations.CreateModel(
            name="Delivery",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("title", models.CharField(max_length=160, verbose_name="what")),
                ("due", models.DateField(verbose_name="due")),
                (
                    "amount",
                    models.DecimalField(
                        decimal_places=2, default=Decimal("0"), max_digits=14, verbose_name="price"
                    ),
                ),
                (
                    "criteria",
                    models.JSONField(blank=True, default=list, verbose_name="accepted when"),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("planned", "Not ordered yet"),
                            ("ordered", "On order"),
                            ("delivered", "Handed over"),
                            ("accepted", "Accepted"),
                            ("rejected", "Sent back"),
                            ("paid", "Paid for"),
                        ],
                        default="planned",
                        max_length=9,
                    ),
                ),
                ("delivered_on", models.DateField(null=True)),
                ("score", models.PositiveSmallIntegerField(null=True, verbose_name="mark")),
                ("note", models.CharField(blank=True, max_length=300, verbose_name="note")),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                (
                    "by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "campaign",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="deliveries",
                        to="plan.campaign",
                    ),
                ),
                (
                    "committed",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to="plan.cost",
                    ),
                ),
                (
                    "vendor",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="deliveries",
                        to="plan.vendor",
                    ),
                ),
            ],
            options={
                "ordering": ["due", "pk"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("score__isnull", True),
                            models.Q(("score__gte", 1), ("score__lte", 5)),
                            _connector="OR",
                        ),
                        name="mark_between_1_and_5",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="PlanEntry",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("label", models.CharField(max_length=120)),
                (
                    "kind",
                    models.CharField(
                        choices=[("plan", "Plan set"), ("move", "Moved")], max_length=4
                    ),
                ),
                ("amount", models.DecimalField(decimal_places=2, max_digits=14)),
                ("at", models.DateTimeField(auto_now_add=True)),
                (
                    "by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "campaign",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="plan_entries",
                        to="plan.campaign",
                    ),
                ),
                (
                    "line",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="entries",
                        to="plan.budgetline",
                    ),
                ),
                (
                    "move",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="entries",
                        to="plan.budgetmove",
                    ),
                ),
            ],
            options={
                "ordering": ["-pk"],
            },
        ),
    ]
