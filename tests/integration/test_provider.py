"""The hospital's identity provider: configured by environment; it lets people in, roles still come from us."""

from __future__ import annotations

import os
import subprocess
import sys

SCRIPT = """
import django
django.setup()
from django.conf import settings
from django.core.management import call_command
call_command("migrate", verbosity=0)
from django.test import Client
text = Client().get("/accounts/login/").content.decode()
assert "Sign in with Children" in text, text
assert "/accounts/oidc/hospital/login/" in text, text
"""


def test_the_sign_in_page_offers_the_provider() -> None:
    env = os.environ | {
        "DJANGO_SETTINGS_MODULE": "allteach.web.settings.test",
        "ALLTEACH_OIDC_SERVER": "https://id.example.org",
        "ALLTEACH_OIDC_NAME": "Children's Hospital",
        "ALLTEACH_OIDC_CLIENT_ID": "allteach",
    }
    env.pop("DATABASE_URL", None)
    done = subprocess.run([sys.executable, "-c", SCRIPT], env=env, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
