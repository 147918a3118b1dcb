"""Results home: every measure of the network, and every measure at every site."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from allteach.stats.signals import RULE_SETS
from allteach.units import Unit
from allteach.web.measuring.models import Measure
from allteach.web.variation.asked import asked_of
from allteach.web.variation.budget import budget_text
from allteach.web.variation.drawing import LEGEND, grid_body, spark_of, symbols
from allteach.web.variation.headlines import matrix_headline
from allteach.web.variation.selectors.matrix import Matrix, Row, matrix
from allteach.web.variation.wording import CHANGED, assurance_word, period_text, variation_word


def index(request: HttpRequest, network: str) -> HttpResponse:
    """Show the matrix, for all measures or one kind, or only what changed."""
    kind = request.GET.get("kind", "")
    if kind not in Measure.Kind.values:
        kind = ""
    changed = request.GET.get("changed") == "1"
    as_known = asked_of(request.GET).as_known
    found = matrix(user=request.user, network=request.network, kind=kind, changed=changed, as_known=as_known)
    query = f"?as_known={as_known.isoformat()}" if as_known else ""
    notices = {grid.naming.notice for grid in found.grids} - {""}
    context = {
        "found": found,
        "headline": matrix_headline(found),
        "sub": freshness(found, request.network),
        "lines": [_line(row) for row in found.rows],
        "grids": [{"grid": grid, "body": grid_body(grid, query), "number": i} for i, grid in enumerate(found.grids)],
        "symbols": symbols(),
        "legend": [(variation_word(answer), icons) for answer, icons in LEGEND],
        "kind": kind,
        "changed": changed,
        "kinds": [(key, Measure.Kind(key).label) for key in found.kinds],
        "cards": _cards(found),
        "unjudged": [
            _("%(measure)s, %(charts)s: %(why)s")
            % {
                "measure": title,
                "charts": ngettext("%(n)s site", "%(n)s sites", number) % {"n": number},
                "why": _(why),
            }
            for title, why, number in found.unjudged
        ],
        "as_known": as_known,
        "query": query,
        "naming_notice": " ".join(sorted(notices)),
    }
    return render(request, "variation/matrix.html", context)


def freshness(found: Matrix, network: Any) -> str:
    """Return how old the data are, by which rules the page is read, and what chance alone would show."""
    parts = [network.name, ngettext("%(n)s site", "%(n)s sites", found.sites) % {"n": found.sites}]
    if found.until is not None:
        age = _("data to %(period)s") % {"period": period_text(found.until, found.grain)}
        if found.late:
            age += ", " + ngettext("%(n)s site late", "%(n)s sites late", found.late) % {"n": found.late}
        parts.append(age)
    rules = " + ".join(RULE_SETS[key].name for key in found.rule_sets if key in RULE_SETS)
    if rules:
        parts.append(f"{rules}, {budget_text(found.false_signals)}")
    return " · ".join(parts)


def _line(row: Row) -> dict[str, Any]:
    """Return one line of the network table as the template shows it."""
    line = row.line
    if line is None:
        return {"row": row, "word": variation_word("none"), "side": 1, "kind": "none", "latest": "", "assurance": ""}
    word = variation_word(line.variation, line.side, row.direction)
    since = period_text(line.since, row.grain) if line.variation in CHANGED or line.side else ""
    return {
        "row": row,
        "kind": line.variation,
        "side": line.side or 1,
        "word": _("%(word)s since %(since)s") % {"word": word.full, "since": since} if since else word.full,
        "assurance": assurance_word(line.assurance, balancing=row.measure.kind == Measure.Kind.BALANCING),
        "assurance_key": line.assurance,
        "spark": spark_of(line) if row.open else "",
        "latest": latest_text(row),
        "unit": row.format.axis if row.format.unit is Unit.RATE else "",
    }


def latest_text(row: Row) -> str:
    """Return the latest value with its denominator and the aim, or why it is withheld."""
    line = row.line
    if line is None or line.value is None:
        return ""
    if not row.open:
        return _("withheld: counts below %(least)s") % {"least": row.naming.small_count}
    parts = [row.format.text(line.value)]
    if line.denominator:
        of = {"part": f"{line.numerator:,.0f}" if line.numerator is not None else "", "all": f"{line.denominator:,.0f}"}
        parts.append(_("%(part)s of %(all)s") % of if of["part"] else _("n = %(all)s") % of)
    if row.measure.target is not None:
        parts.append(_("aim %(aim)s") % {"aim": row.format.text(row.measure.target)})
    return " · ".join(part.replace(" ", "\N{NO-BREAK SPACE}") for part in parts)


def _cards(found: Matrix) -> list[dict[str, Any]]:
    """Return the four numbers above the table."""
    lines = [row.line for row in found.rows if row.line is not None]
    better = sum(1 for row in found.rows if row.line and (row.line.variation == "improving" or row.settled == "better"))
    worse = sum(1 for line in lines if line.variation == "concerning")
    meets = sum(1 for line in lines if line.assurance == "meets")
    aims = sum(1 for line in lines if line.assurance not in ("no_target", ""))
    of = {"all": len(found.rows)}
    return [
        {"label": _("Better than before"), "value": better, "note": _("of %(all)s measures") % of},
        {"label": _("Got worse"), "value": worse, "note": _("of %(all)s measures") % of},
        {"label": _("Meet their aim every time"), "value": meets, "note": _("of %(all)s with an aim") % {"all": aims}},
        {
            "label": _("New averages proposed"),
            "value": found.waiting,
            "note": _("wait for your decision") if found.waiting else _("nothing waits for you"),
            "link": "variation:phases",
        },
    ]
