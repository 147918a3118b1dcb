"""Reading drafts of data dictionaries, the versions of a table, and what is shipped to start from."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from django.http import Http404

from allteach.errors import AllteachError, IntakeError
from allteach.intake import contract, reader
from allteach.intake.contract import Field, Privacy, TableDictionary
from allteach.intake.difference import Difference, differences
from allteach.intake.profile import profile
from allteach.measures import library
from allteach.web.people.models import Person
from allteach.web.people.permissions import require
from allteach.web.people.roles import Permission
from allteach.web.sites.models import Network
from allteach.web.submissions import evolution, policies, store, wording
from allteach.web.submissions.evolution import Effect
from allteach.web.submissions.forms.drafting import empty_table
from allteach.web.submissions.models import Table, TableDraft


@dataclass(frozen=True, slots=True)
class Column:
    """A column in words."""

    field: Field
    type: Any
    role: Any
    allowed: str

    @property
    def personal(self) -> bool:
        """Whether it identifies persons."""
        return self.field.privacy is Privacy.DIRECT


def columns_in_words(dictionary: TableDictionary) -> list[Column]:
    """Return the columns of a dictionary as a page shows them."""
    return [Column(f, wording.TYPES[f.type], wording.ROLES[f.role], wording.allowed(f)) for f in dictionary.fields]


@dataclass(frozen=True, slots=True)
class Writing:
    """A draft, read.

    Args:
        draft: The draft.
        dictionary: What it says so far.
        before: The version that it changes; None for a new table.
        problems: What does not fit together yet.
    """

    draft: TableDraft
    dictionary: TableDictionary
    before: TableDictionary | None
    problems: tuple[IntakeError, ...]

    @property
    def mending(self) -> tuple[AllteachError, ...]:
        """Everything that keeps it from being released."""
        lacks_time = bool(self.dictionary.fields) and self.dictionary.time is None
        return (*self.problems, *((evolution.no_time(),) if lacks_time else ()))

    @property
    def changes(self) -> tuple[Difference, ...]:
        """What differs from the version that it changes."""
        return differences(self.before, self.dictionary) if self.before else ()


def writing_for(*, user: Person, network: Network, pk: int) -> Writing:
    """Return a draft of the network.

    Raises:
        Http404: there is none of this number.
        Refused: ``AT-P-022`` when the person may not describe tables here.
    """
    policies.require_naming(user, network)
    draft = TableDraft.objects.filter(network=network, pk=pk).select_related("network", "based_on", "begun_by").first()
    if draft is None:
        raise Http404
    said = contract.load_draft(draft.content)
    found = contract.problems(said)
    return Writing(draft, said, contract.load(draft.based_on.dictionary) if draft.based_on else None, found)


def drafts_of(*, user: Person, network: Network) -> list[TableDraft]:
    """Return the drafts of a network for those who may write them; nothing for others."""
    if not policies.may_name_columns(user, network):
        return []
    return list(TableDraft.objects.filter(network=network).select_related("based_on", "begun_by"))


def effect_of(*, user: Person, writing: Writing) -> Effect | None:
    """Return what releasing a draft would do to the rows that are accepted; None while its parts do not fit.

    Raises:
        Refused: ``AT-P-022``.
    """
    policies.require_naming(user, writing.draft.network)
    return None if writing.mending else evolution.effect(writing.draft.network, writing.dictionary)


def versions_of(*, user: Person, network: Network, slug: str) -> list[Table]:
    """Return every version of a table, newest first.

    Raises:
        Http404: the network has no such table.
    """
    require(user, Permission.NETWORK_VIEW, network=network)
    found = list(Table.objects.filter(network=network, slug=slug).select_related("released_by").order_by("-version"))
    if not found:
        raise Http404
    return found


def shelves() -> list[library.Shelf]:
    """Return what is shipped to start from."""
    return [library.shelf(name) for name in library.names()]


def shipped(shelf: str, name: str) -> TableDictionary:
    """Return a shipped dictionary.

    Raises:
        Http404: nothing of this name is shipped.
    """
    found = (t for s in shelves() if s.name == shelf for t in s.tables if t.name == name)
    table = next(found, None)
    if table is None:
        raise Http404
    return table


def from_columns(incoming: store.Incoming, title: str) -> TableDictionary:
    """Return a table with the columns of a file, as far as the file shows what they hold. No value is kept.

    Raises:
        IntakeError: ``AT-I`` when no table can be made of the file.
    """
    raw = reader.read(incoming.path, name=incoming.name)
    named = empty_table(title)
    return replace(profile(raw).dictionary(named.name, title), version=1)
