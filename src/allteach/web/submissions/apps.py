"""Django's handle on this room."""

from django.apps import AppConfig


class SubmissionsConfig(AppConfig):
    """The room `submissions`."""

    name = "allteach.web.submissions"
    label = "submissions"
    default_auto_field = "django.db.models.BigAutoField"
