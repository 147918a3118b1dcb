"""`allteach manage verify_ledger`: is every entry still what it was when it was written?"""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from allteach.web.ledger.selectors import verify_ledger


class Command(BaseCommand):
    """Checks the ledger's hash chain from the first entry to the last."""

    help = "Check that no ledger entry was changed or removed."

    def handle(self, *args: Any, **options: Any) -> None:
        """Print the verdict; exit with 1 when the chain is broken."""
        verdict = verify_ledger()
        if not verdict:
            raise CommandError(
                f"The ledger is broken at entry {verdict.broken_at}: {verdict.why}. "
                f"{verdict.checked:,} entries before it hold. "
                "Restore the database from the last good backup and compare.",
                returncode=1,
            )
        self.stdout.write(f"The ledger holds: {verdict.checked:,} entries, none changed, none missing.")
