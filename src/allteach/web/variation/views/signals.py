"""Signals for you: few, in order of evidence, with what chance alone would show."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from allteach.web.variation.budget import budget_text
from allteach.web.variation.drawing import spark_of
from allteach.web.variation.selectors.digest import Signal, digest, rule_name
from allteach.web.variation.wording import period_text, variation_word


def page(request: Any, network: str) -> HttpResponse:
    """Show the few signals this person should look at first."""
    found = digest(user=request.user, network=request.network)
    return render(
        request,
        "variation/signals.html",
        {
            "found": found,
            "signals": [_entry(request, signal) for signal in found.signals],
            "budget": budget_text(found.false_signals, page=False),
            "naming_notice": " ".join(sorted({signal.naming.notice for signal in found.signals} - {""})),
        },
    )


def _entry(request: Any, signal: Signal) -> dict[str, Any]:
    row, naming = signal.standing, signal.naming
    place = {"network": request.network.slug, "measure": signal.measure.slug}
    if signal.site is None:
        url = reverse("variation:network_chart", kwargs=place)
    else:
        url = reverse("variation:chart", kwargs=place | {"site": naming.key(signal.site)})
    shows = naming.counted is None or not row.small or (signal.site is not None and signal.site.pk in naming.counted)
    levels = ""
    if shows and row.before is not None and row.after is not None:
        levels = _("from %(before)s to %(after)s") % {
            "before": signal.format.text(row.before), "after": signal.format.text(row.after)
        }  # fmt: skip
    word = variation_word(row.variation, row.side)
    return {
        "url": url,
        "measure": signal.measure.title,
        "subject": naming.name(signal.site) if signal.site is not None else _("All sites together"),
        "kind": row.variation,
        "side": row.side or 1,
        "word": word.full,
        "since": period_text(row.since, signal.grain),
        "levels": levels,
        "also": _also(signal),
        "rule": rule_name(signal),
        "spark": spark_of(row) if shows else "",
    }


def _also(signal: Signal) -> str:
    """Return how many other sites say the same."""
    if not signal.also:
        return ""
    if signal.site is None:
        words = ngettext("%(n)s site shows it", "%(n)s sites show it", signal.also)
    else:
        words = ngettext("and %(n)s other site", "and %(n)s other sites", signal.also)
    return words % {"n": signal.also}
