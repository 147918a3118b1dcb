"""Django's handle on this room."""

from django.apps import AppConfig


class PeopleConfig(AppConfig):
    """The room `people`."""

    name = "allteach.web.people"
    label = "people"
    default_auto_field = "django.db.models.BigAutoField"
