"""Faithful bulk-export files: what a hospital's FHIR server writes, several types, with the usual roughness."""

from __future__ import annotations

import json
import random
from collections.abc import Iterable
from typing import Any

SYSTEM = "http://terminology.hl7.org/CodeSystem/v3-ActCode"
US_CORE = "http://hl7.org/fhir/us/core/StructureDefinition/us-core-encounter"


def encounter(number: int, site: str = "north", **more: Any) -> dict[str, Any]:
    """Return an encounter as servers write it: profile, extension, offset from UTC, references."""
    month, day = 1 + number % 6, 1 + number % 28
    return {
        "resourceType": "Encounter",
        "id": f"enc-{number}",
        "meta": {"lastUpdated": "2024-08-01T02:03:04.567+00:00", "profile": [US_CORE]},
        "extension": [{"url": "http://example.org/bed", "valueString": f"B{number % 9}"}],
        "status": "finished",
        "class": {"system": SYSTEM, "code": ("IMP", "EMER", "AMB")[number % 3]},
        "type": [{"coding": [{"system": "http://snomed.info/sct", "code": "32485007"}], "text": "Admission"}],
        "subject": {"reference": f"Patient/pat-{number % 40}", "display": "somebody"},
        "period": {f: f"2024-{month:02d}-{day:02d}T23:{at}:00-05:00" for f, at in (("start", 15), ("end", 55))},
        "serviceProvider": {"reference": f"https://server.example/r4/Organization/{site}"},
    } | more  # fmt: skip


def observation(number: int, **more: Any) -> dict[str, Any]:
    """Return a laboratory result or a vital sign."""
    value: dict[str, Any] = random.Random(number).choice([
        {"valueQuantity": {"value": 36.5 + number % 4, "unit": "Cel", "code": "Cel"}},
        {"valueCodeableConcept": {"coding": [{"system": "http://snomed.info/sct", "code": "10828004"}]}},
        {"dataAbsentReason": {"coding": [{"code": "unknown"}]}},
    ])  # fmt: skip
    return {
        "resourceType": "Observation",
        "id": f"obs-{number}",
        "status": "final",
        "category": [{"coding": [{"code": "vital-signs"}]}],
        "code": {"coding": [{"system": "http://loinc.org", "code": "8310-5", "display": "Body temperature"}]},
        "subject": {"reference": f"Patient/pat-{number % 40}"},
        "performer": [{"reference": "Practitioner/x"}, {"reference": "Organization/north"}],
        "effectiveDateTime": f"2024-0{1 + number % 6}-11T08:00:00Z",
    } | value | more  # fmt: skip


def patient(number: int, **more: Any) -> dict[str, Any]:
    """Return a patient; some birth dates are known to the month only."""
    return {
        "resourceType": "Patient",
        "id": f"pat-{number}",
        "name": [{"family": "Invented", "given": ["A"]}],
        "gender": ("female", "male", "unknown")[number % 3],
        "birthDate": f"20{10 + number % 10}-04" if number % 5 == 0 else f"20{10 + number % 10}-04-05",
        "_birthDate": {"extension": [{"url": "http://example.org/time", "valueDateTime": "2012-04-05T10:00:00Z"}]},
        "managingOrganization": {"reference": "Organization/north"},
    } | more  # fmt: skip


def report(site: str, month: int, counts: dict[str, int], **more: Any) -> dict[str, Any]:
    """Return a summary report of one measure for one site and month."""
    system = "http://terminology.hl7.org/CodeSystem/measure-population"
    return {
        "resourceType": "MeasureReport",
        "id": f"{site}-{month}",
        "status": "complete",
        "type": "summary",
        "measure": "https://example.org/Measure/remission|1.0",
        "reporter": {"reference": f"Organization/{site}"},
        "period": {"start": f"2024-{month:02d}-01", "end": f"2024-{month:02d}-28"},
        "group": [
            {
                "population": [
                    {"code": {"coding": [{"system": system, "code": code}]}, "count": count}
                    for code, count in counts.items()
                ]
            }
        ],
    } | more


def ndjson(resources: Iterable[dict[str, Any] | str]) -> bytes:
    """Return lines; a text stands as it is."""
    return "".join((item if isinstance(item, str) else json.dumps(item)) + "\n" for item in resources).encode()


def bundle(resources: Iterable[dict[str, Any]], **how: Any) -> bytes:
    """Return a Bundle as one JSON document."""
    entries = [{"fullUrl": f"urn:uuid:{at}", "resource": item} for at, item in enumerate(resources)]
    return json.dumps({"resourceType": "Bundle", "type": "collection", "entry": entries}, **how).encode()
