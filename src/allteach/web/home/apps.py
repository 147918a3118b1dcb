"""Django's handle on this room."""

from django.apps import AppConfig


class HomeConfig(AppConfig):
    """The room `home`."""

    name = "allteach.web.home"
    label = "home"
    default_auto_field = "django.db.models.BigAutoField"
