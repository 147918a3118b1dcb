"""Settings for `allteach serve`. Behind HTTPS set ``ALLTEACH_HTTPS=1``; then cookies travel only there."""

import os

from allteach.web.settings.base import *  # noqa: F403
from allteach.web.settings.base import HOME, STORAGES

STATIC_ROOT = HOME / "static"
STORAGES = STORAGES | {"staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"}}
WHITENOISE_USE_FINDERS = False
WHITENOISE_MAX_AGE = 3600
ALLTEACH_GALLERY = os.environ.get("ALLTEACH_GALLERY") == "1"

if os.environ.get("ALLTEACH_HTTPS") == "1":
    SESSION_COOKIE_SECURE = True
    CSRF_COOKIE_SECURE = True
    SECURE_SSL_REDIRECT = True
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    SECURE_REDIRECT_EXEMPT = [r"^healthz$"]
    SECURE_HSTS_SECONDS = 31_536_000
    SESSION_COOKIE_NAME = "__Host-session"
    CSRF_COOKIE_NAME = "__Host-csrf"
