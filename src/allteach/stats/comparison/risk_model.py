"""A case-mix model over named columns: numbers as they are, codes as levels, kept so that it can be used again."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from allteach.errors import NotEstimable, StatsError
from allteach.stats import special
from allteach.stats.comparison.casemix import Calibration, calibration, case_mix_model
from allteach.stats.results import Floats

FEWEST = 20  # patients that a level needs for a term of its own
NORMAL_95 = 1.959964


@dataclass(frozen=True, slots=True)
class Term:
    """One term of the model: a column of numbers (no level), or one level of a column of codes.

    Attributes:
        column: The column.
        level: The level; empty for numbers.
        estimate: Logarithm of the odds ratio, for one unit or against the column's usual level.
        error: Its standard error.
    """

    column: str
    level: str
    estimate: float
    error: float

    @property
    def odds(self) -> tuple[float, float, float]:
        """The odds ratio and its 95 % interval."""
        low, high = self.estimate - NORMAL_95 * self.error, self.estimate + NORMAL_95 * self.error
        return tuple(float(np.exp(np.clip(x, -50, 50))) for x in (self.estimate, low, high))  # type: ignore[return-value]


@dataclass(frozen=True, slots=True)
class RiskModel:
    """A fitted model that tells the risk of any patient whose columns are known.

    Attributes:
        intercept: Log-odds of a patient at every usual level and number 0.
        terms: The terms, column by column.
        usual: Column of codes -> its usual level (the most frequent), which has no term.
        cases, events: Patients that it rests on.
        left_out: Patients of the baseline that a column or the outcome was missing for, or whose level was rare.
        c_statistic, brier: As of `CaseMixModel`.
        calibration: In ten groups of rising risk; None where it cannot be judged.
    """

    intercept: float
    terms: tuple[Term, ...]
    usual: Mapping[str, str]
    cases: int
    events: int
    left_out: int
    c_statistic: float
    brier: float
    calibration: Calibration | None

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns it needs, each once."""
        return tuple(dict.fromkeys([*(term.column for term in self.terms), *self.usual]))

    def risk(self, columns: Mapping[str, ArrayLike]) -> Floats:
        """Return ``(N,)`` risks; NaN where a column is missing or holds a level that the baseline did not.

        Raises:
            StatsError: ``AT-S-101`` when a column is not among those given.
        """
        if missing := [name for name in self.columns if name not in columns]:
            raise StatsError("AT-S-101", f"The model needs the column {missing[0]}.")
        size = len(np.asarray(columns[self.columns[0]], dtype=object))
        log_odds = np.full(size, self.intercept)
        for name in self.columns:
            own = [term for term in self.terms if term.column == name]
            if name in self.usual:
                levels = {term.level: term.estimate for term in own} | {self.usual[name]: 0.0}
                log_odds += np.array([levels.get(text, np.nan) for text in _levels(columns[name])])
            else:
                log_odds += own[0].estimate * _numbers(columns[name])
        return special.expit(log_odds)

    def to_plain(self) -> dict[str, Any]:
        """Return the model as plain values, for JSON."""
        judged = self.calibration
        return {
            "intercept": self.intercept,
            "terms": [[term.column, term.level, term.estimate, term.error] for term in self.terms],
            "usual": dict(self.usual),
            **{name: getattr(self, name) for name in ("cases", "events", "left_out", "c_statistic", "brier")},
            "calibration": judged
            and {
                "cases": judged.cases.tolist(),
                "observed": judged.observed.tolist(),
                "expected": judged.expected.tolist(),
                "intercept": judged.intercept,
                "slope": judged.slope,
            },
        }

    @classmethod
    def from_plain(cls, plain: Mapping[str, Any]) -> RiskModel:
        """Return the model that `to_plain` wrote down."""
        judged = plain["calibration"]
        return cls(
            intercept=plain["intercept"],
            terms=tuple(Term(*term) for term in plain["terms"]),
            usual=dict(plain["usual"]),
            **{name: plain[name] for name in ("cases", "events", "left_out", "c_statistic", "brier")},
            calibration=judged and _calibration(judged),
        )


def _calibration(plain: Mapping[str, Any]) -> Calibration:
    cases, observed, expected = (np.array(plain[name], dtype=np.float64) for name in ("cases", "observed", "expected"))
    return Calibration(cases, observed, expected, plain["intercept"], plain["slope"])


def fit_risk_model(outcome: ArrayLike, columns: Mapping[str, ArrayLike]) -> RiskModel | NotEstimable:
    """Return a logistic model of an outcome on named columns.

    Columns of numbers (and of yes and no) enter as they are. Columns of text enter level by level against the most
    frequent one. Patients with a level that fewer than 20 have, or with anything missing, are left out and counted.

    Args:
        outcome: ``(N,)`` 0 or 1.
        columns: Name -> ``(N,)`` numbers or text.

    Returns:
        A RiskModel, or NotEstimable as `case_mix_model`; ``AT-S-110`` too when no column varies.

    Raises:
        StatsError: as `case_mix_model`.

    Example:
        >>> model = fit_risk_model([0, 0, 0, 1] * 60 + [0, 1, 1, 1] * 60, {"age": ["old"] * 240 + ["young"] * 240})
        >>> model.terms[0].level, round(model.terms[0].odds[0], 2)
        ('young', 9.0)
    """
    y = np.asarray(outcome, dtype=np.float64)
    usual: dict[str, str] = {}
    named: list[tuple[str, str]] = []
    parts: list[Floats] = []
    for name, values in columns.items():
        if not _is_text(values):
            named.append((name, ""))
            parts.append(_numbers(values))
            continue
        texts = np.array(_levels(values), dtype=object)
        kept = _common(texts[np.isfinite(y)])
        if not kept:
            return NotEstimable("AT-S-110", "No level of a column has enough patients.")
        there = np.isin(texts, kept)
        y = np.where(there, y, np.nan)
        usual[name] = kept[0]
        named += [(name, level) for level in sorted(kept[1:])]
        parts += [np.where(there, (texts == level).astype(np.float64), np.nan) for level in sorted(kept[1:])]
    if not parts:
        return NotEstimable("AT-S-110", "No column tells patients apart.")
    covariates = np.stack(parts, axis=1)
    found = case_mix_model(y, covariates)
    if isinstance(found, NotEstimable):
        return found
    risk = found.risk(covariates)
    known = np.isfinite(y) & np.isfinite(risk)
    judged = calibration(y[known], risk[known])
    return RiskModel(
        intercept=float(found.coefficients[0]),
        terms=tuple(
            Term(name, level, float(b), float(se))
            for (name, level), b, se in zip(named, found.coefficients[1:], found.standard_errors[1:], strict=True)
        ),
        usual=usual,
        cases=found.cases,
        events=found.events,
        left_out=int(y.size - known.sum()),
        c_statistic=found.c_statistic,
        brier=found.brier,
        calibration=None if isinstance(judged, NotEstimable) else judged,
    )


def _common(texts: np.ndarray) -> list[str]:
    """Return the levels that enough patients have, the most frequent first."""
    counts = Counter(text for text in texts.tolist() if text)
    ordered = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    return [level for level, count in ordered if count >= FEWEST]


def _is_text(values: ArrayLike) -> bool:
    return any(isinstance(value, str) and value for value in np.asarray(values, dtype=object).tolist())


def _levels(values: ArrayLike) -> list[str]:
    return ["" if value is None else str(value) for value in np.asarray(values, dtype=object).tolist()]


def _numbers(values: ArrayLike) -> Floats:
    plain = np.asarray(values, dtype=object).tolist()
    return np.array([np.nan if value is None or value == "" else float(value) for value in plain], dtype=np.float64)
