"""Ledger entries in words."""

from __future__ import annotations

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from allteach.web.ledger.models import Entry

# What an action was, after the name of who did it. One without words shows its own name.
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
    "results.computed": gettext_noop("worked out results: %(about)s"),
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
    facts = _Facts({**{k: str(v).replace("_", " ") for k, v in detail.items()}, "about": entry.about, "fields": fields})
    if entry.action in SAID:
        return _(SAID[entry.action]) % facts
    words = entry.action.replace("_", " ").replace(".", " ")
    return f"{words}: {entry.about}" if entry.about else words
