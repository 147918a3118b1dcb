"""Holds resources against FHIR R4 (release 4B, which is the same for what networks send). Never repeats a value.

Elements, their types and how often they come are checked; codes are not held against code systems.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

VALIDATE_ALL = 50_000


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with one element.

    Args:
        element: Its path, such as ``Encounter.period.start``.
        what: One sentence.
    """

    element: str
    what: str


@lru_cache(maxsize=64)
def _model(resource: str) -> Any:
    """Return the model of a type of resource, or None when R4 has no such type."""
    from fhir.resources.R4B import get_fhir_model_class

    try:
        return get_fhir_model_class(resource)
    except ValueError:
        return None


def is_type(resource: str) -> bool:
    """Return whether FHIR R4 has this type of resource."""
    return _model(resource) is not None


def validator(resource: str) -> Callable[[dict[str, Any]], tuple[Fault, ...]]:
    """Return what finds the faults of resources of a type.

    Example:
        >>> validator("Patient")({"resourceType": "Patient", "birthDate": "2019-13-45"})[0].element
        'Patient.birthDate'
    """
    from pydantic import ValidationError

    model = _model(resource)

    def faults(plain: dict[str, Any]) -> tuple[Fault, ...]:
        if model is None:
            return (Fault(resource, "FHIR R4 has no such type of resource."),)
        try:
            model.model_validate(plain)
        except ValidationError as error:
            return tuple(dict.fromkeys(_fault(resource, found) for found in error.errors(include_input=False)))
        except (ValueError, TypeError, AttributeError, KeyError, RecursionError):
            return (Fault(resource, "The resource is not built as FHIR R4 says."),)
        return ()

    return faults


def _fault(resource: str, found: Any) -> Fault:
    """Return an error of the library in our words; its own may repeat what was sent."""
    names = [str(part) for part in found["loc"] if isinstance(part, str) and part.isidentifier() and part != "root"]
    kind = str(found["type"])
    if "missing" in kind:
        what = "The element is needed and is not there."
    elif kind == "extra_forbidden":
        what = "FHIR R4 has no such element here."
    elif "one_of_many" in kind:
        what = "Only one of the elements of this choice may be there."
    else:
        what = "The value is not of the type that FHIR R4 says."
    if kind == "extra_forbidden" and names and len(names[-1]) > 60:
        names = names[:-1]
    return Fault(".".join([resource, *names]), what)
