"""Ledger entries in words."""

from __future__ import annotations

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from allteach.web.ledger.models import Entry

# What an action was, after the name of who did it. One without words here is said by its verb: "started Project 3".
SAID = {
    "person.created": gettext_noop("made an account for %(about)s"),
    "role.given": gettext_noop("gave a role to %(about)s: %(role)s"),
    "role.ended": gettext_noop("ended a role of %(about)s: %(role)s"),
    "profile.changed": gettext_noop("changed their profile"),
    "password.chosen": gettext_noop("chose a password"),
    "token.created": gettext_noop("made an API key: %(about)s"),
    "token.revoked": gettext_noop("made an API key useless: %(about)s"),
    "network.opened": gettext_noop("opened the network %(about)s"),
    "network.changed": gettext_noop("changed settings of the network: %(fields)s"),
    "sites.added": gettext_noop("added %(about)s"),
    "site.changed": gettext_noop("changed the site %(about)s: %(fields)s"),
    "site.moved": gettext_noop("moved the site %(about)s from %(before)s to %(after)s"),
    "table.described": gettext_noop("described %(about)s"),
    "table.draft_begun": gettext_noop("began a draft of %(about)s"),
    "table.draft_changed": gettext_noop("changed the draft of %(about)s"),
    "table.draft_discarded": gettext_noop("threw the draft of %(about)s away"),
    "table.released": gettext_noop("released %(about)s: %(reason)s"),
    "case.begun": gettext_noop("began to type in a case: %(about)s"),
    "case.discarded": gettext_noop("threw a begun case away: %(about)s"),
    "submission.received": gettext_noop("sent a file: %(about)s"),
    "submission.described": gettext_noop("named the columns of %(about)s"),
    "submission.queued": gettext_noop("set %(about)s to work"),
    "submission.checked": gettext_noop("had %(about)s checked: %(kept)s of %(rows)s rows can be kept"),
    "submission.work_failed": gettext_noop("%(about)s could not be worked on: %(code)s"),
    "submission.sites_planned": gettext_noop("planned new sites from %(about)s"),
    "submission.declared": gettext_noop("said what %(about)s holds: %(holds)s"),
    "submission.accepted": gettext_noop("accepted %(about)s: %(rows)s rows"),
    "submission.refused": gettext_noop("%(about)s could not be read: %(code)s"),
    "submission.rejected": gettext_noop("rejected %(about)s: %(note)s"),
    "submission.withdrawn": gettext_noop("withdrew %(about)s: %(note)s"),
    "door.made": gettext_noop("made %(about)s: %(name)s (%(kind)s)"),
    "door.changed": gettext_noop("changed %(about)s: %(fields)s"),
    "door.opened": gettext_noop("opened %(about)s"),
    "door.closed": gettext_noop("closed %(about)s"),
    "door.asked": gettext_noop("had %(about)s fetched"),
    "door.fetched": gettext_noop("fetched %(rows)s rows through %(about)s: submission %(submission)s"),
    "door.fetch_failed": gettext_noop("%(about)s could not be fetched: %(code)s"),
    "measure.created": gettext_noop("wrote %(about)s"),
    "measure.revised": gettext_noop("wrote version %(version)s of %(about)s"),
    "measure.released": gettext_noop("released version %(version)s of %(about)s"),
    "measure.piloted": gettext_noop("put version %(version)s of %(about)s to a pilot"),
    "measure.checked": gettext_noop("checked version %(version)s of %(about)s"),
    "measure.retained": gettext_noop("keeps %(about)s to sustain: %(reason)s"),
    "measure.retired": gettext_noop("retired %(about)s: %(reason)s"),
    "measure.changed": gettext_noop("changed %(about)s: %(fields)s"),
    "report.frozen": gettext_noop("froze the numbers: %(about)s"),
    "results.computed": gettext_noop("worked out results: %(about)s"),
    "standings.refreshed": gettext_noop("looked for signals: %(about)s"),
    "chart.annotated": gettext_noop("marked something on the chart of %(about)s"),
    "annotation.withdrawn": gettext_noop("took a mark off the chart of %(about)s"),
    "point.excluded": gettext_noop("left a point out of the limits of %(about)s"),
    "point.included": gettext_noop("took a point back into the limits of %(about)s"),
    "phase.proposed": gettext_noop("proposed a new average: %(about)s"),
    "phase.accepted": gettext_noop("accepted a new average: %(about)s"),
    "phase.rejected": gettext_noop("rejected a new average: %(about)s"),
    "pathways.changed": gettext_noop("changed the pathways: %(about)s"),
    "project.moved": gettext_noop("moved %(about)s from %(before)s to %(after)s"),
    "project.held": gettext_noop("put %(about)s on hold"),
    "project.person_added": gettext_noop("added %(person)s to %(about)s: %(part)s"),
    "project.person_removed": gettext_noop("took %(person)s out of %(about)s"),
    "project.measure_watched": gettext_noop("let %(about)s watch %(measure)s"),
    "cohort.added": gettext_noop("added the cohort %(cohort)s to %(about)s"),
    "gate.opened": gettext_noop("opened the gate %(about)s"),
    "gate.voted": gettext_noop("voted on %(about)s"),
    "gate.decided": gettext_noop("decided on %(about)s: %(decision)s"),
    "diagram.written": gettext_noop("wrote the driver diagram of %(about)s"),
    "diagram.published": gettext_noop("published the driver diagram of %(about)s"),
    "aim.set": gettext_noop("set an aim: %(about)s"),
    "aim.withdrawn": gettext_noop("withdrew an aim: %(about)s"),
    "idea.submitted": gettext_noop("proposed %(about)s"),
    "idea.interest_said": gettext_noop("said that the site would take part in %(about)s"),
    "idea.interest_withdrawn": gettext_noop("took back that the site would take part in %(about)s"),
    "checklist.joining_begun": gettext_noop("began the checklist of joining for %(site)s"),
    "checklist.leaving_begun": gettext_noop("began the checklist of leaving for %(site)s"),
    "expectation.added": gettext_noop("asked of sites: %(about)s"),
    "expectation.met": gettext_noop("met what was asked: %(about)s"),
    "reports.asked": gettext_noop("asked for %(count)s monthly reports"),
    "reports.missed": gettext_noop("closed %(count)s monthly reports that never came"),
    "meeting.attended": gettext_noop("noted who was at %(about)s"),
    "action.agreed": gettext_noop("agreed on an action: %(about)s"),
    "action.finished": gettext_noop("finished an action: %(about)s"),
    "notices.told": gettext_noop("told people: %(count)s notices"),
    "notices.read": gettext_noop("read %(count)s notices"),
    "digest.sent": gettext_noop("sent a digest of %(count)s notices"),
    "grid.written": gettext_noop("wrote the %(about)s"),
    "grid.rated": gettext_noop("rated the network's maturity in %(about)s"),
    "plan.written": gettext_noop("wrote the %(about)s"),
}


class _Facts(dict[str, object]):
    def __missing__(self, key: str) -> str:
        return ""


def _changes(changed: object) -> str:
    if not isinstance(changed, dict):
        return ""
    said = []
    for field, (before, after) in changed.items():
        what = field.replace("_", " ")
        said.append(f"{what} {after}" if before in ("", None) else f"{what} {before} → {after}")
    return ", ".join(said)


def sentence(entry: Entry) -> str:
    """Return what happened, without who and when."""
    detail = entry.detail if isinstance(entry.detail, dict) else {}
    fields = _changes(detail.get("changed"))
    facts = _Facts(
        {
            **{k: str(v).replace("_", " ") for k, v in detail.items()},
            "about": entry.about,
            "site": entry.site,
            "fields": fields,
        }
    )
    if entry.action in SAID:
        return _(SAID[entry.action]) % facts
    noun, _dot, verb = entry.action.replace("_", " ").partition(".")
    return f"{verb} {entry.about or noun}" if " " not in verb else f"{noun} {verb}: {entry.about}"
