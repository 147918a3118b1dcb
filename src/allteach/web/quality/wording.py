"""Words for aspects and states. One place, translatable."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from allteach.intake.quality import Aspect, Context
from allteach.web.quality.models import Outcome

ASPECTS = {
    Aspect.VALUE: gettext_lazy("Values"),
    Aspect.RELATION: gettext_lazy("Keys"),
    Aspect.COMPUTATION: gettext_lazy("Sums"),
    Aspect.COMPLETENESS: gettext_lazy("Complete"),
    Aspect.ATEMPORAL: gettext_lazy("Believable"),
    Aspect.TEMPORAL: gettext_lazy("In time"),
    Aspect.UNIQUENESS: gettext_lazy("Once"),
    Aspect.PERSISTENCE: gettext_lazy("As before"),
    Aspect.TIMELINESS: gettext_lazy("On time"),
}
FULL = {
    Aspect.VALUE: gettext_lazy("Conformance of values"),
    Aspect.RELATION: gettext_lazy("Conformance of keys and relations"),
    Aspect.COMPUTATION: gettext_lazy("Conformance of sums"),
    Aspect.COMPLETENESS: gettext_lazy("Completeness"),
    Aspect.ATEMPORAL: gettext_lazy("Plausibility of values"),
    Aspect.TEMPORAL: gettext_lazy("Plausibility in time"),
    Aspect.UNIQUENESS: gettext_lazy("Plausibility of single rows"),
    Aspect.PERSISTENCE: gettext_lazy("Persistence: the same as before"),
    Aspect.TIMELINESS: gettext_lazy("Timeliness"),
}
CONTEXTS = {
    Context.VERIFICATION: gettext_lazy("verified against the table's own rules"),
    Context.VALIDATION: gettext_lazy("validated against the other sites"),
}
STATES = {
    "fail": gettext_lazy("must be mended"),
    "warn": gettext_lazy("please look"),
    "accepted": gettext_lazy("accepted as it is"),
    "pass": gettext_lazy("passed"),
    "none": gettext_lazy("not checked"),
}
UNITS = {
    "rows": gettext_lazy("rows"),
    "months": gettext_lazy("months"),
    "columns": gettext_lazy("columns"),
    "codes": gettext_lazy("codes"),
}


def extent(thing: Any) -> str:
    """Return how much of an outcome or issue fails, such as ``3 of 120 rows``."""
    kind = thing.check_kind
    if kind.id == "up-to-date":
        behind = len(thing.months)
        return _("1 month behind") if behind == 1 else _("%(n)d months behind") % {"n": behind}
    if kind.unit == "columns" and isinstance(thing, Outcome) and thing.statistic is not None:
        if kind.id == "rounded":
            return _("%(share).0f of 100 numbers") % {"share": thing.statistic * 100}
        return _("index %(index).2f") % {"index": thing.statistic}
    if kind.unit == "columns":
        return _("the whole column")
    unit = str(UNITS[kind.unit])
    return _("%(failed)s of %(of)s %(unit)s") % {
        "failed": f"{thing.failed:,}", "of": f"{thing.applicable:,}", "unit": unit,
    }  # fmt: skip
