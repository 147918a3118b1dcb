"""Words for what columns hold and are used as. One place, translatable."""

from __future__ import annotations

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from allteach.intake.contract import Field, FieldType, Role

TYPES = {
    FieldType.TEXT: gettext_lazy("text"),
    FieldType.INTEGER: gettext_lazy("whole number"),
    FieldType.NUMBER: gettext_lazy("number"),
    FieldType.DATE: gettext_lazy("date"),
    FieldType.CODE: gettext_lazy("one of a list"),
    FieldType.BOOLEAN: gettext_lazy("yes or no"),
    FieldType.DAY_NUMBER: gettext_lazy("number of a day"),
}
ROLES = {
    Role.SITE: gettext_lazy("Site"),
    Role.PERIOD: gettext_lazy("Period"),
    Role.DATE: gettext_lazy("Date"),
    Role.DAY_NUMBER: gettext_lazy("Day number"),
    Role.STRATUM: gettext_lazy("Group"),
    Role.NUMERATOR: gettext_lazy("Numerator: what is counted"),
    Role.DENOMINATOR: gettext_lazy("Denominator: out of what"),
    Role.VALUE: gettext_lazy("Measured value"),
    Role.EVENT: gettext_lazy("Result that happened or not"),
    Role.RECORD: gettext_lazy("Number of the record"),
    Role.START: gettext_lazy("Start"),
    Role.END: gettext_lazy("End"),
    Role.OTHER: gettext_lazy("Kept, not used"),
}
GRAINS = {
    "day": gettext_lazy("Day"),
    "week": gettext_lazy("Week"),
    "month": gettext_lazy("Month"),
    "quarter": gettext_lazy("Quarter"),
    "year": gettext_lazy("Year"),
}


def allowed(field: Field) -> str:
    """Return in words what a column may hold."""
    if field.codes:
        return ", ".join(f"{code} = {label}" if label and label != code else code for code, label in field.codes)
    parts = []
    if field.minimum is not None:
        parts.append(_("at least %(n)s") % {"n": f"{field.minimum:g}"})
    if field.maximum is not None:
        parts.append(_("at most %(n)s") % {"n": f"{field.maximum:g}"})
    if field.at_most:
        parts.append(_("not more than %(column)s") % {"column": field.at_most})
    if field.formats:
        parts.append(", ".join(field.formats))
    if field.kind == "date" and not field.future:
        parts.append(_("not in the future"))
    return "; ".join(parts)
