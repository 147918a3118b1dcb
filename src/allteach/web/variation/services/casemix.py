"""Fitting a case-mix model: what risk patients bring with them, by the network's own data. A model never changes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

import numpy as np
from django.db import transaction
from django.db.models import Max
from django.utils import timezone
from django.utils.translation import gettext as _

from allteach.errors import MeasureError, NotEstimable, StateError, StatsError
from allteach.stats.comparison import RiskModel, fit_risk_model
from allteach.web.ledger.services import record
from allteach.web.measuring.cards import card_of
from allteach.web.measuring.models import Measure, MeasureVersion
from allteach.web.measuring.patients import patients_in
from allteach.web.measuring.selectors import current_version
from allteach.web.people.models import Person
from allteach.web.people.permissions import require
from allteach.web.people.roles import Permission
from allteach.web.variation.models import CaseMix
from allteach.web.variation.risk import case_columns, limits_for, run_length_of


@dataclass(frozen=True, slots=True)
class Recipe:
    """What a case-mix model is fitted from.

    Args:
        columns: Columns that tell what patients bring with them.
        first, last: The baseline, both days included.
        reason: Why these columns and this baseline, in a person's own words.
    """

    columns: Sequence[str]
    first: date
    last: date
    reason: str


@transaction.atomic
def case_mix_fit(*, by: Person, measure: Measure, recipe: Recipe) -> CaseMix:
    """Return a case-mix model fitted on every accepted patient of the baseline; it is in force from now on.

    Raises:
        Refused: ``AT-P-002`` without the right to change measures.
        StateError: ``AT-T-312`` without columns that may be used, ``AT-T-313`` without a reason or with a baseline that
            ends before it begins, ``AT-T-314`` when the data do not carry a model; it says why.
    """
    require(by, Permission.MEASURE_CHANGE, network=measure.network)
    reason = " ".join(recipe.reason.split())
    if not reason or recipe.last < recipe.first:
        raise StateError("AT-T-313", _("A case-mix model needs a baseline that ends after it begins, and a reason."))
    version = current_version(measure)
    if version is None:
        raise StateError("AT-T-312", _("The measure has no released card."))
    columns = _columns(measure, version, recipe)
    model, limits = _fitted(measure, version, replace(recipe, columns=columns))
    made = CaseMix.objects.create(
        measure=measure,
        number=(CaseMix.objects.filter(measure=measure).aggregate(top=Max("number"))["top"] or 0) + 1,
        card=version.number,
        columns=columns,
        first=recipe.first,
        last=recipe.last,
        fitted=model.to_plain(),
        limit_up=limits[0],
        limit_down=limits[1],
        run_length=limits[2],
        reason=reason,
        fitted_by=by,
        fitted_at=timezone.now(),
    )
    record(
        by=by,
        action="casemix.fitted",
        network=measure.network,
        about=measure.slug,
        number=made.number,
        columns=columns,
        first=recipe.first.isoformat(),
        last=recipe.last.isoformat(),
        reason=reason,
    )
    return made


def _columns(measure: Measure, version: MeasureVersion, recipe: Recipe) -> list[str]:
    allowed = [name for name, _title in case_columns(measure, card_of(version))]
    columns = list(dict.fromkeys(recipe.columns))
    if not columns or any(name not in allowed for name in columns):
        raise StateError(
            "AT-T-312",
            _("A case-mix model needs columns of the table that tell what patients bring with them."),
            expected=", ".join(allowed),
            do=_("Choose one or more of them."),
        )
    return columns


def _fitted(measure: Measure, version: MeasureVersion, recipe: Recipe) -> tuple[RiskModel, tuple[float, float, float]]:
    """Return the model of the baseline's patients, and limits and run length of the charts."""
    found = patients_in(measure, card_of(version), columns=recipe.columns)
    if isinstance(found, NotEstimable):
        raise _refused(found.reason)
    inside = (found.day >= np.datetime64(recipe.first)) & (found.day <= np.datetime64(recipe.last))
    base = found.take(inside)
    try:
        model = fit_risk_model(base.outcome, base.columns)
    except (StatsError, MeasureError) as error:
        raise _refused(error.what) from error
    if isinstance(model, NotEstimable):
        raise _refused(model.reason)
    risk = model.risk(base.columns)
    return model, limits_for(risk[np.isfinite(risk)], run_length_of(found))


def _refused(why: str) -> StateError:
    return StateError(
        "AT-T-314",
        _("These patients do not carry a case-mix model: %(why)s") % {"why": _(why)},
        do=_("Choose fewer columns or a longer baseline."),
    )
