"""The API: one router per room, the same services, selectors and permissions as the pages."""

from __future__ import annotations

from importlib import import_module
from importlib.util import find_spec

from ninja import NinjaAPI
from ninja.security import django_auth

from allteach import __version__

# docs_url None: the stock pages load scripts from elsewhere; ours is at /api/.
api = NinjaAPI(
    title="allteach",
    version=__version__,
    docs_url=None,
    openapi_url="openapi.json",
    auth=[django_auth],
    urls_namespace="api",
)

ROUTERS = ("people", "sites", "submissions", "measuring", "variation", "ideas", "projects", "trials")
for _room in ROUTERS:
    _name = f"allteach.web.api.{_room}"
    if find_spec(_name) is not None:
        api.add_router("/", import_module(_name).router, tags=[_room])
