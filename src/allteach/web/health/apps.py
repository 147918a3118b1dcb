"""Django's handle on this room."""

from django.apps import AppConfig


class HealthConfig(AppConfig):
    """The room `health`."""

    name = "allteach.web.health"
    label = "health"
    default_auto_field = "django.db.models.BigAutoField"
