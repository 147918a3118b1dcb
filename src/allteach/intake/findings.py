"""What a check found, in the sender's own rows and columns. Never holds a value of a patient."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Severity(StrEnum):
    """What a finding means for the file."""

    REJECT = "reject"
    HOLD = "hold"
    WARN = "warn"


@dataclass(frozen=True, slots=True)
class Finding:
    """One rule broken in one column.

    Args:
        code: Stable code such as ``AT-I-021``.
        severity: Whether the file stops, the rows are held back, or it is only worth a look.
        column: The column as the sender calls it; empty when the finding is about the file.
        rows: All row numbers as in the sender's file (the header is row 1); empty when about the file.
        count: How many rows, or 1 when about the file.
        message: One sentence that says why.
        fix: One sentence that says what to do.
    """

    code: str
    severity: Severity
    column: str
    rows: tuple[int, ...]
    count: int
    message: str
    fix: str

    def first_rows(self, limit: int = 1000) -> list[int]:
        """Return the first row numbers, for showing."""
        return list(self.rows[:limit])

    @property
    def where(self) -> str:
        """The place in words, such as ``Rows 3, 8 and 12 others, column "Visit date"``."""
        if not self.rows:
            return f'Column "{self.column}"' if self.column else "The file"
        shown, rest = self.rows[:5], self.count - min(5, len(self.rows))
        text = ("Row " if self.count == 1 else "Rows ") + ", ".join(f"{row:,}" for row in shown)
        text += f" and {rest:,} others" if rest > 0 else ""
        return f'{text}, column "{self.column}"' if self.column else text


def about_file(code: str, severity: Severity, message: str, fix: str, column: str = "") -> Finding:
    """Return a finding about the whole file, or a whole column."""
    return Finding(code, severity, column, (), 1, message, fix)


def about_rows(code: str, severity: Severity, column: str, rows: list[int], message: str, fix: str) -> Finding:
    """Return a finding about rows."""
    return Finding(code, severity, column, tuple(sorted(rows)), len(rows), message, fix)
