"""The database's own refusal to change or delete ledger rows, for writers that come around our code."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db import connections

_SQLITE = (
    "CREATE TRIGGER IF NOT EXISTS ledger_no_update BEFORE UPDATE ON ledger_entry "
    "BEGIN SELECT RAISE(ABORT, 'ledger entries are never changed'); END",
    "CREATE TRIGGER IF NOT EXISTS ledger_no_delete BEFORE DELETE ON ledger_entry "
    "BEGIN SELECT RAISE(ABORT, 'ledger entries are never removed'); END",
)
_POSTGRESQL = (
    "CREATE OR REPLACE FUNCTION ledger_refuse() RETURNS trigger AS $$ "
    "BEGIN RAISE EXCEPTION 'ledger entries are never changed or removed'; END $$ LANGUAGE plpgsql",
    "CREATE OR REPLACE TRIGGER ledger_no_change BEFORE UPDATE OR DELETE OR TRUNCATE ON ledger_entry "
    "FOR EACH STATEMENT EXECUTE FUNCTION ledger_refuse()",
)


def install(using: str = "default") -> None:
    """Put the triggers in place; harmless when they are."""
    connection = connections[using]
    statements = {"sqlite": _SQLITE, "postgresql": _POSTGRESQL}.get(connection.vendor, ())
    with connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)


def after_migrate(sender: Any, using: str = "default", **kwargs: Any) -> None:
    """Install the guard once the tables are there."""
    if settings.ALLTEACH_LEDGER_GUARD:
        install(using)
