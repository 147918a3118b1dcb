"""Reading a kept file and holding it against its table. The same file and table always come to the same."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pyarrow as pa
from django.utils import timezone

from allteach.intake import checks, contract
from allteach.intake.checks import Checked
from allteach.intake.contract import TableDictionary
from allteach.intake.raw import RawTable
from allteach.web.submissions import reading, spelling
from allteach.web.submissions.models import Submission


@dataclass(frozen=True, slots=True)
class Examined:
    """A file held against its table.

    Args:
        raw: Its texts.
        dictionary: The table.
        checked: Good rows, held rows, findings.
        codes: Spelling of a site in the file -> its code.
        unknown: Sites that the network does not know.
        fhir: How resources were read; empty for other files.
    """

    raw: RawTable
    dictionary: TableDictionary
    checked: Checked
    codes: Mapping[str, str]
    unknown: Sequence[spelling.Unknown]
    fhir: Mapping[str, Any]

    def good(self) -> pa.Table:
        """Return the good rows, each site under its code."""
        if self.dictionary.site is None:
            return self.checked.good
        return spelling.with_codes(self.checked.good, self.dictionary.site.name, self.codes)


def examine(submission: Submission, *, note: Callable[[str], object] = lambda step: None) -> Examined:
    """Return what a file comes to against its table.

    Args:
        submission: The file; it belongs to a table.
        note: Told of each step.

    Raises:
        IntakeError: ``AT-I`` when no table can be made of the file.
    """
    assert submission.table is not None
    dictionary = contract.load(submission.table.dictionary)
    raw, view = reading.read(submission)
    usual = _usual_sheet(submission) if len(raw.sheets) > 1 and not submission.plan.get("sheet") else ""
    if usual in raw.sheets and usual != raw.sheet:
        raw, view = reading.read(submission, usual)
    note("check")
    known = spelling.known_codes(submission.network, submission.plan.get("new_sites", []))
    spellings = spelling.counted(raw, dictionary.site.name, *dictionary.site.was) if dictionary.site else {}
    codes, unknown = spelling.match(spellings, known)
    own = reading.sender(submission)
    checked = checks.check(
        raw,
        dictionary,
        sent_on=timezone.localdate(submission.sent_at),
        sites=list(codes),
        site=own,
        scope=_own_rows(submission, codes),
    )
    return Examined(raw, dictionary, checked, codes | ({own: own} if own else {}), unknown, reading.facts(raw, view))


def _usual_sheet(submission: Submission) -> str:
    """Return the sheet of the last accepted workbook of this table, so that nobody has to name it each month."""
    assert submission.table is not None
    earlier = Submission.objects.filter(
        network=submission.network, table__slug=submission.table.slug, decided_at__isnull=False
    ).exclude(status=Submission.Status.REJECTED)
    said = [plan.get("sheet", "") for plan in earlier.order_by("-number").values_list("plan", flat=True)[:20]]
    return next((sheet for sheet in said if sheet), "")


def _own_rows(submission: Submission, codes: Mapping[str, str]) -> checks.Scope | None:
    """Return the spellings of the sender's own site, where the sender speaks for one; rows of others are held back."""
    if submission.site is None:
        return None
    own = tuple(text for text, code in codes.items() if code == submission.site.code)
    return checks.Scope(sites=own or ("",))
