"""Sites against what was expected of their own patients, and the case-mix model that says what was expected."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.safestring import mark_safe
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from allteach.charts.svg import draw, spark
from allteach.errors import NotEstimable, StateError
from allteach.stats.comparison import RiskModel
from allteach.stats.comparison.ratios import INDIRECT
from allteach.web.people.permissions import may, require
from allteach.web.people.roles import Permission
from allteach.web.variation import services
from allteach.web.variation.addresses import compare_url, file_name
from allteach.web.variation.forms import CaseMixForm
from allteach.web.variation.models import CaseMix
from allteach.web.variation.monitoring import CHARTS, Stand, budget_words, span_of, specs_of, stands_of
from allteach.web.variation.policies import may_export
from allteach.web.variation.risk import Risks, SiteRisk, case_columns, risks_of, site_risk, watched
from allteach.web.variation.selectors.charts import Charted
from allteach.web.variation.texts import Blackout
from allteach.web.variation.views.compare import comparison_page
from allteach.web.variation.views.files import TYPES, answer
from allteach.web.variation.wording import period_text


def monitor(request: Any, network: str, measure: str) -> HttpResponse:
    """Show observed against expected events at each site, and how the difference grew."""
    charts, found, context = comparison_page(request, measure, "monitor")
    if not watched(charts.found.card):
        raise Http404
    context |= {
        "why": "",
        "closed": "",
        "may_fit": may(request.user, Permission.MEASURE_CHANGE, network=request.network),
    }
    risks = risks_of(charts)
    if isinstance(risks, NotEstimable):
        return render(request, "variation/monitor.html", context | {"why": risks.reason})
    stands = stands_of(request.user, charts, found, risks)
    if isinstance(stands, NotEstimable):
        return render(request, "variation/monitor.html", context | {"why": stands.reason})
    rows = [_row(charts, stand, str(found.window or "all")) for stand in stands if stand.sees]
    context |= {
        "rows": sorted(rows, key=lambda row: row["name"].casefold()),
        "heading": heading(charts, stands),
        "hidden": sum(1 for stand in stands if not stand.sees),
        "reason": charts.openness.reason,
        "caution": _(INDIRECT.reason),
        "risks": risks,
        "budget": budget_words(risks),
    }
    return render(request, "variation/monitor.html", context)


def heading(charts: Charted, stands: list[Stand]) -> str:
    """Return the finding over all sites that may be seen."""
    apart = sum(1 for stand in stands if stand.side)
    if not apart:
        return _("%(measure)s: no site differs from what was expected by more than chance explains") % {
            "measure": charts.measure.title
        }
    return ngettext(
        "%(measure)s: %(n)s site differs from what was expected of its own patients",
        "%(measure)s: %(n)s sites differ from what was expected of their own patients",
        apart,
    ) % {"measure": charts.measure.title, "n": apart}


def _row(charts: Charted, stand: Stand, window: str) -> dict[str, Any]:
    assert stand.exact is not None
    words = {1: _("More than expected"), -1: _("Fewer than expected"), 0: _("As expected")}
    signal = ""
    if stand.signal is not None:
        signal = _("%(side)s, %(when)s") % {
            "side": _("more") if stand.signal_side > 0 else _("fewer"),
            "when": period_text(stand.signal.start, charts.found.card.grain),
        }
    return {
        "name": charts.naming.name(stand.site),
        "url": compare_url(charts, "monitor_site", window, site=charts.naming.key(stand.site)),
        "cases": f"{stand.cases:,.0f}",
        "observed": f"{stand.observed:,.0f}",
        "expected": f"{stand.expected:,.1f}",
        "ratio": f"{stand.ratio:.2f}",
        "interval": between(stand.exact),
        "apart": words[stand.side],
        "signal": signal,
        # The line is made of numbers only.
        "line": mark_safe(spark(stand.path, 0.0)),
    }


def between(ends: tuple[float, float]) -> str:
    """Return an interval of a ratio in words."""
    return _("%(low)s to %(high)s") % {"low": f"{ends[0]:.2f}", "high": f"{ends[1]:.2f}"}


def opened(request: Any, measure: str, site: str) -> tuple[Charted, Any, Risks, SiteRisk, Stand, dict[str, Any]]:
    """Return one site's patients against their risk, as far as this person may see them.

    Raises:
        Http404: nothing that this person may see.
    """
    charts, found, context = comparison_page(request, measure, "monitor")
    whose = charts.site_of(site)
    risks = risks_of(charts)
    if isinstance(risks, NotEstimable):
        raise Http404
    one = site_risk(request.user, charts, risks, whose, end=span_of(charts, found)[1])
    stands = stands_of(request.user, charts, found, risks)
    if isinstance(one, NotEstimable) or isinstance(stands, NotEstimable):
        raise Http404
    stand = next(stand for stand in stands if stand.site.pk == whose.pk)
    if not stand.sees:
        raise Http404
    return charts, found, risks, one, stand, context


def monitor_site(request: Any, network: str, measure: str, site: str) -> HttpResponse:
    """Show one site's patients against their risk: both CUSUM charts, VLAD and running average."""
    charts, found, risks, one, stand, context = opened(request, measure, site)
    each = one.sees == "rows" and request.GET.get("each") == "1"
    window = str(found.window or "all")
    specs = specs_of(charts, risks, one, span_of(charts, found)[0], each=each)
    key = charts.naming.key(one.site)
    context |= {
        "why": "",
        "closed": "",
        "heading": specs["rising"].title,
        "subject": charts.naming.name(one.site),
        "stand": _row(charts, stand, window) | {"byar": between(stand.byar) if stand.byar else ""},
        "pictures": [
            {
                "spec": spec,
                "picture": draw(spec, "page"),
                "narrow": draw(spec, "narrow"),
                "files": {
                    form: compare_url(charts, "monitor_file", window, site=key, chart=kind, form=form)
                    for form in ("pptx", "png", "csv")
                },
            }
            for kind, spec in specs.items()
        ],
        "each": each,
        "sees_rows": one.sees == "rows",
        "each_url": compare_url(charts, "monitor_site", window, site=key) + "&each=1",
        "periods_url": compare_url(charts, "monitor_site", window, site=key),
        "risks": risks,
        "left_out": one.monitor.left_out,
        "exports": may_export(request.user, request.network),
    }
    return render(request, "variation/monitor_site.html", context)


def monitor_file(request: Any, network: str, measure: str, site: str, chart: str, form: str) -> HttpResponse:
    """Answer with one of a site's charts as a file; by period, as anybody who may see the chart sees it."""
    require(request.user, Permission.RESULT_EXPORT, network=request.network)
    charts, found, risks, one, _stand, _context = opened(request, measure, site)
    if chart not in CHARTS or form not in TYPES:
        raise Http404
    spec = specs_of(charts, risks, one, span_of(charts, found)[0])[chart]
    return answer(spec, form, file_name(charts, one.site, form).replace(f".{form}", f"-{chart}.{form}"))


def case_mix(request: Any, network: str, measure: str) -> HttpResponse:
    """Show the case-mix model in force and those before it, and fit a new one."""
    charts, _found, context = comparison_page(request, measure, "monitor")
    card = charts.found.card
    if not watched(card):
        raise Http404
    if request.method == "POST":
        require(request.user, Permission.MEASURE_CHANGE, network=request.network)
    columns = case_columns(charts.measure, card)
    form = CaseMixForm(request.POST or None, columns=columns, initial=_usual_baseline(charts))
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        recipe = services.Recipe(given["columns"], given["first"], given["last"], given["reason"])
        try:
            services.case_mix_fit(by=request.user, measure=charts.measure, recipe=recipe)
        except StateError as error:
            form.add_error(None, error.what)
        else:
            messages.success(request, _("Fitted. From now on sites are held against this model."))
            return redirect(compare_url(charts, "monitor", ""))
    models = list(CaseMix.objects.filter(measure=charts.measure).select_related("fitted_by"))
    context |= {
        "why": "",
        "closed": "",
        "form": form if columns and may(request.user, Permission.MEASURE_CHANGE, network=request.network) else None,
        "models": [_model(request, charts, made, columns) for made in models],
        "monitor_url": reverse("variation:monitor", kwargs={"network": network, "measure": measure}),
    }
    return render(request, "variation/case_mix.html", context, status=422 if form.errors else 200)


def _usual_baseline(charts: Charted) -> dict[str, Any]:
    periods = charts.found.periods
    if not periods:
        return {}
    return {"first": periods[0].start, "last": periods[min(len(periods), 24) - 1].end}


def _model(request: Any, charts: Charted, made: CaseMix, columns: list[tuple[str, str]]) -> dict[str, Any]:
    """Return one model for the page; counts of patients only for those who may see small counts anywhere."""
    model, titles = RiskModel.from_plain(made.fitted), dict(columns)
    counts = charts.naming.counted is None or may(request.user, Permission.RESULT_UNSUPPRESSED, network=charts.network)
    judged = model.calibration
    blackout = Blackout(charts.naming, charts.found.sites)
    groups = []
    if judged is not None and counts:
        groups = [
            (f"{n:,.0f}", f"{seen:,.0f}", f"{due:,.1f}")
            for n, seen, due in zip(judged.cases, judged.observed, judged.expected, strict=True)
        ]
    return {
        "made": made,
        "reason": blackout.text(made.reason),
        "columns": ", ".join(str(titles.get(name, name)) for name in made.columns),
        "terms": [
            {
                "name": titles.get(term.column, term.column),
                "level": term.level,
                "usual": model.usual.get(term.column, ""),
                "odds": f"{term.odds[0]:.2f}",
                "interval": between(term.odds[1:]),
            }
            for term in model.terms
        ],
        "counts": (f"{model.cases:,}", f"{model.events:,}", f"{model.left_out:,}") if counts else None,
        "c": f"{model.c_statistic:.2f}",
        "slope": f"{judged.slope:.2f}" if judged is not None else "",
        "intercept": f"{judged.intercept:.2f}" if judged is not None else "",
        "groups": groups,
        "run_length": f"{made.run_length:,.0f}",
        "limits": (f"{made.limit_up:.2f}", f"{made.limit_down:.2f}"),
    }
