import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import muster.track.links.models


class Migration(migrations.Migration):
    replaces = [("track", "0001_short_links")]

    initial = True

    dependencies = [
        ("plan", "0001_tables"),
        ("team", "0001_tables"),
    ]

    operations = [
        migrations.CreateModel(
            name="ShortLink",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "code",
                    models.CharField(
                        default=muster.track.links.models.new_code,
                        editable=False,
                        max_length=16,
                        unique=True,
                    ),
                ),
                ("channel", models.CharField(max_length=40, verbose_name="channel")),
                (
                    "placement",
                    models.CharField(blank=True, max_length=80, verbose_name="placement"),
                ),
                ("target", models.CharField(max_length=2000, verbose_name="address it leads to")),
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
                    "campaign",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="short_links",
                        to="plan.campaign",
                    ),
                ),
            ],
            options={
                "ordering": ["-pk"],
            },
        ),
    ]
