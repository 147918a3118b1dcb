"""Makes tables and doors for tests."""

from __future__ import annotations

from typing import Any

from allteach.intake import redcap
from allteach.intake.redcap_table import Selection, table
from allteach.web.doors import jobs, services
from allteach.web.doors.models import Door, Fetch
from allteach.web.doors.services import Wish
from allteach.web.submissions.services import save_table
from tests.fake_redcap import METADATA, TOKEN, FakeRedcap

VISITS = Selection("visits", "Visits", day="visit_date", repeating="visit", site="hospital", missing=("UNK",))


def visits_table(people: Any, network: Any, selection: Selection = VISITS) -> Any:
    """Return the table that the fake REDCap project makes."""
    made = table(redcap.of_metadata(METADATA), selection)
    return save_table(by=people.chi, network=network, dictionary=made.dictionary)


def redcap_door(people: Any, network: Any, project: FakeRedcap, **more: Any) -> Door:
    """Return a door to the fake project."""
    settings = {"url": project.url, "instrument": "visit"} | more.pop("settings", {})
    wish = Wish("Visits in REDCap", "redcap", "visits", settings, more.pop("site", None), more.pop("every", ""))
    return services.door_make(by=people.chi, network=network, wish=wish, token=more.pop("token", TOKEN))


def fetched(by: Any, door: Door) -> Fetch:
    """Fetch through a door, check included, and return how it ended."""
    fetch = jobs.fetch_later(by=by, door=door)
    fetch.refresh_from_db()
    return fetch
