"""Cases that are typed in: kept as drafts while a person types, sent as ordinary submissions of one row."""

from __future__ import annotations

from collections.abc import Mapping

from django.db import transaction
from django.utils.translation import gettext as _

from allteach.errors import StateError
from allteach.intake.contract import load
from allteach.web.ledger.services import record
from allteach.web.people.models import Person
from allteach.web.sites.models import Site
from allteach.web.submissions import policies, store
from allteach.web.submissions.manifest import PART
from allteach.web.submissions.models import CaseDraft, Table
from allteach.web.submissions.services.receive import Receipt, receive
from allteach.web.submissions.services.tables import no_key

MOST_DRAFTS = 200


@transaction.atomic
def case_keep(
    *, by: Person, table: Table, site: Site, values: Mapping[str, str], draft: CaseDraft | None = None
) -> CaseDraft:
    """Keep what has been typed so far and return the draft. Nothing of it counts.

    Args:
        by: The person who types; nobody else sees the draft.
        table: The table.
        site: Whose case it is.
        values: Column -> text.
        draft: The draft that it goes on from; None for a new one.

    Raises:
        Refused: ``AT-P-020``.
        StateError: ``AT-T-069`` when the person has too many drafts.
    """
    policies.require_send(by, table.network, site)
    if draft is not None:
        draft.values = dict(values)
        draft.save(update_fields=["values", "changed_at"])
        return draft
    if CaseDraft.objects.filter(person=by).count() >= MOST_DRAFTS:
        raise StateError(
            "AT-T-069",
            _("You have %(n)d cases that are begun and not sent.") % {"n": MOST_DRAFTS},
            do=_("Send some of them or throw them away."),
        )
    draft = CaseDraft.objects.create(table=table, site=site, person=by, values=dict(values))
    # Only the beginning is recorded: a form keeps itself every few seconds.
    record(by=by, action="case.begun", network=table.network, site=site, about=f"table {table.slug}")
    return draft


@transaction.atomic
def case_discard(*, by: Person, draft: CaseDraft) -> None:
    """Throw a draft away.

    Raises:
        Refused: ``AT-P-020``.
    """
    policies.require_send(by, draft.table.network, draft.site)
    record(by=by, action="case.discarded", network=draft.table.network, site=draft.site,
           about=f"table {draft.table.slug}")  # fmt: skip
    draft.delete()


@transaction.atomic
def case_send(*, by: Person, table: Table, site: Site, body: bytes, draft: CaseDraft | None = None) -> Receipt:
    """Send a case as a submission of one row that adds or corrects, and remove its draft.

    Args:
        by: The sender.
        table: The table; its rows have a key.
        site: Whose case it is.
        body: The case as a file.
        draft: Its draft.

    Raises:
        Refused: ``AT-P-020``.
        StateError: ``AT-T-063`` when rows of the table have no key.
    """
    if not load(table.dictionary).key:
        raise no_key(table)
    incoming = store.land(f"{table.slug}-{site.code}-case.csv", [body])
    receipt = receive(
        by=by, network=table.network, incoming=incoming, table=table, site=site, plan={"holds": PART, "typed": True}
    )
    if draft is not None:
        draft.delete()
    return receipt
