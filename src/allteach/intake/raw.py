"""A file as a table of texts, as reading left it and checks take it."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from allteach.intake.findings import Finding


@dataclass(frozen=True, slots=True)
class FhirFacts:
    """How a file of FHIR resources was read.

    Attributes:
        resource: Type of the resources.
        resources: How many there are.
        validated: How many of them were held against the standard.
        view: Title of the view.
        others: Resources of other types, left out.
        cut: Only the beginning of the file was read.
    """

    resource: str
    resources: int
    validated: int
    view: str
    others: int = 0
    cut: bool = False


@dataclass(frozen=True, slots=True)
class RawTable:
    """A file as it was sent: all texts.

    Attributes:
        name: The file's name.
        columns: Column names, in the file's order.
        table: One text column for each; empty cells are empty texts.
        numbers: ``(rows,)`` row numbers as in the sender's file, where the first row of the file is 1; where a line
            of the file can give several rows, the line times `per_line` and the place in it.
        broken: Rows that could not be fitted into the columns: row number and text.
        findings: What the reading itself found.
        encoding: How the bytes were read; ``xlsx`` for workbooks.
        separator: The sign between cells; empty for workbooks.
        sheets: Sheets of the workbook; the first was read unless another was named.
        sheet: The sheet that was read.
        header_row: Row number of the header.
        sha256: Hash of the file's bytes.
        per_line: Most rows that one line of the file gives.
        fhir: How resources were read, where the file holds FHIR resources.
    """

    name: str
    columns: tuple[str, ...]
    table: pa.Table
    numbers: NDArray[np.int64]
    broken: tuple[tuple[int, str], ...] = ()
    findings: tuple[Finding, ...] = ()
    encoding: str = "utf-8"
    separator: str = ","
    sheets: tuple[str, ...] = ()
    sheet: str = ""
    header_row: int = 1
    sha256: str = ""
    per_line: int = 1
    fhir: FhirFacts | None = None

    def in_file(self, finding: Finding) -> Finding:
        """Return a finding with the lines of the file in place of row numbers, where a line can give several rows."""
        if self.per_line == 1 or not finding.rows:
            return finding
        lines = tuple(dict.fromkeys(row // self.per_line for row in finding.rows))
        return replace(finding, rows=lines, count=len(lines))

    @property
    def rows(self) -> int:
        """How many rows the file has below its header, broken ones included."""
        return len(self.numbers) + len(self.broken)
