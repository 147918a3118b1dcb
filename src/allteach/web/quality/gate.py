"""What the checks of current files held back, for the quality of the rows beside them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

from allteach.intake.quality import Gate
from allteach.web.submissions.models import RegistryFile


def gate_of(files: Iterable[RegistryFile]) -> Gate:
    """Return what was broken and held in the submissions that these files came with."""
    broken: dict[tuple[str, str], dict[str, dict[str, int]]] = {}
    held: dict[str, dict[str, int]] = defaultdict(lambda: defaultdict(int))
    read: dict[str, int] = defaultdict(int)
    seen = {file.submission_id: file for file in files}
    for file in files:
        for code, said in file.sites.items():
            read[code] += said["rows"]
    for file in seen.values():
        scope = file.submission.scope
        for code, column, site, month, rows in scope.get("broken", []):
            months = broken.setdefault((code, column), {}).setdefault(site, {})
            months[month] = months.get(month, 0) + rows
        for site, days in scope.get("held", {}).items():
            for day, rows in days.items():
                held[site][day[:7]] += rows
                read[site] += rows
    return Gate(broken, {site: dict(months) for site, months in held.items()}, dict(read))
