"""What a file's columns mean: the table it belongs to, and the sender's plan for it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from allteach.errors import Refused, StateError
from allteach.intake.contract import TableDictionary, dump, load
from allteach.web.ledger.services import record
from allteach.web.people.models import Person
from allteach.web.sites.models import Network
from allteach.web.submissions import evolution, manifest, policies
from allteach.web.submissions.manifest import PART, WHOLE
from allteach.web.submissions.models import Submission, Table

Status = Submission.Status


@transaction.atomic
def save_table(*, by: Person, network: Network, dictionary: TableDictionary, reason: str = "") -> Table:
    """Return the table with this dictionary: the newest version when nothing changed, else a new version.

    Rows that were accepted under an earlier version are read as rows of the new one from now on; see
    `allteach.registry.upcast`.

    Args:
        by: The person.
        network: Where.
        dictionary: The dictionary; its version is counted here.
        reason: Why there is a new version.

    Raises:
        Refused: ``AT-P-022`` when the person may not name columns here.
        StateError: ``AT-T-064`` when rows that are accepted could not be read any more, ``AT-T-065`` when measures
            could not.
    """
    policies.require_naming(by, network)
    newest = Table.objects.filter(network=network, slug=dictionary.name).order_by("-version").first()
    number = newest.version if newest else 0
    if newest and newest.content_hash == replace(dictionary, version=number).content_hash:
        return newest
    made = replace(dictionary, version=number + 1)
    if newest:
        evolution.require_readable(network, load(newest.dictionary), made)
    now = timezone.now()
    table = Table.objects.create(
        network=network,
        slug=made.name,
        name=made.title[:120],
        version=made.version,
        dictionary=dump(made),
        content_hash=made.content_hash,
        reason=reason.strip(),
        released_by=by,
        released_at=now,
    )
    reshaped = manifest.reshape(table, at=now) if newest else 0
    record(
        by=by,
        action="table.released" if reason.strip() else "table.described",
        network=network,
        about=f"table {table.slug} v{table.version}",
        hash=made.content_hash,
        reason=reason.strip(),
        files=reshaped,
    )
    return table


@transaction.atomic
def describe(*, by: Person, submission: Submission, table: Table, plan: dict[str, Any]) -> Submission:
    """Say which table a file belongs to and what goes with it, and return the submission, ready to be checked.

    Args:
        by: The person.
        submission: A file that is not decided yet.
        table: The table whose dictionary it will be checked against.
        plan: ``new_sites`` (code, name and the file's own spelling), ``cards`` (measure cards to begin with, YAML)
            and whatever else later rooms need at acceptance.

    Raises:
        Refused: ``AT-P-020``.
        StateError: ``AT-T-033`` when the file is decided already, ``AT-T-038`` when the same bytes are there.
    """
    policies.require_send(by, submission.network, submission.site)
    if twin := _twin(submission, table):
        raise StateError(
            "AT-T-038",
            _("The same file is here already as submission %(number)d.") % {"number": twin.number},
            where=submission.file_name,
            do=_("Open that submission; this one can be rejected."),
        )
    moved = Submission.objects.filter(pk=submission.pk, status__in=[Status.RECEIVED, Status.CHECKED]).update(
        table=table, plan=plan, status=Status.RECEIVED, step=""
    )
    if not moved:
        raise StateError(
            "AT-T-033",
            _("The columns of a file that is decided cannot be named again."),
            where=_("submission %(number)d") % {"number": submission.number},
            do=_("Send the file again to name its columns differently."),
        )
    submission.refresh_from_db()
    record(
        by=by,
        action="submission.described",
        network=submission.network,
        site=submission.site,
        about=f"submission {submission.number}",
        table=f"{table.slug} v{table.version}",
        new_sites=len(plan.get("new_sites", [])),
        measures=len(plan.get("cards", [])),
    )
    return submission


def _twin(submission: Submission, table: Table) -> Submission | None:
    """Return another live submission of the same bytes for this table and place."""
    return (
        Submission.objects.filter(
            network=submission.network,
            table=table,
            site=submission.site,
            file_hash=submission.file_hash,
            status__in=[Status.CHECKED, Status.ACCEPTED],
        )
        .exclude(pk=submission.pk)
        .first()
    )


@transaction.atomic
def plan_new_sites(*, by: Person, submission: Submission) -> Submission:
    """Say that the unknown sites of a checked file are to be added when it is accepted, and return the file.

    Raises:
        Refused: ``AT-P-025`` when the person may not add sites.
        StateError: ``AT-T-033`` when the file is decided.
    """
    if not policies.may_add_sites(by, submission.network):
        raise Refused(
            "AT-P-025",
            _("You cannot add sites to this network."),
            do=_("Ask the network's lead to add them, then have the file checked again."),
        )
    if submission.status != Status.CHECKED:
        raise StateError("AT-T-033", _("Sites can be added from a file that waits for a decision."))
    planned = list(submission.plan.get("new_sites", []))
    planned += named_once(submission.scope.get("unknown_sites", []), {site["code"] for site in planned})
    submission.plan = submission.plan | {"new_sites": planned}
    submission.save(update_fields=["plan"])
    record(
        by=by,
        action="submission.sites_planned",
        network=submission.network,
        about=f"submission {submission.number}",
        codes=[site["code"] for site in planned],
    )
    return submission


@transaction.atomic
def declare(*, by: Person, submission: Submission, holds: str) -> Submission:
    """Say whether a checked file holds everything of its sites and periods, or only rows to add and correct.

    Args:
        by: The person.
        submission: A file that waits for a decision.
        holds: ``whole`` replaces all earlier rows of the same sites and periods; ``part`` only rows with the same key.

    Raises:
        Refused: ``AT-P-020``.
        StateError: ``AT-T-033`` when the file is decided, ``AT-T-063`` when its table has no key to correct by.
    """
    policies.require_send(by, submission.network, submission.site)
    if submission.status != Status.CHECKED or submission.table is None or holds not in (WHOLE, PART):
        raise StateError("AT-T-033", _("This can be said of a file that waits for a decision."))
    if holds == PART and not load(submission.table.dictionary).key:
        raise no_key(submission.table)
    submission.plan = submission.plan | {"holds": holds}
    submission.save(update_fields=["plan"])
    record(
        by=by,
        action="submission.declared",
        network=submission.network,
        site=submission.site,
        about=f"submission {submission.number}",
        holds=holds,
    )
    return submission


def named_once(unknown: list[dict[str, Any]], taken: set[str]) -> list[dict[str, str]]:
    """Return unknown sites as planned ones; two spellings of one code become one site."""
    out = []
    for site in unknown:
        if site["code"] not in taken:
            taken.add(site["code"])
            out.append({"code": site["code"], "name": site["spelling"], "spelling": site["spelling"]})
    return out


def no_key(table: Table) -> StateError:
    """Return the error for a table whose rows cannot be told apart."""
    return StateError(
        "AT-T-063",
        _("Rows of this table have no name, so they cannot be corrected one by one."),
        where=table.name,
        do=_("Send the whole of the sites and periods that the file names."),
    )
