"""Results to chart: measures of several kinds with observations for any number of sites, made from a seed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np

FIRST = date(2022, 1, 1)


@dataclass(frozen=True)
class Plain:
    """One measure to make."""

    slug: str
    title: str
    kind: str  # of the card
    type: str = "outcome"
    direction: str = "lower"
    level: float = 0.2
    later: float | None = None  # level in the last 18 periods
    size: float = 120.0
    target: float | None = None
    per: float = 1.0
    strata: tuple[str, ...] = ()


PLAINS = (
    Plain("tube-hours", "Chest tube duration", "duration", level=72.0, later=58.0, size=30.0, target=58.0),
    Plain("criteria", "Removal criteria followed", "proportion", "process", "higher", 0.6, 0.82, target=0.9),
    Plain("reinsertion", "Tube reinsertion within 48 h", "proportion", "balancing", "lower", 0.15, target=0.2),
    Plain("extubation", "Unplanned extubation", "rate", "outcome", "lower", 0.02, 0.034, size=900.0, per=100.0),
)


GROUPED = Plain("readmission", "Back in hospital", "proportion", level=0.2, strata=("language",))


def card_text(plain: Plain) -> str:
    """Return the YAML of a measure's card."""
    lines = [
        f"id: {plain.slug}",
        "version: 1",
        f"title: {plain.title}",
        f"kind: {plain.kind}",
        f"type: {plain.type}",
        f"direction: {plain.direction}",
        "table: stays",
        "site: hospital",
        "date: day",
        "grain: month",
    ]
    if plain.kind == "duration":
        lines += ["value: hours", "unit: hours", "decimals: 0"]
    elif plain.kind == "rate":
        lines += [
            "numerator: sum(events)",
            "denominator: sum(exposure)",
            f"per: {plain.per}",
            "exposure: ventilator days",
        ]
    elif plain.kind == "time_between":
        lines[-1] = "grain: event"
        lines += ["numerator: event = 'yes'"]
    else:
        lines += ["numerator: met = 'yes'"]
    if plain.strata:
        lines.append(f"strata: [{', '.join(plain.strata)}]")
    return "\n".join(lines) + "\n"


def month(number: int) -> date:
    """Return the first day of a month, counted from `FIRST`."""
    return date(FIRST.year + number // 12, number % 12 + 1, 1)


def make_measure(network: Any, plain: Plain, order: int = 0) -> Any:
    """Return a measure with one released version."""
    from django.utils import timezone

    from allteach.measures.files import load
    from allteach.web.measuring.models import Measure, MeasureVersion

    measure = Measure.objects.create(
        network=network,
        slug=plain.slug,
        title=plain.title,
        kind=plain.type,
        order=order,
        target=plain.target,
        baseline=12,
    )
    text = card_text(plain)
    MeasureVersion.objects.create(
        measure=measure,
        number=1,
        card=text,
        content_hash=load(text).content_hash,
        status="active",
        released_at=timezone.now(),
    )
    return measure


def observe(measure: Any, plain: Plain, sites: Sequence[Any], *, periods: int = 36, seed: int = 1) -> None:
    """Write observations of a measure for every site; the level changes 18 periods before the end."""
    from allteach.web.measuring.models import Observation

    version = measure.versions.get()
    rows: list[Any] = []
    rng = np.random.default_rng(seed)
    for place, site in enumerate(sites):
        shift = 1.0 + 0.06 * (place % 5 - 2)
        for at in range(periods):
            level = (plain.later if plain.later is not None and at >= periods - 18 else plain.level) * shift
            rows.append(_row(version, site, plain, month(at), level, rng))
    Observation.objects.bulk_create(rows, batch_size=2000)


def split(measure: Any, plain: Plain) -> None:
    """Write every observation of a measure split in two groups of its first stratum, one with the better share."""
    from allteach.web.measuring.models import Observation

    wholes = Observation.objects.filter(version__measure=measure, stratum="")
    Observation.objects.bulk_create(made for whole in wholes for made in _groups(whole, plain))


def _groups(whole: Any, plain: Plain) -> list[Any]:
    from allteach.web.measuring.models import Observation

    part = round(whole.numerator / 3), round(whole.denominator / 2)
    rest = whole.numerator - part[0], whole.denominator - part[1]
    return [
        Observation(
            version=whole.version, site=whole.site, period=whole.period, stratum=f"{plain.strata[0]}={name}",
            numerator=counts[0], denominator=counts[1],
        )
        for name, counts in (("home", part), ("other", rest))
    ]  # fmt: skip


def _row(version: Any, site: Any, plain: Plain, day: date, level: float, rng: np.random.Generator) -> Any:
    from allteach.web.measuring.models import Observation

    row = Observation(version=version, site=site, period=day)
    if plain.kind == "duration":
        logs = rng.normal(np.log(level), 0.35, size=int(rng.poisson(plain.size)) + 2)
        row.n, row.total, row.total_sq = logs.size, float(logs.sum()), float((logs**2).sum())
    elif plain.kind == "rate":
        exposure = float(rng.integers(int(plain.size * 0.7), int(plain.size * 1.3)))
        row.numerator, row.denominator = float(rng.poisson(level * exposure)), exposure
    else:
        size = int(rng.integers(int(plain.size * 0.7), int(plain.size * 1.3)))
        row.numerator, row.denominator = float(rng.binomial(size, min(level, 0.98))), float(size)
    return row


def fill(
    network: Any, sites: Sequence[Any], *, by: Any, plains: Sequence[Plain] = PLAINS, periods: int = 36
) -> list[Any]:
    """Return measures with observations and standings."""
    from allteach.web.variation.services import refresh_standings

    measures = []
    for order, plain in enumerate(plains):
        measure = make_measure(network, plain, order)
        observe(measure, plain, sites, periods=periods, seed=order + 1)
        measures.append(measure)
    refresh_standings(network=network, by=by)
    return measures
