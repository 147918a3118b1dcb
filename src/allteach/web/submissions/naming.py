"""Looking at a file that nobody has described, and turning a person's answers into a table, sites and measures."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

import pyarrow as pa
from django.utils import timezone

from allteach.intake import checks
from allteach.intake.contract import Role, TableDictionary
from allteach.intake.facts import is_unique
from allteach.intake.fhir.views import View
from allteach.intake.profile import Profile, profile
from allteach.intake.raw import RawTable
from allteach.measures.card import Card
from allteach.measures.files import dump
from allteach.measures.guess import Proposal, propose
from allteach.web.people.models import Person
from allteach.web.submissions import reading, services, spelling
from allteach.web.submissions.models import Submission
from allteach.web.submissions.services.tables import named_once

SAMPLE_ROWS = 5
FIRST_LOOK = 10_000  # resources
TRIAL_ROWS = 50_000
_NAMING = (Role.SITE, Role.PERIOD, Role.DATE, Role.DAY_NUMBER)


@dataclass(frozen=True, slots=True)
class Look:
    """A file that nobody has described yet.

    Args:
        raw: Its texts.
        profile: What its columns seem to be.
        view: How it was read, where it holds FHIR resources.
    """

    raw: RawTable
    profile: Profile
    view: View | None = None

    def samples(self) -> dict[str, tuple[str, ...]]:
        """Return the first few different values of each column."""
        out = {}
        for name in self.raw.columns:
            seen = dict.fromkeys(text for text in self.raw.table[name][:200].to_pylist() if text)
            out[name] = tuple(list(seen)[:3])
        return out

    def first_rows(self) -> list[list[str]]:
        """Return the first rows as texts."""
        return [list(row.values()) for row in self.raw.table.slice(0, SAMPLE_ROWS).to_pylist()]


def look(submission: Submission, sheet: str = "", *, limit: int = 0) -> Look:
    """Return what a kept file seems to be.

    Args:
        submission: The file.
        sheet: Which sheet of a workbook; the one that was said before, or the first, when empty.
        limit: Look only at so many FHIR resources, which take longer to read than rows; 0 for all.

    Raises:
        IntakeError: ``AT-I-001`` to ``AT-I-009`` when no table can be made of it.
    """
    raw, view = reading.read(submission, sheet, limit=limit)
    return Look(raw, profile(raw), view)


def with_key(dictionary: TableDictionary, raw: RawTable) -> TableDictionary:
    """Return the dictionary with the columns that name a row of counts, where its roles give one."""
    if dictionary.key or not dictionary.with_role(Role.NUMERATOR):
        return dictionary
    key = [field.name for role in _NAMING for field in dictionary.with_role(role)]
    for name in [None, *(field.name for field in dictionary.with_role(Role.STRATUM))]:
        key += [name] if name else []
        if key and is_unique(raw, key):
            return replace(dictionary, key=tuple(key))
    return dictionary


def new_sites(
    submission: Submission, raw: RawTable, dictionary: TableDictionary, one_site: str
) -> list[spelling.Unknown]:
    """Return the sites that the file names and the network does not know."""
    if dictionary.site is None:
        spellings = {one_site: raw.rows} if one_site else {}
    else:
        spellings = spelling.counted(raw, dictionary.site.name)
    return spelling.match(spellings, spelling.known_codes(submission.network))[1]


@dataclass(frozen=True, slots=True)
class Answers:
    """What a person said about a file.

    Args:
        dictionary: Its table.
        cards: Measures to begin with.
        sites: Sites to add when the file is accepted.
        one_site: The site that the whole file is from, where no column says so.
        sheet: The sheet of a workbook with several.
        view: How the table reads FHIR resources, where the file holds them.
    """

    dictionary: TableDictionary
    cards: Sequence[Card] = ()
    sites: Sequence[spelling.Unknown] = ()
    one_site: str = ""
    sheet: str = ""
    view: str = ""


def describe(*, by: Person, submission: Submission, answers: Answers) -> Submission:
    """Write down what a person said about a file and return it, ready to be checked."""
    table = services.save_table(by=by, network=submission.network, dictionary=answers.dictionary)
    plan: dict[str, Any] = {
        "named_here": True,
        "cards": [dump(replace(card, table=table.slug)) for card in answers.cards],
        "new_sites": named_once([asdict(site) for site in answers.sites], set()),
        "sheet": answers.sheet,
    }
    if answers.view:
        services.save_view(by=by, table=table, text=answers.view)
        plan["view"] = answers.view
    if answers.one_site:
        matched, unknown = spelling.match({answers.one_site: 1}, spelling.known_codes(submission.network))
        plan["one_site"] = matched.get(answers.one_site) or unknown[0].code
    return services.describe(by=by, submission=submission, table=table, plan=plan)


def trial_rows(look_: Look, dictionary: TableDictionary) -> pa.Table | None:
    """Return the good rows of (the beginning of) the file, for proposing measures; None when the check stops it."""
    raw = look_.raw
    if raw.table.num_rows > TRIAL_ROWS:
        raw = replace(raw, table=raw.table.slice(0, TRIAL_ROWS), numbers=raw.numbers[:TRIAL_ROWS], broken=())
    checked = checks.check(raw, dictionary, sent_on=timezone.localdate(), site="trial")
    return None if checked.rejected or not checked.good.num_rows else checked.good


def proposals(look_: Look, dictionary: TableDictionary) -> tuple[Proposal, ...]:
    """Return measures that the named columns suggest."""
    return propose(dictionary, trial_rows(look_, dictionary))
