"""What a check is and what it comes to.

The frame is that of Kahn and others (2016), "A harmonized data quality assessment terminology and framework for the
secondary use of electronic health record data", eGEMs 4(1):1244: conformance, completeness and plausibility, each
verified against rules of one's own or validated against somebody else's data.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum


class Aspect(StrEnum):
    """Which side of quality a check looks at."""

    VALUE = "conformance of values"
    RELATION = "conformance of relations"
    COMPUTATION = "conformance of computations"
    COMPLETENESS = "completeness"
    ATEMPORAL = "plausibility of values"
    TEMPORAL = "plausibility in time"
    UNIQUENESS = "plausibility of single rows"
    PERSISTENCE = "persistence"
    TIMELINESS = "timeliness"


class Context(StrEnum):
    """Against what a check holds the rows."""

    VERIFICATION = "verification"  # rules of the table itself
    VALIDATION = "validation"  # other sites' rows


class Status(StrEnum):
    """What a check comes to at one site."""

    PASS = "pass"
    WARN = "warn"
    FAIL = "fail"
    NOT_APPLICABLE = "not applicable"


FEW = 20


@dataclass(frozen=True, slots=True)
class Limit:
    """Shares above which a check warns or fails.

    Args:
        warn: Share failed, 0-1, above which it warns.
        fail: Share failed above which it fails. With fewer than 20 applicable it only warns.
    """

    warn: float
    fail: float

    def status(self, applicable: int, failed: int, *, least: int = 1) -> Status:
        """Return what counts come to; fewer than `least` applicable are not judged."""
        if applicable < max(least, 1):
            return Status.NOT_APPLICABLE
        share = failed / applicable
        if share > self.fail:
            return Status.FAIL if applicable >= FEW else Status.WARN
        return Status.WARN if share > self.warn else Status.PASS


@dataclass(frozen=True, slots=True)
class Check:
    """One kind of check; the dictionary of a table resolves it to its columns.

    Args:
        id: Short and stable.
        name: What is wrong where it fails, in a few words.
        words: The question it asks, one sentence.
        advice: What to do where it fails, one sentence.
        aspect: Side of quality.
        context: Verification or validation.
        limit: Shares above which it warns and fails.
        unit: What is counted: ``rows``, ``months``, ``columns`` or ``codes``.
        source: Where the idea and the threshold come from.
        least: Fewest applicable that are judged.
        codes: Findings of the file's check that count here.
    """

    id: str
    name: str
    words: str
    advice: str
    aspect: Aspect
    context: Context
    limit: Limit
    unit: str
    source: str
    least: int = 1
    codes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Result:
    """What one check came to in one column of one site.

    Args:
        check: Which.
        site: Code of the site.
        column: Name of the column, or of the rule; empty for the whole table.
        applicable: How many could fail.
        failed: How many did.
        status: Pass, warn, fail or not applicable.
        months: ``2024-03`` -> how many failed in that month, where a month can be said.
        statistic: The number behind the verdict where it is not a share, such as a stability index or a lag.
    """

    check: str
    site: str
    column: str
    applicable: int
    failed: int
    status: Status
    months: Mapping[str, int] = field(default_factory=dict)
    statistic: float | None = None

    @property
    def share(self) -> float | None:
        """Share failed, 0-1; None when nothing was applicable."""
        return self.failed / self.applicable if self.applicable else None
