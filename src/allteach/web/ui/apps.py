"""Django's handle on this room."""

from django.apps import AppConfig


class UiConfig(AppConfig):
    """The room `ui`."""

    name = "allteach.web.ui"
    label = "ui"
    default_auto_field = "django.db.models.BigAutoField"
