"""Who sees which site is which. The ONE policy: pages, API, exports and alternative texts all ask it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from allteach.web.people.permissions import own_site_ids, site_ids_where
from allteach.web.people.roles import Permission
from allteach.web.sites.models import Network, Site


@dataclass(frozen=True, slots=True)
class Naming:
    """What one person may read of site names and small counts in one network, for one measure or none.

    Args:
        blinded: Sites are shown as letters here.
        own: Ids of the person's own sites.
        named: Ids of the sites whose names the person may always read; None means all.
        counted: Ids of the sites whose small counts the person may read; None means all.
        small_count: Counts from 1 to below this are withheld.
    """

    blinded: bool
    own: frozenset[int]
    named: frozenset[int] | None
    counted: frozenset[int] | None
    small_count: int

    def is_named(self, site: Site) -> bool:
        """Return whether this site appears under its name."""
        return not self.blinded or site.pk in self.own or self.named is None or site.pk in self.named

    def name(self, site: Site) -> str:
        """Return the name, or the stable letter that stands for it."""
        return site.name if self.is_named(site) else _("Site %(letter)s") % {"letter": site.letter}

    def short(self, site: Site) -> str:
        """Return the code, or the letter: for narrow columns and axes."""
        return site.code if self.is_named(site) else site.letter

    def key(self, site: Site) -> str:
        """Return what stands for the site in addresses and file names; never the code of a site that is not named."""
        return site.code if self.is_named(site) else f"letter-{site.letter.lower()}"

    def find(self, sites: Iterable[Site], key: str) -> Site | None:
        """Return the site that a key stands for, or None. A blinded site cannot be reached by its code."""
        return next((site for site in sites if self.key(site) == key), None)

    def shows_count(self, site: Site | None, count: float | None) -> bool:
        """Return whether a count may be read: zero and large counts always, small ones by agreement or right."""
        if count is None or count == 0 or count >= self.small_count or self.counted is None:
            return True
        return site is not None and site.pk in self.counted

    @property
    def notice(self) -> str:
        """One sentence for pages and exports, empty where sites are named."""
        if not self.blinded:
            return ""
        if self.named is None:
            return _("Sites are blinded for members here; your role sees their names. Do not pass this on.")
        return _("Sites other than your own are shown as letters.")


def naming_for(*, user: Any, network: Network, measure: Any = None) -> Naming:
    """Return the policy for one person in one network, and for one measure where it has a rule of its own.

    Args:
        user: The person.
        network: The network, whose setting holds unless the measure has its own.
        measure: Anything with a ``blinded`` of True, False or None (as the network).
    """
    blinded = getattr(measure, "blinded", None)
    if blinded is None:
        blinded = network.naming == Network.Naming.BLINDED
    own = own_site_ids(user, network=network)
    counted = None
    if not network.open_counts:
        unsuppressed = site_ids_where(user, Permission.RESULT_UNSUPPRESSED, network=network)
        counted = None if unsuppressed is None else unsuppressed | own
    return Naming(
        blinded=bool(blinded),
        own=own,
        named=site_ids_where(user, Permission.RESULT_NAMED, network=network),
        counted=counted,
        small_count=network.small_count,
    )
