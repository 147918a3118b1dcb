"""The life of a card: draft, pilot, checked by a second person, active, kept to sustain, retired."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from allteach.errors import Refused, StateError
from allteach.measures.binding import kinds_of_table
from allteach.measures.cases import run_cases
from allteach.measures.files import dump
from allteach.units import Grain, Period
from allteach.web.ledger.services import record
from allteach.web.measuring.cards import card_of
from allteach.web.measuring.checkers import may_check, needs_check
from allteach.web.measuring.models import SHOWN, Measure, MeasureVersion
from allteach.web.measuring.services.cards import put_on_charts
from allteach.web.measuring.services.results import recompute
from allteach.web.measuring.signals import tell
from allteach.web.people.models import Person
from allteach.web.people.permissions import require
from allteach.web.people.roles import Permission
from allteach.web.submissions.selectors import dictionary_of

Status = MeasureVersion.Status
OPEN = (Status.DRAFT, Status.PILOTED)
REVIEW_DAYS = 365


@transaction.atomic
def pilot(*, by: Person, version: MeasureVersion) -> MeasureVersion:
    """Work a draft out on the rows that come in, without putting it on charts, and return it.

    Raises:
        Refused: ``AT-P-002``.
        StateError: ``AT-T-052`` when the version is no draft.
    """
    measure = version.measure
    require(by, Permission.MEASURE_CHANGE, network=measure.network)
    _move(version, (Status.DRAFT,), Status.PILOTED)
    _say(by, "measure.piloted", version)
    recompute(by=by, network=measure.network, measures=[measure])
    return version


@transaction.atomic
def check(*, by: Person, version: MeasureVersion, note: str = "", review_by: date | None = None) -> MeasureVersion:
    """Put a second person's name and the day on a card, and return the version.

    Args:
        by: The person who checked.
        version: A draft or a pilot.
        note: What was looked at, or what to keep in mind.
        review_by: When the card has to be looked at again; a year from now when None.

    Raises:
        Refused: ``AT-P-050`` when the person wrote the card, or may not check.
        StateError: ``AT-T-052`` when the version is neither draft nor pilot, ``AT-T-058`` when a test case of the card
            does not come out as expected.
    """
    version = (
        MeasureVersion.objects.select_for_update(of=("self",)).select_related("measure__network").get(pk=version.pk)
    )
    if not may_check(by, version):
        raise Refused(
            "AT-P-050",
            _("A card is checked by a second person, who may write measures and did not write this one."),
            where=str(version),
            do=_("Ask the network's lead or another data analyst."),
        )
    if version.status not in OPEN:
        raise _not_open(version)
    card = card_of(version)
    results = run_cases(card, kinds_of_table(dictionary_of(version.measure.network, card.table)))
    wrong = [result.name for result in results if not result.passed]
    if wrong:
        raise StateError(
            "AT-T-058",
            _("A test case does not come out as expected: %(name)s.") % {"name": wrong[0]},
            where=str(version),
            do=_("Correct the card or the case, then check it again."),
        )
    today = timezone.localdate()
    card = replace(
        card, checker=by.display_name, reviewed=today, review_by=review_by or today + timedelta(days=REVIEW_DAYS)
    )
    version.card, version.content_hash = dump(card), card.content_hash
    version.checked_by, version.checked_at, version.check_note = by, timezone.now(), note.strip()
    version.save()
    _say(by, "measure.checked", version, note=note.strip())
    return version


@transaction.atomic
def release(
    *, by: Person, version: MeasureVersion, effective_from: date | None = None, reason: str = ""
) -> MeasureVersion:
    """Show a checked draft or pilot on charts from now on and return it; results are worked out at once.

    Args:
        by: The person.
        version: Which.
        effective_from: The first day that charts count by it: a break is drawn there, and the version before counts
            until then. None counts everything anew by it.
        reason: Why the definition changed; needed where the measure is on charts already.

    Raises:
        Refused: ``AT-P-002``.
        StateError: ``AT-T-052`` when the version is neither draft nor pilot, ``AT-T-055`` without a reason for a
            change, ``AT-T-056`` when nobody else has checked it, ``AT-T-057`` when it would begin before the version
            that it replaces.
    """
    measure = version.measure
    require(by, Permission.MEASURE_CHANGE, network=measure.network)
    version = (
        MeasureVersion.objects.select_for_update(of=("self",)).select_related("measure__network").get(pk=version.pk)
    )
    if version.status not in OPEN:
        raise _not_open(version)
    if needs_check(version):
        raise StateError(
            "AT-T-056",
            _("Nobody but the author has looked at this card yet."),
            where=str(version),
            do=_("Ask a second person who may write measures to check it."),
        )
    before = measure.versions.filter(status__in=SHOWN).order_by("-number").first()
    if before is not None and not reason.strip():
        raise StateError(
            "AT-T-055", _("A changed definition needs a reason."), do=_("Say in one sentence what changes and why.")
        )
    start = _first_day(version, effective_from) if before is not None else None
    if start and before is not None and before.effective_from and start <= before.effective_from:
        raise StateError(
            "AT-T-057",
            _("It would begin before the version that it replaces."),
            expected=_("A day after %(day)s.") % {"day": before.effective_from.isoformat()},
            do=_("Choose a later first day."),
        )
    put_on_charts(version, effective_from=start, reason=reason.strip())
    _say(by, "measure.released", version, effective_from=start.isoformat() if start else "", reason=reason.strip())
    recompute(by=by, network=measure.network, measures=[measure])
    return version


@transaction.atomic
def retain(*, by: Person, measure: Measure, reason: str) -> Measure:
    """Keep a measure on charts only to see that a gain lasts, and return it.

    Raises:
        Refused: ``AT-P-002``.
        StateError: ``AT-T-053`` without a reason, ``AT-T-052`` when no version is active.
    """
    require(by, Permission.MEASURE_CHANGE, network=measure.network)
    _reasoned(reason)
    version = measure.versions.filter(status__in=SHOWN).order_by("-number").first()
    if version is None:
        raise StateError("AT-T-052", _("Only a measure on charts can be kept to sustain."), where=str(measure))
    _move(version, (Status.ACTIVE,), Status.RETAINED)
    _say(by, "measure.retained", version, reason=reason.strip())
    return measure


@transaction.atomic
def retire(*, by: Person, measure: Measure, reason: str) -> Measure:
    """Take a measure off the charts and return it; its versions and results are kept.

    Raises:
        Refused: ``AT-P-002``.
        StateError: ``AT-T-053`` without a reason.
    """
    require(by, Permission.MEASURE_CHANGE, network=measure.network)
    _reasoned(reason)
    measure.versions.exclude(status=Status.RETIRED).update(status=Status.RETIRED)
    record(
        by=by, action="measure.retired", network=measure.network, about=f"measure {measure.slug}", reason=reason.strip()
    )
    tell(network=measure.network, measures=[], by=by)
    return measure


def _reasoned(reason: str) -> None:
    if not reason.strip():
        raise StateError("AT-T-053", _("This step needs a reason."), do=_("Say in a few words why."))


def _first_day(version: MeasureVersion, day: date | None) -> date | None:
    grain = card_of(version).grain
    return day if day is None or grain is Grain.EVENT else Period.of(day, grain).start


def _move(version: MeasureVersion, old: tuple[str, ...], new: str) -> None:
    """Move a version if it still is where the caller believes, so that two people cannot both move it."""
    if not MeasureVersion.objects.filter(pk=version.pk, status__in=old).update(status=new):
        raise _not_open(version)
    version.refresh_from_db()


def _not_open(version: MeasureVersion) -> StateError:
    return StateError(
        "AT-T-052",
        _("This step is not possible for a version that is “%(status)s”.")
        % {"status": str(version.get_status_display()).lower()},
        where=str(version),
        do=_("Open the measure's page again to see what can be done now."),
    )


def _say(by: Person, action: str, version: MeasureVersion, **detail: object) -> None:
    record(
        by=by,
        action=action,
        network=version.measure.network,
        about=f"measure {version.measure.slug}",
        version=version.number,
        hash=version.content_hash,
        **detail,
    )
