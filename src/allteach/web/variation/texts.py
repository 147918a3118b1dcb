"""Free text that people wrote about sites, as one person may read it."""

from __future__ import annotations

import re
from collections.abc import Iterable

from django.utils.translation import gettext as _

from allteach.web.sites.models import Site
from allteach.web.sites.naming import Naming


class Blackout:
    """Takes the names of blinded sites out of free text; texts of blinded sites themselves are withheld whole.

    Args:
        naming: Who is named for this person.
        sites: Every site of the network.
    """

    def __init__(self, naming: Naming, sites: Iterable[Site]) -> None:
        self.naming = naming
        names = {
            text.casefold(): naming.name(site)
            for site in sites
            if not naming.is_named(site)
            for text in (site.name, site.code)
            if text
        }
        self._names = names
        longest_first = sorted(names, key=len, reverse=True)
        self._pattern = (
            re.compile(rf"(?<!\w)(?:{'|'.join(map(re.escape, longest_first))})(?!\w)", re.IGNORECASE) if names else None
        )

    def text(self, text: str, site: Site | None = None) -> str:
        """Return the text as this person may read it."""
        if site is not None and not self.naming.is_named(site):
            return _("text withheld while sites are blinded")
        if self._pattern is None:
            return text
        return self._pattern.sub(lambda found: self._names[found.group().casefold()], text)

    def person(self, name: str, site: Site | None = None) -> str:
        """Return a person's name, unless it would tell which site is which."""
        if site is not None and not self.naming.is_named(site):
            return _("someone at %(site)s") % {"site": self.naming.name(site)}
        return name
