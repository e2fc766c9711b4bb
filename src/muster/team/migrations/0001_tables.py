from decimal import Decimal

import django.core.serializers.json
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import muster.team.members.models
import muster.team.tokens.models
from muster.team.tables import TablesTogether


class Migration(TablesTogether):
    replaces = [
        ("team", "0001_people_who_work_here"),
        ("team", "0002_work_together"),
        ("team", "0003_notices_robots_presence"),
        ("team", "0004_undo_together_pins_looks_own_roles"),
    ]

    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="IdempotentAnswer",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("holder", models.CharField(max_length=40)),
                ("key", models.CharField(max_length=200)),
                ("fingerprint", models.CharField(max_length=64)),
                ("status", models.PositiveSmallIntegerField(null=True)),
                ("body", models.BinaryField(null=True)),
                ("content_type", models.CharField(blank=True, max_length=100)),
                ("at", models.DateTimeField(auto_now_add=True)),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("holder", "key"), name="one_answer_per_key")
                ],
            },
        ),
        migrations.CreateModel(
            name="OwnRole",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("name", models.CharField(max_length=60, unique=True, verbose_name="name")),
                (
                    "base",
                    models.CharField(
                        choices=[
                            ("owner", "Owner"),
                            ("admin", "Admin"),
                            ("manager", "Campaign manager"),
                            ("content", "Content and design"),
                            ("operator", "Channel operator"),
                            ("analyst", "Analyst"),
                            ("sales", "Sales"),
                            ("executive", "Executive"),
                            ("legal", "Legal reviewer"),
                            ("store", "Store staff"),
                            ("service", "Service agent"),
                            ("vendor", "Vendor guest"),
                        ],
                        max_length=20,
                        verbose_name="made from",
                    ),
                ),
                ("permissions", models.JSONField(default=list)),
            ],
            options={
                "ordering": ["name"],
            },
        ),
        migrations.CreateModel(
            name="Workspace",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("name", models.CharField(max_length=80, verbose_name="name")),
                (
                    "language",
                    models.CharField(default="en", max_length=10, verbose_name="language"),
                ),
                (
                    "time_zone",
                    models.CharField(default="UTC", max_length=50, verbose_name="time zone"),
                ),
                (
                    "currency",
                    models.CharField(default="CNY", max_length=3, verbose_name="currency"),
                ),
                (
                    "sender_name",
                    models.CharField(blank=True, max_length=80, verbose_name="sender name"),
                ),
                (
                    "sender_address",
                    models.EmailField(
                        default="hello@muster.example",
                        max_length=254,
                        verbose_name="sender address",
                    ),
                ),
                (
                    "postal_address",
                    models.CharField(blank=True, max_length=200, verbose_name="postal address"),
                ),
                (
                    "messages_per_week",
                    models.PositiveSmallIntegerField(
                        default=3, verbose_name="messages per person and week"
                    ),
                ),
                ("quiet_from", models.TimeField(blank=True, null=True, verbose_name="quiet from")),
                (
                    "quiet_until",
                    models.TimeField(blank=True, null=True, verbose_name="quiet until"),
                ),
                (
                    "contingency_least",
                    models.DecimalField(decimal_places=3, default=Decimal("0.10"), max_digits=4),
                ),
                (
                    "contingency_most",
                    models.DecimalField(decimal_places=3, default=Decimal("0.15"), max_digits=4),
                ),
                (
                    "attribution_days",
                    models.PositiveSmallIntegerField(
                        default=30, verbose_name="attribution window, days"
                    ),
                ),
                ("halted", models.BooleanField(default=False, verbose_name="all sending halted")),
                ("demo", models.BooleanField(default=False)),
                (
                    "country",
                    models.CharField(default="CN", max_length=2, verbose_name="calendar of"),
                ),
            ],
        ),
        migrations.CreateModel(
            name="WriteKey",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("name", models.CharField(max_length=80, unique=True, verbose_name="name")),
                (
                    "key",
                    models.CharField(
                        default=muster.team.tokens.models.fresh_key, max_length=60, unique=True
                    ),
                ),
                ("at", models.DateTimeField(auto_now_add=True)),
                ("revoked_at", models.DateTimeField(null=True)),
            ],
        ),
        migrations.CreateModel(
            name="User",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("password", models.CharField(max_length=128, verbose_name="password")),
                (
                    "last_login",
                    models.DateTimeField(blank=True, null=True, verbose_name="last login"),
                ),
                ("email", models.EmailField(max_length=254, unique=True, verbose_name="e-mail")),
                ("name", models.CharField(max_length=80, verbose_name="name")),
                (
                    "role",
                    models.CharField(
                        choices=[
                            ("owner", "Owner"),
                            ("admin", "Admin"),
                            ("manager", "Campaign manager"),
                            ("content", "Content and design"),
                            ("operator", "Channel operator"),
                            ("analyst", "Analyst"),
                            ("sales", "Sales"),
                            ("executive", "Executive"),
                            ("legal", "Legal reviewer"),
                            ("store", "Store staff"),
                            ("service", "Service agent"),
                            ("vendor", "Vendor guest"),
                        ],
                        max_length=20,
                        verbose_name="role",
                    ),
                ),
                ("language", models.CharField(blank=True, max_length=10, verbose_name="language")),
                (
                    "time_zone",
                    models.CharField(blank=True, max_length=50, verbose_name="time zone"),
                ),
                (
                    "theme",
                    models.CharField(
                        choices=[("system", "As the system"), ("light", "Light"), ("dark", "Dark")],
                        default="system",
                        max_length=6,
                        verbose_name="theme",
                    ),
                ),
                ("is_active", models.BooleanField(default=True)),
                ("joined_at", models.DateTimeField(auto_now_add=True)),
                (
                    "hours_per_day",
                    models.DecimalField(
                        decimal_places=2,
                        default=Decimal("8"),
                        max_digits=4,
                        verbose_name="hours a day",
                    ),
                ),
                ("skills", models.JSONField(blank=True, default=list, verbose_name="skills")),
                ("seen_at", models.DateTimeField(null=True)),
                (
                    "density",
                    models.CharField(
                        choices=[("comfortable", "Comfortable"), ("compact", "Compact")],
                        default="comfortable",
                        max_length=11,
                        verbose_name="density",
                    ),
                ),
                (
                    "numbers",
                    models.CharField(
                        choices=[
                            ("full", "In full: 12,800"),
                            ("myriad", "With 万 and 亿: 1.28万"),
                            ("thousand", "With K and M: 12.8K"),
                        ],
                        default="full",
                        max_length=8,
                        verbose_name="large numbers",
                    ),
                ),
                (
                    "shortcuts",
                    models.BooleanField(default=True, verbose_name="single keys are shortcuts"),
                ),
                (
                    "start_page",
                    models.CharField(default="work", max_length=20, verbose_name="start page"),
                ),
                (
                    "own_role",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="users",
                        to="team.ownrole",
                    ),
                ),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="Change",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("verb", models.CharField(max_length=40)),
                ("kind", models.CharField(max_length=60)),
                ("object_id", models.BigIntegerField()),
                ("label", models.CharField(max_length=200)),
                ("at", models.DateTimeField(auto_now_add=True)),
                (
                    "details",
                    models.JSONField(
                        default=dict, encoder=django.core.serializers.json.DjangoJSONEncoder
                    ),
                ),
                (
                    "undo",
                    models.JSONField(
                        default=dict, encoder=django.core.serializers.json.DjangoJSONEncoder
                    ),
                ),
                ("undone_at", models.DateTimeField(null=True)),
                (
                    "by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="changes",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "together",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="parts",
                        to="team.change",
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(
                        fields=["kind", "object_id", "-at"], name="team_change_kind_b25fba_idx"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Comment",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("kind", models.CharField(max_length=60)),
                ("object_id", models.BigIntegerField()),
                ("campaign_id", models.BigIntegerField(null=True)),
                ("text", models.TextField(max_length=4000, verbose_name="comment")),
                ("at", models.DateTimeField(auto_now_add=True)),
                ("edited_at", models.DateTimeField(null=True)),
                ("deleted_at", models.DateTimeField(null=True)),
                ("resolved_at", models.DateTimeField(null=True)),
                (
                    "by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="comments",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                ("mentions", models.JSONField(blank=True, default=list)),
            ],
            options={
                "ordering": ["at", "pk"],
                "indexes": [
                    models.Index(
                        fields=["kind", "object_id", "at"], name="team_commen_kind_ff6ca0_idx"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="CustomDay",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("name", models.CharField(max_length=80, verbose_name="name")),
                ("first", models.DateField(verbose_name="first day")),
                ("last", models.DateField(verbose_name="last day")),
                (
                    "effect",
                    models.CharField(
                        choices=[
                            ("note", "Marked only"),
                            ("off", "Day off"),
                            ("work", "Working day"),
                        ],
                        default="note",
                        max_length=4,
                        verbose_name="effect",
                    ),
                ),
                (
                    "recurrence",
                    models.CharField(
                        choices=[
                            ("once", "Once"),
                            ("yearly", "Every year"),
                            ("lunar", "Every lunar year"),
                            ("monthly", "Every month"),
                        ],
                        default="once",
                        max_length=7,
                        verbose_name="returns",
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
            ],
            options={
                "ordering": ["first", "pk"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("last__gte", models.F("first"))),
                        name="custom_day_ends_after_start",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Invitation",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("email", models.EmailField(max_length=254, verbose_name="e-mail")),
                (
                    "role",
                    models.CharField(
                        choices=[
                            ("owner", "Owner"),
                            ("admin", "Admin"),
                            ("manager", "Campaign manager"),
                            ("content", "Content and design"),
                            ("operator", "Channel operator"),
                            ("analyst", "Analyst"),
                            ("sales", "Sales"),
                            ("executive", "Executive"),
                            ("legal", "Legal reviewer"),
                            ("store", "Store staff"),
                            ("service", "Service agent"),
                            ("vendor", "Vendor guest"),
                        ],
                        max_length=20,
                        verbose_name="role",
                    ),
                ),
                ("at", models.DateTimeField(auto_now_add=True)),
                ("expires", models.DateTimeField(default=muster.team.members.models._in_a_week)),
                ("accepted_at", models.DateTimeField(null=True)),
                (
                    "by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="invitations",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "own_role",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="team.ownrole",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Job",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("kind", models.CharField(max_length=40)),
                ("title", models.CharField(max_length=200)),
                ("input", models.JSONField(default=dict)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("queued", "Waiting"),
                            ("running", "Running"),
                            ("done", "Done"),
                            ("failed", "Failed"),
                            ("cancelled", "Cancelled"),
                        ],
                        default="queued",
                        max_length=10,
                    ),
                ),
                ("done", models.BigIntegerField(default=0)),
                ("total", models.BigIntegerField(null=True)),
                ("result", models.JSONField(default=dict)),
                ("error", models.TextField(blank=True)),
                ("errors_file", models.CharField(blank=True, max_length=255)),
                ("cancel_asked", models.BooleanField(default=False)),
                ("owner", models.CharField(blank=True, max_length=60)),
                ("lease_until", models.DateTimeField(null=True)),
                ("unique", models.CharField(max_length=120, null=True, unique=True)),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                ("started_at", models.DateTimeField(null=True)),
                ("ended_at", models.DateTimeField(null=True)),
                (
                    "by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="jobs",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "indexes": [models.Index(fields=["state", "id"], name="team_job_state_4f3e69_idx")],
            },
        ),
        migrations.CreateModel(
            name="Leave",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("first", models.DateField(verbose_name="first day")),
                ("last", models.DateField(verbose_name="last day")),
                ("note", models.CharField(blank=True, max_length=120, verbose_name="note")),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="leave",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "ordering": ["first", "pk"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("last__gte", models.F("first"))),
                        name="leave_ends_after_start",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Mute",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("kind", models.CharField(max_length=60)),
                ("object_id", models.BigIntegerField()),
                ("label", models.CharField(max_length=200)),
                ("until", models.DateTimeField(null=True)),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="mutes",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "ordering": ["pk"],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("user", "kind", "object_id"), name="one_mute_per_thing"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Notice",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("event", models.CharField(max_length=40)),
                ("kind", models.CharField(max_length=60)),
                ("object_id", models.BigIntegerField()),
                ("campaign_id", models.BigIntegerField(null=True)),
                ("text", models.CharField(max_length=300)),
                (
                    "params",
                    models.JSONField(
                        default=dict, encoder=django.core.serializers.json.DjangoJSONEncoder
                    ),
                ),
                ("url", models.CharField(max_length=300)),
                ("times", models.PositiveIntegerField(default=1)),
                ("at", models.DateTimeField()),
                ("read_at", models.DateTimeField(null=True)),
                ("closed_at", models.DateTimeField(null=True)),
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
                    "to",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="notices",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "ordering": ["-at", "-pk"],
                "indexes": [
                    models.Index(
                        fields=["to", "read_at", "-at"], name="team_notice_to_id_6c186b_idx"
                    )
                ],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("to", "event", "kind", "object_id"), name="one_notice_per_thing"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Pin",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("url", models.CharField(max_length=300)),
                ("title", models.CharField(max_length=120)),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="pins",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "ordering": ["pk"],
                "constraints": [
                    models.UniqueConstraint(fields=("user", "url"), name="one_pin_per_entry")
                ],
            },
        ),
        migrations.CreateModel(
            name="Presence",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("page", models.CharField(max_length=120)),
                ("seen_at", models.DateTimeField()),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="presence",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("page", "user"), name="one_presence_per_page")
                ],
            },
        ),
        migrations.CreateModel(
            name="Robot",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "name",
                    models.CharField(max_length=80, unique=True, verbose_name="name of the group"),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("wecom", "WeCom"),
                            ("dingtalk", "DingTalk"),
                            ("feishu", "Feishu"),
                        ],
                        max_length=8,
                        verbose_name="kind",
                    ),
                ),
                ("sealed", models.BinaryField()),
                ("at", models.DateTimeField(auto_now_add=True)),
                ("used_at", models.DateTimeField(null=True)),
                ("trouble", models.CharField(blank=True, max_length=300)),
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
                "ordering": ["name"],
            },
        ),
        migrations.CreateModel(
            name="Snooze",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("key", models.CharField(max_length=240)),
                ("until", models.DateTimeField()),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="snoozes",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("user", "key"), name="one_snooze_per_thing")
                ],
            },
        ),
        migrations.CreateModel(
            name="Team",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("name", models.CharField(max_length=80, unique=True, verbose_name="name")),
                (
                    "members",
                    models.ManyToManyField(
                        blank=True, related_name="teams", to=settings.AUTH_USER_MODEL
                    ),
                ),
            ],
            options={
                "ordering": ["name"],
            },
        ),
        migrations.CreateModel(
            name="Token",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("name", models.CharField(max_length=80, verbose_name="name")),
                ("hash", models.CharField(max_length=64, unique=True)),
                ("scopes", models.JSONField(default=list)),
                ("at", models.DateTimeField(auto_now_add=True)),
                ("last_used_at", models.DateTimeField(null=True)),
                ("expires_at", models.DateTimeField(null=True)),
                ("revoked_at", models.DateTimeField(null=True)),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="tokens",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
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
                (
                    "channel",
                    models.CharField(
                        choices=[("email", "E-mail"), ("robot", "Group robot")], max_length=5
                    ),
                ),
                ("digest", models.BooleanField(default=False)),
                ("due_at", models.DateTimeField()),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("waiting", "Waiting"),
                            ("taken", "Being sent"),
                            ("sent", "Sent"),
                            ("dropped", "No longer needed"),
                            ("failed", "Failed"),
                        ],
                        default="waiting",
                        max_length=7,
                    ),
                ),
                ("tries", models.PositiveSmallIntegerField(default=0)),
                ("trouble", models.CharField(blank=True, max_length=300)),
                ("ended_at", models.DateTimeField(null=True)),
                (
                    "notice",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="deliveries",
                        to="team.notice",
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(fields=["state", "due_at"], name="team_delive_state_d39b92_idx")
                ],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("state__in", ["waiting", "taken"])),
                        fields=("notice", "channel"),
                        name="one_delivery_on_its_way",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Preference",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("chosen", models.JSONField(default=dict)),
                ("quiet_from", models.TimeField(blank=True, null=True, verbose_name="quiet from")),
                (
                    "quiet_until",
                    models.TimeField(blank=True, null=True, verbose_name="quiet until"),
                ),
                (
                    "quiet_days_off",
                    models.BooleanField(default=True, verbose_name="quiet on days off and leave"),
                ),
                (
                    "digest_hour",
                    models.PositiveSmallIntegerField(
                        default=9, verbose_name="hour of the daily summary"
                    ),
                ),
                (
                    "user",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="notice_preference",
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
                    ),
                ),
            ],
        ),
    ]
