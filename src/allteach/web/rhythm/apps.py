"""Django's handle on this room."""

from django.apps import AppConfig


class RhythmConfig(AppConfig):
    """The room `rhythm`."""

    name = "allteach.web.rhythm"
    label = "rhythm"
    default_auto_field = "django.db.models.BigAutoField"
