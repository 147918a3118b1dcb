"""Makes a file of what came through a door, the same bytes for the same rows, whatever order they came in."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator
from contextlib import closing

from allteach.web.doors.bringing import Brought, Order
from allteach.web.submissions import store


def header(order: Order, brought: Brought) -> list[str]:
    """Return the columns of the file, in the order of the table."""
    table = order.table
    return [
        field.name for field in table.fields if field.name in brought.columns or (order.site and field is table.site)
    ]


def lines(order: Order, brought: Brought) -> Iterator[list[str]]:
    """Return the rows of the file; a door of one site fills in that site where the rows do not say it."""
    at = {name: n for n, name in enumerate(brought.columns)}
    site = order.table.site.name if order.table.site else ""
    names = header(order, brought)
    for row in brought.rows:
        yield [row[at[name]] if name in at else order.site if name == site else "" for name in names]


def land(order: Order, brought: Brought, name: str) -> tuple[store.Incoming, int]:
    """Return the file and its number of rows.

    Raises:
        StateError: ``AT-T-030`` when it grows above the limit of uploads, ``AT-T-031`` when the disk is full; and
            whatever reading the rows raises. Nothing of a fetch that fails is kept.
    """
    found, size = [], 0
    with closing(brought.rows):
        for line in lines(order, brought):
            text = _line(line)
            size += len(text)
            if size > store.LIMIT_BYTES:
                raise store.too_large(size)
            found.append(text)
    found.sort()
    return store.land(name, _joined(_line(header(order, brought)), found)), len(found)


def _joined(head: bytes, rows: Iterable[bytes]) -> Iterator[bytes]:
    yield head
    yield from rows


def _line(cells: list[str]) -> bytes:
    out = io.StringIO(newline="")
    csv.writer(out, lineterminator="\r\n").writerow(cells)
    return out.getvalue().encode()
