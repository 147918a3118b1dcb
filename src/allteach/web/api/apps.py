"""Django's handle on this room."""

from django.apps import AppConfig


class ApiConfig(AppConfig):
    """The room `api`."""

    name = "allteach.web.api"
    label = "api"
    default_auto_field = "django.db.models.BigAutoField"
