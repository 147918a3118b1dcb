"""Which column is what, where nobody said: the same guesses as for an upload."""

from __future__ import annotations

import csv
import io
from typing import Any

import numpy as np

from allteach.intake.contract import Role
from allteach.intake.profile import Profile, profile
from allteach.intake.reader import read

_SAMPLE = 5000
_ROLES = {Role.SITE: "site", Role.NUMERATOR: "numerator", Role.DENOMINATOR: "denominator", Role.VALUE: "value"}


def guess_parts(data: Any, names: list[str]) -> dict[str, str]:
    """Return part -> column of a frame, from names and values of its first rows."""
    columns = [np.asarray(data[name])[:_SAMPLE] for name in names]
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(names)
    writer.writerows(zip(*(_texts(column) for column in columns), strict=True))
    return parts_of(profile(read(out.getvalue().encode(), name="data")))


def _texts(column: np.ndarray) -> list[str]:
    if column.dtype.kind == "M":
        return [str(day) for day in column.astype("datetime64[D]")]
    return ["" if value is None or value != value else str(value)[:200] for value in column.tolist()]


def parts_of(found: Profile, *, day_numbers: bool = False) -> dict[str, str]:
    """Return part -> column by the roles of a profile; of several candidates the first.

    Args:
        found: The profile.
        day_numbers: True takes numbers of days for dates, because day 0 is known.
    """
    parts: dict[str, str] = {}
    times = (Role.PERIOD, Role.DATE, Role.DAY_NUMBER) if day_numbers else (Role.PERIOD, Role.DATE)
    for guess in found.columns:
        if guess.role in times:
            parts.setdefault("date", guess.name)
        elif guess.role in _ROLES:
            parts.setdefault(_ROLES[guess.role], guess.name)
    if "numerator" in parts or "denominator" in parts:
        parts.pop("value", None)
    return parts
