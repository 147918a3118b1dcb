"""What is believed about each site: a mixture of normals, so that every probability has a closed form."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from allteach.stats import special
from allteach.stats.results import Floats


@dataclass(frozen=True, slots=True)
class Mixture:
    """Weights ``(G,)``, means and standard deviations ``(G, S)``; NaN for sites without data."""

    weight: Floats
    mean: Floats
    sd: Floats

    @property
    def centre(self) -> Floats:
        """``(S,)`` means."""
        return self.weight @ self.mean

    @property
    def spread(self) -> Floats:
        """``(S,)`` standard deviations."""
        second = self.weight @ (self.sd**2 + (self.mean - self.centre) ** 2)
        return np.sqrt(second)

    def above(self, value: float | Floats) -> Floats:
        """Return ``(S,)`` probabilities of lying above a value; a certain value counts a half at equality."""
        gap = self.mean - value
        sure = np.where(gap > 0, 1.0, np.where(gap < 0, 0.0, 0.5))
        z = np.divide(gap, self.sd, out=np.zeros_like(gap), where=self.sd > 0)
        area = np.where(self.sd > 0, special.ndtr(z), sure)
        return self.weight @ np.where(np.isnan(gap), np.nan, area)

    def below(self, value: float | Floats) -> Floats:
        """Return ``(S,)`` probabilities of lying below a value."""
        return Mixture(self.weight, -self.mean, self.sd).above(-value)

    def quantile(self, area: float) -> Floats:
        """Return ``(S,)`` values below which the given probability lies, by bisection."""
        z = special.ndtri(area)
        each = self.mean + z * self.sd
        low, high = each.min(axis=0), each.max(axis=0)
        if self.weight.size == 1:
            return low
        for _ in range(60):
            middle = 0.5 * (low + high)
            below = self.below(middle) < area
            low, high = np.where(below, middle, low), np.where(below, high, middle)
        return 0.5 * (low + high)

    def draws(self, count: int, rng: np.random.Generator) -> Floats:
        """Return ``(count, S)`` random draws."""
        part = rng.choice(self.weight.size, size=count, p=self.weight)
        return self.mean[part] + self.sd[part] * rng.standard_normal((count, self.mean.shape[1]))
