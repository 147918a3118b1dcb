"""Makes files, tables and submissions for tests of the road of a file."""

from __future__ import annotations

from typing import Any

from allteach.intake.contract import TableDictionary, load
from allteach.web.submissions import services, store

FALLS = """site,month,ward,falls,days
alder,2024-01-01,A,3,300
alder,2024-01-01,B,1,200
alder,2024-02-01,A,2,310
birch,2024-01-01,A,4,410
birch,2024-02-01,A,5,400
"""


FALLS_DICTIONARY = """
name: falls
title: Falls
grain: month
key: [site, month, ward]
fields:
- {name: site, role: site, required: true}
- {name: month, type: date, role: period, required: true, formats: [YYYY-MM-DD]}
- {name: ward, type: code, role: stratum, codes: [A, B]}
- {name: falls, type: integer, role: numerator, minimum: 0, at_most: days}
- {name: days, type: integer, role: denominator, minimum: 0}
"""


def falls() -> TableDictionary:
    """Return the dictionary of `FALLS`."""
    return load(FALLS_DICTIONARY)


def land(text: str | bytes, name: str = "falls.csv") -> store.Incoming:
    """Return a file that has arrived."""
    return store.land(name, [text.encode() if isinstance(text, str) else text])


def sent(
    by: Any, network: Any, text: str | bytes, *, table: Any = None, site: Any = None, name: str = "falls.csv"
) -> Any:
    """Send a file and return its submission, not checked yet."""
    return services.receive(by=by, network=network, incoming=land(text, name), table=table, site=site).submission


def checked(by: Any, network: Any, text: str | bytes, *, table: Any, site: Any = None) -> Any:
    """Send a file and have it checked."""
    return services.check(by=by, submission=sent(by, network, text, table=table, site=site))


def accepted(by: Any, network: Any, text: str | bytes, *, table: Any, site: Any = None) -> Any:
    """Send a file, have it checked and accept it."""
    submission = sent(by, network, text, table=table, site=site)
    if submission.status == submission.Status.ACCEPTED:
        return submission
    if submission.status == submission.Status.RECEIVED:
        submission = services.check(by=by, submission=submission)
    return services.accept(by=by, submission=submission)
