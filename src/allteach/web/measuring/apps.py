"""Django's handle on this room."""

from django.apps import AppConfig


class MeasuringConfig(AppConfig):
    """The room `measuring`."""

    name = "allteach.web.measuring"
    label = "measuring"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Follow files: results are worked out when one is accepted, and looked ahead at before."""
        from allteach.web.measuring.selectors import cannot_read
        from allteach.web.measuring.services.results import apply_submission, preview_submission
        from allteach.web.submissions import hooks

        hooks.accepted.append(apply_submission)
        hooks.previews.append(preview_submission)
        hooks.readers.append(cannot_read)
