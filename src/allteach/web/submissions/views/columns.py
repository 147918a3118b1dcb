"""Naming the columns of a file: one page from texts to table, measures and sites."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from allteach.errors import AllteachError, IntakeError, StateError
from allteach.intake.contract import TableDictionary
from allteach.web.submissions import jobs, naming, policies, selectors, services
from allteach.web.submissions.forms.columns import ColumnsForm, initial_answers, table_title
from allteach.web.submissions.forms.measures import MeasureForm, measure_forms
from allteach.web.submissions.models import Submission

Status = Submission.Status


@require_http_methods(["GET", "POST"])
def columns(request: Any, network: str, number: int) -> HttpResponse:
    """Show what the file seems to hold, and take the person's answers."""
    submission = selectors.submission_for(user=request.user, network=request.network, number=number)
    policies.require_naming(request.user, submission.network)
    if submission.status not in (Status.RECEIVED, Status.CHECKED):
        raise StateError(
            "AT-T-033",
            _("The columns of a file that is decided cannot be named again."),
            where=_("submission %(number)d") % {"number": submission.number},
            do=_("Send the file again to name its columns differently."),
        )
    try:
        look = naming.look(
            submission, request.POST.get("sheet") or request.GET.get("sheet") or "", limit=naming.FIRST_LOOK
        )
    except IntakeError as error:
        if error.code in ("AT-I-120", "AT-I-121", "AT-I-122"):  # resources that another view may read
            return redirect("submissions:file_view", network=network, number=number)
        services.refuse(by=request.user, submission=submission, error=error)
        return redirect("submissions:file", network=network, number=number)
    page = _Page(request, submission, look)
    if request.method == "POST" and request.POST.get("action") == "check" and page.is_valid():
        try:
            return page.finish()
        except AllteachError as error:
            page.problem = error
    return page.render()


class _Page:
    """The naming page in one request: form, proposals, sites."""

    def __init__(self, request: Any, submission: Submission, look: naming.Look) -> None:
        self.request, self.submission, self.look = request, submission, look
        self.problem: AllteachError | None = None
        posted = request.POST if request.method == "POST" else None
        title = submission.table.name if submission.table else table_title(submission.file_name)
        self.form = ColumnsForm(
            posted, profile=look.profile, samples=look.samples(), title=title, has_site=submission.site is not None
        )
        self.measures: list[MeasureForm] = []
        self.sites: list[Any] = []
        self.dictionary: TableDictionary | None = None
        self._propose(posted)

    def _propose(self, posted: Any) -> None:
        """Work out table, measures and sites from the answers so far."""
        if posted is None:
            initial = ColumnsForm(
                initial_answers(self.form),
                profile=self.look.profile,
                samples={},
                title="",
                has_site=self.submission.site is not None,
            )
            answered = initial
        else:
            answered = self.form
        if not answered.is_valid():
            return
        slug = self.submission.table.slug if self.submission.table else ""
        try:
            self.dictionary = naming.with_key(answered.dictionary(slug), self.look.raw)
            found = naming.proposals(self.look, self.dictionary)
        except AllteachError as error:
            self.problem = error
            return
        self.measures = measure_forms(found, self.dictionary, posted)
        one_site = answered.cleaned_data.get("one_site") or ""
        self.sites = naming.new_sites(self.submission, self.look.raw, self.dictionary, one_site)

    def is_valid(self) -> bool:
        """Return whether everything was answered, measures seen included."""
        if not self.form.is_valid() or self.dictionary is None or self.problem is not None:
            return False
        seen = all(form.is_bound for form in self.measures)
        return seen and all(form.is_valid() for form in self.measures)

    def finish(self) -> HttpResponse:
        """Write the answers down, check the file and lead to its page."""
        assert self.dictionary is not None
        user, posted = self.request.user, self.request.POST
        may_add = policies.may_add_sites(user, self.submission.network)
        answers = naming.Answers(
            self.dictionary,
            [card for form in self.measures for card in form.cards()],
            self.sites if may_add and posted.get("add_sites") else (),
            self.form.cleaned_data.get("one_site") or "",
            self.look.raw.sheet if len(self.look.raw.sheets) > 1 else "",
            self.look.view.source if self.look.view else "",
        )
        submission = naming.describe(by=user, submission=self.submission, answers=answers)
        jobs.check_now_or_later(by=user, submission=submission)
        return redirect("submissions:file", network=submission.network.slug, number=submission.number)

    def render(self) -> HttpResponse:
        """Show the page."""
        posted = self.request.method == "POST"
        asked = posted and self.request.POST.get("action") == "check"
        unseen = asked and self.form.is_valid() and any(not form.is_bound for form in self.measures)
        wrong = asked and (self.problem is not None or not self.form.is_valid() or any(f.errors for f in self.measures))
        context = {
            "submission": self.submission,
            "raw": self.look.raw,
            "profile": self.look.profile,
            "first_rows": self.look.first_rows(),
            "form": self.form,
            "show_errors": asked,
            "measures": self.measures,
            "sites": self.sites,
            "may_add_sites": policies.may_add_sites(self.request.user, self.submission.network),
            "add_sites": not self.request.POST.get("sites_seen") or bool(self.request.POST.get("add_sites")),
            "problem": self.problem,
            "unseen": unseen,
        }
        return render(self.request, "submissions/columns.html", context, status=422 if wrong else 200)
