"""Every setting, with a default that works on an empty machine.

What a team may change while Muster runs is data (settings pages), not a setting here.
"""

from __future__ import annotations

from pathlib import Path
from urllib.parse import unquote, urlsplit

import django_stubs_ext
from csp.constants import NONCE, NONE, SELF
from django.utils.translation import gettext_lazy as _

from muster.config import environment
from muster.config.data import DataFolder

django_stubs_ext.monkeypatch()  # lets forms and managers name their model to the type checker

STORY = ["plan", "people", "content", "channels", "track", "experiment", "measure", "learn"]
"""The order in which people meet the product; apps, menu and docs follow it."""

PACKAGE = Path(__file__).resolve().parent.parent
DATA = DataFolder(Path(environment.text("DATA", "~/.muster")).expanduser())

PUBLIC_URL = environment.text("PUBLIC_URL", "http://localhost:8000").rstrip("/")
_HTTPS = PUBLIC_URL.startswith("https://")
SMTP_URL = environment.text("SMTP_URL", "")
"""`smtp://user:password@host:587`; empty means the built-in inbox."""
INBOX = not SMTP_URL or environment.flag("INBOX")
"""Whether mail goes to the built-in inbox at /sink and nowhere else."""
SENDER_CONNECTIONS = environment.number("SENDER_CONNECTIONS", 4)
DKIM_SELECTORS = environment.text("DKIM_SELECTORS", "")
"""Under which names the mail server's keys stand in the DNS; empty: the usual names are tried."""
DNS_SERVER = environment.text("DNS_SERVER", "")
"""`host:port` of the name server that readiness asks; empty: that of the machine."""

SECRET_KEY = DATA.key("django").hex()
DEBUG = environment.flag("DEBUG")
ALLOWED_HOSTS = environment.answered_names(PUBLIC_URL)
"""Under which names pages answer: a strange one would let a foreign site read through a browser."""
CSRF_TRUSTED_ORIGINS = [PUBLIC_URL]
ROOT_URLCONF = "muster.config.urls"
APPEND_SLASH = False
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

INSTALLED_APPS = [
    "muster.config.apps.ConfigConfig",
    "muster.ui",
    "muster.team",
    *(f"muster.{part}" for part in STORY if (PACKAGE / part / "apps.py").exists()),
    "django.forms",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "axes",
    "csp",
    "django_htmx",
    "django_vite",
    "template_partials",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "muster.config.tracker.TrackerMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "muster.team.viewing.ViewingMiddleware",
    "muster.team.middleware.ReaderMiddleware",
    "muster.config.problems.NulMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "muster.config.problems.ProblemMiddleware",
    "muster.config.idempotency.IdempotencyMiddleware",
    "muster.ui.middleware.RefusedMiddleware",
    "muster.team.middleware.SetupMiddleware",
    "axes.middleware.AxesMiddleware",
]

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "muster.team.context.frame",
            ],
        },
    }
]
FORM_RENDERER = "django.forms.renderers.TemplatesSetting"


def _database(url: str) -> dict[str, object]:
    if not url:
        return {
            "ENGINE": "django.db.backends.sqlite3",
            "NAME": DATA.database,
            "OPTIONS": {
                "transaction_mode": "IMMEDIATE",
                "timeout": 20,
                "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;"
                " PRAGMA foreign_keys=ON; PRAGMA cache_size=-65536;"
                # What is erased must not stay readable in the file.
                " PRAGMA secure_delete=ON;",
            },
        }
    parts = urlsplit(url)
    if parts.scheme not in {"postgres", "postgresql"}:
        raise SystemExit("MUSTER_DATABASE_URL must begin with postgresql:// (or be left empty).")
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": parts.path.lstrip("/"),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": unquote(parts.hostname or ""),
        "PORT": parts.port or "",
        "CONN_MAX_AGE": 60,
        "OPTIONS": {
            "options": "-c statement_timeout=60000 -c idle_in_transaction_session_timeout=60000"
        },
    }


DATABASE_URL = environment.text("DATABASE_URL", "")
DATABASES = {"default": _database(DATABASE_URL)}
WAREHOUSE_URL = environment.text("WAREHOUSE_URL", "")
LOG_URL = environment.text("LOG_URL", "")
"""`nats://user:password@host:4222`: the event log between machines; empty: one machine."""
LOG_DAYS = environment.number("LOG_DAYS", 7)
LOG_MEGABYTES = environment.number("LOG_MEGABYTES", 1024)
"""How long and how much the stream keeps of what its owner has not taken; used when it is made."""
LOG_KEEP_HOURS = environment.number("LOG_KEEP_HOURS", 24)
"""How long a machine keeps its segments after the owner has them."""

CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}
COUNTS_KEPT = 20
"""Seconds for which pages show a number of the warehouse again instead of counting anew."""

# People who sign in.
AUTH_USER_MODEL = "team.User"
AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",
    "django.contrib.auth.backends.ModelBackend",
    "allauth.account.auth_backends.AuthenticationBackend",
]
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 12},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL = "/login"
LOGIN_REDIRECT_URL = "/"
ACCOUNT_ADAPTER = "muster.team.accounts.ClosedAdapter"
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_EMAIL_VERIFICATION = "mandatory" if _HTTPS else "none"
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_LOGOUT_ON_PASSWORD_CHANGE = True
ACCOUNT_EMAIL_NOTIFICATIONS = False
MFA_SUPPORTED_TYPES = ["totp", "recovery_codes"]
AXES_FAILURE_LIMIT = 8
AXES_COOLOFF_TIME = 1
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_USERNAME_FORM_FIELD = "login"
AXES_ENABLE_ADMIN = False
AXES_VERBOSE = False
SESSION_COOKIE_AGE = 12 * 60 * 60
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_NAME = "__Host-sid" if _HTTPS else "muster_sid"
CSRF_COOKIE_NAME = "__Host-csrf" if _HTTPS else "muster_csrf"
CSRF_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_HTTPONLY = True
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SECURE_SSL_REDIRECT = _HTTPS
SECURE_HSTS_SECONDS = 31_536_000 if _HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = _HTTPS
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if _HTTPS else None
SECURE_REFERRER_POLICY = "same-origin"
CSRF_FAILURE_VIEW = "muster.ui.views.expired"
X_FRAME_OPTIONS = "SAMEORIGIN"
DATA_UPLOAD_MAX_MEMORY_SIZE = 2 * 1024 * 1024
# The widest file has 500 columns with two fields each, and a thousand of their values are matched.
DATA_UPLOAD_MAX_NUMBER_FIELDS = 2200
FILE_UPLOAD_TEMP_DIR = None

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF, NONCE],
        "style-src": [SELF, NONCE],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "manifest-src": [SELF],
        "frame-src": [SELF],
        "form-action": [SELF],
        "base-uri": [NONE],
        "frame-ancestors": [SELF],
        "object-src": [NONE],
    }
}

# Mail to colleagues (password reset, invitations); messages to people go through the sender.
MAIL_URL = environment.text("INBOX_URL", "smtp://127.0.0.1:2525") if INBOX else SMTP_URL
"""Where the sender hands messages over."""
_smtp = urlsplit(MAIL_URL)
EMAIL_HOST = _smtp.hostname or "127.0.0.1"
EMAIL_PORT = _smtp.port or (465 if _smtp.scheme == "smtps" else 25)
EMAIL_HOST_USER = unquote(_smtp.username or "")
EMAIL_HOST_PASSWORD = unquote(_smtp.password or "")
EMAIL_USE_TLS = not INBOX and _smtp.port == 587
EMAIL_USE_SSL = _smtp.scheme == "smtps"
EMAIL_TIMEOUT = 20
DEFAULT_FROM_EMAIL = environment.text("FROM", "Muster <muster@localhost>")

# Languages and formats.
LANGUAGE_CODE = "en"
LANGUAGES = [
    ("zh-hans", _("Simplified Chinese")),
    ("zh-hant", _("Traditional Chinese")),
    ("en", _("English")),
]
LOCALE_PATHS = sorted(
    path for path in (PACKAGE / "locale").iterdir() if path.is_dir() and path.name[0] != "_"
)
USE_I18N = True
USE_TZ = True
TIME_ZONE = "UTC"

# Built pages' parts.
STATIC_URL = "/static/"
STATICFILES_DIRS: list[Path] = []
DJANGO_VITE = {
    "default": {
        "static_url_prefix": "built",
        "manifest_path": PACKAGE / "ui" / "static" / "built" / "manifest.json",
    }
}

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "%(asctime)s %(levelname)s %(name)s: %(message)s"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["stderr"], "level": environment.text("LOG_LEVEL", "WARNING")},
    # What is refused is told to whoever asked, in a sentence; only our own faults belong here.
    "loggers": {"muster": {"level": "INFO"}, "django.request": {"level": "ERROR"}},
}
