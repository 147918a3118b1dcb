"""What a door would bring: its columns, its first rows, and what the check would say of them. Nothing is kept."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from itertools import islice
from typing import Any

from django.utils import timezone

from allteach.intake import checks, reader
from allteach.intake.findings import Finding
from allteach.web.doors import landing, policies
from allteach.web.doors.bringing import bring
from allteach.web.doors.bringing.order import wanted
from allteach.web.doors.models import Door
from allteach.web.doors.services import order_of
from allteach.web.submissions import spelling, store

FIRST_ROWS = 10
_COLUMN_MISSING = "AT-I-012"  # said once, of all such columns together


@dataclass(frozen=True, slots=True)
class Trial:
    """What a door would bring.

    Args:
        columns: Columns of the file that it would send.
        empty: Columns of the table that the other side does not have.
        unused: Columns of the other side that the table does not have.
        total: How many records there are, where the other side says so.
        rows: The first rows; None where the person may not see rows.
        read: How many rows were looked at.
        kept: How many of them would be kept.
        findings: What the check would say of them, without values.
    """

    columns: Sequence[str]
    empty: Sequence[str]
    unused: Sequence[str]
    total: int | None
    rows: list[list[str]] | None
    read: int
    kept: int
    findings: Sequence[Finding]


def attempt(*, user: Any, door: Door) -> Trial:
    """Return what a door would bring.

    Raises:
        Refused: ``AT-P-040`` when the person may not fetch through it.
        StateError: as `allteach.web.doors.bringing.bring`.
    """
    policies.require_fetch(user, door)
    order = order_of(door, most=FIRST_ROWS)
    brought = bring(door.kind, order)
    columns = landing.header(order, brought)
    with closing(brought.rows):
        rows = list(islice(landing.lines(order, brought), FIRST_ROWS))
    checked = _checked(door, columns, rows) if rows else None
    return Trial(
        columns=columns,
        empty=[name for name in wanted(order.table) if name not in columns],
        unused=brought.unused,
        total=brought.total,
        rows=rows if policies.may_see_rows(user, door) else None,
        read=len(rows),
        kept=checked.good.num_rows if checked and not checked.rejected else 0,
        findings=[found for found in checked.findings if found.code != _COLUMN_MISSING] if checked else (),
    )


def _checked(door: Door, columns: Sequence[str], rows: Sequence[Sequence[str]]) -> checks.Checked:
    """Hold the first rows against the table, as the road of a file would."""
    text = io.StringIO(newline="")
    csv.writer(text, lineterminator="\r\n").writerows([columns, *rows])
    incoming = store.land("try.csv", [text.getvalue().encode()])
    try:
        raw = reader.read(incoming.path, name="try.csv")
    finally:
        incoming.path.unlink(missing_ok=True)
    order = order_of(door)
    site = order.table.site
    spellings = spelling.counted(raw, site.name) if site else {}
    codes, _unknown = spelling.match(spellings, spelling.known_codes(door.network))
    own = door.site.code if door.site else ""
    mine = tuple(text for text, code in codes.items() if code == own)
    scope = checks.Scope(sites=mine or ("",)) if own and site else None
    today = timezone.localdate()
    return checks.check(raw, order.table, sent_on=today, sites=list(codes), site=own, scope=scope)
