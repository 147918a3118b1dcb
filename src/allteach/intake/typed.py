"""Rows that were typed into a form rather than sent as a file, as the check of files wants them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pyarrow as pa

from allteach.intake.reader import RawTable


def of_rows(columns: Sequence[str], rows: Sequence[Mapping[str, str]]) -> RawTable:
    """Return typed rows as the texts of a file with a header.

    Args:
        columns: Column names, in the file's order.
        rows: Column -> text; what is left out is empty.

    Example:
        >>> of_rows(["site", "falls"], [{"site": "A"}]).table.to_pydict()
        {'site': ['A'], 'falls': ['']}
    """
    table = pa.table({name: pa.array([row.get(name, "") for row in rows], pa.string()) for name in columns})
    return RawTable("form", tuple(columns), table, np.arange(2, len(rows) + 2))
