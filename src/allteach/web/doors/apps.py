"""Django's handle on this room."""

from django.apps import AppConfig


class DoorsConfig(AppConfig):
    """The room `doors`."""

    name = "allteach.web.doors"
    label = "doors"
    default_auto_field = "django.db.models.BigAutoField"
