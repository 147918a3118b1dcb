"""Is there more spread between sites than chance alone gives, and how much? Winsorised, tested, stated."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from allteach.errors import StatsError
from allteach.stats import special
from allteach.stats.comparison.inputs import between
from allteach.stats.results import Floats

METHODS = ("auto", "none", "multiplicative", "additive")


@dataclass(frozen=True, slots=True)
class Overdispersion:
    """What was found and what was done about it.

    Attributes:
        method: Applied: ``none``, ``multiplicative`` (z / sqrt(phi)) or ``additive`` (variance s^2 + tau2).
        asked: What was asked for.
        phi: Mean of the winsorised squared z-scores. By chance alone about 1, or 0.68 with 10 % winsorised at each end.
        tau2: Between-site variance on the value scale by moments; 0 when phi gives no sign of any.
        sites: Sites that the two rest on.
        p: Probability of a winsorised sum this large by chance alone (chi-squared; on the careful side, because
            winsorising makes the sum smaller).
        winsorise: Share of z-scores pulled in at each end.
    """

    method: str
    asked: str
    phi: float
    tau2: float
    sites: int
    p: float
    winsorise: float

    def inflation(self, variance: Floats) -> Floats:
        """Return by how much limits are to be widened at sites with this chance variance."""
        if self.method == "multiplicative":
            return np.full(np.shape(variance), np.sqrt(self.phi))
        if self.method == "additive":
            return np.sqrt(1.0 + self.tau2 / variance)
        return np.ones(np.shape(variance))


def winsorised(z: Floats, share: float) -> Floats:
    """Return z with the lowest and highest `share` pulled in to that quantile (type 7); truncates nothing."""
    low, high = np.quantile(z, [share, 1.0 - share])
    return np.clip(z, low, high)


def measure(z: Floats, variance: Floats, *, asked: str, winsorise: float, estimated: bool) -> Overdispersion:
    """Return phi, tau2, the test, and the method to apply.

    Args:
        z: Plain z-scores of the sites, NaN for sites left out.
        variance: Chance variance of each site's value at the target.
        asked: ``auto`` adds a between-site variance when the test falls below 0.05; else as named.
        winsorise: Share at each end, 0 to below 0.5.
        estimated: True when the target came from these sites, which costs a degree of freedom.

    Raises:
        StatsError: ``AT-S-107`` unknown method, ``AT-S-106`` impossible share.

    Source:
        spiegelhalter2005handling.
    """
    if asked not in METHODS:
        raise StatsError("AT-S-107", f"There is no over-dispersion method {asked!r}.", expected=", ".join(METHODS))
    if winsorise:
        between("winsorised share", winsorise, 0.0, 0.5)
    known = np.isfinite(z)
    z, weight = z[known], 1.0 / variance[known]
    sites = int(z.size)
    df = sites - int(estimated)
    if sites < 2:
        return Overdispersion("none", asked, np.nan, np.nan, sites, np.nan, winsorise)
    total = float(np.square(winsorised(z, winsorise)).sum())
    spread = weight.sum() - np.square(weight).sum() / weight.sum()
    tau2 = max(0.0, float((total - (sites - 1)) / spread)) if spread > 0 else 0.0
    p = float(special.gammaincc(df / 2.0, total / 2.0))
    method = asked
    if asked == "auto":
        method = "additive" if p < 0.05 and tau2 > 0 else "none"
    elif (asked == "additive" and tau2 == 0) or (asked == "multiplicative" and total <= sites - 1):
        method = "none"  # limits are never narrowed
    return Overdispersion(method, asked, total / sites, tau2, sites, p, winsorise)
