"""Rows that one SELECT gives in a PostgreSQL database: read only, with a time limit, a batch at a time."""

from __future__ import annotations

import os
from collections.abc import Generator, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import psycopg
from django.utils.translation import gettext as _
from psycopg import IsolationLevel

from allteach.errors import StateError
from allteach.web.doors.bringing.order import Brought, Order, require_columns, wanted, written
from allteach.web.doors.bringing.web import broken_off, refused, too_slow, unreachable
from allteach.web.doors.hosts import is_here, plain_host, require_listed

USUAL_PORT = 5432
BATCH = 5000
SECONDS = 600  # longest run of a statement
_TRIAL_SECONDS = 20
_CONNECT_SECONDS = 10


def require_usable(order: Order) -> None:
    """Return when host and statement can be used by a door.

    Raises:
        StateError: ``AT-T-401``, ``AT-T-402``, ``AT-T-412``, ``AT-T-417``.
    """
    require_reachable(order)
    require_select(order.said("statement"))


def require_reachable(order: Order) -> None:
    """Return when the host of a database may be reached.

    Raises:
        StateError: ``AT-T-401``, ``AT-T-402``, ``AT-T-417``.
    """
    require_listed(plain_host(order.said("host")), int(order.settings.get("port") or USUAL_PORT), USUAL_PORT)


def require_select(statement: str) -> None:
    """Return when a text is one SELECT. The database itself holds the rest back: the transaction can only read.

    Raises:
        StateError: ``AT-T-412``.
    """
    # Here, not above: the reader of SQL takes a while to load, and no start needs it.
    import sqlglot
    from sqlglot import exp
    from sqlglot.errors import SqlglotError

    changes = (exp.Insert, exp.Update, exp.Delete, exp.Merge, exp.Create, exp.Drop, exp.Into, exp.Command, exp.Lock)
    try:
        found = [one for one in sqlglot.parse(statement, read="postgres") if one is not None]
        good = len(found) == 1 and isinstance(found[0], exp.Query) and not found[0].find(*changes)
    except (SqlglotError, RecursionError):
        # PostgreSQL knows more than our parser; a cursor is declared for it, which takes nothing but a query
        good = statement.lstrip().lower().startswith(("select", "with")) and ";" not in statement.rstrip().rstrip(";")
    if not good:
        raise StateError(
            "AT-T-412",
            _("A door takes one statement that only reads."),
            expected=_("One SELECT whose columns have the names of the table's columns."),
            do=_("Leave one SELECT, without INTO, FOR UPDATE or anything that changes data."),
        )


def bring(order: Order) -> Brought:
    """Return the rows of the door's statement.

    Raises:
        StateError: ``AT-T-405`` to ``AT-T-410``, ``AT-T-412``, ``AT-T-413``, ``AT-T-415``.
    """
    return run(order, order.said("statement").rstrip().rstrip(";"))


def run(order: Order, statement: str, values: Mapping[str, Any] | None = None) -> Brought:
    """Return the rows of a statement, read as they are taken; the connection closes with the last one."""
    reading = _read(order, statement, values)
    columns, unused = next(reading)
    return Brought(columns, reading, unused)


def _read(order: Order, statement: str, values: Mapping[str, Any] | None) -> Generator[Any]:
    """Yield the columns and what is not used, then row after row."""
    where = f"{order.said('host')}:{order.settings.get('port') or USUAL_PORT}"
    with _told(where), _connected(order, where) as connection, connection.cursor(name="door") as cursor:
        cursor.execute(statement.encode(), values)
        offered = [column.name for column in cursor.description or ()]
        known = {name.casefold(): field for name, field in wanted(order.table).items()}
        taken = {known[name.casefold()].name: at for at, name in enumerate(offered) if name.casefold() in known}
        require_columns(order, list(taken))
        yield tuple(taken), tuple(name for name in offered if name.casefold() not in known)
        fields = [(at, order.table.field(name)) for name, at in taken.items()]
        left = order.most
        while rows := cursor.fetchmany(BATCH if left is None else min(BATCH, left)):
            for row in rows:
                yield tuple(written(row[at], field) for at, field in fields)
            if left is not None and (left := left - len(rows)) <= 0:
                return


@contextmanager
def _connected(order: Order, where: str) -> Iterator[psycopg.Connection[Any]]:
    """Give a connection on which nothing can be changed."""
    host = plain_host(order.said("host"))
    seconds = _TRIAL_SECONDS if order.most else SECONDS
    tls = "disable" if host.startswith("/") else order.said("tls") or ("prefer" if is_here(host) else "require")
    try:
        connection = psycopg.connect(
            host=host,
            port=int(order.settings.get("port") or USUAL_PORT),
            dbname=order.said("database"),
            user=order.said("user"),
            password=order.secret or None,
            passfile=os.devnull,
            sslmode=tls,
            sslrootcert="system" if tls == "verify-full" else "",
            connect_timeout=_CONNECT_SECONDS,
            application_name="allteach",
            client_encoding="UTF8",
            options=f"-c default_transaction_read_only=on -c statement_timeout={seconds * 1000} -c lock_timeout=10000",
        )
    except psycopg.errors.ConnectionTimeout:
        raise too_slow(where) from None
    except psycopg.OperationalError as error:
        raise _not_in(error, where) from None
    with connection:
        connection.read_only = True
        connection.isolation_level = IsolationLevel.REPEATABLE_READ
        _require_modest(connection, where)
        yield connection


def _not_in(error: psycopg.OperationalError, where: str) -> StateError:
    """Return why a database did not let us in. Its own words may name people, so they are not passed on."""
    text = str(error)
    state = error.sqlstate or ""
    if state.startswith("28") or any(
        word in text for word in ("authentication failed", "no password supplied", "role ")
    ):
        return refused(where)
    if state == "3D000" or ("database " in text and "does not exist" in text):
        return StateError(
            "AT-T-408", _("The server has no database of this name."), where=where, do=_("Correct its name.")
        )
    if "FATAL" in text:
        return StateError("AT-T-408", _("The database does not let this server in now."), where=where,
                          do=_("Ask those who look after it."))  # fmt: skip
    return unreachable(where)


def _require_modest(connection: psycopg.Connection[Any], where: str) -> None:
    """Refuse an account that may do everything: it could read files of the server."""
    row = connection.execute("SELECT rolsuper FROM pg_catalog.pg_roles WHERE rolname = current_user").fetchone()
    if row and row[0]:
        raise StateError(
            "AT-T-415",
            _("The account of this door may do everything in the database."),
            where=where,
            expected=_("An account that may only read the tables it needs."),
            do=_("Have an account made for this door with the right to SELECT and no more."),
        )


@contextmanager
def _told(where: str) -> Iterator[None]:
    """Turn what the database says into errors of ours. Only messages about the statement are quoted, never values."""
    try:
        yield
    except psycopg.errors.QueryCanceled:
        raise too_slow(where) from None
    except psycopg.errors.ReadOnlySqlTransaction:
        raise _no_answer(_("The statement tries to change data."), where, "") from None
    except (psycopg.errors.SyntaxErrorOrAccessRuleViolation, psycopg.errors.ProgrammingError) as error:
        said = error.diag.message_primary or "" if (error.sqlstate or "").startswith("42") else ""
        raise _no_answer(_("The database cannot run the statement."), said or where, error.sqlstate or "") from None
    except psycopg.OperationalError as error:
        if (error.sqlstate or "").startswith(("53", "55", "54")):
            raise _no_answer(_("The database is too busy."), where, error.sqlstate or "") from None
        raise broken_off(where) from None
    except psycopg.Error as error:
        raise _no_answer(_("The statement failed on some row."), where, error.sqlstate or "") from None


def _no_answer(what: str, where: str, state: str) -> StateError:
    return StateError(
        "AT-T-413",
        what,
        where=f"{where} ({state})" if state else where,
        do=_("Run the statement in your own program with the same account, correct it, and store it again."),
    )
