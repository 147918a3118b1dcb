"""Can these data tell sites apart? Reliability of each site, and rankability of them all."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from allteach.errors import NotEstimable, StatsError
from allteach.stats.comparison.empirical_bayes import Shrunken
from allteach.stats.comparison.mixed import MixedModel
from allteach.stats.results import Floats


@dataclass(frozen=True, slots=True)
class Reliability:
    """Share of what is seen that is real difference between sites.

    Attributes:
        site: ``(S,)`` signal / (signal + noise) of each site, 0 to 1.
        median: Over sites with data.
        rankability: tau2 / (tau2 + median of the sites' error variances), 0 to 1, link scale for a mixed model.
        cases_for_70: Denominator that a site needs for a reliability of 0.7; infinite when sites do not differ.
    """

    site: Floats
    median: float
    rankability: float
    cases_for_70: float


def reliability(model: Shrunken | MixedModel | NotEstimable) -> Reliability | NotEstimable:
    """Return reliability by site and rankability.

    For a closed-form model the reliability of a site with n cases is n / (n + alpha + beta). The textbook form with
    p(1 - p) / n from the site's own p gives exactly 1 to a site without events, however few cases it has.

    Args:
        model: From `shrink` or `mixed_model`; a NotEstimable passes through.

    Raises:
        StatsError: ``AT-S-120`` for anything else.

    Source:
        adams2009, vanhouwelingen2000.
    """
    if isinstance(model, NotEstimable):
        return model
    if isinstance(model, Shrunken):
        return _closed_form(model)
    if isinstance(model, MixedModel):
        return _mixed(model)
    raise StatsError("AT-S-120", "Reliability needs a fitted model.", expected="A result of shrink or mixed_model.")


def _closed_form(model: Shrunken) -> Reliability:
    size = model.alpha + model.beta if model.kind == "proportion" else model.beta
    if model.between_sd == 0:
        none = np.where(np.isnan(model.raw), np.nan, 0.0)
        return Reliability(none, 0.0, 0.0, np.inf)
    tau2 = model.between_sd**2
    mean = model.network
    # Error variance of a site averaged over what its true value may be: finite for a site without events.
    chance = mean * (1.0 - mean) - tau2 if model.kind == "proportion" else mean
    error = chance / model.denominator
    rankability = tau2 / (tau2 + float(np.nanmedian(error)))
    return Reliability(model.weight, float(np.nanmedian(model.weight)), rankability, float(size * 0.7 / 0.3))


def _mixed(model: MixedModel) -> Reliability:
    tau2 = float(model.between_sd[0]) ** 2
    if tau2 == 0:
        none = np.where(np.isnan(model.raw), np.nan, 0.0)
        return Reliability(none, 0.0, 0.0, np.inf)
    spread2 = np.minimum(model.effects.spread**2, tau2)
    site = 1.0 - spread2 / tau2
    error = np.divide(tau2 * (1.0 - site), site, out=np.full(site.shape, np.inf), where=site > 0)
    error = np.where(np.isnan(site), np.nan, error)
    return Reliability(site, float(np.nanmedian(site)), tau2 / (tau2 + float(np.nanmedian(error))), np.nan)
