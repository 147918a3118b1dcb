"""Fetching from the command line: the same services and permissions as the pages."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.db.models import Q

from allteach.errors import StateError
from allteach.web.doors import selectors, services, trying
from allteach.web.doors.models import Door
from allteach.web.people.models import Person
from allteach.web.sites.models import Network

Say = Callable[[str], object]


def ask(*, network: str, number: int | None, username: str, test: bool, say: Say) -> dict[str, Any]:
    """List doors, test one or fetch through one; say what happens and return it as plain data.

    Raises:
        Refused: ``AT-P`` when the person may not.
        StateError: ``AT-T-419`` when network, door or person is not known; else as `services.fetch_queue`.
    """
    here = Network.objects.filter(Q(slug=network) | Q(name=network)).first()
    by = Person.objects.filter(username=username, is_active=True).first()
    if here is None or by is None:
        what = f'There is no network "{network}".' if here is None else f'There is no person "{username}".'
        raise StateError("AT-T-419", what, do="Name both: --network NAME --as USERNAME.")
    doors = list(selectors.doors_of(user=by, network=here))
    if number is None:
        return _listed(doors, say)
    door = next((one for one in doors if one.number == number), None)
    if door is None:
        known = ", ".join(str(one.number) for one in doors)
        raise StateError("AT-T-419", f"There is no door {number}.", expected=f"Doors: {known or 'none'}.")
    return _tested(by, door, say) if test else _fetched(by, door, say)


def _listed(doors: list[Door], say: Say) -> dict[str, Any]:
    rows = [
        {"number": d.number, "name": d.name, "kind": d.kind, "table": d.table_slug, "open": d.is_open} for d in doors
    ]
    for row in rows:
        say(f"{row['number']}  {row['name']} ({row['kind']}, fills {row['table']}{'' if row['open'] else ', closed'})")
    if not rows:
        say("There are no doors that you may fetch through.")
    return {"doors": rows}


def _tested(by: Person, door: Door, say: Say) -> dict[str, Any]:
    trial = trying.attempt(user=by, door=door)
    say(f"Columns: {', '.join(trial.columns)}.")
    say(f"Of the first {trial.read} rows, {trial.kept} could be kept. Nothing was kept.")
    for finding in trial.findings:
        say(f"  {finding.code} {finding.column} {finding.message}")
    return {"columns": list(trial.columns), "read": trial.read, "could_be_kept": trial.kept, "total": trial.total}


def _fetched(by: Person, door: Door, say: Say) -> dict[str, Any]:
    fetch = services.fetch_run(by=by, fetch=services.fetch_queue(by=by, door=door))
    if fetch.state == fetch.State.FAILED:
        said = fetch.problem
        say(" ".join(said[key] for key in ("code", "what", "where", "expected", "do") if said.get(key)))
        return {"state": fetch.state, "problem": said}
    submission = fetch.submission
    assert submission is not None
    submission.refresh_from_db()
    if fetch.state == fetch.State.SAME:
        say(f"{fetch.rows:,} rows, the same as in submission {submission.number}: nothing was sent.")
    else:
        say(f"{fetch.rows:,} rows became submission {submission.number}: {submission.get_status_display().lower()}.")
    say(f"Page: /n/{door.network.slug}/data/files/{submission.number}/")
    return {"state": fetch.state, "rows": fetch.rows, "submission": submission.number, "status": submission.status}
