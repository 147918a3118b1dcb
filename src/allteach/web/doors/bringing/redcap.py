"""Records of a REDCap project over its API, a page of records at a time, as text.

Plain HTTP and not PyCap: PyCap follows redirects with the token, looks at no status, holds an answer of any size, and
cannot be kept to a list of hosts.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Generator, Iterator
from datetime import date
from typing import Any

from django.utils.translation import gettext as _

from allteach.errors import StateError
from allteach.intake import redcap
from allteach.intake.contract import Field, FieldType
from allteach.intake.redcap import EVENT, GROUP, INSTANCE, INSTRUMENT
from allteach.web.doors.bringing import web
from allteach.web.doors.bringing.order import Brought, Order, require_columns, wanted, written
from allteach.web.doors.hosts import require_listed, web_address

PAGE = 500  # records in one request: REDCap keeps a whole answer in memory
SPECIAL = (GROUP, INSTANCE, INSTRUMENT, EVENT)
_TRIAL = 20.0  # seconds of patience while somebody waits


def require_usable(order: Order) -> None:
    """Return when the address can be used by a door.

    Raises:
        StateError: ``AT-T-401``, ``AT-T-402``, ``AT-T-417``.
    """
    scheme, host, port, _path = web_address(order.said("url"))
    require_listed(host, port, 443 if scheme == "https" else 80)


def bring(order: Order) -> Brought:
    """Return the rows of the door's instrument, or of the records themselves.

    Raises:
        StateError: as `web.post`; ``AT-T-410`` when the project has not the table's columns.
    """
    return _Project(order).brought()


class _Project:
    """One project while it is read."""

    def __init__(self, order: Order) -> None:
        self.order, self.url = order, order.said("url")
        self.instrument, self.event = order.said("instrument"), order.said("event")
        asked = self._ask({"content": "metadata", "format": "json"})
        self.questions = {q.name: q for q in redcap.of_metadata(_parsed(asked, self.url))}
        self.record = next(iter(self.questions))
        self.columns = self._columns()

    def _ask(self, form: dict[str, str]) -> bytes:
        base = {"token": self.order.secret, "returnFormat": "json"}
        return web.post(self.url, base | form, patience=_TRIAL if self.order.most else web.PATIENCE)

    def _columns(self) -> dict[str, Field]:
        """Return the table's columns that the project has."""
        if self.instrument and self.instrument not in {q.form for q in self.questions.values()}:
            raise StateError(
                "AT-T-410",
                _("The REDCap project has no instrument of this name."),
                where=self.instrument,
                do=_("Write the name of the instrument as REDCap's data dictionary has it."),
            )
        found = {}
        for name, field in wanted(self.order.table).items():
            question = self.questions.get(self._question(name))
            box = question is not None and question.type == "checkbox"
            if name in SPECIAL or (question is not None and box == ("___" in name)):
                found[name] = field
        require_columns(self.order, list(found))
        return found

    def _question(self, column: str) -> str:
        return column if column in self.questions else column.partition("___")[0]

    def brought(self) -> Brought:
        ids = self._ids()
        some = ids if self.order.most is None else ids[: self.order.most]
        return Brought(tuple(self.columns), self._rows(some), total=len(ids))

    def _ids(self) -> list[str]:
        """Return the names of all records, in order."""
        body = self._ask({"content": "record", "format": "csv", "type": "flat", "fields[0]": self.record})
        rows = self._table(body, [self.record])
        return list(dict.fromkeys(row[self.record] for row in rows if row[self.record]))

    def _table(self, body: bytes, needed: list[str]) -> list[dict[str, str]]:
        """Return the rows of an answer in CSV."""
        if not body.strip():
            return []
        reader = csv.DictReader(io.StringIO(body.decode("utf-8-sig", errors="replace"), newline=""))
        if withheld := [name for name in needed if name not in (reader.fieldnames or ())]:
            raise StateError(
                "AT-T-410",
                _("REDCap leaves out columns that the table needs."),
                where=", ".join(withheld[:12]),
                expected=_("A token whose account may export these questions; de-identified export leaves out dates."),
                do=_("Ask for the right to export the full data set, or all but identifier fields."),
            )
        rows = list(reader)
        if any(None in row or None in row.values() for row in rows):
            raise web.broken_off(self.url)  # a last line that was cut off
        return rows

    def _rows(self, ids: list[str]) -> Generator[tuple[str, ...]]:
        for start in range(0, len(ids), PAGE):
            yield from self._page(ids[start : start + PAGE])

    def _page(self, ids: list[str]) -> Iterator[tuple[str, ...]]:
        asked = list(dict.fromkeys([self.record, *(self._question(n) for n in self.columns if n not in SPECIAL)]))
        form = {"content": "record", "format": "csv", "type": "flat", "rawOrLabel": "raw", "rawOrLabelHeaders": "raw"}
        form |= {f"records[{n}]": name for n, name in enumerate(ids)}
        form |= {f"fields[{n}]": name for n, name in enumerate(asked)}
        form |= {"exportDataAccessGroups": "true" if GROUP in self.columns else "false", "exportSurveyFields": "false"}
        plain = [name for name in self.columns if name not in SPECIAL]
        rows = self._table(self._ask(form), [self.record, *plain])
        if {row[self.record] for row in rows} != set(ids):
            raise web.broken_off(self.url)
        yield from self._chosen(rows)

    def _chosen(self, rows: list[dict[str, str]]) -> Iterator[tuple[str, ...]]:
        """Return the rows of the instrument; what belongs to the record itself is filled in from its own row."""
        own: dict[tuple[str, str], dict[str, str]] = {}
        for row in rows:
            if not row.get(INSTRUMENT):
                own.setdefault((row[self.record], row.get(EVENT, "")), row)
                own.setdefault((row[self.record], ""), row)
        for row in rows:
            if (row.get(INSTRUMENT) or "") != self.instrument or (self.event and row.get(EVENT) != self.event):
                continue
            of_record = own.get((row[self.record], row.get(EVENT, ""))) or own.get((row[self.record], ""), {})
            cells = [self._cell(name, row, of_record) for name in self.columns]
            if any(self._says(name, cell) for name, cell in zip(self.columns, cells, strict=True)):
                yield tuple(cells)

    def _says(self, column: str, cell: str) -> bool:
        """Return whether a cell says anything but which row it is."""
        if column in (*SPECIAL, self.record) or not cell:
            return False
        # a box that is not ticked is exported as 0 even where nobody has opened the form
        return self.questions[self._question(column)].type != "checkbox" or cell != "0"

    def _cell(self, column: str, row: dict[str, str], of_record: dict[str, str]) -> str:
        text = row.get(column, "")
        question = self.questions.get(self._question(column))
        if self.instrument and (column == GROUP or (question and question.form != self.instrument)):
            text = text or of_record.get(column, "")
        if question is None:
            return text
        field = self.columns[column]
        if field is self.order.table.site and question.choices:
            return dict(question.choices).get(text, text)
        if field.type is FieldType.DATE and field.formats and text[:4].isdigit():
            return _redated(text, field)
        return text


def _redated(text: str, field: Field) -> str:
    """Return one of REDCap's dates, always year first, as the table writes dates."""
    try:
        return written(date.fromisoformat(text[:10]), field)
    except ValueError:
        return text


def _parsed(body: bytes, url: str) -> Any:
    """Return an answer in JSON; anything else means that this is not REDCap's API.

    Raises:
        StateError: ``AT-T-408``.
    """
    try:
        found = json.loads(body)
    except ValueError:
        found = None
    if not isinstance(found, list):
        raise StateError(
            "AT-T-408",
            _("What answers at this address is not the API of REDCap."),
            where="{1}:{2}".format(*web_address(url)),
            expected=_("An address that ends with /api/."),
            do=_("Copy the address from the page API in your REDCap project."),
        )
    return found
