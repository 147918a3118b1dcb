"""How good the data are: by site, by check, and what one submission changed."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from allteach.intake.quality import Aspect, Check, check_of
from allteach.web.people.permissions import may, may_somewhere, require
from allteach.web.people.roles import Permission
from allteach.web.quality import selectors, services
from allteach.web.quality.forms import LimitForm
from allteach.web.quality.jobs import check_now_or_later
from allteach.web.quality.models import Limit, Outcome
from allteach.web.quality.wording import ASPECTS, CONTEXTS, FULL, STATES, extent
from allteach.web.sites.models import Network
from allteach.web.sites.selectors import site_for
from allteach.web.submissions.selectors import tables_of

FEW = 8


@require_safe
def index(request: HttpRequest, network: str) -> HttpResponse:
    """Show every site that the person sees, side by side by aspect."""
    place: Network = request.network
    grid = selectors.grid_of(user=request.user, network=place)
    open_ = list(selectors.issues_of(user=request.user, network=place, only_open=True)[: FEW + 1])
    context = _common(request) | {
        "grid": grid,
        "aspects": [(ASPECTS[aspect], FULL[aspect]) for aspect in Aspect],
        "issues": [(issue, extent(issue)) for issue in open_[:FEW]],
        "more": len(open_) > FEW,
        "runs": selectors.runs_of(user=request.user, network=place),
        "heading": _heading(grid),
    }
    return render(request, "quality/index.html", context)


def _heading(grid: selectors.Grid) -> str:
    if not grid.any:
        return _("Nothing checked yet")
    n = sum(line.open for line in grid.lines)
    if not n:
        return _("No open issues with the data")
    sites = sum(1 for line in grid.lines if line.open)
    issues = ngettext("%(n)d open issue", "%(n)d open issues", n) % {"n": n}
    return ngettext("%(issues)s at one site", "%(issues)s at %(sites)d sites", sites) % {
        "issues": issues, "sites": sites,
    }  # fmt: skip


def _common(request: Any) -> dict[str, Any]:
    """Return what the pages of this room share: tabs, and who may do what."""
    place, user = request.network, request.user
    asks = may(user, Permission.QUERY_ASK, network=place)
    works = may_somewhere(user, Permission.QUALITY_WORK, network=place)
    tables = tables_of(user=user, network=place) if asks else []
    return {"asks": asks, "works": works, "states": STATES, "tables": tables}


@require_safe
def matrix(request: HttpRequest, network: str) -> HttpResponse:
    """Show every check at every site that the person sees."""
    grid = selectors.grid_of(user=request.user, network=request.network)
    groups: list[tuple[Any, list[Any]]] = []
    for check, cells in grid.rows:
        if not groups or groups[-1][0] != FULL[check.aspect]:
            groups.append((FULL[check.aspect], []))
        groups[-1][1].append((check, list(zip(grid.sites, cells, strict=True))))
    return render(request, "quality/matrix.html", _common(request) | {"grid": grid, "groups": groups})


@require_safe
def check(request: HttpRequest, network: str, slug: str) -> HttpResponse:
    """Show one check: its question, where it comes from, and what it found."""
    return _check_page(request, _known(slug))


def _known(slug: str) -> Check:
    try:
        return check_of(slug)
    except KeyError:
        raise Http404 from None


def _check_page(request: Any, kind: Check, form: LimitForm | None = None) -> HttpResponse:
    place: Network = request.network
    found = selectors.latest_of(user=request.user, network=place, check_name=kind.id)
    own = Limit.objects.filter(network=place, check_name=kind.id).first()
    limit = own or kind.limit
    initial = {"warn": round(limit.warn * 100, 4), "fail": round(limit.fail * 100, 4)}
    context = _common(request) | {
        "kind": kind,
        "aspect": FULL[kind.aspect],
        "context": CONTEXTS[kind.context],
        "limit": initial,
        "own": own,
        "rows": [(row, extent(row)) for row in found if row.status != "pass"],
        "passed": sum(1 for row in found if row.status == "pass"),
        "form": form or LimitForm(initial=initial),
    }
    return render(request, "quality/check.html", context, status=422 if form else 200)


@require_POST
def limits(request: HttpRequest, network: str, slug: str) -> HttpResponse:
    """Set the network's own limits of a check."""
    place: Network = request.network
    require(request.user, Permission.QUERY_ASK, network=place)
    kind, form = _known(slug), LimitForm(request.POST)
    if not form.is_valid():
        return _check_page(request, kind, form)
    given = form.cleaned_data
    services.limit_set(
        by=request.user, network=place, check_name=kind.id, warn=given["warn"] / 100, fail=given["fail"] / 100
    )
    messages.success(request, _("Kept. The limits hold from the next check on."))
    return redirect("quality:check", network=place.slug, slug=slug)


@require_safe
def site(request: HttpRequest, network: str, code: str) -> HttpResponse:
    """Show one site: its issues, its queries, and what was checked."""
    place: Network = request.network
    found = site_for(user=request.user, network=place, code=code)
    require(request.user, Permission.QUALITY_VIEW, network=place, site=found)
    issues = list(selectors.issues_of(user=request.user, network=place, site=found))
    rows = selectors.latest_of(user=request.user, network=place, site=found)
    counted = {
        aspect: {state: sum(1 for row in rows if _of(row) is aspect and row.status == state)
                 for state in ("fail", "warn", "pass")}
        for aspect in Aspect
    }  # fmt: skip
    context = _common(request) | {
        "site": found,
        "open": [(issue, extent(issue)) for issue in issues if issue.is_open],
        "accepted": [(issue, extent(issue)) for issue in issues if issue.status == "accepted"],
        "fixed": [(issue, extent(issue)) for issue in issues if issue.status == "fixed"][:FEW],
        "counted": [(FULL[aspect], counts) for aspect, counts in counted.items() if any(counts.values())],
        "any": bool(rows),
    }
    return render(request, "quality/site.html", context)


def _of(row: Outcome) -> Aspect:
    return row.check_kind.aspect


@require_safe
def run(request: HttpRequest, network: str, pk: int) -> HttpResponse:
    """Show what one submission changed: issues that are new, still there, resolved."""
    found = selectors.run_for(user=request.user, network=request.network, pk=pk)
    delta = selectors.delta_of(user=request.user, run=found)
    titles = {"new": _("New"), "persisting": _("Still there"), "resolved": _("Resolved")}
    context = _common(request) | {
        "run": found,
        "counts": [(titles[key], len(rows)) for key, rows in delta.items()],
        "parts": [(titles[key], [(row, extent(row)) for row in rows]) for key, rows in delta.items() if rows],
    }
    return render(request, "quality/run.html", context)


@require_POST
def run_now(request: HttpRequest, network: str) -> HttpResponse:
    """Check every table again."""
    place: Network = request.network
    require(request.user, Permission.QUERY_ASK, network=place)
    for table in tables_of(user=request.user, network=place):
        check_now_or_later(by=request.user, network=place, table_slug=table.slug)
    messages.success(request, _("Every table is checked again; large ones in the background."))
    return redirect("quality:index", network=place.slug)
