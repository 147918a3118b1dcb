"""Settings for the tests: an in-memory database (or ``DATABASE_URL``), a data folder of their own, quick hashes."""

import os
import tempfile

# Each process of a test run has a folder of its own, whatever the environment says; processes that it starts share it.
_MINE = os.environ.get("PYTEST_XDIST_WORKER", "alone")
if os.environ.get("TESTS_HOME_OF") != _MINE:
    os.environ |= {"ALLTEACH_HOME": tempfile.mkdtemp(prefix="allteach-test-"), "TESTS_HOME_OF": _MINE}

from allteach.web.settings.base import *  # noqa: E402, F403
from allteach.web.settings.base import DATABASES, TEMPLATES  # noqa: E402

if DATABASES["default"]["ENGINE"].endswith("sqlite3"):
    DATABASES["default"]["NAME"] = ":memory:"
    DATABASES["default"]["OPTIONS"] = {"transaction_mode": "IMMEDIATE", "timeout": 20}
TEMPLATES[0]["OPTIONS"]["string_if_invalid"] = ""
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
ALLOWED_HOSTS = ["*"]
EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
AXES_ENABLED = False
ALLTEACH_GALLERY = True
# Rolling tests back deletes rows, which the guard exists to refuse; its own test turns it on.
ALLTEACH_LEDGER_GUARD = False
TASKS = {"default": {"BACKEND": "django_tasks.backends.immediate.ImmediateBackend"}}
