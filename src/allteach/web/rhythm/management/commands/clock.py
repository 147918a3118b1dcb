"""`allteach manage clock`: what is due today is fetched or becomes notices and mail. Run it once a day."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from allteach.web.doors.jobs import fetch_due
from allteach.web.rhythm.services.notices import digest_send, tick
from allteach.web.sites.models import Network


class Command(BaseCommand):
    """Tell people what is due."""

    help = "Fetch through doors, ask for reports, tell people what is due, send each one digest. Safe to run again."

    def add_arguments(self, parser: Any) -> None:
        """Add --no-mail."""
        parser.add_argument("--no-mail", action="store_true", help="Notices only.")

    def handle(self, *args: Any, **options: Any) -> None:
        """Run the clock for every network."""
        for network in Network.objects.all():
            fetched, kept_back = fetch_due(network=network, today=timezone.localdate())
            told = tick(by=None, network=network)
            mailed = 0 if options["no_mail"] else digest_send(by=None, network=network)
            done = f"{told} new notices, {mailed} people mailed, {len(fetched)} doors fetched"
            self.stdout.write(f"{network.name}: {done}")
            for line in kept_back:
                self.stderr.write(line)
