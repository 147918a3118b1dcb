"""Django's handle on this room."""

from django.apps import AppConfig


class QualityConfig(AppConfig):
    """The room `quality`."""

    name = "allteach.web.quality"
    label = "quality"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Check the rows of every file that is accepted or withdrawn."""
        from allteach.web.quality.hooks import checked_afresh
        from allteach.web.submissions import hooks

        if checked_afresh not in hooks.accepted:
            hooks.accepted.append(checked_afresh)
