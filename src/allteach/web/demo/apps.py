"""Django's handle on this room."""

from django.apps import AppConfig


class DemoConfig(AppConfig):
    """The room `demo`."""

    name = "allteach.web.demo"
    label = "demo"
