"""Django's handle on this room."""

from django.apps import AppConfig


class VariationConfig(AppConfig):
    """The room `variation`."""

    name = "allteach.web.variation"
    label = "variation"
    default_auto_field = "django.db.models.BigAutoField"
