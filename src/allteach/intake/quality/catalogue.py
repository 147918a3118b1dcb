"""Every check, in the order of its pages: name, question, threshold and source."""

from __future__ import annotations

from allteach.intake.quality.frame import Aspect, Check, Context, Limit

_KAHN = "Kahn 2016"
_DQD = "Kahn 2016; Blacketer 2021 (OHDSI Data Quality Dashboard)"
_OWN = "allteach's own choice"
_VERIFY, _VALIDATE = Context.VERIFICATION, Context.VALIDATION
_FIX = "Correct the rows where they come from and send them again."

CHECKS: tuple[Check, ...] = (
    Check(
        "readable", "Values that cannot be read", "Can every value be read as what its column should hold?", _FIX,
        Aspect.VALUE, _VERIFY, Limit(0.0, 0.02), "rows", f"{_DQD}: cdmDatatype",
        codes=("AT-I-021", "AT-I-023", "AT-I-025", "AT-I-028", "AT-I-029", "AT-I-030", "AT-I-032", "AT-I-038",
               "AT-I-048"),
    ),
    Check(
        "listed-code", "Codes that are not in the list", "Is every code one that the dictionary lists now?",
        "Use a code of the list, or ask the network to add the new one.",
        Aspect.VALUE, _VERIFY, Limit(0.0, 0.02), "rows", f"{_DQD}: isStandardValidConcept",
        codes=("AT-I-036", "AT-I-037"),
    ),
    Check(
        "within-range", "Numbers outside their range", "Is every number within the range of the dictionary?",
        "Check the number and its unit.", Aspect.VALUE, _VERIFY, Limit(0.0, 0.02), "rows",
        f"{_DQD}: plausibleValueLow, plausibleValueHigh", codes=("AT-I-033", "AT-I-034"),
    ),
    Check(
        "one-row-a-key", "Rows that share a key", "Does every key name one row only?", "Keep the right one of the two.",
        Aspect.RELATION, _VERIFY, Limit(0.0, 0.02), "rows", f"{_DQD}: isPrimaryKey",
        codes=("AT-I-041", "AT-I-042", "AT-I-043"),
    ),
    Check(
        "own-rows", "Rows outside of what the file speaks for", "Does every row belong to the site that sent it?",
        "Leave rows of others out of the file.", Aspect.RELATION, _VERIFY, Limit(0.0, 0.05), "rows",
        f"{_KAHN}: relational conformance", codes=("AT-I-046",),
    ),
    Check(
        "columns-here", "Columns that never come", "Is every column of the dictionary filled at least once?",
        "Add the column to the extract, or ask the network to take it out of the dictionary.",
        Aspect.RELATION, _VERIFY, Limit(0.0, 0.99), "columns", f"{_DQD}: cdmField", least=1,
    ),
    Check(
        "part-of-whole", "Parts larger than their whole", "Is no numerator larger than its denominator?",
        "Check both numbers.", Aspect.COMPUTATION, _VERIFY, Limit(0.0, 0.02), "rows",
        f"{_KAHN}: computational conformance", codes=("AT-I-035",),
    ),
    Check(
        "rules-hold", "Rows that break a rule of the table", "Does every row keep the rules over several columns?",
        "Look at the rule's words and correct the row.", Aspect.COMPUTATION, _VERIFY, Limit(0.0, 0.02), "rows",
        f"{_KAHN}: computational conformance", codes=("AT-I-039",),
    ),
    Check(
        "required-filled", "Required values that are missing", "Is every required value there?", "Fill in the cells.",
        Aspect.COMPLETENESS, _VERIFY, Limit(0.0, 0.02), "rows", f"{_DQD}: isRequired", codes=("AT-I-031",),
    ),
    Check(
        "optional-filled", "Values that are often missing", "Are the other values mostly there?",
        "Find out where they get lost: asked for, written down, or carried over.",
        Aspect.COMPLETENESS, _VERIFY, Limit(0.1, 0.3), "rows", f"{_DQD}: measureValueCompleteness", least=10,
    ),
    Check(
        "filled-each-month", "Months in which a column is empty",
        "Does a column that usually has values have some in every month?",
        "Look for what changed in the extract in that month.", Aspect.COMPLETENESS, _VERIFY, Limit(0.0, 0.1),
        "months", "PCORnet data curation; threshold: allteach's own choice", least=3,
    ),
    Check(
        "months-here", "Months without a row", "Is there a row in every month between the first and the last?",
        "Send the month, or say that nothing happened in it.", Aspect.COMPLETENESS, _VERIFY, Limit(0.0, 0.1),
        "months", _OWN, least=3,
    ),
    Check(
        "rows-held", "Rows in quarantine", "Could nearly all rows be kept?",
        "Open the file's findings and mend the rows.", Aspect.COMPLETENESS, _VERIFY, Limit(0.02, 0.1), "rows", _OWN,
    ),
    Check(
        "far-out", "Numbers far from all others", "Is every number near those that sites send?",
        "Look at the rows: a point or a unit may be wrong. Keep the number if it is true.",
        Aspect.ATEMPORAL, _VALIDATE, Limit(0.01, 0.05), "rows",
        "Tukey 1977, Exploratory Data Analysis, section 2C: outer fences, three spreads beyond the quarters", least=10,
    ),
    Check(
        "one-value", "Columns that always say the same", "Do columns that differ elsewhere differ here too?",
        "See whether the extract fills in a default.", Aspect.ATEMPORAL, _VALIDATE, Limit(0.0, 0.99), "columns",
        f"{_KAHN}: atemporal plausibility; at least 50 rows",
    ),
    Check(
        "like-the-others", "Values spread unlike other sites", "Are values spread about as at the other sites?",
        "Often it is the patients. Say so once, or look for another way of coding.",
        Aspect.ATEMPORAL, _VALIDATE, Limit(0.5, 1.0), "columns",
        "Population stability index; limit by chance: Yurdakul and Naranjo 2020, J Risk Model Validation 14(4)",
    ),
    Check(
        "rounded", "Numbers that are rounded", "Are numbers rounded to fives no more often than elsewhere?",
        "Ask how the number is read off and written down.", Aspect.ATEMPORAL, _VALIDATE, Limit(0.0, 0.99), "columns",
        f"{_KAHN}: atemporal plausibility; digit preference, at least 50 rows and 20 points more than elsewhere",
    ),
    Check(
        "in-order", "Ends before their start", "Does nothing end before it starts?", "Check both dates.",
        Aspect.TEMPORAL, _VERIFY, Limit(0.0, 0.02), "rows", f"{_DQD}: plausibleStartBeforeEnd",
    ),
    Check(
        "possible-day", "Days that cannot be", "Is every day after 1900 and not in the future?",
        "Check the year and the month.", Aspect.TEMPORAL, _VERIFY, Limit(0.0, 0.02), "rows",
        f"{_DQD}: plausibleTemporalAfter", codes=("AT-I-024", "AT-I-027"),
    ),
    Check(
        "first-of-month", "Too many days on the first of a month", "Are days spread over the month?",
        "See whether the real day is known; the first may stand for “some day”.",
        Aspect.TEMPORAL, _VERIFY, Limit(0.12, 0.25), "rows", f"{_OWN}: chance gives 3 of 100", least=30,
    ),
    Check(
        "rows-steady", "Months with far more or fewer rows", "Are there about as many rows each month as before?",
        "Look for a month that was sent twice, or only in part.", Aspect.TEMPORAL, _VERIFY, Limit(0.0, 0.1), "months",
        f"{_KAHN}: temporal plausibility; four standard errors around the median of twelve months", least=3,
    ),
    Check(
        "row-once", "Rows that are there twice", "Is no row there twice under another key?",
        "Leave the copies out.", Aspect.UNIQUENESS, _VERIFY, Limit(0.01, 0.05), "rows",
        f"{_KAHN}: uniqueness plausibility", least=10,
    ),
    Check(
        "rows-persist", "Months that lost rows", "Are rows that were here before still here?",
        "If they were wrong, say so; if not, send the months whole.", Aspect.PERSISTENCE, _VERIFY, Limit(0.0, 0.1),
        "months", "PCORnet data curation: persistence, a fall of more than 5 of 100 rows",
    ),
    Check(
        "spread-persists", "Values spread unlike before", "Are values spread as in what was here before?",
        "Look for a new way of coding, measuring or selecting patients.",
        Aspect.PERSISTENCE, _VERIFY, Limit(0.1, 0.25), "columns",
        "Population stability index, 0.1 and 0.25 by custom, and beyond chance (1 of 1,000): Yurdakul and Naranjo 2020",
    ),
    Check(
        "codes-persist", "Codes that vanished or appeared", "Are the same codes in use as before?",
        "See whether the list, the form or the mapping changed.", Aspect.PERSISTENCE, _VERIFY, Limit(0.0, 0.99),
        "codes", "OHDSI, PCORnet: persistence; beyond chance (1 of 1,000)",
    ),
    Check(
        "up-to-date", "Months that are late", "Is the newest month here that others have sent?",
        "Send the month, or say why it will be late.", Aspect.TIMELINESS, _VALIDATE, Limit(0.0, 1.0), "months",
        f"{_OWN}: one month late warns, two fail",
    ),
)  # fmt: skip
_BY_ID = {check.id: check for check in CHECKS}


def check_of(name: str) -> Check:
    """Return the check of this short name.

    Raises:
        KeyError: there is none.
    """
    return _BY_ID[name]
