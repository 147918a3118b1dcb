"""One call from data to a funnel of sites."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Unpack

import numpy as np

from allteach.charts import build, svg, table
from allteach.charts.spec import ChartSpec
from allteach.charts.study.columns import columns_of
from allteach.charts.study.gather import Gathered, gather
from allteach.charts.study.how import How, choices
from allteach.charts.study.over_time import as_dict, counted_name, left_out
from allteach.charts.study.save import save
from allteach.charts.study.wording import form_of, inside, measure_name
from allteach.charts.voice import ENGLISH
from allteach.errors import ChartError, NotEstimable
from allteach.stats.comparison import Funnel, funnel_of_means
from allteach.stats.comparison import funnel as compare
from allteach.units import Direction


@dataclass(frozen=True, slots=True)
class FunnelChart:
    """Sites against their common level.

    Attributes:
        result: The funnel as statistics give it.
        spec: The chart, complete.
    """

    result: Funnel
    spec: ChartSpec

    @property
    def sentence(self) -> str:
        """The chart in words, to copy."""
        return table.sentence(self.spec)

    def save(self, path: str | Path, *, editable: bool = False) -> Path:
        """Write the chart and return the file: .svg, .png, .pdf, .pptx, .csv or .txt."""
        return save((self.spec,), path, editable=editable)[0]

    def to_dict(self) -> dict[str, Any]:
        """Return the chart for programs."""
        found = self.result.overdispersion
        spread = {"method": found.method, "phi": _plain(found.phi), "tau2": _plain(found.tau2), "p": _plain(found.p)}
        return as_dict(self.spec) | {"overdispersion": spread, "level": self.result.target}

    def _repr_svg_(self) -> str:
        return svg.draw(self.spec)

    def __str__(self) -> str:
        return self.sentence


def _plain(value: float) -> float | None:
    return float(value) if np.isfinite(value) else None


def funnel(data: Any = None, **how: Unpack[How]) -> FunnelChart:
    """Return sites compared with each other over all the time in the data, with limits for their size.

    Args:
        data: As for `allteach.chart`; the data need a column that names the site.
        how: See `How`. An aim is drawn, the level compared with is that of all sites.

    Raises:
        ChartError: ``AT-C-022`` when the data name no site, ``AT-C-023`` when no funnel can be drawn.

    Example:
        >>> import allteach
        >>> rows = {"site": ["A", "B", "C"], "deaths": [10, 20, 60], "patients": [50, 100, 120]}
        >>> columns = {"site": "site", "numerator": "deaths", "denominator": "patients"}
        >>> allteach.funnel(rows, **columns, overdispersion="none").spec.title
        'Deaths: C differs from the rest by more than chance explains'
    """
    wanted = choices(how)
    columns = columns_of(data, wanted)
    if columns.site is None:
        raise ChartError("AT-C-022", "The data name no site.", do="Name the column that does, with site.")
    together = gather(columns, grain=wanted.grain, log=wanted.log, kind="u")
    result = _compare(together, wanted.overdispersion)
    form = form_of(together, "funnel", wanted)
    about = build.AboutSites(
        measure=measure_name(columns, wanted),
        names=together.sites,
        period=_span(together),
        format=form,
        direction=Direction(wanted.direction),
        counted=wanted.counted or counted_name(columns, together.nature),
        source=wanted.source or columns.title,
        notices=(*wanted.notices, *left_out(columns)),
        target=inside(wanted.target, form),
    )
    return FunnelChart(result, build.funnel(about, result))


def _compare(together: Gathered, overdispersion: str) -> Funnel:
    panel = together.panel
    if together.nature == "mean":
        n, total, square = (_over_time(part) for part in (panel.n, panel.total, panel.total_sq))
        found = funnel_of_means(n, total, square, overdispersion=overdispersion)
    elif panel.denominator is None:
        raise ChartError(
            "AT-C-023", "A funnel needs the size of each site.", do="Name the denominator, or a value for each case."
        )
    else:
        kind = "proportion" if together.nature == "proportion" else "rate"
        found = compare(
            _over_time(panel.numerator), _over_time(panel.denominator), kind=kind, overdispersion=overdispersion
        )
    if isinstance(found, NotEstimable):
        raise ChartError("AT-C-023", f"No funnel can be drawn. {found.reason}")
    return found


def _over_time(part: Any) -> Any:
    array = np.asarray(part)
    known = np.isfinite(array)
    return np.where(known.any(axis=-1), np.where(known, array, 0.0).sum(axis=-1), np.nan)


def _span(together: Gathered) -> str:
    if together.columns.day is None:
        return ""
    first, last = ENGLISH.period(together.periods[0]), ENGLISH.period(together.periods[-1])
    return first if first == last else f"{first} to {last}"
