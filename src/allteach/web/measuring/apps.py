"""Django's handle on this room."""

from django.apps import AppConfig


class MeasuringConfig(AppConfig):
    """The room `measuring`."""

    name = "allteach.web.measuring"
    label = "measuring"
    default_auto_field = "django.db.models.BigAutoField"
