"""Loading a file by command: the same forms and services as the pages, said in lines of text."""

from __future__ import annotations

import getpass
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.utils.text import slugify

from allteach.errors import StateError
from allteach.intake.contract import FieldType, Role
from allteach.intake.encoding import MAX_BYTES
from allteach.intake.profile import ColumnGuess, Profile
from allteach.measures.card import Card
from allteach.units import Direction
from allteach.web.people.models import Person
from allteach.web.people.permissions import may_create_network
from allteach.web.people.services import create_person
from allteach.web.sites.models import Network
from allteach.web.submissions import naming, previewing, services, store
from allteach.web.submissions.forms.columns import LEAVE_OUT, TIMES, ColumnsForm, initial_answers, table_title
from allteach.web.submissions.models import Submission, Table
from allteach.web.submissions.opening import start_network
from allteach.web.submissions.wording import ROLES

Say = Callable[[str], object]
_CHUNK = 1 << 20
_MEASURING = (Role.NUMERATOR, Role.DENOMINATOR, Role.VALUE, Role.EVENT)


@dataclass(frozen=True, slots=True)
class Columns:
    """Columns as named on the command line; `result` holds ``column=value``."""

    site: str = ""
    date: str = ""
    numerator: tuple[str, ...] = ()
    denominator: tuple[str, ...] = ()
    value: tuple[str, ...] = ()
    result: tuple[str, ...] = ()
    stratum: tuple[str, ...] = ()
    leave_out: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Order:
    """What the command line asks for; see `allteach load --help`."""

    file: Path
    network: str
    person: str = ""
    columns: Columns = field(default_factory=Columns)
    period: str = ""
    day_zero: str = ""
    dates: str = ""
    one_site: str = ""
    table: str = ""
    title: str = ""
    direction: str = ""
    sheet: str = ""
    add_sites: bool = True
    accept: bool = False


def load(order: Order, *, say: Say) -> dict[str, Any]:
    """Send a file as ordered, say what happens, and return it as plain data.

    Raises:
        Refused: ``AT-P`` when the person may not.
        IntakeError: ``AT-I`` when no table can be made of the file.
        StateError: ``AT-T-060`` when nobody or several people could be meant, ``AT-T-061`` when the columns do not
            make a table, ``AT-T-062`` for a table that the network does not have.
    """
    by = _person(order.person, say)
    network = Network.objects.filter(Q(slug=order.network) | Q(name=order.network)).first()
    with order.file.open("rb") as opened:
        incoming = store.land(order.file.name, iter(lambda: opened.read(_CHUNK), b""), limit=MAX_BYTES)
    if network is None:
        with transaction.atomic():  # columns that cannot be named leave no network behind
            submission, again = start_network(by=by, name=order.network, incoming=incoming), False
            say(f"New network: {order.network}.")
            _name_columns(by, submission, order, say)
    else:
        receipt = services.receive(by=by, network=network, incoming=incoming, table=_known_table(network, order.table))
        submission, again = receipt.submission, receipt.again
    if again:
        said = submission.get_status_display().lower()
        say(f"This file is here already as submission {submission.number} ({said}); it was not stored again.")
    if submission.status == Submission.Status.RECEIVED:
        if submission.table is None:
            _name_columns(by, submission, order, say)
        submission = services.check(by=by, submission=submission)
    if submission.status == Submission.Status.CHECKED:
        _tell_check(by, submission, say)
        if order.accept:
            submission = services.accept(by=by, submission=submission)
    return _conclude(submission, order, say)


def _person(username: str, say: Say) -> Person:
    """Return who sends: the named person, the only one who may start networks, or a new one on an empty server."""
    if username:
        person = Person.objects.filter(username=username, is_active=True).first()
        if person is None:
            raise StateError("AT-T-060", f"There is no person with the user name {username}.")
        return person
    able = [person for person in Person.objects.filter(is_active=True) if may_create_network(person)]
    if len(able) == 1:
        return able[0]
    if able or Person.objects.exists():
        names = ", ".join(sorted(person.username for person in able)) or "nobody here may start a network"
        raise StateError("AT-T-060", "Say who sends the file.", expected=f"One of: {names}.", do="Add --as USERNAME.")
    name = getpass.getuser()
    say(f"You are {name} here. To sign in by the pages, choose a password: allteach manage changepassword {name}")
    return create_person(by=None, display_name=name, username=name, is_staff=True)


def _known_table(network: Network, slug: str) -> Table | None:
    if not slug:
        return None
    table = Table.objects.filter(network=network, slug=slug).order_by("-version").first()
    if table is None:
        known = ", ".join(Table.objects.filter(network=network).values_list("slug", flat=True).distinct())
        raise StateError("AT-T-062", f"The network has no table {slug}.", expected=f"It has: {known or 'none'}.")
    return table


def _name_columns(by: Person, submission: Submission, order: Order, say: Say) -> None:
    """Answer the page's form from the order and from guesses, and write the answers down."""
    look = naming.look(submission, order.sheet)
    raw = look.raw
    read_as = f"sheet {raw.sheet}" if raw.encoding == "xlsx" else f"{raw.encoding}, separated by {raw.separator!r}"
    if raw.fhir is not None:
        read_as = f"{raw.fhir.resources:,} resources of the type {raw.fhir.resource}, by the view {raw.fhir.view}"
    say(f"Read {raw.rows:,} rows and {len(raw.columns)} columns ({read_as}).")
    title = order.title or table_title(submission.file_name)
    given: dict[str, Any] = {"profile": look.profile, "samples": {}, "title": title}
    blank = ColumnsForm(**given, has_site=False)
    form = ColumnsForm(initial_answers(blank) | _answers(look.profile, order), **given, has_site=False)
    if not form.is_valid():
        wrong = [f"{form.fields[name].label}: {text}" if name in form.fields else str(text)
                 for name, texts in form.errors.items() for text in texts]  # fmt: skip
        raise StateError("AT-T-061", " ".join(wrong), do="Name the columns with --site, --date, --numerator and so on.")
    for at, guess in enumerate(look.profile.columns):
        role = form.cleaned_data[f"role-{at}"]
        say(f"  {guess.name}: {'left out' if role == LEAVE_OUT else ROLES[Role(role)]}")
    dictionary = naming.with_key(form.dictionary(slugify(order.table)), raw)
    cards = [_turned(proposal.card, order.direction) for proposal in naming.proposals(look, dictionary)]
    for card in cards:
        good = "" if card.direction is Direction.NEITHER else f", {card.direction.value} is better"
        say(f"Measure: {card.title} ({card.kind.value.replace('_', ' ')}{good})")
    unknown = naming.new_sites(submission, raw, dictionary, order.one_site)
    if unknown:
        say(f"{len(unknown)} sites are new; {'they are added' if order.add_sites else 'their rows are held back'}.")
    answers = naming.Answers(dictionary, cards, unknown if order.add_sites else (), order.one_site, order.sheet)
    if look.view is not None:
        answers = replace(answers, view=look.view.source)
    naming.describe(by=by, submission=submission, answers=answers)


def _turned(card: Card, direction: str) -> Card:
    return replace(card, direction=Direction(direction)) if direction else card


def _answers(profile: Profile, order: Order) -> dict[str, Any]:
    """Return the form's answers that the order gives."""
    named = _named(order.columns)
    known = {guess.name for guess in profile.columns}
    if missing := [name for name in named if name not in known]:
        raise StateError(
            "AT-T-061", f'The file has no column "{missing[0]}".', expected=f"It has: {', '.join(known)}.",
            do="Name one of its columns.",
        )  # fmt: skip
    measured = any(role in _MEASURING for role in named.values())
    out: dict[str, Any] = {}
    for at, guess in enumerate(profile.columns):
        role = named.get(guess.name)
        if role is Role.DATE:
            role = _time_role(guess)
        if role is None and _displaced(guess, set(named.values()), measured):
            role = Role.OTHER
        if role is not None:
            out[f"role-{at}"] = str(role)
        if codes := [text.partition("=")[2] for text in order.columns.result if text.partition("=")[0] == guess.name]:
            out[f"event-{at}"] = [code for code in codes if code]
        if order.dates:
            out[f"style-{at}"] = order.dates
    given = {"grain": order.period, "origin": order.day_zero, "one_site": order.one_site, "title": order.title}
    return out | {key: value for key, value in given.items() if value}


def _named(columns: Columns) -> dict[str, Role | str]:
    """Return column -> role as named."""
    named: dict[str, Role | str] = {}
    for names, role in (
        ((columns.site,), Role.SITE),
        ((columns.date,), Role.DATE),
        (columns.numerator, Role.NUMERATOR),
        (columns.denominator, Role.DENOMINATOR),
        (columns.value, Role.VALUE),
        (tuple(text.partition("=")[0] for text in columns.result), Role.EVENT),
        (columns.stratum, Role.STRATUM),
        (columns.leave_out, LEAVE_OUT),
    ):
        named |= {name: role for name in names if name}
    return named


def _time_role(guess: ColumnGuess) -> Role:
    if guess.role in TIMES:
        return guess.role
    return Role.DAY_NUMBER if guess.field.type in (FieldType.INTEGER, FieldType.DAY_NUMBER) else Role.DATE


def _displaced(guess: ColumnGuess, roles: set[Role | str], measured: bool) -> bool:
    """Return whether a guessed role gives way because others were named for it."""
    if guess.role is Role.SITE:
        return Role.SITE in roles
    if guess.role in TIMES:
        return Role.DATE in roles
    if guess.role is Role.STRATUM:
        return Role.STRATUM in roles
    return measured and guess.role in _MEASURING


def _tell_check(by: Person, submission: Submission, say: Say) -> None:
    """Say what was found and what would change."""
    held = f"{submission.rows_held:,} are held back"
    say(f"{submission.rows_kept:,} of {submission.rows_read:,} rows can be kept; {held}.")
    for finding in submission.findings.all():
        place = f"{finding.column}: " if finding.column else ""
        rows = ", ".join(str(row) for row in finding.rows[:8]) + (" ..." if finding.count > 8 else "")
        where = f" Rows {rows}." if finding.rows else ""
        say(f"  {finding.code} ({finding.count:,}) {place}{finding.message} {finding.fix}{where}")
    seen = previewing.preview(user=by, submission=submission)
    if seen is not None:
        say(f"Rows: {seen.rows.added:,} added, {seen.rows.changed:,} changed, {seen.rows.removed:,} removed.")
        for change in seen.changes:
            say(f"  {change.title}: {change.before or '-'} -> {change.after or '-'}")


def _conclude(submission: Submission, order: Order, say: Say) -> dict[str, Any]:
    address = f"/n/{submission.network.slug}/data/files/{submission.number}/"
    if submission.status == Submission.Status.ACCEPTED and order.accept:
        say(submission.facts.get("headline") or f"{submission.rows_kept:,} rows are in")
    elif submission.status == Submission.Status.CHECKED:
        say("Nothing counts yet. Look at it in the browser, or run the same command with --accept.")
    elif submission.status == Submission.Status.REJECTED:
        say(submission.decision_note)
    say(f"Page: {address}")
    return {
        "network": submission.network.slug,
        "submission": submission.number,
        "status": submission.status,
        "rows_read": submission.rows_read,
        "rows_kept": submission.rows_kept,
        "rows_held": submission.rows_held,
        "findings": list(submission.findings.values("code", "severity", "column", "count", "rows", "message", "fix")),
        "facts": submission.facts,
        "page": address,
    }
