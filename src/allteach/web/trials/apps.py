"""Django's handle on this room."""

from django.apps import AppConfig


class TrialsConfig(AppConfig):
    """The room `trials`."""

    name = "allteach.web.trials"
    label = "trials"
    default_auto_field = "django.db.models.BigAutoField"
