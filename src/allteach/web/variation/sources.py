"""Where the numbers of one chart come from, and what was corrected since they were published."""

from __future__ import annotations

from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from allteach.units import Grain
from allteach.web.measuring.cards import card_of
from allteach.web.measuring.panels import MeasurePanel
from allteach.web.measuring.provenance import corrections_of, rests_on
from allteach.web.people.permissions import may
from allteach.web.people.roles import Permission
from allteach.web.sites.models import Site
from allteach.web.variation.selectors.charts import Charted
from allteach.web.variation.wording import period_text


def sources_of(user: Any, charts: Charted, site: Site | None) -> dict[str, Any]:
    """Return what the numbers rest on, by version: card, dictionary, submissions, engine, code and time.

    Names of files are for those who see rows; everybody else reads number, day and hash.
    """
    asked, found = charts.question.asked, charts.found
    rests = rests_on(
        user=user, network=charts.network, version=found.version, site=_named(charts, site), as_known=asked.as_known
    )
    return {
        "rests": rests.computation,
        "submissions": rests.submissions,
        "sees_rows": may(user, Permission.ROW_VIEW, network=charts.network, site=site),
        "table": card_of(found.version).table,
        "versions": _versions(found),
        "asked": asked,
    }


def _named(charts: Charted, site: Site | None) -> Site | None:
    """Return the site whose submissions are listed; of a site that is not named only the whole network's are told."""
    return site if site is not None and charts.naming.is_named(site) else None


def _versions(found: MeasurePanel) -> list[dict[str, Any]]:
    """Return the versions that a chart is made of, and from when each counts."""
    if not found.breaks:
        return []
    first = [{"number": found.breaks[0].before, "start": None, "reason": ""}]
    return first + [{"number": item.number, "start": item.start, "reason": item.reason} for item in found.breaks]


def corrected_in(user: Any, charts: Charted, site: Site | None) -> list[str]:
    """Return in words which published points of a chart later files moved, newest first."""
    found = corrections_of(
        user=user, measure=charts.measure, version=charts.found.version, naming=charts.naming, site=site
    )
    at_site, anywhere = _("%(period)s was %(was)s until %(day)s"), _("%(site)s, %(period)s was %(was)s until %(day)s")
    said = []
    for item in found:
        facts = {
            "period": period_text(item.period, charts.found.card.grain),
            "was": item.was,
            "day": period_text(timezone.localdate(item.until), Grain.DAY),
            "site": charts.naming.name(item.site),
        }
        said.append((at_site if site else anywhere) % facts)
    return said
