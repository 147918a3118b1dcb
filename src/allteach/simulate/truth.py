"""What is really so in a simulated network, kept beside its data so that findings can be checked."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from datetime import date


@dataclass(frozen=True, slots=True)
class Step:
    """A lasting change of one measure in a cohort or at one site.

    Args:
        measure: Slug of the measure.
        where: Key of a cohort, code of a site, or ``all``.
        starts: First month in which it is felt.
        complete: First month in which it is fully there.
        factor: What the value is multiplied by once complete (0.84 is a fall of 16 %).
    """

    measure: str
    where: str
    starts: date
    complete: date
    factor: float


@dataclass(frozen=True, slots=True)
class Truth:
    """The facts a simulated network was made from.

    Args:
        seed: What the random numbers started from.
        as_of: The day the data is as of; files sent later do not exist.
        first_month: First month with data.
        last_month: Last month with data.
        cohorts: Cohort -> codes of its sites.
        cohort_starts: Cohort -> the month its sites began to change.
        geometric_mean_hours: Cohort -> chest tube hours before and after, all sites of the cohort together.
        steps: Every lasting change there is. A measure without one is flat.
        flat: Slugs of measures that do not change anywhere.
        model_site: The site whose tubes come out much earlier from the start.
        unchanged_site: A pioneer whose process never became reliable and whose outcome did not change.
        worsening_site: The site whose unplanned extubations rise.
        paused_site: The site that stopped sending.
        missing: Site -> months that it never sent.
        late: Sites whose last month has not arrived.
        held_rows: Site -> rows of its last file that a check must hold back.
    """

    seed: int
    as_of: date
    first_month: date
    last_month: date
    cohorts: dict[str, tuple[str, ...]]
    cohort_starts: dict[str, date]
    geometric_mean_hours: dict[str, tuple[float, float]]
    steps: tuple[Step, ...]
    flat: tuple[str, ...]
    model_site: str
    unchanged_site: str
    worsening_site: str
    paused_site: str
    missing: dict[str, tuple[date, ...]]
    late: tuple[str, ...]
    held_rows: dict[str, int]

    def json(self) -> str:
        """Return the same as JSON text, with days as ``2026-10-31``."""
        return json.dumps(asdict(self), default=str, indent=2, sort_keys=True)

    def change(self, cohort: str) -> float:
        """Return the true change of chest tube hours in a cohort as a share (-0.16 is a fall of 16 %)."""
        before, after = self.geometric_mean_hours[cohort]
        return after / before - 1.0
