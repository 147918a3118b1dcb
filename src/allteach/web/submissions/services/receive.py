"""A file arrives: kept first, then written down, so that a crash in between loses nothing that was promised."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from allteach.errors import StateError
from allteach.web.ledger.services import record
from allteach.web.people.models import Person
from allteach.web.sites.models import Network, Site
from allteach.web.sites.numbering import next_number
from allteach.web.submissions import policies, store
from allteach.web.submissions.models import Submission, Table

Status = Submission.Status
LIVE = (Status.RECEIVED, Status.CHECKED, Status.ACCEPTED)


@dataclass(frozen=True, slots=True)
class Receipt:
    """What became of a file that was sent.

    Args:
        submission: The submission, new or the one made of the same bytes before.
        again: True when these bytes were here already and nothing was done.
    """

    submission: Submission
    again: bool


def receive(
    *,
    by: Person,
    network: Network,
    incoming: store.Incoming,
    table: Table | None = None,
    site: Site | None = None,
    plan: Mapping[str, Any] | None = None,
) -> Receipt:
    """Keep a file and return its submission; the same bytes again are a no-op that says so.

    Args:
        by: The sender.
        network: Where.
        incoming: The file.
        table: What it belongs to; None until somebody names its columns.
        site: Whose it is; None for a file of the whole network.
        plan: What is known of it from the start, such as that it only adds and corrects rows.

    Raises:
        Refused: ``AT-P`` when the person may not send for this place.
        StateError: ``AT-T-032`` for an empty file.
    """
    try:
        policies.require_send(by, network, site)
        if incoming.size == 0:
            raise StateError(
                "AT-T-032",
                _("The file is empty."),
                where=incoming.name,
                expected=_("A table with a first row of column names and at least one row of data."),
                do=_("Look at the file on your computer and send the one with the data."),
            )
        with transaction.atomic():
            Network.objects.select_for_update().get(pk=network.pk)
            if earlier := _same_bytes(network, table, site, incoming.hash):
                incoming.path.unlink(missing_ok=True)
                return Receipt(earlier, again=True)
            store.keep(incoming, network.slug)
            submission = _write_down(by, network, incoming, table, site, plan or {})
            record(
                by=by,
                action="submission.received",
                network=network,
                site=site,
                about=f"submission {submission.number}",
                hash=incoming.hash,
                size=incoming.size,
            )
    except BaseException:
        incoming.path.unlink(missing_ok=True)
        raise
    return Receipt(submission, again=False)


def _write_down(
    by: Person,
    network: Network,
    incoming: store.Incoming,
    table: Table | None,
    site: Site | None,
    plan: Mapping[str, Any],
) -> Submission:
    return Submission.objects.create(
        network=network,
        table=table,
        site=site,
        number=next_number(Submission, network),
        file_name=incoming.name,
        file_hash=incoming.hash,
        size=incoming.size,
        plan=dict(plan),
        sent_by=by,
        sent_at=timezone.now(),
    )


def _same_bytes(network: Network, table: Table | None, site: Site | None, file_hash: str) -> Submission | None:
    same = Submission.objects.filter(network=network, site=site, file_hash=file_hash, status__in=LIVE)
    if table is not None:
        same = same.filter(Q(table=table) | Q(table__isnull=True))
    return same.order_by("number").last()
