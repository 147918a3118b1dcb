"""Pages of frozen reports: freeze, look at what one rests on, work it out again, take it away."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from allteach.errors import AllteachError, StateError
from allteach.web.measuring import services
from allteach.web.measuring.forms import FreezeForm, explained
from allteach.web.measuring.freezing import again, frozen_report, frozen_reports
from allteach.web.measuring.views.pages import status_of


@require_http_methods(["GET", "POST"])
def index(request: Any, network: str) -> HttpResponse:
    """List frozen reports, and freeze one."""
    reports = frozen_reports(user=request.user, network=request.network)
    form = FreezeForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            made = services.freeze(by=request.user, network=request.network, **form.cleaned_data)
            messages.success(request, _("The numbers are frozen. They can be worked out again at any time."))
            return redirect("measuring:frozen", network=network, number=made.number)
        except AllteachError as error:
            form.add_error(None, explained(error))
    return render(request, "measuring/frozen_list.html", {"reports": reports, "form": form}, status=status_of(form))


@require_http_methods(["GET", "POST"])
def report(request: Any, network: str, number: int) -> HttpResponse:
    """Show what a frozen report rests on; sent, it is worked out again and compared."""
    found = frozen_report(user=request.user, network=request.network, number=number)
    context: dict[str, Any] = {"report": found}
    if request.method == "POST":
        try:
            context["again"] = again(user=request.user, report=found)
        except AllteachError as error:
            context["error"] = error
    return render(request, "measuring/frozen.html", context)


@require_safe
def content(request: Any, network: str, number: int) -> HttpResponse:
    """Send a frozen report, worked out again; refused when the bytes are not the ones that were frozen."""
    found = frozen_report(user=request.user, network=request.network, number=number)
    made = again(user=request.user, report=found)
    if not made.same:
        raise StateError(
            "AT-T-072",
            _("Worked out again, the report has other bytes than those that were frozen."),
            where=_("frozen report %(number)s") % {"number": number},
            expected=found.digest,
            do=_("Tell the people who run this server: the engine or the machine adds up differently."),
        )
    response = HttpResponse(made.content, content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{network}-frozen-{number}.csv"'
    response["Cache-Control"] = "private, no-store"
    return response
