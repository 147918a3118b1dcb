"""Typing in one case, which then goes the road of a file."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from allteach.errors import AllteachError, StateError
from allteach.intake import checks
from allteach.intake.findings import Severity
from allteach.intake.typed import of_rows
from allteach.web.sites.models import Site
from allteach.web.sites.selectors import site_for
from allteach.web.submissions import casebook, jobs, policies, selectors, services
from allteach.web.submissions.forms.cases import CaseForm, CasePlaceForm, can_be_filled, values_of
from allteach.web.submissions.models import CaseDraft, Submission, Table
from allteach.web.submissions.services.tables import no_key


def _place(request: Any, slug: str, code: str) -> tuple[Table, Site]:
    """Return table and site, where the person may send cases of this table."""
    table = selectors.table_for(user=request.user, network=request.network, slug=slug)
    site = site_for(user=request.user, network=request.network, code=code)
    policies.require_send(request.user, request.network, site)
    if not can_be_filled(selectors.read(table)):
        raise no_key(table)
    return table, site


@require_safe
def choose(request: Any, network: str) -> HttpResponse:
    """Ask for table and site; where there is one of each, go on."""
    sites, whole = selectors.sites_to_send_for(user=request.user, network=request.network)
    if not sites and not whole:
        policies.require_send(request.user, request.network, None)
    tables = casebook.tables_with_cases(user=request.user, network=request.network)
    form = CasePlaceForm(request.GET or None, tables=tables, sites=sites)
    if len(sites) == 1 and len(tables) == 1:
        return redirect("submissions:cases", network=network, slug=tables[0].slug, code=sites[0].code)
    if form.is_valid():
        said = form.cleaned_data
        return redirect("submissions:cases", network=network, slug=said["table"], code=said["site"])
    context = {"tables": tables, "form": form, "may_name": policies.may_name_columns(request.user, request.network)}
    return render(request, "submissions/case_choose.html", context)


@require_http_methods(["GET", "POST"])
def cases(request: Any, network: str, slug: str, code: str) -> HttpResponse:
    """List drafts, what was typed lately, and accepted cases; a search comes by POST, so that no address tells it."""
    table, site = _place(request, slug, code)
    said = selectors.read(table)
    find = request.POST.get("find", "").strip()
    context = {
        "table": table, "site": site, "columns": casebook.listed(said), "find": find,
        "drafts": casebook.drafts_of(user=request.user, table=table, site=site),
        "lately": casebook.typed_lately(user=request.user, table=table, site=site),
        "found": casebook.cases_of(user=request.user, table=table, site=site, find=find),
    }  # fmt: skip
    return render(request, "submissions/cases.html", context)


@require_http_methods(["GET", "POST"])
def case(request: Any, network: str, slug: str, code: str) -> HttpResponse:
    """Show the form of one case, and send it."""
    return _Page(request, *_place(request, slug, code)).answer()


@require_POST
def keep(request: Any, network: str, slug: str, code: str) -> HttpResponse:
    """Keep what has been typed and say which fields are asked for now; a page calls this while a person types."""
    page = _Page(request, *_place(request, slug, code))
    page.keep()
    return render(request, "submissions/_case_state.html", page.context())


@require_POST
def discard(request: Any, network: str, slug: str, code: str) -> HttpResponse:
    """Throw a begun case away."""
    table, site = _place(request, slug, code)
    draft = casebook.draft_for(user=request.user, table=table, site=site, pk=request.POST.get("draft", ""))
    if draft is not None:
        services.case_discard(by=request.user, draft=draft)
        messages.success(request, _("The begun case is thrown away."))
    return redirect("submissions:cases", network=network, slug=slug, code=code)


class _Page:
    """The form of one case in one request."""

    def __init__(self, request: Any, table: Table, site: Site) -> None:
        self.request, self.table, self.site = request, table, site
        self.said = selectors.read(table)
        given = request.POST if request.method == "POST" else request.GET
        user = request.user
        self.draft: CaseDraft | None = casebook.draft_for(
            user=user, table=table, site=site, pk=given.get("draft", "") if given.get("draft", "").isdigit() else ""
        )
        self.token = given.get("case", "")
        row = casebook.case_for(user=user, table=table, site=site, token=self.token) if self.token else None
        known = values_of(self.said, row) if row else dict(self.draft.values) if self.draft else {}
        posted = request.POST if request.method == "POST" else None
        self.form = CaseForm(posted, dictionary=self.said, known=known, fixed=self.said.key if row else ())
        self.kept_at = self.draft.changed_at if self.draft else None
        self.problem: AllteachError | None = None
        self.to_look_at = ""

    def keep(self) -> None:
        """Keep what has been typed as a draft. A correction of an accepted case is not kept."""
        if self.token:
            return
        values = self.form.texts()
        self.draft = services.case_keep(
            by=self.request.user, table=self.table, site=self.site, values=values, draft=self.draft
        )
        self.kept_at = self.draft.changed_at

    def answer(self) -> HttpResponse:
        """Return the page, or lead on when the case was sent."""
        if self.request.method == "POST":
            step = self.request.POST.get("step", "")
            try:
                if step == "keep":
                    self.keep()
                    where: dict[str, Any] = {"network": self.table.network.slug, "slug": self.table.slug}
                    messages.success(self.request, _("The case is kept as a draft. Nothing of it counts yet."))
                    return redirect("submissions:cases", code=self.site.code, **where)
                if self._is_good():
                    return self._send(accept=step == "accept")
            except StateError as error:
                self.problem = error
        status = 422 if self.problem or self.form.errors or self.to_look_at else 200
        return render(self.request, "submissions/case.html", self.context(), status=status)

    def _is_good(self) -> bool:
        """Check the case as a file is checked. What only wants a look stops it once."""
        form = self.form
        form.is_valid()
        raw = of_rows(form.header(), [form.row(self.site.code)])
        checked = checks.check(
            raw, self.said, sent_on=timezone.localdate(), sites=[self.site.code], site=self.site.code
        )
        form.take(found for found in checked.findings if found.code != "AT-I-012")
        looked_at = " ".join(sorted(found.code for found in form.warnings))
        if looked_at and self.request.POST.get("looked_at") != looked_at:
            self.to_look_at = looked_at
        stops = any(found.severity is not Severity.WARN for found in checked.findings)
        return not (stops or form.errors or self.to_look_at)

    def _send(self, *, accept: bool) -> HttpResponse:
        user = self.request.user
        where: dict[str, Any] = {"network": self.table.network.slug}
        body = self.form.as_file(self.site.code)
        receipt = services.case_send(by=user, table=self.table, site=self.site, body=body, draft=self.draft)
        submission = receipt.submission
        if receipt.again:
            return redirect("submissions:same", number=submission.number, **where)
        submission = jobs.check_now_or_later(by=user, submission=submission)
        if accept and submission.status == Submission.Status.CHECKED and policies.may_decide(user, submission):
            submission = jobs.accept_now_or_later(by=user, submission=submission)
        return redirect("submissions:file", number=submission.number, **where)

    def context(self) -> dict[str, Any]:
        """Return what the page shows."""
        stand_in = Submission(network=self.table.network, site=self.site)
        return {
            "table": self.table, "site": self.site, "said": self.said, "form": self.form, "lines": self.form.lines(),
            "draft": self.draft, "token": self.token, "kept_at": self.kept_at, "problem": self.problem,
            "to_look_at": self.to_look_at, "may_accept": policies.may_decide(self.request.user, stand_in),
        }  # fmt: skip
