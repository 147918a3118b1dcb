"""What an address asks of a chart: every state of a page can be mailed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any
from urllib.parse import urlencode

from allteach.stats.charts import KINDS
from allteach.stats.signals import RULE_SETS


@dataclass(frozen=True, slots=True)
class Asked:
    """How a chart is wanted; empty parts mean what the measure itself says.

    Args:
        rules: Key of a rule set.
        until: First day of the last period to show.
        baseline: Limits from the first so many points.
        phases: False draws one set of limits throughout.
        start: Shows the limits that a new phase from this day would have.
        kind: Chart kind other than the measure's own.
        stratum: Only this part of the patients.
        as_known: As known at the end of this day.
        version: All periods counted by this version of the measure.
        both: The other version is drawn beside, where the definition changed.
    """

    rules: str = ""
    until: date | None = None
    baseline: int | None = None
    phases: bool = True
    start: date | None = None
    kind: str = ""
    stratum: str = ""
    as_known: date | None = None
    version: int | None = None
    both: bool = False

    @property
    def another_state(self) -> bool:
        """Whether numbers are asked for that can be set against those that everybody sees."""
        return bool(self.as_known or self.version or self.both)

    @property
    def query(self) -> str:
        """The address part that brings this state back, with its question mark; empty for the usual state."""
        parts: dict[str, Any] = {}
        if self.rules:
            parts["rules"] = self.rules
        if self.until:
            parts["until"] = self.until.isoformat()
        if self.baseline:
            parts["baseline"] = self.baseline
        if not self.phases:
            parts["phases"] = "none"
        elif self.start:
            parts["phases"] = self.start.isoformat()
        if self.kind:
            parts["kind"] = self.kind
        if self.stratum:
            parts["stratum"] = self.stratum
        if self.as_known:
            parts["as_known"] = self.as_known.isoformat()
        if self.both:
            parts["version"] = "both"
        elif self.version:
            parts["version"] = self.version
        return f"?{urlencode(parts)}" if parts else ""

    @property
    def unusual(self) -> bool:
        """Whether the chart differs from what the network agreed on."""
        return bool(self.query)


def asked_of(query: Any) -> Asked:
    """Return what a query string asks for; what makes no sense is left out, so that old addresses keep working."""
    phases = query.get("phases", "")
    baseline = query.get("baseline", "")
    return Asked(
        rules=query.get("rules", "") if query.get("rules", "") in RULE_SETS else "",
        until=_day(query.get("until", "")),
        baseline=int(baseline) if baseline.isascii() and baseline.isdigit() and 2 <= int(baseline[:4]) <= 500 else None,
        phases=phases != "none",
        start=_day(phases),
        kind=query.get("kind", "") if query.get("kind", "") in KINDS else "",
        stratum=query.get("stratum", "")[:80],
        as_known=_day(query.get("as_known", "")),
        version=_number(query.get("version", "")),
        both=query.get("version", "") == "both",
    )


def _number(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and 1 <= len(text) <= 4 else None


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text if len(text) != 7 else f"{text}-01")
    except ValueError:
        return None
