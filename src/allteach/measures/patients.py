"""The patients behind a measure, one a row and in order of time, for charts that go patient by patient."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from allteach.errors import MeasureError, NotEstimable
from allteach.measures.binding import check_card
from allteach.measures.card import Card, MeasureKind, quantity
from allteach.measures.engines import DuckDB, Engine, Source

if TYPE_CHECKING:  # a page that only asks whether there are patients must not load the printer of SQL
    from allteach.measures.program import Program

NO_PATIENTS = NotEstimable("AT-S-145", "This measure does not count patients one by one.")


@dataclass(frozen=True, slots=True, eq=False)
class Patients:
    """Patients that count in a measure, by site and then by day.

    Attributes:
        site: ``(N,)`` codes.
        day: ``(N,)`` days, ``datetime64[D]``.
        outcome: ``(N,)`` 1 for the event, else 0.
        given: ``(N,)`` the risk that the card names, NaN where missing; None where it names none.
        columns: Column -> ``(N,)`` values as they were sent, None where missing.
    """

    site: NDArray[np.object_]
    day: NDArray[np.datetime64]
    outcome: NDArray[np.float64]
    given: NDArray[np.float64] | None = None
    columns: Mapping[str, NDArray[np.object_]] = field(default_factory=dict)

    def __len__(self) -> int:
        return int(self.outcome.size)

    def take(self, rows: NDArray[np.bool_]) -> Patients:
        """Return some of the patients."""
        return Patients(
            self.site[rows],
            self.day[rows],
            self.outcome[rows],
            None if self.given is None else self.given[rows],
            {name: values[rows] for name, values in self.columns.items()},
        )


def one_by_one(card: Card) -> bool:
    """Return whether every row that counts is one patient with an outcome of yes or no."""
    if card.kind not in (MeasureKind.PROPORTION, MeasureKind.OBSERVED_EXPECTED) or card.once or card.split:
        return False
    sums = (quantity(text, "sum") for text in (card.numerator, card.denominator))
    return not any(found is not None and found.summed for found in sums)


def patients(
    card: Card,
    source: Source,
    *,
    columns: Sequence[str] = (),
    order: Sequence[str] = (),
    engine: Engine | None = None,
) -> Patients | NotEstimable:
    """Return the patients that count in a measure: the same rows that its sums are made of.

    Args:
        card: The measure.
        source: Parquet files of the registry, or rows in memory.
        columns: Columns to bring along, such as those of a case-mix model.
        order: Columns that put patients of one site and day in order, such as the table's key; without them the order
            of one day is the order of the files.
        engine: What reads them; DuckDB when None.

    Returns:
        Patients, or NotEstimable ``AT-S-145`` for measures that do not count patients one by one.

    Raises:
        MeasureError: ``AT-M-005`` or ``AT-M-006`` when the card or a column does not fit the rows.
    """
    if not one_by_one(card):
        return NO_PATIENTS
    with engine or DuckDB() as opened:
        kinds = opened.attach(source)
        check_card(card, kinds)
        if missing := [name for name in (*columns, *order) if name not in kinds]:
            raise MeasureError(
                "AT-M-005",
                f'The table has no column "{missing[0]}".',
                expected=f"It has: {', '.join(sorted(kinds))}.",
                do="Name one of its columns.",
            )
        from allteach.measures.program import Program

        program = Program(card, kinds, engine=opened.dialect, table=opened.table)
        table = opened.query(_statement(program, columns, order))
    return Patients(
        site=_objects(table["site"]),
        day=np.asarray(table["day"].to_numpy(zero_copy_only=False), dtype="datetime64[D]"),
        outcome=_floats(table["num"]),
        given=_floats(table["x"]) if card.kind is MeasureKind.OBSERVED_EXPECTED else None,
        columns={name: _objects(table[f"c_{at}"]) for at, name in enumerate(columns)},
    )


def _statement(program: Program, columns: Sequence[str], order: Sequence[str]) -> str:
    """Return the statement: what each row contributes, with the columns brought along, in order of time."""
    from sqlglot import exp

    brought = [exp.alias_(program.column(name), f"c_{at}", quoted=True) for at, name in enumerate(columns)]
    placed = [exp.alias_(program.column(name), f"o_{at}", quoted=True) for at, name in enumerate(order)]
    day = exp.alias_(exp.cast(program.column(program.card.date), "DATE"), "day")
    rows = program.marked().select(day, *brought, *placed)
    by = [exp.column(name, quoted=True) for name in ("site", "day", *(f"o_{at}" for at in range(len(order))))]
    return exp.select("*").from_(rows.subquery("m")).order_by(*by).sql(program.engine)


def _floats(column: Any) -> NDArray[np.float64]:
    return np.array([np.nan if value is None else float(value) for value in column.to_pylist()], dtype=np.float64)


def _objects(column: Any) -> NDArray[np.object_]:
    values = np.empty(len(column), dtype=object)
    values[:] = column.to_pylist()
    return values
