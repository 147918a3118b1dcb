"""`allteach manage clock`: what is due today becomes notices, and mail where people want it. Run it once a day."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand

from allteach.web.rhythm.services.notices import digest_send, tick
from allteach.web.sites.models import Network


class Command(BaseCommand):
    """Tell people what is due."""

    help = "Ask for reports, tell people what is due, and send each one digest. Safe to run again."

    def add_arguments(self, parser: Any) -> None:
        """Add --no-mail."""
        parser.add_argument("--no-mail", action="store_true", help="Notices only.")

    def handle(self, *args: Any, **options: Any) -> None:
        """Run the clock for every network."""
        for network in Network.objects.all():
            told = tick(by=None, network=network)
            mailed = 0 if options["no_mail"] else digest_send(by=None, network=network)
            self.stdout.write(f"{network.name}: {told} new notices, {mailed} people mailed")
