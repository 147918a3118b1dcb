"""Charts as files: the same content as on the page, by the same policy."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from allteach.charts import pdf, png, pptx, svg, table
from allteach.charts.spec import ChartSpec
from allteach.measures.fhir import bundle
from allteach.web.measuring.selectors import measure_for
from allteach.web.people.permissions import require
from allteach.web.people.roles import Permission
from allteach.web.variation.addresses import file_name
from allteach.web.variation.comparing import comparison_of, funnel_spec
from allteach.web.variation.peering import full_spec
from allteach.web.variation.presenting import computed_on, sentence, voice
from allteach.web.variation.selectors.charts import annotations_for
from allteach.web.variation.selectors.points import reports_of
from allteach.web.variation.views.chart import charts_of, open_chart

PPTX = "application/vnd.openxmlformats-officedocument.presentationml.presentation"
TYPES = {
    "svg": "image/svg+xml",
    "png": "image/png",
    "pdf": "application/pdf",
    "pptx": PPTX,
    "csv": "text/csv; charset=utf-8",
    "txt": "text/plain; charset=utf-8",
}


def drawn(spec: ChartSpec, form: str, *, editable: bool = False) -> bytes:
    """Return a chart as the bytes of a file.

    Raises:
        Http404: for a form there is not.
    """
    made: dict[str, Callable[[], bytes]] = {
        "svg": lambda: svg.draw(spec).encode(),
        "png": lambda: png.draw(spec),
        "pdf": lambda: pdf.draw([spec]),
        "pptx": lambda: pptx.draw([spec], editable=editable),
        # The mark lets spreadsheets read the letters of every language.
        "csv": lambda: b"\xef\xbb\xbf" + table.csv(spec, voice()).encode(),
        "txt": lambda: f"{sentence(spec)}\n".encode(),
    }
    if form not in made:
        raise Http404
    return made[form]()


def answer(spec: ChartSpec, form: str, name: str, *, editable: bool = False) -> HttpResponse:
    """Return the file as a download; the sentence shows in place."""
    response = HttpResponse(drawn(spec, form, editable=editable), content_type=TYPES[form])
    way = "inline" if form == "txt" else "attachment"
    response["Content-Disposition"] = f'{way}; filename="{name}"'
    response["Cache-Control"] = "private, no-store"
    return response


def chart_file(request: Any, network: str, measure: str, form: str, site: str | None = None) -> HttpResponse:
    """Answer with one chart as a file."""
    require(request.user, Permission.RESULT_EXPORT, network=request.network)
    charts, whose, line = open_chart(request, measure, site)
    if line is None or line.latest < 0 or not charts.openness.shows(whose) or form not in TYPES:
        raise Http404
    notes = annotations_for(measure=charts.measure, site=whose, as_known=charts.question.asked.as_known)
    spec = full_spec(charts, line, notes=notes, computed=computed_on(charts, whose))
    return answer(spec, form, file_name(charts, whose, form), editable=request.GET.get("editable") == "1")


def reports(request: Any, network: str, measure: str, form: str) -> HttpResponse:
    """Answer with a measure's summary MeasureReports: one in each line, or a Bundle."""
    found = measure_for(user=request.user, network=request.network, slug=measure)
    made = reports_of(user=request.user, measure=found)
    bodies: dict[str, tuple[str, Callable[[], str]]] = {
        "ndjson": ("application/fhir+ndjson", lambda: "".join(f"{_json(report)}\n" for report in made)),
        "json": ("application/fhir+json", lambda: _json(bundle(made))),
    }
    if form not in bodies:
        raise Http404
    kind, body = bodies[form]
    response = HttpResponse(body(), content_type=kind)
    response["Content-Disposition"] = f'attachment; filename="{request.network.slug}-{found.slug}-reports.{form}"'
    response["Cache-Control"] = "private, no-store"
    return response


def _json(made: dict[str, Any]) -> str:
    return json.dumps(made, ensure_ascii=False, separators=(",", ":"))


def funnel_file(request: HttpRequest, network: str, measure: str, form: str) -> HttpResponse:
    """Answer with the funnel of a measure as a file."""
    require(request.user, Permission.RESULT_EXPORT, network=request.network)
    charts = charts_of(request, measure)
    found = comparison_of(charts, request.GET)
    spec = funnel_spec(charts, found)
    if spec is None or form not in TYPES:
        raise Http404
    name = file_name(charts, None, form).replace("all-sites", _("funnel"))
    return answer(spec, form, name, editable=request.GET.get("editable") == "1")
