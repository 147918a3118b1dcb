"""Do sites that follow a practice more do better? An association between sites, with its interval and its limits."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from allteach.errors import NotEstimable, StatsError
from allteach.stats import special
from allteach.stats.comparison.inputs import numbers
from allteach.stats.comparison.mixed import MixedModel, mixed_model, to_natural
from allteach.stats.comparison.ratios import Caution
from allteach.stats.results import Floats

ECOLOGICAL = Caution(
    "AT-S-135",
    "This compares sites, not patients, and nobody drew lots: sites that follow the practice more may differ in other "
    "ways. It can suggest what to test, and it cannot say that the practice works.",
)
FEW_SITES = Caution("AT-S-136", "With fewer than 12 sites one unusual site can make or hide an association.")


@dataclass(frozen=True, slots=True)
class PracticeOutcome:
    """Association of a site-level practice with an outcome.

    Attributes:
        practice: ``(S,)`` as given; NaN where missing.
        outcome: ``(S,)`` shrunken outcome without the practice in the model, for drawing.
        lower, upper: ``(S,)`` its interval.
        slope, slope_se: Change on the link scale (log odds, log rate, or as is) for one unit of the practice.
        slope_lower, slope_upper: Interval, t with S - 2 degrees of freedom.
        low, high: Practice at the lower and upper quartile of sites.
        outcome_low, outcome_high: Outcome expected at those.
        contrast: ``(3,)`` estimate and interval of high against low: odds ratio, rate ratio or difference.
        explained: Share of the between-site variance that goes with the practice, 0 to 1.
        sites: Sites with both.
        cautions: What must be said beside these numbers.
    """

    practice: Floats
    outcome: Floats
    lower: Floats
    upper: Floats
    slope: float
    slope_se: float
    slope_lower: float
    slope_upper: float
    low: float
    high: float
    outcome_low: float
    outcome_high: float
    contrast: tuple[float, float, float]
    explained: float
    sites: int
    cautions: tuple[Caution, ...]


def practice_outcome(
    practice: ArrayLike,
    numerator: ArrayLike,
    denominator: ArrayLike,
    *,
    kind: str = "proportion",
    fixed: ArrayLike | None = None,
    level: float = 0.95,
) -> PracticeOutcome | NotEstimable:
    """Return how a practice measured at each site goes with an outcome, from a mixed model with both.

    Args:
        practice: ``(S,)`` for instance the proportion of patients who got it.
        numerator: ``(S, T)`` outcome by site and period (see `mixed_model`).
        denominator: ``(S, T)``.
        kind: Of the outcome.
        fixed: ``(S, T, K)`` covariates to adjust for, such as mean risk.
        level: Coverage.

    Returns:
        PracticeOutcome, or NotEstimable: ``AT-S-119`` fewer than 5 sites with both, ``AT-S-137`` the same practice at
        every site, or as `mixed_model`.

    Raises:
        StatsError: as `mixed_model`.
    """
    use = numbers("practice", practice, negative=True)
    y, n = np.asarray(numerator, float), np.asarray(denominator, float)
    y, n = (part[:, None] if part.ndim == 1 else part for part in (y, n))
    if y.ndim != 2 or y.shape[0] != use.size:
        raise StatsError("AT-S-101", f"There are {use.size} practices and outcomes of shape {y.shape}.")
    known = np.isfinite(use) & (np.isfinite(y) & (n > 0)).any(axis=1)
    if known.sum() < 5:
        return NotEstimable("AT-S-119", "Fewer than 5 sites have both practice and outcome.")
    if np.ptp(use[known]) == 0:
        return NotEstimable("AT-S-137", "Every site follows the practice to the same degree.")
    y = np.where(known[:, None], y, np.nan)
    plain = mixed_model(y, n, kind=kind, fixed=fixed, level=level)
    column = np.broadcast_to(use[:, None], y.shape)[..., None]
    extra = [column] if fixed is None else [np.asarray(fixed, float).reshape(*y.shape, -1), column]
    both = mixed_model(y, n, kind=kind, fixed=np.concatenate(extra, axis=-1), level=level)
    if isinstance(plain, NotEstimable):
        return plain
    if isinstance(both, NotEstimable):
        return both
    return _result(use, known, plain, both, n, kind, level)


def _result(
    use: Floats, known: np.ndarray, plain: MixedModel, both: MixedModel, n: Floats, kind: str, level: float
) -> PracticeOutcome:
    sites = int(known.sum())
    # Maximum likelihood makes the spread between sites too small by the two coefficients it also fits.
    widen = 1.0 if kind == "mean" else np.sqrt(sites / (sites - 2.0))
    slope, error = float(both.coefficients[-1]), float(both.standard_errors[-1] * widen)
    reach = float(special.stdtrit(sites - 2, 0.5 + level / 2)) * error
    low, high = (float(q) for q in np.quantile(use[known], [0.25, 0.75]))
    if high == low:
        low, high = float(use[known].min()), float(use[known].max())
    size = np.nansum(np.where(known[:, None], n, 0.0), axis=1)[known]
    centre = float(np.average(use[known], weights=size))
    gap = high - low
    ends = np.array([slope * gap, (slope - reach) * gap, (slope + reach) * gap])
    contrast = ends if kind == "mean" else np.exp(np.clip(ends, -700, 700))
    before = float(plain.between_sd[0]) ** 2
    explained = float(np.clip(1.0 - float(both.between_sd[0]) ** 2 / before, 0.0, 1.0)) if before > 0 else 0.0
    base = float(both.coefficients[0])
    cautions = (ECOLOGICAL,) if sites >= 12 else (ECOLOGICAL, FEW_SITES)
    return PracticeOutcome(
        np.where(known, use, np.nan), plain.value, plain.lower, plain.upper, slope, error, slope - reach, slope + reach,
        low, high, float(to_natural(base + slope * (low - centre), kind)),
        float(to_natural(base + slope * (high - centre), kind)),
        (float(contrast[0]), float(contrast[1]), float(contrast[2])), explained, sites, cautions,
    )  # fmt: skip
