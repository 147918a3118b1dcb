"""One chart: the picture, its table, where it comes from, and what people may do with it."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from allteach.charts.spec import ChartSpec
from allteach.charts.svg import draw
from allteach.charts.table import rows
from allteach.stats.signals import RULE_SETS
from allteach.web.measuring.selectors import measure_for
from allteach.web.people.permissions import may, require
from allteach.web.people.roles import Permission
from allteach.web.sites.models import Site
from allteach.web.variation import services
from allteach.web.variation.addresses import chart_url
from allteach.web.variation.advising import keep_in_mind
from allteach.web.variation.asked import asked_of
from allteach.web.variation.budget import FEWEST
from allteach.web.variation.charting import Line
from allteach.web.variation.forms import ExcludeForm, NoteForm, ProposeForm
from allteach.web.variation.models import Annotation
from allteach.web.variation.peering import comparator_of, full_spec
from allteach.web.variation.policies import may_export
from allteach.web.variation.presenting import (
    card_facts,
    computed_on,
    limits_from,
    names,
    network_facts,
    sentence,
    voice,
)
from allteach.web.variation.selectors.charts import Charted, annotations_for, charted
from allteach.web.variation.sources import corrected_in, sources_of
from allteach.web.variation.states import state_notices
from allteach.web.variation.texts import Blackout
from allteach.web.variation.wording import period_text, variation_word

PHASE_COLUMN = 7
Done = str | dict[str, Any]  # what was done, in words; or the form that has faults


def charts_of(request: Any, measure: str) -> Charted:
    """Return the charts that an address asks for.

    Raises:
        Http404: no such measure, or its card is not released.
    """
    found = measure_for(user=request.user, network=request.network, slug=measure)
    charts = charted(user=request.user, network=request.network, measure=found, asked=asked_of(request.GET))
    if charts is None:
        raise Http404
    return charts


def open_chart(request: Any, measure: str, site: str | None) -> tuple[Charted, Site | None, Line | None]:
    """Return the measure, whose chart it is, and the chart; None where there are no data."""
    charts = charts_of(request, measure)
    whose = charts.site_of(site) if site is not None else None
    return charts, whose, charts.line(whose)


def chart(request: HttpRequest, network: str, measure: str, site: str | None = None) -> HttpResponse:
    """Show the chart with what is said about it."""
    return _page(request, measure, site, "chart")


def table(request: HttpRequest, network: str, measure: str, site: str | None = None) -> HttpResponse:
    """Show the same numbers as a table."""
    return _page(request, measure, site, "table")


def method(request: HttpRequest, network: str, measure: str, site: str | None = None) -> HttpResponse:
    """Show where the numbers come from and how they were read."""
    return _page(request, measure, site, "method")


def _page(request: Any, measure: str, site: str | None, tab: str, forms: dict[str, Any] | None = None) -> HttpResponse:
    charts, whose, line = open_chart(request, measure, site)
    context = page_context(request, charts, whose, tab)
    shown = charts.openness.shows(whose)
    if line is None or line.latest < 0:
        return render(request, "variation/empty_chart.html", context)
    if not shown:
        context |= _withheld(charts, line)
        return render(request, "variation/withheld.html", context)
    notes = annotations_for(measure=charts.measure, site=whose, as_known=charts.question.asked.as_known)
    spec = full_spec(charts, line, notes=notes, computed=computed_on(charts, whose))
    context |= {"spec": spec, "exports": may_export(request.user, request.network), "sentence": sentence(spec)}
    context |= _side(request, charts, whose, notes, spec)
    if tab == "chart":
        context |= {"corrected": corrected_in(request.user, charts, whose)}
        context |= {"picture": draw(spec, "page"), "narrow": draw(spec, "narrow")}
        context |= _forms(request, charts, whose, line) | (forms or {})
    elif tab == "table":
        context |= _table(request, charts, line, spec)
    else:
        context |= _method(charts, line, spec) | sources_of(request.user, charts, whose)
    return render(request, f"variation/{tab}.html", context, status=422 if forms else 200)


def page_context(request: Any, charts: Charted, whose: Site | None, tab: str) -> dict[str, Any]:
    """Return what every page of one chart needs: names, addresses of its tabs and files."""
    return {
        "charts": charts,
        "measure": charts.measure,
        "site": whose,
        "subject": charts.naming.name(whose) if whose is not None else _("All sites together"),
        "tab": tab,
        "tabs": [
            (key, label, chart_url(charts, whose, key))
            for key, label in (("chart", _("Chart")), ("table", _("Table")), ("method", _("Sources and method")))
        ],
        "files": {
            form: chart_url(charts, whose, "file", form=form) for form in ("pptx", "pdf", "png", "svg", "csv", "txt")
        },
        "acts": {act: chart_url(charts, whose, "act", act=act) for act in ACTS},
        "naming_notice": charts.naming.notice,
        "unusual": charts.question.asked.unusual,
        "state": state_notices(charts),
        "usual_url": chart_url(charts, whose, "chart", query=""),
    }


def _withheld(charts: Charted, line: Line) -> dict[str, Any]:
    grain = charts.found.card.grain
    since = line.since
    return {
        "kind": line.variation,
        "side": line.side or 1,
        "word": variation_word(line.variation, line.side, charts.found.card.direction).full,
        "since": period_text(since.start, grain) if since is not None else "",
        "reason": charts.openness.reason,
    }


def _side(
    request: Any, charts: Charted, whose: Site | None, notes: list[Annotation], spec: ChartSpec
) -> dict[str, Any]:
    """Return what stands beside the chart: the flags in words, and phases that wait."""
    grain = charts.found.card.grain
    key = whose.pk if whose is not None else None
    waiting = charts.proposals.get(key, ())
    decides = may(request.user, Permission.PHASE_DECIDE, network=request.network, site=whose)
    blackout = Blackout(charts.naming, charts.found.sites)
    mine = [note for note in notes if note.written_by_id == request.user.pk or decides]
    peers = comparator_of(charts, whose) if whose is not None and spec.peers is not None else None
    return {
        "peer_names": peers.names if peers is not None else (),
        "waiting": [
            {
                "phase": phase,
                "from": period_text(phase.start, grain),
                "by": blackout.person(str(phase.proposed_by), whose) if phase.proposed_by else "",
                "try_url": f"{chart_url(charts, whose, 'chart', query='')}?phases={phase.start.isoformat()}",
            }
            for phase in waiting
        ],
        "decided": [
            {
                "phase": phase,
                "from": period_text(phase.start, grain),
                "reason": blackout.text(phase.reason, whose),
                "by": blackout.person(str(phase.decided_by), whose),
            }
            for phase in charts.question.agreed.phases.get(key, ())
        ],
        "decides": decides,
        "own_notes": [{"note": note, "text": blackout.text(note.text, note.site)} for note in mine],
    }


def _forms(request: Any, charts: Charted, whose: Site | None, line: Line) -> dict[str, Any]:
    """Return the forms that this person may fill in."""

    def allowed(permission: Permission) -> bool:
        return may(request.user, permission, network=request.network, site=whose)

    last = line.periods[line.latest]
    return {
        "note_form": NoteForm(initial={"on": last.start}) if allowed(Permission.CHART_ANNOTATE) else None,
        "exclude_form": ExcludeForm(periods=_shown(line)) if allowed(Permission.PHASE_DECIDE) else None,
        "propose_form": ProposeForm(periods=_shown(line)) if allowed(Permission.PHASE_PROPOSE) else None,
    }


def _shown(line: Line) -> list[Any]:
    return [period for period, value in zip(line.periods, line.value, strict=True) if value == value]


def _exclusions(request: Any, charts: Charted, line: Line) -> list[dict[str, Any]]:
    blackout = Blackout(charts.naming, charts.found.sites)
    return [
        {
            "exclusion": exclusion,
            "period": period_text(exclusion.period, charts.found.card.grain),
            "reason": blackout.text(exclusion.reason, line.site),
            "may_include": may(request.user, Permission.PHASE_DECIDE, network=request.network, site=line.site),
        }
        for exclusion in line.exclusions
    ]


def filled_columns(spec: ChartSpec) -> tuple[list[tuple[str, bool]], list[list[tuple[str, bool]]]]:
    """Return heads and rows of the table without columns that are empty throughout; True marks a column of numbers."""
    body = rows(spec, voice())
    kept = [at for at in range(len(spec.columns)) if any(row[at] for row in body)]
    if not any(point.phase for point in spec.points):
        kept = [at for at in kept if at != PHASE_COLUMN]
    return (
        [(spec.columns[at], 0 < at <= PHASE_COLUMN) for at in kept],
        [[(row[at], 0 < at <= PHASE_COLUMN) for at in kept] for row in body],
    )


def _table(request: Any, charts: Charted, line: Line, spec: ChartSpec) -> dict[str, Any]:
    facts = []
    if line.site is None and line.block.panel.periods:
        form = charts.found.card.format
        for fact in network_facts(charts):
            changes = [
                words % {"sites": names(charts, fact[key])}
                for key, words in (("joined", _("%(sites)s joined")), ("left", _("%(sites)s left")))
                if fact[key]
            ]
            facts.append(
                {
                    "label": period_text(fact["period"].start, charts.found.card.grain),
                    "reporting": fact["reporting"],
                    "mean": form.text(fact["mean"]) if fact["mean"] is not None else "",
                    "change": "; ".join(changes),
                }
            )
    heads, body = filled_columns(spec)
    return {
        "heads": heads,
        "rows": body,
        "excluded": _exclusions(request, charts, line),
        "facts": facts,
    }


def _method(charts: Charted, line: Line, spec: ChartSpec) -> dict[str, Any]:
    rules = RULE_SETS[charts.question.rule_set]
    points = line.points
    rate = rules.false_signal_rate(points) if points >= FEWEST else None
    return {
        "card_version": charts.found.version,
        "card_facts": card_facts(charts),
        "limits_from": limits_from(charts, line),
        "rules": rules,
        "false_words": _(
            "If nothing had changed, about %(share)s of 100 charts with %(points)s points would show a signal."
        )
        % {"share": f"{rate * 100:.2g}", "points": points}
        if rate is not None
        else "",
        "rule_choices": [(key, item.name) for key, item in RULE_SETS.items()],
        "problem": line.limits.problems.get((line.at,)),
        "note": line.limits.notes.get((line.at,)),
        "keep_in_mind": keep_in_mind(line),
    }


# -- what people may do here -------------------------------------------------------------------------------------------


def _note(request: Any, charts: Charted, whose: Site | None, line: Line) -> Done:
    form = NoteForm(request.POST)
    if not form.is_valid():
        return {"note_form": form}
    given = dict(form.cleaned_data)
    everywhere = given.pop("everywhere")
    services.annotation_add(
        by=request.user, network=request.network, measure=None if everywhere else charts.measure, site=whose, **given
    )
    return _("The note is on the chart.")


def _withdraw(request: Any, charts: Charted, whose: Site | None, line: Line) -> Done:
    notes = annotations_for(measure=charts.measure, site=whose)
    found = [note for note in notes if str(note.pk) == request.POST.get("note")]
    if not found:
        raise Http404
    services.annotation_withdraw(by=request.user, annotation=found[0])
    return _("The note is off the chart. The ledger keeps it.")


def _exclude(request: Any, charts: Charted, whose: Site | None, line: Line) -> Done:
    form = ExcludeForm(request.POST, periods=_shown(line))
    if not form.is_valid():
        return {"exclude_form": form}
    services.point_exclude(by=request.user, measure=charts.measure, site=whose, **form.cleaned_data)
    return _("The point is left out of the limits and marked on the chart.")


def _include(request: Any, charts: Charted, whose: Site | None, line: Line) -> Done:
    found = [item for item in line.exclusions if str(item.pk) == request.POST.get("exclusion")]
    if not found:
        raise Http404
    services.point_include(by=request.user, exclusion=found[0])
    return _("The point shapes the limits again.")


def _propose(request: Any, charts: Charted, whose: Site | None, line: Line) -> Done:
    form = ProposeForm(request.POST, periods=_shown(line))
    if not form.is_valid():
        return {"propose_form": form}
    services.phase_propose(by=request.user, measure=charts.measure, site=whose, **form.cleaned_data)
    return _("Proposed. The new average is drawn once someone with the right to decide accepts it.")


ACTS = {
    "note": (_note, Permission.CHART_ANNOTATE),
    "withdraw": (_withdraw, Permission.CHART_ANNOTATE),
    "exclude": (_exclude, Permission.PHASE_DECIDE),
    "include": (_include, Permission.PHASE_DECIDE),
    "propose": (_propose, Permission.PHASE_PROPOSE),
}


@require_POST
def act(request: Any, network: str, measure: str, act: str, site: str | None = None) -> HttpResponse:
    """Do what a form on the chart's page asks, and come back to the chart; a form with faults comes back as sent."""
    if act not in ACTS:
        raise Http404
    charts, whose, line = open_chart(request, measure, site)
    do, right = ACTS[act]
    require(request.user, right, network=request.network, site=whose)
    if line is None or not charts.openness.shows(whose):
        raise Http404
    done = do(request, charts, whose, line)
    if not isinstance(done, str):
        return _page(request, measure, site, "chart", forms=done)
    messages.success(request, done)
    return redirect(chart_url(charts, whose))
