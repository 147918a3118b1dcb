"""The parts that homes are made of: what waits, signals in short, one line for each measure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from allteach.web.ideas.models import Idea
from allteach.web.ideas.selectors import ideas_of
from allteach.web.measuring.checkers import to_check
from allteach.web.people.permissions import may, may_somewhere
from allteach.web.people.roles import Permission
from allteach.web.projects.selectors import waiting_gates
from allteach.web.quality.selectors import waiting as quality_waiting
from allteach.web.rhythm.selectors import missing_reports, notices_of, unanswered
from allteach.web.sites.models import Network, Site
from allteach.web.submissions.calendars import Calendar
from allteach.web.submissions.selectors import waiting as files_waiting
from allteach.web.variation.drawing import spark_of
from allteach.web.variation.selectors.digest import Signal, rule_name
from allteach.web.variation.selectors.matrix import Matrix, Row, proposals_waiting
from allteach.web.variation.wording import CHANGED, assurance_word, period_text, variation_word


@dataclass(frozen=True, slots=True)
class Task:
    """Something that waits for this person.

    Args:
        count: How many.
        words: What, to be read after the number.
        href: Where it is done.
    """

    count: int
    words: str
    href: str


def _at(name: str, network: Network, **parts: Any) -> str:
    return reverse(name, kwargs={"network": network.slug, **parts})


def tasks(*, user: Any, network: Network) -> list[Task]:
    """Return what waits for this person's decision or answer, only what they may do."""
    found = []
    if may_somewhere(user, Permission.DATA_ACCEPT, network=network):
        n = files_waiting(user=user, network=network)["checked"]
        words = ngettext("file checked, waiting to be accepted", "files checked, waiting to be accepted", n)
        found.append(Task(n, words, _at("submissions:index", network)))
    found += _data_tasks(user, network)
    if may_somewhere(user, Permission.PHASE_DECIDE, network=network):
        n = proposals_waiting(user=user, network=network)
        words = ngettext(
            "new average proposed, with its cause to be named", "new averages proposed, causes to be named", n
        )
        found.append(Task(n, words, _at("variation:phases", network)))
    if may_somewhere(user, Permission.GATE_VOTE, network=network):
        n = len(waiting_gates(user=user, network=network))
        found.append(Task(n, ngettext("project at a gate", "projects at a gate", n), _at("projects:index", network)))
    if n := to_check(user=user, network=network):
        words = ngettext("measure to be checked by a second person", "measures to be checked by a second person", n)
        found.append(Task(n, words, _at("measuring:list", network)))
    if may(user, Permission.IDEA_TRIAGE, network=network):
        n = ideas_of(user=user, network=network, status=Idea.Status.SUBMITTED).count()
        found.append(Task(n, ngettext("new idea to look at", "new ideas to look at", n), _at("ideas:index", network)))
    if may(user, Permission.PROJECT_CHANGE, network=network):
        n, asking = unanswered(user=user, network=network)
        found.append(
            Task(
                n,
                ngettext("report to score or answer", "reports to score or answer", n),
                _at("rhythm:reports", network),
            )
        )
        words = ngettext("site asking for help", "sites asking for help", asking)
        found.append(Task(asking, words, _at("rhythm:coaching", network)))
    if may_somewhere(user, Permission.TEST_WRITE, network=network):
        n = len(missing_reports(user=user, network=network))
        words = ngettext("monthly report due", "monthly reports due", n)
        found.append(Task(n, words, _at("rhythm:reports", network)))
    n = notices_of(user=user, network=network).filter(read_at__isnull=True).count()
    found.append(Task(n, ngettext("new notice", "new notices", n), _at("rhythm:notices", network)))
    return [task for task in found if task.count]


def _data_tasks(user: Any, network: Network) -> list[Task]:
    """Return questions to answer, answers to look at, and issues with data that wait for the person."""
    waits = quality_waiting(user=user, network=network)
    questions = ngettext("question about your data", "questions about your data", waits.questions)
    answers = ngettext("answer of a site to look at", "answers of sites to look at", waits.answers)
    issues = ngettext("issue with data for you or nobody yet", "issues with data for you or nobody yet", waits.issues)
    if waits.overdue:
        issues += ", " + ngettext("%(n)s overdue", "%(n)s overdue", waits.overdue) % {"n": waits.overdue}
    return [
        Task(waits.questions, questions, _at("quality:queries", network)),
        Task(waits.answers, answers, _at("quality:queries", network)),
        Task(waits.issues, issues, _at("quality:index", network)),
    ]


@dataclass(frozen=True, slots=True)
class Overdue:
    """Files that have not come.

    Args:
        sites: Names of the sites whose data stop early.
        newest: The month that others have sent, in words.
        href: Where files are sent.
    """

    sites: tuple[str, ...]
    newest: str
    href: str


def late_sites(calendar: Calendar) -> list[Site]:
    """Return the sites whose data stop early; a paused site is not late."""
    return [site for site in calendar.late if site.status != Site.Status.PAUSED]


def freshness(calendar: Calendar) -> str:
    """Return up to when there are data, and how many sites are late."""
    if calendar.newest is None:
        return _("no data yet")
    said = _("data to %(period)s") % {"period": period_text(calendar.newest.start, calendar.newest.grain)}
    if n := len(late_sites(calendar)):
        said += ", " + ngettext("%(n)s site late", "%(n)s sites late", n) % {"n": n}
    return said


def overdue(*, user: Any, network: Network, own: frozenset[int], calendar: Calendar) -> Overdue | None:
    """Return late files of a person's own sites, or of all for those who look after data; None when none are."""
    if not may_somewhere(user, Permission.ROW_VIEW, network=network):
        return None
    late = [site for site in late_sites(calendar) if not own or site.pk in own]
    if not late or calendar.newest is None:
        return None
    names = tuple(site.name for site in late)
    return Overdue(names, period_text(calendar.newest.start, calendar.newest.grain), _at("submissions:send", network))


def line(row: Row, network: Network) -> dict[str, Any]:
    """Return one measure of the network as homes show it."""
    standing = row.line
    entry: dict[str, Any] = {
        "title": row.measure.title,
        "kind_of": row.measure.get_kind_display(),
        "href": _at("variation:measure", network, measure=row.measure.slug),
    }
    if standing is None:
        return entry | {"kind": "none", "word": variation_word("none").full, "side": 1, "aim": "", "latest": ""}
    word = variation_word(standing.variation, standing.side).full
    since = period_text(standing.since, row.grain) if standing.variation in CHANGED else ""
    return entry | {
        "kind": standing.variation,
        "side": standing.side or 1,
        "word": _("%(word)s since %(since)s") % {"word": word, "since": since} if since else word,
        "aim": assurance_word(standing.assurance, balancing=row.measure.kind == "balancing"),
        "spark": spark_of(standing) if row.open else "",
        "latest": latest(row),
    }


def latest(row: Row) -> str:
    """Return the latest value with its denominator, or why it is withheld."""
    standing = row.line
    if standing is None or standing.value is None:
        return ""
    if not row.open:
        return _("withheld: counts below %(least)s") % {"least": row.naming.small_count}
    said = row.format.text(standing.value)
    if standing.denominator:
        said += " · " + (_("n = %(n)s") % {"n": f"{standing.denominator:,.0f}"}).replace(" ", "\N{NO-BREAK SPACE}")
    return said


def lines(found: Matrix, network: Network, *, first: int | None = None) -> list[dict[str, Any]]:
    """Return the measures of a matrix as homes show them: what moved first, then the others in their own order."""
    rows = sorted(found.rows, key=lambda row: not (row.line is not None and row.line.variation in CHANGED))
    return [line(row, network) for row in rows[:first]]


def may_read(signal: Signal) -> bool:
    """Return whether the numbers of a signal may be shown to this person."""
    counted = signal.naming.counted
    own = signal.site is not None and counted is not None and signal.site.pk in counted
    return counted is None or not signal.standing.small or own


def signal_card(signal: Signal, network: Network) -> dict[str, Any]:
    """Return one signal as homes show it: where, what, since when, from what to what, by which rule."""
    standing, naming = signal.standing, signal.naming
    if signal.site is None:
        href = _at("variation:network_chart", network, measure=signal.measure.slug)
    else:
        href = _at("variation:chart", network, measure=signal.measure.slug, site=naming.key(signal.site))
    open_ = may_read(signal)
    levels = ""
    if open_ and standing.before is not None and standing.after is not None:
        both = {"before": signal.format.text(standing.before), "after": signal.format.text(standing.after)}
        levels = _("from %(before)s to %(after)s") % both
    return {
        "href": href,
        "measure": signal.measure.title,
        "subject": naming.name(signal.site) if signal.site is not None else _("All sites together"),
        "kind": standing.variation,
        "side": standing.side or 1,
        "word": variation_word(standing.variation, standing.side).full,
        "since": period_text(standing.since, signal.grain),
        "levels": levels,
        "rule": rule_name(signal),
        "spark": spark_of(standing) if open_ else "",
    }
