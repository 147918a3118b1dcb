"""Django's handle on this room."""

from django.apps import AppConfig


class SitesConfig(AppConfig):
    """The room `sites`."""

    name = "allteach.web.sites"
    label = "sites"
    default_auto_field = "django.db.models.BigAutoField"
