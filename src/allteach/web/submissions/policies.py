"""Who may send, see and decide on files."""

from __future__ import annotations

from django.utils.translation import gettext as _

from allteach.errors import Refused
from allteach.web.people.models import Person
from allteach.web.people.permissions import may
from allteach.web.people.roles import Permission
from allteach.web.sites.models import Network, Site
from allteach.web.submissions.models import Submission


def may_send(person: Person, network: Network, site: Site | None) -> bool:
    """Return whether the person may send files for the site, or for the whole network where site is None."""
    return may(person, Permission.DATA_SUBMIT, network=network, site=site)


def may_see(person: Person, submission: Submission) -> bool:
    """Return whether the person may see the rows and findings of a submission."""
    return may(person, Permission.ROW_VIEW, network=submission.network, site=submission.site)


def may_decide(person: Person, submission: Submission) -> bool:
    """Return whether the person may accept, reject or withdraw a submission."""
    return may(person, Permission.DATA_ACCEPT, network=submission.network, site=submission.site)


def may_name_columns(person: Person, network: Network) -> bool:
    """Return whether the person may decide what a network's tables and measures look like."""
    return may(person, Permission.MEASURE_CHANGE, network=network)


def may_add_sites(person: Person, network: Network) -> bool:
    """Return whether the person may add sites to the network."""
    return may(person, Permission.SITE_CHANGE, network=network)


def require_send(person: Person, network: Network, site: Site | None) -> None:
    """Let the person send, or refuse.

    Raises:
        Refused: ``AT-P-020``.
    """
    if not may_send(person, network, site):
        raise Refused(
            "AT-P-020",
            _("You cannot send data for this place."),
            where=site.name if site else network.name,
            do=_("Ask your network's lead for the role of site member or data analyst."),
        )


def require_decide(person: Person, submission: Submission) -> None:
    """Let the person decide, or refuse.

    Raises:
        Refused: ``AT-P-021``.
    """
    if not may_decide(person, submission):
        raise Refused(
            "AT-P-021",
            _("You cannot decide on this file."),
            where=_("submission %(number)d") % {"number": submission.number},
            do=_("Ask your site lead or the network's data analyst to look at it."),
        )


def require_naming(person: Person, network: Network) -> None:
    """Let the person name columns, or refuse.

    Raises:
        Refused: ``AT-P-022``.
    """
    if not may_name_columns(person, network):
        raise Refused(
            "AT-P-022",
            _("You cannot decide what this network's tables and measures look like."),
            where=network.name,
            do=_("Ask the network's lead or data analyst to name the columns."),
        )
