"""Measures and the versions of their cards."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

from django.db import transaction
from django.db.models import Max
from django.utils import timezone
from django.utils.text import slugify
from django.utils.translation import gettext as _

from allteach.errors import StateError
from allteach.measures.binding import check_card, kinds_of_table
from allteach.measures.card import Card
from allteach.measures.files import dump
from allteach.web.ledger.services import record
from allteach.web.measuring.models import SHOWN, Measure, MeasureVersion
from allteach.web.measuring.services.results import recompute
from allteach.web.measuring.signals import tell
from allteach.web.people.models import Person
from allteach.web.people.permissions import require
from allteach.web.people.roles import Permission
from allteach.web.sites.models import Network
from allteach.web.submissions.selectors import dictionary_of

Status = MeasureVersion.Status
CHANGEABLE = ("title", "kind", "order", "target", "target_label", "baseline", "rule_set", "blinded")


@transaction.atomic
def create_measure(*, by: Person, network: Network, card: Card, released: bool = True) -> Measure:
    """Return a new measure with the first version of its card.

    Args:
        by: The person.
        network: Where.
        card: The card; it has to fit a table of the network.
        released: Whether charts show it at once; else it is a draft that can be tried on data.

    Raises:
        Refused: ``AT-P-002`` when the person may not change measures.
        MeasureError: ``AT-M`` when the card does not fit its table.
        StateError: ``AT-T-050`` when the network has a measure of this name.
    """
    require(by, Permission.MEASURE_CHANGE, network=network)
    measure = _create(by, network, card, released)
    if released:
        recompute(by=by, network=network, measures=[measure])
    return measure


def _create(by: Person, network: Network, card: Card, released: bool) -> Measure:
    """Make the measure without working out its results, which an acceptance does for all its measures at once."""
    check_fit(network, card)
    slug = slugify(card.id)[:80]
    if Measure.objects.filter(network=network, slug=slug).exists():
        raise StateError(
            "AT-T-050",
            _("The network has a measure called %(name)s already.") % {"name": slug},
            do=_("Choose another short name, or change that measure."),
        )
    order = (Measure.objects.filter(network=network).aggregate(last=Max("order"))["last"] or 0) + 1
    measure = Measure.objects.create(
        network=network,
        slug=slug,
        title=card.title[:160],
        kind=card.type.value,
        order=order,
        target=card.target,
        target_label=card.target_label[:80],
        baseline=card.baseline,
        rule_set=card.rule_set,
    )
    version = _add_version(measure, card, by=by, number=1, released=released)
    record(
        by=by,
        action="measure.created",
        network=network,
        about=f"measure {slug}",
        version=1,
        released=released,
        hash=version.content_hash,
    )
    return measure


@transaction.atomic
def revise(
    *,
    by: Person,
    measure: Measure,
    card: Card,
    released: bool = False,
    effective_from: date | None = None,
    reason: str = "",
) -> MeasureVersion:
    """Return the next version of a measure's card; the one on charts is kept with its results.

    A draft has been seen by nobody but its writers, so it is written anew in its place, and has to be checked again.

    Args:
        by: The person.
        measure: The measure.
        card: The card.
        released: Show it on charts at once, for cards that come with a file or a command.
        effective_from: With `released`: the first day that counts by it; None counts everything anew by it.
        reason: Why the definition changes.

    Raises:
        Refused: ``AT-P-002``.
        MeasureError: ``AT-M`` when the card does not fit its table.
        StateError: ``AT-T-051`` when nothing about the card changed.
    """
    require(by, Permission.MEASURE_CHANGE, network=measure.network)
    check_fit(measure.network, card)
    newest = measure.versions.order_by("-number").first()
    assert newest is not None
    if replace(card, version=newest.number, id=measure.slug).content_hash == newest.content_hash:
        raise StateError("AT-T-051", _("The card is the same as before."), do=_("Change something, or leave the page."))
    if newest.status == Status.DRAFT:
        version = _write_card(newest, card, by=by)
    else:
        version = _add_version(measure, card, by=by, number=newest.number + 1)
    record(
        by=by,
        action="measure.revised",
        network=measure.network,
        about=f"measure {measure.slug}",
        version=version.number,
        released=released,
        hash=version.content_hash,
    )
    if released:
        put_on_charts(version, effective_from=effective_from, reason=reason)
        recompute(by=by, network=measure.network, measures=[measure])
    return version


@transaction.atomic
def change_settings(*, by: Person, measure: Measure, reason: str = "", **changes: Any) -> Measure:
    """Return the measure with new settings that do not change what is counted.

    Args:
        by: The person.
        measure: The measure.
        reason: Why, in a few words.
        **changes: Any of title, kind, order, target, target_label, baseline, rule_set, blinded.

    Raises:
        Refused: ``AT-P-002``.
        StateError: ``AT-T-054`` for a setting that measures do not have.
    """
    require(by, Permission.MEASURE_CHANGE, network=measure.network)
    if unknown := set(changes) - set(CHANGEABLE):
        raise StateError("AT-T-054", _("A measure has no setting %(name)s.") % {"name": min(unknown)})
    changed = {}
    for name, value in changes.items():
        before = getattr(measure, name)
        if before != value:
            changed[name] = [before, value]
            setattr(measure, name, value)
    measure.save(update_fields=list(changed))
    if changed:
        tell(network=measure.network, measures=[measure], by=by)
    record(
        by=by,
        action="measure.changed",
        network=measure.network,
        about=f"measure {measure.slug}",
        changed=changed,
        reason=reason,
    )
    return measure


def check_fit(network: Network, card: Card) -> None:
    """Refuse a card that does not fit its table."""
    check_card(card, kinds_of_table(dictionary_of(network, card.table)))


def _write_card(version: MeasureVersion, card: Card, *, by: Person) -> MeasureVersion:
    """Write another card into a draft, inside the transaction of the caller; an earlier check no longer holds."""
    card = replace(
        card, version=version.number, id=version.measure.slug, checker="", author=card.author or by.display_name
    )
    version.card, version.content_hash = dump(card), card.content_hash
    version.written_by, version.written_at = by, timezone.now()
    version.checked_by, version.checked_at, version.check_note = None, None, ""
    version.save()
    return version


def put_on_charts(version: MeasureVersion, *, effective_from: date | None, reason: str) -> None:
    """Make a version the one on charts in place of the one before, inside the transaction of the caller."""
    measure = version.measure
    measure.versions.filter(status__in=SHOWN).exclude(pk=version.pk).update(status=Status.REPLACED)
    version.status, version.released_at = Status.ACTIVE, timezone.now()
    version.effective_from, version.reason = effective_from, reason
    version.save()


def _add_version(measure: Measure, card: Card, *, by: Person, number: int, released: bool = False) -> MeasureVersion:
    card = replace(card, version=number, id=measure.slug, author=card.author or by.display_name)
    return MeasureVersion.objects.create(
        measure=measure,
        number=number,
        card=dump(card),
        content_hash=card.content_hash,
        status=Status.ACTIVE if released else Status.DRAFT,
        released_at=timezone.now() if released else None,
        written_by=by,
        written_at=timezone.now(),
    )
