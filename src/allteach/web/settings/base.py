"""Settings that every way of running shares."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from csp.constants import NONE, SELF
from django.utils.translation import gettext_lazy as _

from allteach.web.settings.database import database
from allteach.web.settings.folder import data_folder, secret_key

WEB = Path(__file__).resolve().parent.parent
HOME = data_folder()
SECRET_KEY = secret_key(HOME)
DEBUG = False
ALLOWED_HOSTS = [h for h in os.environ.get("ALLTEACH_HOSTS", "127.0.0.1,localhost,[::1]").split(",") if h]
CSRF_TRUSTED_ORIGINS = [o for o in os.environ.get("ALLTEACH_ORIGINS", "").split(",") if o]

# Earlier rooms first; a room joins when its folder has apps.py.
ROOMS = (
    "ledger", "people", "sites", "submissions", "doors", "measuring", "quality", "variation", "ideas", "projects",
    "trials", "rhythm", "health", "evidence", "practices", "commons", "spread", "sustain", "reporting", "home", "demo",
    "api", "ui",
)  # fmt: skip
OPEN_ROOMS = tuple(room for room in ROOMS if (WEB / room / "apps.py").exists())

INSTALLED_APPS = [
    *(f"allteach.web.{room}" for room in reversed(OPEN_ROOMS)),
    "django.forms",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.socialaccount",
    "axes",
    "csp",
    "django_cotton.apps.SimpleAppConfig",
    "django_htmx",
    "django_tasks",
    "django_tasks_db",
]

MIDDLEWARE = [
    "django.middleware.gzip.GZipMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "allteach.web.people.middleware.SignedInMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "allteach.web.ui.middleware.NetworkMiddleware",
    "axes.middleware.AxesMiddleware",
]

ROOT_URLCONF = "allteach.web.urls"
WSGI_APPLICATION = "allteach.web.wsgi.application"
TEMPLATES: list[dict[str, Any]] = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "OPTIONS": {
            "loaders": [
                (
                    "django.template.loaders.cached.Loader",
                    ["django_cotton.cotton_loader.Loader", "django.template.loaders.app_directories.Loader"],
                )
            ],
            "builtins": ["django_cotton.templatetags.cotton"],
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "allteach.web.ui.context.page",
            ],
        },
    }
]
FORM_RENDERER = "allteach.web.ui.forms.PlainRenderer"

DATABASES = {"default": database(os.environ.get("DATABASE_URL", ""), HOME)}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

AUTH_USER_MODEL = "people.Person"
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
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/"

ACCOUNT_ADAPTER = "allteach.web.people.adapter.AccountAdapter"
SOCIALACCOUNT_ADAPTER = "allteach.web.people.adapter.ProviderAdapter"
ACCOUNT_LOGIN_METHODS = {"username", "email"}
ACCOUNT_SIGNUP_FIELDS = ["username*", "email", "password1*", "password2*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_LOGOUT_ON_GET = False
ACCOUNT_LOGOUT_REDIRECT_URL = LOGIN_URL
ACCOUNT_SESSION_REMEMBER = False
ACCOUNT_FORMS = {"login": "allteach.web.people.forms.SignInForm"}
ACCOUNT_RATE_LIMITS = {"login_failed": None}  # django-axes counts failed sign-ins
MFA_SUPPORTED_TYPES = ["totp", "recovery_codes"]
MFA_TOTP_ISSUER = "allteach"
SOCIALACCOUNT_AUTO_SIGNUP = True
SOCIALACCOUNT_EMAIL_AUTHENTICATION = False
SOCIALACCOUNT_PROVIDERS: dict[str, Any] = {}
if os.environ.get("ALLTEACH_OIDC_SERVER"):
    INSTALLED_APPS.append("allauth.socialaccount.providers.openid_connect")
    SOCIALACCOUNT_PROVIDERS["openid_connect"] = {
        "APPS": [
            {
                "provider_id": "hospital",
                "name": os.environ.get("ALLTEACH_OIDC_NAME", "your hospital account"),
                "client_id": os.environ.get("ALLTEACH_OIDC_CLIENT_ID", ""),
                "secret": os.environ.get("ALLTEACH_OIDC_SECRET", ""),
                "settings": {"server_url": os.environ["ALLTEACH_OIDC_SERVER"]},
            }
        ]
    }

AXES_FAILURE_LIMIT = 8
AXES_COOLOFF_TIME = 0.25  # hours
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_LOCKOUT_CALLABLE = "allteach.web.people.account.locked_out"
AXES_USERNAME_CALLABLE = "allteach.web.people.adapter.name_tried"
AXES_RESET_ON_SUCCESS = True
AXES_ENABLE_ADMIN = False
AXES_VERBOSE = False

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],  # data: the QR code of two-step sign-in
        "font-src": [SELF],
        "connect-src": [SELF],
        "manifest-src": [SELF],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
        "base-uri": [NONE],
    }
}
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_ENGINE = "django.contrib.sessions.backends.cached_db"
CSRF_COOKIE_SAMESITE = "Lax"
CSRF_FAILURE_VIEW = "allteach.web.ui.views.stale_form"

STATIC_URL = "static/"
STATIC_ROOT: Path | None = None
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage", "OPTIONS": {"location": HOME / "files"}},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
WHITENOISE_USE_FINDERS = True
WHITENOISE_KEEP_ONLY_HASHED_FILES = True

# A large file streams to disk; memory stays flat.
FILE_UPLOAD_MAX_MEMORY_SIZE = 2 * 1024 * 1024
FILE_UPLOAD_TEMP_DIR = None
DATA_UPLOAD_MAX_MEMORY_SIZE = 4 * 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 5000

TASKS = {"default": {"BACKEND": "django_tasks_db.DatabaseBackend", "QUEUES": []}}

LANGUAGE_CODE = "en"
LANGUAGES = [("en", _("English"))]
LOCALE_PATHS = [WEB / "locale"]
USE_I18N = True
USE_TZ = True
TIME_ZONE = "UTC"

EMAIL_BACKEND = "django.core.mail.backends.console.EmailBackend"
if os.environ.get("ALLTEACH_MAIL_HOST"):
    EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    EMAIL_HOST = os.environ["ALLTEACH_MAIL_HOST"]
    EMAIL_PORT = int(os.environ.get("ALLTEACH_MAIL_PORT", "587"))
    EMAIL_HOST_USER = os.environ.get("ALLTEACH_MAIL_USER", "")
    EMAIL_HOST_PASSWORD = os.environ.get("ALLTEACH_MAIL_PASSWORD", "")
    EMAIL_USE_TLS = os.environ.get("ALLTEACH_MAIL_TLS", "1") == "1"
    EMAIL_TIMEOUT = 10
ADDRESS = os.environ.get("ALLTEACH_ADDRESS", "http://127.0.0.1:8000").rstrip("/")  # what links in mail begin with
DEFAULT_FROM_EMAIL = os.environ.get("ALLTEACH_MAIL_FROM", "allteach@localhost")

# Names and numbers of requests only: no form contents, no query strings, no SQL parameters.
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "{asctime} {levelname} {name} {message}", "style": "{"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["console"], "level": "WARNING"},
    "loggers": {
        "django.db.backends": {"level": "WARNING", "propagate": True},
        "allteach": {"level": "INFO", "propagate": True},
        "axes": {"level": "WARNING", "propagate": True},
    },
}
DEFAULT_EXCEPTION_REPORTER_FILTER = "allteach.web.ui.reports.QuietFilter"

# Hosts that doors may reach, such as "redcap.example.org, warehouse.example.org:5433"; none switches doors off.
ALLTEACH_DOOR_HOSTS = tuple(h.strip() for h in os.environ.get("ALLTEACH_DOOR_HOSTS", "").split(",") if h.strip())

ALLTEACH_LEDGER_GUARD = True  # database triggers that refuse to change or delete ledger rows
ALLTEACH_GALLERY = False
# For networks that choose Spark: its address (this machine's processors without one) and the memory of its Java here.
ALLTEACH_SPARK_MASTER = os.environ.get("ALLTEACH_SPARK_MASTER", "local[*]")
ALLTEACH_SPARK_MEMORY = os.environ.get("ALLTEACH_SPARK_MEMORY", "2g")
