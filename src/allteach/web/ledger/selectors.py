"""Reading the ledger."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet

from allteach.web.ledger.chain import Verdict, verify
from allteach.web.ledger.models import Entry


def entries_of(*, user: Any, network: Any, action: str = "", site: str = "") -> QuerySet[Entry]:
    """Return a network's entries, newest first. Callers ask for LEDGER_VIEW first: the ledger knows no roles."""
    found = Entry.objects.filter(network=network.slug).order_by("-id")
    if action:
        found = found.filter(action__startswith=action)
    return found.filter(site=site) if site else found


def verify_ledger() -> Verdict:
    """Return whether the whole chain holds."""
    return verify(Entry.objects.order_by("id").iterator(chunk_size=2000))
