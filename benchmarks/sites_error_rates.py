"""False signals and coverage when comparing sites, by simulation: `python benchmarks/sites_error_rates.py [runs]`."""

from __future__ import annotations

import sys

import numpy as np
from scipy import special

from allteach.errors import NotEstimable
from allteach.stats import comparison as c


def funnel_rates(rng: np.random.Generator, runs: int, spread: float, target: str | None) -> str:
    """Return shares of 12 alike (or over-dispersed) sites beyond the 95 % and 99.8 % limits."""
    beyond95 = beyond998 = total = widened = 0
    for _ in range(runs):
        n = rng.integers(20, 400, 12)
        p = special.expit(-1.7 + rng.normal(0, spread, 12))
        found = c.funnel(rng.binomial(n, p), n, target=target)
        if isinstance(found, NotEstimable):
            continue
        beyond95 += int((np.abs(found.outside) >= 1).sum())
        beyond998 += int((np.abs(found.outside) == 2).sum())
        widened += int(found.overdispersion.method != "none")
        total += 12
    return f"95 %: {beyond95 / total:.4f}   99.8 %: {beyond998 / total:.4f}   widened: {widened / runs:.2f}"


def coverage(rng: np.random.Generator, runs: int, sites: int, method: str) -> str:
    """Return how often intervals hold the truth: sites' own values, and the network's level."""
    own = all_ = level = fitted = 0
    for _ in range(runs):
        n = rng.integers(20, 300, (sites, 1))
        effect = rng.normal(0, 0.4, (sites, 1))
        truth = special.expit(-1.5 + effect)
        y = rng.binomial(n, truth)
        if method == "closed form":
            found: object = c.shrink(y[:, 0], n[:, 0])
        else:
            found = c.mixed_model(y, n, method=method)
        if isinstance(found, NotEstimable):
            continue
        own += int(((found.lower <= truth[:, 0]) & (truth[:, 0] <= found.upper)).sum())  # type: ignore[attr-defined]
        all_ += sites
        if isinstance(found, c.MixedModel):
            reach = 1.96 * found.standard_errors[0]
            level += int(abs(found.coefficients[0] + 1.5) <= reach)
            fitted += 1
    text = f"own values: {own / all_:.3f}"
    return text + (f"   network level: {level / fitted:.3f}" if fitted else "")


def false_bright_spots(rng: np.random.Generator, runs: int, spread: float) -> str:
    """Return the share of sites called bright among sites not better than the network by the gap."""
    called = wrong = seen = 0
    for _ in range(runs):
        n = rng.integers(10, 40, (20, 24))
        p = special.expit(-1.4 + rng.normal(0, spread, (20, 1)))
        found = c.bright_spots(c.Measured(rng.binomial(n, p), n), criteria=c.Criteria(gap=0.02))
        if isinstance(found, NotEstimable):
            continue
        not_better = p[:, 0] > special.expit(-1.4) - 0.02
        called += int(found.bright.sum())
        wrong += int((found.bright & not_better).sum())
        seen += 20
    return f"called bright: {called / seen:.4f}   wrongly: {wrong / seen:.4f}"


def practice_errors(rng: np.random.Generator, runs: int, sites: int) -> str:
    """Return how often an unrelated practice has an interval that leaves out no change."""
    hits = 0
    for _ in range(runs):
        y = rng.binomial(150, special.expit(-1 + rng.normal(0, 0.4, sites)))
        found = c.practice_outcome(rng.random(sites), y, np.full(sites, 150))
        hits += int(isinstance(found, c.PracticeOutcome) and (found.slope_lower > 0 or found.slope_upper < 0))
    return f"{hits / runs:.3f}"


def gap_coverage(rng: np.random.Generator, runs: int) -> str:
    """Return coverage of the difference and the ratio between two small groups."""
    difference = quotient = with_ratio = 0
    for _ in range(runs):
        n, p = np.array([60, 25]), np.array([0.3, 0.15])
        found = c.equity_gaps(rng.binomial(n, p), n, reference=0)
        assert isinstance(found, c.EquityGaps)
        difference += int(found.difference_lower[1] <= -0.15 <= found.difference_upper[1])
        if np.isfinite(found.ratio_lower[1]):
            with_ratio += 1
            quotient += int(found.ratio_lower[1] <= 0.5 <= found.ratio_upper[1])
    return f"difference: {difference / runs:.3f}   ratio where it has an interval: {quotient / with_ratio:.3f}"


def main(runs: int) -> None:
    rng = np.random.default_rng(20)
    print(f"{runs} runs each\n")
    for spread in (0.0, 0.3):
        for target in (None, "leave_one_out"):
            name = f"funnel, 12 sites, spread {spread}, target {target or 'pooled'}"
            print(f"{name:60s} {funnel_rates(rng, runs, spread, target)}")
    for sites in (8, 40):
        for method in ("laplace", "nested", "closed form"):
            print(f"{f'95 % intervals, {sites} sites, {method}':60s} {coverage(rng, runs, sites, method)}")
    for spread in (0.0, 0.4):
        print(
            f"{f'bright spots, 20 sites x 24 months, spread {spread}':60s} {false_bright_spots(rng, runs // 4, spread)}"
        )
    for sites in (8, 24):
        print(f"{f'unrelated practice, {sites} sites (should be 0.05)':60s} {practice_errors(rng, runs, sites)}")
    print(f"{'equity gaps, groups of 60 and 25':60s} {gap_coverage(rng, runs)}")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 400)
