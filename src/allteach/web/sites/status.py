"""How a site's status looks: a word always, and a quiet tag."""

from allteach.web.sites.models import Site

STATUS_KIND: dict[str, str] = {
    Site.Status.PROSPECT: "open",
    Site.Status.ONBOARDING: "accent",
    Site.Status.ACTIVE: "",
    Site.Status.PAUSED: "open",
    Site.Status.WITHDRAWN: "open",
}
