"""Writing to the ledger: the only way in."""

from __future__ import annotations

import json
from typing import Any

from django.core.serializers.json import DjangoJSONEncoder
from django.db import connection, transaction
from django.utils import timezone

from allteach.web.ledger.chain import START, entry_hash
from allteach.web.ledger.models import Entry

_CHAIN_LOCK = 6_202_211  # any fixed number; PostgreSQL's advisory lock for the end of the chain


@transaction.atomic
def record(*, by: Any, action: str, network: Any = None, site: Any = None, about: str = "", **detail: Any) -> Entry:
    """Return the new entry that says who did what, where and about what.

    Args:
        by: The person, or None when the software itself acted.
        action: ``noun.verb`` in the past tense, such as ``submission.accepted``.
        network: The network or its slug.
        site: The site or its code.
        about: What was acted on, in a few words, such as ``measure los``.
        **detail: Further facts that can be written as JSON. Never patient values.
    """
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_CHAIN_LOCK])
    last = Entry.objects.order_by("-id").values_list("hash", flat=True).first()
    entry = Entry(
        at=timezone.now(),
        actor_id=getattr(by, "pk", None),
        actor=str(by)[:160] if by is not None else "allteach",
        network=str(getattr(network, "slug", network) or ""),
        site=str(getattr(site, "code", site) or ""),
        action=action,
        about=about[:120],
        detail=json.loads(json.dumps(detail, cls=DjangoJSONEncoder)),
        previous_hash=last or START,
    )
    entry.hash = entry_hash(entry)
    entry.save()
    return entry
