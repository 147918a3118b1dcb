"""Measures and what they came to as FHIR R4: a Measure of a card, a summary MeasureReport of a site and period.

A number that is withheld is left out and marked as masked; nothing else of the report depends on it.
"""

from __future__ import annotations

import re
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from allteach.errors import MeasureError
from allteach.measures.card import Card, MeasureKind
from allteach.units import Direction, Grain, Period

_TERMS = "http://terminology.hl7.org/CodeSystem/"
_ABSENT = "http://hl7.org/fhir/StructureDefinition/data-absent-reason"
LANGUAGE = "text/x-allteach"
SCORING = {
    MeasureKind.PROPORTION: "proportion",
    MeasureKind.BUNDLE: "proportion",
    MeasureKind.RATE: "ratio",
    MeasureKind.OBSERVED_EXPECTED: "ratio",
    MeasureKind.COUNT: "cohort",
    MeasureKind.MEAN: "continuous-variable",
    MeasureKind.DURATION: "continuous-variable",
    MeasureKind.MEDIAN: "continuous-variable",
}
_TITLES = {
    "initial-population": "Initial Population",
    "numerator": "Numerator",
    "denominator": "Denominator",
    "denominator-exclusion": "Denominator Exclusion",
    "denominator-exception": "Denominator Exception",
    "measure-population": "Measure Population",
    "measure-observation": "Measure Observation",
}
_BETTER = {Direction.HIGHER: "increase", Direction.LOWER: "decrease"}
_NAMESPACE = uuid.UUID("6f0f3f0e-8f2c-5a66-9d0b-5f6f2d3a1c77")


@dataclass(frozen=True, slots=True)
class Reported:
    """What a measure came to at one site in one period, as one person may see it.

    Args:
        site: What stands for the site: its code, or its letter where it is blinded.
        site_name: The same for people.
        period: When.
        numerator: Events or cases that meet the measure; None where there is none.
        denominator: Cases or exposure, exclusions and exceptions left out.
        n: Cases behind a mean.
        value: The result on the inside scale.
        complete: Whether the period may no longer grow.
        withheld: Whether the numbers are withheld; they are None then.
    """

    site: str
    site_name: str
    period: Period
    numerator: float | None = None
    denominator: float | None = None
    n: float | None = None
    value: float | None = None
    complete: bool = True
    withheld: bool = False


def canonical(network: str, measure: str) -> str:
    """Return the address that names a measure everywhere.

    Example:
        >>> canonical("hearts", "early-extubation")
        'urn:allteach:measure:hearts:early-extubation'
    """
    return f"urn:allteach:measure:{network}:{measure}"


def is_reportable(card: Card) -> bool:
    """Return whether a measure has summaries by period; sequences of single events do not."""
    return card.kind in SCORING and card.grain is not Grain.EVENT


def measure_resource(card: Card, *, network: str, measure: str, version: int, released: bool = True) -> dict[str, Any]:
    """Return the FHIR Measure of a card: words, populations, and conditions in our own language.

    Args:
        card: The card.
        network: Short name of the network.
        measure: Short name of the measure.
        version: Which version.
        released: Whether charts show it.

    Raises:
        MeasureError: ``AT-M-014`` for sequences of single events.
    """
    _require(card)
    made: dict[str, Any] = {
        "resourceType": "Measure",
        "id": _id(network, measure, str(version)),
        "url": canonical(network, measure),
        "version": str(version),
        "name": re.sub(r"[^A-Za-z0-9]+", "", measure.title()) or "Measure",
        "title": card.title,
        "status": "active" if released else "draft",
        "scoring": _concept("measure-scoring", SCORING[card.kind]),
        "group": [{"population": _criteria(card)}],
    }
    if card.direction in _BETTER:
        made["improvementNotation"] = _concept("measure-improvement-notation", _BETTER[card.direction])
    if card.type.value in ("outcome", "process"):
        made["type"] = [_concept("measure-type", card.type.value)]
    words = {"description": card.words.what, "rationale": card.words.why, "guidance": " ".join(card.words.caveats)}
    made |= {key: text for key, text in words.items() if text}
    if card.author:
        made["author"] = [{"name": card.author}]
    if card.checker:
        made["reviewer"] = [{"name": card.checker}]
    if card.reviewed:
        made["lastReviewDate"] = card.reviewed.isoformat()
    if card.references:
        made["relatedArtifact"] = [{"type": "citation", "citation": line} for line in card.references]
    if card.strata:
        made["group"][0]["stratifier"] = [{"criteria": _expression(column)} for column in card.strata]
    return made


def _criteria(card: Card) -> list[dict[str, Any]]:
    """Return the populations of a card with their conditions."""
    everyone = card.where or "all rows"
    if SCORING[card.kind] == "cohort":
        parts = [("initial-population", card.numerator or everyone)]
    elif SCORING[card.kind] == "continuous-variable":
        parts = [("initial-population", everyone), ("measure-population", card.denominator or everyone)]
        parts.append(("measure-observation", card.value))
    else:
        met = card.numerator or " and ".join(f"({element.met})" for element in card.elements)
        under = card.expected if card.kind is MeasureKind.OBSERVED_EXPECTED else card.denominator
        if card.split is not None:
            under = f"{card.split.count} from {card.split.start} to {card.split.end}"
        parts = [
            ("initial-population", everyone), ("denominator", under or everyone),
            ("denominator-exclusion", card.exclusion), ("denominator-exception", card.exception), ("numerator", met),
        ]  # fmt: skip
    words = {"numerator": card.words.numerator, "denominator": card.words.denominator}
    return [
        {"code": _population(code), "criteria": _expression(text)}
        | ({"description": words[code]} if words.get(code) else {})
        for code, text in parts
        if text
    ]


def measure_report(card: Card, point: Reported, *, network: str, measure: str, version: int) -> dict[str, Any]:
    """Return the summary MeasureReport of one site and period.

    Args:
        card: The card.
        point: What it came to, as the person who asks may see it.
        network: Short name of the network.
        measure: Short name of the measure.
        version: Version of the card.

    Raises:
        MeasureError: ``AT-M-014`` for sequences of single events.
    """
    _require(card)
    start = point.period.start.isoformat()
    group: dict[str, Any] = {"population": _counts(card, point)}
    if point.value is not None and not point.withheld:
        group["measureScore"] = {"value": point.value}
    made: dict[str, Any] = {
        "resourceType": "MeasureReport",
        "id": _id(network, measure, str(version), point.site, start),
        "status": "complete" if point.complete else "pending",
        "type": "summary",
        "measure": f"{canonical(network, measure)}|{version}",
        "reporter": {
            "identifier": {"system": f"urn:allteach:site:{network}", "value": point.site},
            "display": point.site_name,
        },
        "period": {"start": start, "end": point.period.end.isoformat()},
        "group": [group],
    }
    if card.direction in _BETTER:
        made["improvementNotation"] = _concept("measure-improvement-notation", _BETTER[card.direction])
    return made


def _counts(card: Card, point: Reported) -> list[dict[str, Any]]:
    parts: list[tuple[str, float | None]]
    if SCORING[card.kind] == "cohort":
        parts = [("initial-population", point.numerator)]
    elif SCORING[card.kind] == "continuous-variable":
        parts = [("measure-population", point.n if point.n is not None else point.denominator)]
    else:
        parts = [("denominator", point.denominator), ("numerator", point.numerator)]
    out = []
    for code, count in parts:
        said: dict[str, Any] = {"code": _population(code)}
        if point.withheld:
            said["_count"] = {"extension": [{"url": _ABSENT, "valueCode": "masked"}]}
        elif count is None or count != round(count):  # expected numbers are no counts
            said["_count"] = {"extension": [{"url": _ABSENT, "valueCode": "not-applicable"}]}
        else:
            said["count"] = round(count)
        out.append(said)
    return out


def bundle(resources: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """Return resources as one Bundle."""
    entries = [{"fullUrl": f"urn:uuid:{item['id']}", "resource": item} for item in resources]
    made: dict[str, Any] = {"resourceType": "Bundle", "type": "collection"}
    return made | ({"entry": entries} if entries else {})


def _require(card: Card) -> None:
    if not is_reportable(card):
        raise MeasureError(
            "AT-M-014", f'"{card.title}" is a sequence of single events, which has no summary by period.',
            do="Use the chart's own files, or a measure that counts the same events by month.",
        )  # fmt: skip


def _id(*parts: str) -> str:
    return str(uuid.uuid5(_NAMESPACE, "/".join(parts)))


def _concept(system: str, code: str) -> dict[str, Any]:
    return {"coding": [{"system": _TERMS + system, "code": code}]}


def _population(code: str) -> dict[str, Any]:
    return {"coding": [{"system": _TERMS + "measure-population", "code": code, "display": _TITLES[code]}]}


def _expression(text: str) -> dict[str, str]:
    return {"language": LANGUAGE, "expression": text}
