"""One measure: the network line, cohorts apart, and one small chart a site on one scale."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from allteach.charts.build import on_one_scale
from allteach.charts.svg import draw
from allteach.measures.fhir import is_reportable
from allteach.web.variation.addresses import chart_url
from allteach.web.variation.charting import Line, cohort_lines
from allteach.web.variation.drawing import symbols
from allteach.web.variation.policies import may_export
from allteach.web.variation.presenting import network_facts, sentence, spec_of
from allteach.web.variation.selectors.charts import Charted, annotations_for
from allteach.web.variation.states import state_notices
from allteach.web.variation.views.chart import charts_of
from allteach.web.variation.wording import CHANGED, period_text, variation_word

SORTS = ("name", "size", "signal")
PER_PAGE = 60  # small charts on one page
_LONG_AGO = 10**6


def measure(request: HttpRequest, network: str, measure: str) -> HttpResponse:
    """Show a measure for the network and every site."""
    charts = charts_of(request, measure)
    sort = request.GET.get("sort", "name")
    sort = sort if sort in SORTS else "name"
    own_scale = request.GET.get("scale") == "own"
    page = Paginator(_in_order(charts, sort), PER_PAGE).get_page(request.GET.get("page"))
    context: dict[str, Any] = {
        "charts": charts,
        "measure": charts.measure,
        "sort": sort,
        "own_scale": own_scale,
        "sorts": [("name", _("Name")), ("size", _("Size")), ("signal", _("Latest signal"))],
        "groups": _groups(charts, page.object_list, own_scale),
        "page": page,
        "query": f"&sort={sort}" + ("&scale=own" if own_scale else ""),
        "symbols": symbols(),
        "state": state_notices(charts),
        "naming_notice": charts.naming.notice,
        "withheld": sum(1 for line in charts.sites if not charts.openness.shows(line.site)),
        "reason": charts.openness.reason,
        "sites": len(charts.sites),
        "chart_url": chart_url(charts, None),
        "exports": may_export(request.user, charts.network),
        "reports": _reports(charts),
        "files": {
            form: chart_url(charts, None, "file", form=form) for form in ("pptx", "pdf", "png", "svg", "csv", "txt")
        },
    }
    context |= _whole(charts)
    return render(request, "variation/measure.html", context)


def _reports(charts: Charted) -> str:
    """Return the address of the measure's FHIR reports; empty where it has no summaries."""
    if not is_reportable(charts.found.card):
        return ""
    where = {"network": charts.network.slug, "measure": charts.measure.slug, "form": "ndjson"}
    return reverse("variation:reports", kwargs=where)


def _whole(charts: Charted) -> dict[str, Any]:
    """Return the network line's picture and words, and the cohorts'."""
    line = charts.whole
    if line is None or line.latest < 0:
        return {"headline": charts.measure.title, "sub": _site_sentence(charts), "spec": None}
    if not charts.openness.whole:
        word = variation_word(line.variation, line.side, charts.found.card.direction)
        return {
            "headline": f"{charts.measure.title}: {word.full}",
            "sub": _site_sentence(charts),
            "spec": None,
            "closed": True,
        }
    spec = spec_of(
        charts, line, notes=annotations_for(measure=charts.measure, site=None, as_known=charts.question.asked.as_known)
    )
    facts = network_facts(charts)
    card = charts.found.card
    shown: dict[str, Any] = {}
    if facts:
        last = facts[line.latest]
        shown = {
            "reporting": last["reporting"],
            "latest_label": period_text(last["period"].start, card.grain),
            "pooled": card.format.text(float(line.value[line.latest])),
            "mean": card.format.text(last["mean"]) if last["mean"] is not None else "",
        }
    return {
        "headline": spec.title,
        "sub": spec.subtitle,
        "spec": spec,
        "sentence": sentence(spec),
        "picture": draw(spec, "page"),
        "narrow": draw(spec, "narrow"),
        "cohorts": _cohorts(charts),
        **shown,
    }


def _site_sentence(charts: Charted) -> str:
    n = len(charts.sites)
    return ngettext("%(n)s site", "%(n)s sites", n) % {"n": n}


def _cohorts(charts: Charted) -> list[dict[str, Any]]:
    """Return each cohort's own line; a cohort with a withheld site shows none."""
    lines = cohort_lines(charts.found, charts.question)
    members: dict[str, list[Any]] = {}
    for site in charts.found.sites:
        members.setdefault(site.cohort, []).append(site)
    specs = []
    for name, line in lines.items():
        if line.latest >= 0 and all(charts.openness.shows(site) for site in members[name]):
            spec = spec_of(charts, line, brief=True)
            title = name or _("No cohort")
            specs.append(
                (title, len(members[name]), replace(spec, subject=title, title=f"{title}: {spec.title}"), line)
            )
    scaled = on_one_scale([spec for _title, _n, spec, _line in specs])
    return [
        {
            "name": title,
            "sites": ngettext("%(n)s site", "%(n)s sites", n) % {"n": n},
            "picture": draw(spec, "narrow"),
            "word": spec.variation,
            "kind": line.variation,
            "side": line.side or 1,
        }
        for (title, n, _spec, line), spec in zip(specs, scaled, strict=True)
    ]


def _in_order(charts: Charted, sort: str) -> list[Line]:
    """Return the sites' lines as they are shown: by cohort where there are several, then as asked."""
    by = _order(charts, sort)
    return sorted(charts.sites, key=lambda line: (_cohort(line) == "", _cohort(line), by(line)))


def _cohort(line: Line) -> str:
    return line.site.cohort if line.site is not None else ""


def _groups(charts: Charted, lines: Sequence[Line], own_scale: bool) -> list[dict[str, Any]]:
    """Return the small charts of one page, by cohort where there are several."""
    drawable = [line for line in lines if charts.openness.shows(line.site) and line.latest >= 0]
    specs = [spec_of(charts, line, brief=True) for line in drawable]
    scaled = specs if own_scale else list(on_one_scale(specs))
    drawn = {line.site.pk: draw(spec, "small") for line, spec in zip(drawable, scaled, strict=True) if line.site}
    sizes = Counter(_cohort(line) for line in charts.sites)
    groups: dict[str, list[SafeString]] = {}
    for line in lines:
        groups.setdefault(_cohort(line), []).append(_small(charts, line, drawn))
    return [
        {
            "name": (cohort or _("No cohort")) if len(sizes) > 1 else "",
            "items": format_html_join("", "{}", ((item,) for item in items)),
            "sites": sizes[cohort],
        }
        for cohort, items in groups.items()
    ]


def _order(charts: Charted, sort: str) -> Any:
    def key(line: Line) -> tuple[Any, ...]:
        assert line.site is not None
        name = charts.naming.name(line.site).casefold()
        if sort == "size":
            return (-line.size if charts.openness.shows(line.site) else 0.0, name)
        if sort == "signal":
            since = line.since
            return (-since.start.toordinal() if since is not None else _LONG_AGO, name)
        return (line.site.pk not in charts.naming.own, name)

    return key


def _small(charts: Charted, line: Line, drawn: dict[int, str]) -> SafeString:
    """Return one small chart as a list entry that leads to the large one."""
    assert line.site is not None
    word = variation_word(line.variation, line.side, charts.found.card.direction)
    since = line.since
    said = str(word.full)
    if since is not None and line.variation in CHANGED:
        said = _("%(word)s since %(since)s") % {
            "word": word.full,
            "since": period_text(since.start, charts.found.card.grain),
        }
    picture = drawn.get(line.site.pk)
    body = mark_safe(picture) if picture else format_html("<span>{}</span>", _withheld(line))
    mine = format_html(' <span class="mine">{}</span>', _("your site")) if line.site.pk in charts.naming.own else ""
    return format_html(
        '<li><a href="{}"><b>{}</b>{}<span class="{}"><svg aria-hidden="true"><use href="#{}"/></svg>{}</span>'
        "{}</a></li>",
        chart_url(charts, line.site),
        charts.naming.name(line.site),
        mine,
        word.icon,
        word.icon,
        said,
        body,
    )


def _withheld(line: Line) -> str:
    return _("No data yet") if line.latest < 0 else _("Numbers withheld: small counts")
