"""Django's handle on this room."""

from django.apps import AppConfig


class ProjectsConfig(AppConfig):
    """The room `projects`."""

    name = "allteach.web.projects"
    label = "projects"
    default_auto_field = "django.db.models.BigAutoField"
