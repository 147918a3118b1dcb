"""Addresses of one chart's pages and files; the state of the chart rides along in the query."""

from __future__ import annotations

from urllib.parse import urlencode

from django.urls import reverse

from allteach.web.sites.models import Site
from allteach.web.variation.selectors.charts import Charted


def chart_url(charts: Charted, site: Site | None, page: str = "chart", *, query: str | None = None, **more: str) -> str:
    """Return the address of a page or file of one chart.

    Args:
        charts: The measure.
        site: Whose chart; None for the network line.
        page: chart, table, method, file or act.
        query: State; None keeps the state of these charts.
        **more: `form` of a file, `act` of an act.
    """
    kwargs = {"network": charts.network.slug, "measure": charts.measure.slug, **more}
    if site is None:
        name = f"variation:network_{page}"
    else:
        name, kwargs["site"] = f"variation:{page}", charts.naming.key(site)
    return reverse(name, kwargs=kwargs) + (charts.question.asked.query if query is None else query)


def file_name(charts: Charted, site: Site | None, ending: str) -> str:
    """Return the name of a downloaded file; it obeys the naming policy like everything else."""
    subject = charts.naming.key(site) if site is not None else "all-sites"
    return f"{charts.network.slug}-{charts.measure.slug}-{subject}.{ending}"


def compare_url(charts: Charted, page: str, window: str, **more: str) -> str:
    """Return the address of a page that compares sites over a stretch of time."""
    kwargs = {"network": charts.network.slug, "measure": charts.measure.slug, **more}
    asked = charts.question.asked
    query = {"window": window} if window else {}
    if asked.until is not None:
        query["until"] = asked.until.isoformat()
    return reverse(f"variation:{page}", kwargs=kwargs) + (f"?{urlencode(query)}" if query else "")
