"""Charts over time: points, centre line and limits of many series at once, one chart family a file."""

from __future__ import annotations

from allteach.errors import StatsError
from allteach.stats.charts.c import c_chart
from allteach.stats.charts.cusum import cusum_chart
from allteach.stats.charts.ewma import ewma_chart
from allteach.stats.charts.g_t import g_chart, t_chart
from allteach.stats.charts.individuals import i_chart, iprime_chart, mr_chart
from allteach.stats.charts.laney import pprime_chart, uprime_chart
from allteach.stats.charts.p import p_chart
from allteach.stats.charts.run import run_chart
from allteach.stats.charts.u import u_chart
from allteach.stats.charts.xbar_s import r_chart, s_chart, xbar_chart, xbar_r_chart
from allteach.stats.results import ALL_POINTS, Limits, Plan
from allteach.stats.series import Panel

RATIOS = {"p": p_chart, "u": u_chart, "pprime": pprime_chart, "uprime": uprime_chart, "iprime": iprime_chart}
VALUES = {"run": run_chart, "i": i_chart, "mr": mr_chart, "t": t_chart, "ewma": ewma_chart, "cusum": cusum_chart}
COUNTS = {"c": c_chart, "g": g_chart}
KINDS = ("run", "p", "u", "c", "i", "mr", "xbar", "s", "g", "t", "pprime", "uprime", "iprime", "ewma", "cusum")

__all__ = [
    "KINDS",
    "c_chart",
    "compute",
    "cusum_chart",
    "ewma_chart",
    "g_chart",
    "i_chart",
    "iprime_chart",
    "mr_chart",
    "p_chart",
    "pprime_chart",
    "r_chart",
    "run_chart",
    "s_chart",
    "t_chart",
    "u_chart",
    "uprime_chart",
    "xbar_chart",
    "xbar_r_chart",
]


def compute(kind: str, panel: Panel, plan: Plan = ALL_POINTS) -> Limits:
    """Return the chart of a panel by its kind.

    Args:
        kind: One of `KINDS`.
        panel: Ratio charts read numerator and denominator (an I' chart also total and n); xbar and s read n, total and
            total_sq; c and g read the numerator; the others read the panel's value.
        plan: Phases, baseline, excluded points and options.

    Raises:
        StatsError: ``AT-S-001`` the panel lacks what the chart needs, ``AT-S-003`` unknown kind.

    Example:
        >>> compute("p", Panel(numerator=[12, 15, 8], denominator=[50, 50, 50])).kind
        'p'
    """
    if kind in RATIOS:
        if kind == "iprime" and panel.numerator is None:
            return iprime_chart(panel.total, panel.n, plan=plan)
        return RATIOS[kind](panel.numerator, panel.denominator, plan=plan)
    if kind in COUNTS:
        return COUNTS[kind](panel.numerator if panel.numerator is not None else panel.total, plan=plan)
    if kind in VALUES:
        return VALUES[kind](panel.value, plan=plan)
    if kind == "xbar":
        return xbar_chart(panel.n, panel.total, panel.total_sq, log=panel.log, plan=plan)
    if kind == "s":
        return s_chart(panel.n, panel.total, panel.total_sq, plan=plan)
    raise StatsError("AT-S-003", f"There is no chart of kind {kind!r}.", expected=f"One of {', '.join(KINDS)}.")
