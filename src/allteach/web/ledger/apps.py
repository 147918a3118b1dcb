"""Django's handle on this room."""

from django.apps import AppConfig
from django.db.models.signals import post_migrate


class LedgerConfig(AppConfig):
    """The room `ledger`."""

    name = "allteach.web.ledger"
    label = "ledger"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Guard the table whenever the database has been set up."""
        from allteach.web.ledger.guard import after_migrate

        post_migrate.connect(after_migrate, sender=self, dispatch_uid="ledger-guard")
