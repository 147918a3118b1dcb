"""New averages: what is proposed, what was decided and why."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from allteach.charts.svg import draw
from allteach.web.measuring.cards import card_of
from allteach.web.measuring.models import Measure
from allteach.web.measuring.selectors import current_version, measure_for, measures_of
from allteach.web.people.permissions import site_ids_where
from allteach.web.people.roles import Permission
from allteach.web.sites.naming import naming_for
from allteach.web.sites.selectors import sites_for
from allteach.web.variation import services
from allteach.web.variation.asked import Asked
from allteach.web.variation.forms import DecideForm, DecideManyForm
from allteach.web.variation.models import Phase
from allteach.web.variation.presenting import spec_of
from allteach.web.variation.selectors.charts import annotations_for, charted
from allteach.web.variation.selectors.queue import (
    evidence_of,
    notes_near,
    phase_for,
    phases_among,
    phases_of,
    require_decider,
    strength,
)
from allteach.web.variation.texts import Blackout
from allteach.web.variation.wording import period_text


def queue(request: Any, network: str) -> HttpResponse:
    """Show the phases that wait, the strongest first, and the decisions taken; decide on several of a measure."""
    given: dict[int, DecideManyForm] = {}
    if request.method == "POST":
        require_decider(user=request.user, network=request.network)
        measure = measure_for(user=request.user, network=request.network, slug=request.POST.get("measure", ""))
        form = _many(request.POST, measure)
        if form.is_valid() and _decided(request, measure, form):
            return redirect("variation:phases", network=request.network.slug)
        given[measure.pk] = form
    return render(request, "variation/phases.html", _queue(request, given), status=422 if given else 200)


def _many(data: Any, measure: Measure) -> DecideManyForm:
    return DecideManyForm(data, auto_id=f"id_{measure.slug}_%s")


def _decided(request: Any, measure: Measure, form: DecideManyForm) -> bool:
    """Take the decision about the charts chosen; False, with the fault on the form, when none was."""
    given = form.cleaned_data
    ticked = [int(text) for text in request.POST.getlist("phase") if text.isascii() and text.isdigit()]
    chosen = phases_among(
        user=request.user,
        network=request.network,
        measure=measure,
        numbers=None if given["which"] == "all" else ticked,
    )
    if not chosen:
        form.add_error("which", _("Tick the charts that you decide on, or choose all of them."))
        return False
    decision = services.Decision(given["decision"] == "accept", given["cause"], given["reason"])
    n = len(services.phases_decide(by=request.user, phases=chosen, decision=decision))
    said = ngettext(
        "Decided on %(n)s chart. The chart and the ledger keep your reason.",
        "Decided on %(n)s charts. The charts and the ledger keep your reason.",
        n,
    )
    messages.success(request, said % {"n": n})
    return True


def _queue(request: Any, given: dict[int, DecideManyForm]) -> dict[str, Any]:
    """Return what the page shows; `given` holds a form that was sent with a fault, by measure."""
    waiting, before = phases_of(user=request.user, network=request.network)
    sites = list(sites_for(user=request.user, network=request.network))
    mine = site_ids_where(request.user, Permission.PHASE_DECIDE, network=request.network)
    grains = {}
    for measure in measures_of(user=request.user, network=request.network):
        version = current_version(measure)
        if version is not None:
            grains[measure.pk] = card_of(version).grain
    eyes: dict[int, Blackout] = {}

    def entry(phase: Phase) -> dict[str, Any]:
        if phase.measure_id not in eyes:
            naming = naming_for(user=request.user, network=request.network, measure=phase.measure)
            eyes[phase.measure_id] = Blackout(naming, sites)
        blackout = eyes[phase.measure_id]
        return _entry(request, phase, blackout, grains) | {"mine": mine is None or phase.site_id in mine}

    seen = evidence_of(waiting, network=request.network)
    groups = _grouped([entry(phase) | {"strong": phase.pk in seen.strong} for phase in waiting])
    for group in groups:
        if group["mine"] > 1:
            group["form"] = given.get(group["about"].pk) or _many(None, group["about"])
        group["open"] = group["about"].pk in given or (not given and group is groups[0])
    return {
        "waiting": len(waiting),
        "measures": len(groups),
        "evidence": seen,
        "by_chance": f"{seen.by_chance:.0f}" if seen.by_chance >= 1 else "",
        "groups": groups,
        "faulty": next(iter(given.values()), None),
        "before": [entry(phase) for phase in before],
        "naming_notice": " ".join(sorted({blackout.naming.notice for blackout in eyes.values()} - {""})),
    }


def _entry(request: Any, phase: Phase, blackout: Blackout, grains: dict[int, Any]) -> dict[str, Any]:
    naming = blackout.naming
    place = {"network": request.network.slug, "measure": phase.measure.slug}
    if phase.site is None:
        address = reverse("variation:network_chart", kwargs=place)
    else:
        address = reverse("variation:chart", kwargs=place | {"site": naming.key(phase.site)})
    grain = grains.get(phase.measure_id)
    return {
        "phase": phase,
        "measure": phase.measure.title,
        "subject": naming.name(phase.site) if phase.site is not None else _("All sites together"),
        "from": period_text(phase.start, grain) if grain is not None else period_text(phase.start),
        "url": f"{address}?phases={phase.start.isoformat()}" if phase.status == Phase.Status.PROPOSED else address,
        "seen": blackout.text(str(phase.proposal.get("note") or seen_words(phase)), phase.site)
        if phase.proposed_by_id
        else seen_words(phase),
        "by": blackout.person(str(phase.proposed_by), phase.site) if phase.proposed_by else _("the software"),
        "reason": blackout.text(phase.reason, phase.site),
        "decider": blackout.person(str(phase.decided_by), phase.site) if phase.decided_by else "",
        "history": [
            _("%(status)s on %(day)s: %(reason)s")
            % {
                "status": Phase.Status(item["status"]).label,
                "day": item["at"][:10],
                "reason": blackout.text(item["reason"], phase.site),
            }
            for item in phase.history
        ],
    }


def _grouped(entries: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return proposals by measure, what to look at first in front.

    First come measures with charts that this person may decide on, then those where the network line moved, then those
    with the strongest evidence. Inside a measure the network line is first, then strong evidence, then names.
    """
    groups: dict[int, list[dict[str, Any]]] = {}
    ordered = sorted(
        entries, key=lambda item: (item["phase"].site_id is not None, not item["strong"], item["subject"].casefold())
    )
    for item in ordered:
        groups.setdefault(item["phase"].measure_id, []).append(item)
    found = [
        {
            "about": items[0]["phase"].measure,
            "measure": items[0]["measure"],
            "items": items,
            "mine": sum(1 for item in items if item["mine"]),
            "strong": sum(1 for item in items if item["strong"]),
            "line": items[0]["phase"].site_id is None,
            "most": max(strength(item["phase"]) for item in items),
        }
        for items in groups.values()
    ]
    return sorted(
        found,
        key=lambda group: (
            not group["mine"], not group["strong"], not group["line"], -group["most"], group["about"].order,
        ),
    )  # fmt: skip


def seen_words(phase: Phase) -> str:
    """Return what the software saw, without numbers that a reader may not be shown."""
    run, side = phase.proposal.get("run"), phase.proposal.get("side", 0)
    if not run:
        return ""
    words = (
        _("%(n)s points in a row above the old average")
        if side > 0
        else _("%(n)s points in a row below the old average")
    )
    said = words % {"n": run}
    return _("%(what)s, still few") % {"what": said} if phase.proposal.get("provisional") else said


def decide(request: Any, network: str, number: int) -> HttpResponse:
    """Show a proposal with and without its new average, and take the decision."""
    phase = phase_for(user=request.user, network=request.network, number=number)
    notes = list(notes_near(phase))
    choices = [(str(note.pk), f"{note.on:%d.%m.%Y} {note.get_kind_display()}: {note.text}"[:120]) for note in notes]
    form = DecideForm(request.POST or None, notes=choices)
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        linked = next((note for note in notes if str(note.pk) == given["linked"]), None)
        decision = services.Decision(given["decision"] == "accept", given["cause"], given["reason"], linked)
        services.phase_decide(by=request.user, phase=phase, decision=decision)
        messages.success(request, _("Decided. The chart and the ledger keep your reason."))
        return redirect("variation:phases", network=request.network.slug)
    before = charted(user=request.user, network=request.network, measure=phase.measure)
    after = charted(user=request.user, network=request.network, measure=phase.measure, asked=Asked(start=phase.start))
    if before is None or after is None:
        raise Http404
    if not before.openness.shows(phase.site):
        raise Http404
    pictures = []
    for label, charts in ((_("As it is now"), before), (_("With the new average"), after)):
        line = charts.line(phase.site)
        if line is None:
            raise Http404
        spec = spec_of(charts, line, notes=annotations_for(measure=phase.measure, site=phase.site))
        pictures.append(
            {"label": label, "svg": draw(spec, "page"), "narrow": draw(spec, "narrow"), "title": spec.title}
        )
    context = {
        "phase": phase,
        "form": form,
        "pictures": pictures,
        "measure": phase.measure,
        "subject": before.naming.name(phase.site) if phase.site is not None else _("All sites together"),
        "from": period_text(phase.start, before.found.card.grain),
        "seen": phase.proposal.get("note") or seen_words(phase),
        "naming_notice": before.naming.notice,
    }
    return render(request, "variation/phase.html", context, status=422 if form.errors else 200)
