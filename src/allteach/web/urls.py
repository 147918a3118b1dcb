"""Every address: rooms bring their own. Pages of one network live under ``/n/<network>/``."""

from __future__ import annotations

from importlib import import_module
from importlib.util import find_spec

from django.conf import settings
from django.urls import URLPattern, URLResolver, include, path

from allteach.web.api.root import api
from allteach.web.ui import views as ui

handler400, handler403, handler404, handler500 = ui.bad_request, ui.forbidden, ui.not_found, ui.broken


def rooms() -> list[URLResolver]:
    """Return the addresses of every open room: ``urlpatterns`` inside a network, ``outside`` beside it."""
    found = []
    for room in settings.OPEN_ROOMS:
        name = f"allteach.web.{room}.urls"
        if room in ("ui", "api") or find_spec(name) is None:
            continue
        module = import_module(name)
        if getattr(module, "outside", None):
            found.append(path("", include((module.outside, f"{module.app_name}_outside"))))
        found.append(path("n/<slug:network>/", include((module.urlpatterns, module.app_name))))
    return found


urlpatterns: list[URLPattern | URLResolver] = [
    path("healthz", ui.health, name="health"),
    path("", include("allteach.web.ui.urls")),
    path("api/", api.urls),
    *rooms(),
    path("accounts/", include("allauth.urls")),
]
