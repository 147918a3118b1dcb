"""Writing a data dictionary: begun, changed in steps, then released as a version or thrown away."""

from __future__ import annotations

from django.db import transaction
from django.utils.translation import gettext as _

from allteach.errors import StateError
from allteach.intake import contract
from allteach.intake.contract import TableDictionary
from allteach.web.ledger.services import record
from allteach.web.people.models import Person
from allteach.web.sites.models import Network
from allteach.web.submissions import evolution, policies
from allteach.web.submissions.models import Table, TableDraft
from allteach.web.submissions.services.tables import save_table


@transaction.atomic
def draft_begin(
    *, by: Person, network: Network, dictionary: TableDictionary, based_on: Table | None = None
) -> TableDraft:
    """Return a draft of a table: the one that is being written already for this version, else a new one.

    Args:
        by: The person.
        network: Where.
        dictionary: What it begins with; its parts need not fit together yet.
        based_on: The version that it changes; None for a new table.

    Raises:
        Refused: ``AT-P-022`` when the person may not describe tables here.
        StateError: ``AT-T-066`` when the network has a table or a draft of this short name.
    """
    policies.require_naming(by, network)
    Network.objects.select_for_update().get(pk=network.pk)
    draft = TableDraft.objects.filter(network=network, slug=dictionary.name).first()
    if draft is not None and based_on is not None:
        return draft
    taken = based_on is None and Table.objects.filter(network=network, slug=dictionary.name).exists()
    if draft is not None or taken:
        raise StateError(
            "AT-T-066",
            _("The network has a table or a draft called “%(name)s” already.") % {"name": dictionary.name},
            do=_("Choose another name, or change the one that is there."),
        )
    draft = TableDraft.objects.create(
        network=network, slug=dictionary.name, based_on=based_on, begun_by=by, content=contract.dump(dictionary)
    )
    record(by=by, action="table.draft_begun", network=network, about=f"table {draft.slug}")
    return draft


@transaction.atomic
def draft_change(*, by: Person, draft: TableDraft, dictionary: TableDictionary) -> TableDraft:
    """Store a changed draft and return it.

    Raises:
        Refused: ``AT-P-022``.
    """
    policies.require_naming(by, draft.network)
    draft.content = contract.dump(dictionary)
    draft.save(update_fields=["content", "changed_at"])
    record(by=by, action="table.draft_changed", network=draft.network, about=f"table {draft.slug}")
    return draft


@transaction.atomic
def draft_discard(*, by: Person, draft: TableDraft) -> None:
    """Throw a draft away. Versions that were released stay.

    Raises:
        Refused: ``AT-P-022``.
    """
    policies.require_naming(by, draft.network)
    record(by=by, action="table.draft_discarded", network=draft.network, about=f"table {draft.slug}")
    draft.delete()


@transaction.atomic
def draft_release(*, by: Person, draft: TableDraft, reason: str) -> Table:
    """Make a draft the newest version of its table and return that.

    Raises:
        Refused: ``AT-P-022``.
        IntakeError: ``AT-I-071`` when its parts do not fit together.
        StateError: ``AT-T-006`` without a reason, ``AT-T-064`` or ``AT-T-065`` when rows or measures that are there
            could not be read any more, ``AT-T-067`` when somebody released another version meanwhile.
    """
    policies.require_naming(by, draft.network)
    if not reason.strip():
        raise StateError("AT-T-006", _("A new version needs a reason."), do=_("Say in one sentence what it is for."))
    made = contract.load(draft.content)
    if made.time is None:
        raise evolution.no_time()
    newest = Table.objects.filter(network=draft.network, slug=draft.slug).order_by("-version").first()
    if (newest.pk if newest else None) != draft.based_on_id:
        raise StateError(
            "AT-T-067",
            _("Another version of this table was released since the draft was begun."),
            do=_("Begin a new draft from the newest version and make your changes there."),
        )
    table = save_table(by=by, network=draft.network, dictionary=made, reason=reason)
    draft.delete()
    return table
