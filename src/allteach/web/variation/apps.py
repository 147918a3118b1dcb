"""Django's handle on this room."""

from django.apps import AppConfig


class VariationConfig(AppConfig):
    """The room `variation`."""

    name = "allteach.web.variation"
    label = "variation"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Compute standings afresh whenever results change."""
        from allteach.web.measuring.signals import results_changed
        from allteach.web.variation.hooks import standings_afresh

        if standings_afresh not in results_changed:
            results_changed.append(standings_afresh)
