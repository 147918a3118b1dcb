"""What the words in a column's name suggest. Evidence for a guess, never a decision."""

from __future__ import annotations

import re
from enum import StrEnum
from itertools import pairwise

from allteach.intake.contract import Privacy


class Hint(StrEnum):
    """What a name can suggest."""

    SITE = "site"
    PERIOD = "period"
    START = "start"
    END = "end"
    DAY_NUMBER = "day_number"
    NUMERATOR = "numerator"
    DENOMINATOR = "denominator"
    TIME = "time"
    VALUE = "value"
    AGE = "age"
    EVENT = "event"
    RECORD = "record"
    STRATUM = "stratum"


# Written as word beginnings; a trailing $ asks for the whole word.
_WORDS: dict[Hint, str] = {
    Hint.RECORD: ("id$ mrn record case_?(no|number)$ encounter_?id$ admission_?id$ nr$ uuid$"),
    Hint.SITE: (
        "hospital site$ sites$ clinic centre center org$ organi[sz]ation provider trust$ facility practice$ "
        "ward unit$ surgeon sygehus afdeling klinik krankenhaus hopital sjukhus h[oô]pital institution "
        "department$ location$ team$"
    ),
    Hint.PERIOD: ("period month quarter year week m[åa]ned monat kvartal date$"),
    Hint.START: ("start admission admitted insert begin from$ onset birth placed"),
    Hint.END: ("end$ ended discharge removal removed stop$ until$ to$"),
    Hint.DAY_NUMBER: ("day$ daynumber date$ day_?no$ dag$ tag$"),
    Hint.TIME: ("days$ hours$ weeks$ minutes$ years$ dage$ tage$ bed_?days$ linedays$ patientdays$ exposure"),
    Hint.DENOMINATOR: (
        "days$ den$ denominator denom attendances patients$ discharges population exposure visits$ births$ "
        "total$ at_?risk procedures$ operations$ deliveries$ admissions$ eligible opportunities tests$ "
        "beddays patientdays linedays hours$ encounters$ cases$ dage$"
    ),
    Hint.NUMERATOR: (
        "n$ num$ numerator count$ events$ infections$ breaches$ deaths$ falls$ harms$ r$ errors$ failures$ "
        "met$ cases$ admissions$ readmissions$ complications$ injuries$ incidents$ antal$ yes$ compliant$ x$ "
        "defects$"
    ),
    Hint.VALUE: (
        "tat$ time$ los$ duration wait hours$ minutes$ mins$ length delay score value$ result_?value weight "
        "height hba1c glucose temperature pressure stay$ elapsed turnaround dose$ measure"
    ),
    Hint.AGE: ("age$ alder$ alter$"),
    Hint.EVENT: (
        "result$ outcome status$ death$ died$ dead$ mortality readmi complication infection$ positive "
        "remission survived survival success event$ harm$ fall$ extubat compliant$ met$ failure$"
    ),
    Hint.STRATUM: (
        "type$ group sex$ gender race ethnic payor payer insurance category class$ cohort infection$ kind$ flag$ ind$"
    ),
}
_DIRECT = re.compile(
    r"(^|_)(first|last|full|sur|family|given|patient)_?name|(^|_)(mrn|ssn|cpr|nhs_?n(o|umber)|e?mail|phone|telephone|address"
    r"|passport|account)(_|$)|(^|_)patient_?id(_|$)|^name$"
)
_LIMITED = re.compile(r"(^|_)(age|dob|birth|zip|postcode|post_?code|city|town|admission|discharge|date|dte)")
_UNITS = ("hours", "days", "minutes", "weeks", "percent", "grams", "kg", "mmol")


def words_of(name: str) -> list[str]:
    """Return the lower-case words of a column name.

    Example:
        >>> words_of("PatientDays (total)"), words_of("rec_ver_tat")
        (['patient', 'days', 'total', 'patientdays'], ['rec', 'ver', 'tat'])
    """
    parts = re.sub(r"([a-z])([A-Z])", r"\1 \2", name)
    words = [word.casefold() for word in re.split(r"[\W_]+", parts) if word]
    joined = [a + b for a, b in pairwise(words) if a in ("patient", "line", "bed")]
    return words + joined


def hints_of(name: str) -> list[Hint]:
    """Return what a column's name suggests; a hint from its last word comes first."""
    words = words_of(name)
    found: dict[Hint, int] = {}
    for hint, patterns in _WORDS.items():
        for pattern in patterns.split():
            # A pattern without $ is the beginning of a word.
            places = [at for at, word in enumerate(words) if re.match(pattern, word)]
            if "_?" in pattern and re.search(rf"(^|_){pattern}", "_".join(words)):
                places.append(len(words))
            if places:
                found[hint] = max(found.get(hint, -1), *places)
    return sorted(found, key=lambda hint: -found[hint])


def unit_of(name: str) -> str:
    """Return the unit that a name speaks of, or nothing."""
    return next((unit for unit in _UNITS if unit in words_of(name)), "")


def privacy_of(name: str, *, dated: bool) -> Privacy:
    """Return how close a column of this name comes to a person."""
    flat = "_".join(words_of(name))
    if _DIRECT.search(flat):
        return Privacy.DIRECT
    return Privacy.LIMITED if dated or _LIMITED.search(flat) else Privacy.OPEN
