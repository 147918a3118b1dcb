"""Django's handle on this room."""

from django.apps import AppConfig


class IdeasConfig(AppConfig):
    """The room `ideas`."""

    name = "allteach.web.ideas"
    label = "ideas"
    default_auto_field = "django.db.models.BigAutoField"
