"""Every address of Muster, in story order."""

from __future__ import annotations

from importlib.util import find_spec

from allauth.account import views as account
from django.conf import settings
from django.urls import URLPattern, URLResolver, include, path

from muster.config import health
from muster.config.api import api
from muster.team.lookup import register_ids
from muster.team.permissions import public

register_ids()

urlpatterns: list[URLPattern | URLResolver] = [
    path("healthz", health.healthz, name="healthz"),
    path("readyz", health.readyz, name="readyz"),
    path("metrics", health.metrics, name="metrics"),
    path("account/", include("allauth.urls")),
    # After the library's own, so that these are the addresses that pages lead to.
    path("login", public(account.login), name="account_login"),
    path("logout", public(account.logout), name="account_logout"),
    path("forgot", public(account.password_reset), name="account_reset_password"),
    path("api/v1/", api.urls),
]
urlpatterns += [
    path("", include(f"muster.{part}.urls"))
    for part in ("ui", "team", *settings.STORY)
    if find_spec(f"muster.{part}.urls")
]
if settings.INBOX:
    urlpatterns.append(path("", include("muster.channels.inbox.urls")))

handler400 = "muster.config.problems.bad_request"
handler403 = "muster.ui.views.forbidden"
handler404 = "muster.ui.views.not_found"
handler500 = "muster.ui.views.broken"
