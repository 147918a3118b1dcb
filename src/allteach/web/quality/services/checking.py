"""Running the checks: outcomes are kept, and issues open, stay or close by them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Max
from django.utils import timezone
from django.utils.translation import gettext as _

from allteach.errors import StateError
from allteach.intake import contract
from allteach.intake.contract import TableDictionary
from allteach.intake.quality import CHECKS, Result, Rows, Status, examine
from allteach.intake.quality import Limit as Shares
from allteach.web.ledger.services import record
from allteach.web.people.models import Person
from allteach.web.quality.gate import gate_of
from allteach.web.quality.models import Event, Issue, Limit, Outcome, Run
from allteach.web.sites.models import Network, Site
from allteach.web.submissions import manifest
from allteach.web.submissions.calendars import due_of, newest_months
from allteach.web.submissions.models import RegistryFile, Submission, Table

_JUST_BEFORE = timedelta(microseconds=1)
_WRONG = (Status.WARN, Status.FAIL)
Key = tuple[int, str, str]


@transaction.atomic
def quality_check(
    *, by: Person | None, network: Network, table_slug: str, submission: Submission | None = None
) -> Run | None:
    """Return the run that checked a table's current rows; None when there are none.

    Args:
        by: Who accepted or asked; None for the clock.
        network: Where.
        table_slug: Which table.
        submission: The file that was just accepted or withdrawn: only its sites are checked, and persistence against
            what counted before it. Without one every site is checked.
    """
    table = Table.objects.filter(network=network, slug=table_slug).order_by("-version").first()
    files = list(manifest.current(network, table_slug).select_related("submission__table"))
    if table is None or not files:
        return None
    sites = _sites(network, files, submission)
    results = _results(network, contract.load(table.dictionary), files, sites, submission)
    run = Run.objects.create(network=network, table_slug=table_slug, submission=submission, at=timezone.now(), by=by)
    counts = _Book(run, contract.load(table.dictionary), sites).write(results)
    record(by=by, action="quality.checked", network=network, site=submission.site if submission else None,
           about=table.name, **counts)  # fmt: skip
    return run


def _sites(network: Network, files: Sequence[RegistryFile], submission: Submission | None) -> dict[str, Site]:
    known = {site.code: site for site in Site.objects.filter(network=network)}
    wanted = {code for file in files for code in file.sites}
    if submission is not None:
        wanted &= set(submission.scope.get("sites", {}))
    return {code: known[code] for code in sorted(wanted) if code in known}


def _results(
    network: Network,
    dictionary: TableDictionary,
    files: Sequence[RegistryFile],
    sites: dict[str, Site],
    submission: Submission | None,
) -> list[Result]:
    before: Sequence[RegistryFile] = ()
    brought: list[str] = []
    if submission is not None and submission.status == Submission.Status.ACCEPTED and submission.decided_at:
        before = _before(network, files, submission.decided_at)
        brought = [submission.scope["file"]]
    rows = Rows(
        manifest.paths(network, files), manifest.paths(network, before), manifest.registry_of(network).files(brought)
    )
    shares = {own.check_name: Shares(own.warn, own.fail) for own in Limit.objects.filter(network=network)}
    newest = newest_months(network, files)
    days = due_of(network, max(newest.values(), default="")) if newest else None
    return examine(
        rows, dictionary, list(sites), gate=gate_of(files), newest=newest, limits=shares,
        due=days.expected if days else "",
    )  # fmt: skip


def _before(network: Network, files: Sequence[RegistryFile], moment: datetime) -> list[RegistryFile]:
    return list(manifest.current(network, files[0].table_slug, as_of=moment - _JUST_BEFORE))


class _Book:
    """Writes what a run found: outcomes, and what that means for issues."""

    def __init__(self, run: Run, dictionary: TableDictionary, sites: dict[str, Site]) -> None:
        self.run, self.now = run, run.at
        self.title = dictionary.title
        self.labels = {field.name: field.label for field in dictionary.fields}
        self.sites = dict(sites)
        self.issues: dict[Key, Issue] = {
            (issue.site_id, issue.check_name, issue.column): issue
            for issue in Issue.objects.filter(network=run.network, table_slug=run.table_slug)
        }
        last = Issue.objects.filter(network=run.network).aggregate(last=Max("number"))["last"] or 0
        self.number, self.events, self.new, self.changed = last, [], [], []  # type: ignore[var-annotated]

    def write(self, results: Sequence[Result]) -> dict[str, int]:
        """Write everything down and return how many issues are new, still there and resolved."""
        missing = {result.site for result in results} - set(self.sites)
        self.sites |= {s.code: s for s in Site.objects.filter(network=self.run.network, code__in=missing)}
        outcomes = []
        for result in results:
            if result.status is Status.NOT_APPLICABLE or result.site not in self.sites:
                continue
            issue, delta = self._follow(result)
            outcomes.append((result, issue, delta))
        Issue.objects.bulk_create(self.new)
        Issue.objects.bulk_update(
            self.changed, ["status", "level", "applicable", "failed", "months", "seen_at", "closed_at", "reason"]
        )
        Event.objects.bulk_create(self.events)
        Outcome.objects.bulk_create(self._outcome(*one) for one in outcomes)
        deltas = [delta for _r, _i, delta in outcomes]
        return {name: deltas.count(name) for name in ("new", "persisting", "resolved")}

    def _outcome(self, result: Result, issue: Issue | None, delta: str) -> Outcome:
        return Outcome(
            run=self.run, site=self.sites[result.site], check_name=result.check, column=result.column[:200],
            applicable=result.applicable, failed=result.failed, status=result.status.value, delta=delta, issue=issue,
            months=dict(result.months) if result.status in _WRONG else {}, statistic=result.statistic,
        )  # fmt: skip

    def _follow(self, result: Result) -> tuple[Issue | None, str]:
        """Return the issue that a result belongs to, and whether it is new, persisting or resolved."""
        key = (self.sites[result.site].pk, result.check, result.column[:200])
        issue, wrong = self.issues.get(key), result.status in _WRONG
        if issue is None:
            return (self._open(result), "new") if wrong else (None, "")
        if not wrong:
            if not issue.is_open and issue.status != Issue.Status.ACCEPTED:
                return issue, ""
            issue.status, issue.closed_at, issue.reason = Issue.Status.FIXED, self.now, ""
            self._say(issue, Event.Kind.RESOLVED)
            self.changed.append(issue)
            return issue, "resolved"
        worse = issue.level == "warn" and result.status is Status.FAIL
        self._count(issue, result)
        self.changed.append(issue)
        if issue.status == Issue.Status.FIXED or (issue.status == Issue.Status.ACCEPTED and worse):
            issue.status, issue.closed_at, issue.reason = Issue.Status.OPEN, None, ""
            issue.status = Issue.Status.ASSIGNED if issue.owner_id else Issue.Status.OPEN
            self._say(issue, Event.Kind.AGAIN)
            return issue, "new"
        return issue, "persisting"

    def _open(self, result: Result) -> Issue:
        self.number += 1
        issue = Issue(
            network=self.run.network, number=self.number, site=self.sites[result.site],
            table_slug=self.run.table_slug, table_name=self.title[:120], check_name=result.check,
            column=result.column[:200], label=self.labels.get(result.column, result.column)[:200],
            opened_at=self.now, seen_at=self.now,
        )  # fmt: skip
        self._count(issue, result)
        self.new.append(issue)
        self._say(issue, Event.Kind.OPENED)
        return issue

    def _count(self, issue: Issue, result: Result) -> None:
        issue.level, issue.applicable, issue.failed = result.status.value, result.applicable, result.failed
        issue.months, issue.seen_at = dict(result.months), self.now

    def _say(self, issue: Issue, kind: Event.Kind) -> None:
        text = ""
        if kind is not Event.Kind.RESOLVED:
            share = {"failed": f"{issue.failed:,}", "of": f"{issue.applicable:,}", "unit": issue.check_kind.unit}
            text = _("%(failed)s of %(of)s %(unit)s") % share
        self.events.append(Event(issue=issue, at=self.now, by=self.run.by, kind=kind, text=text, run=self.run))


@transaction.atomic
def limit_set(*, by: Person, network: Network, check_name: str, warn: float, fail: float) -> Limit:
    """Return the network's own limits of a check; they hold from the next run on.

    Raises:
        StateError: ``AT-T-245`` for a check that does not exist, or limits that are not in order.
    """
    if check_name not in {check.id for check in CHECKS} or not 0 <= warn <= fail:
        raise StateError(
            "AT-T-245",
            _("These limits cannot be used."),
            expected=_("0 or more, and the second limit not below the first."),
            do=_("Correct the limits."),
        )
    own, _new = Limit.objects.update_or_create(
        network=network, check_name=check_name, defaults={"warn": warn, "fail": fail}
    )
    record(by=by, action="quality.limit_set", network=network, about=check_name, warn=warn, fail=fail)
    return own
