"""The progress scale and the reminders in words. The scale follows the collaborative assessment scale, in our words."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from allteach.web.rhythm.clock import Nudge

SCALE = (
    ("0.5", _("Means to take part")),
    ("1.0", _("Has a charter and a team")),
    ("1.5", _("Planning has begun")),
    ("2.0", _("Active, but nothing changed yet")),
    ("2.5", _("Changes tested, no improvement yet")),
    ("3.0", _("Modest improvement: some tests worked, small-scale use")),
    ("3.5", _("Improvement")),
    ("4.0", _("Clear improvement in the main parts, half of the aim or more")),
    ("4.5", _("Improvement that is held")),
    ("5.0", _("Outstanding and lasting: all aims met")),
)
NUDGES = {
    Nudge.WEEK_BEFORE: _("In a week your report is due: %(what)s"),
    Nudge.DAY_BEFORE: _("Tomorrow your report is due: %(what)s"),
    Nudge.ASK: _("Your report was due yesterday: %(what)s"),
    Nudge.LATE: _("Your report is missing: %(what)s"),
    Nudge.MISSED: _("This month's report stayed out: %(what)s"),
}
JOINING = (
    _("Application with team, volume and own view of capacity"),
    _("Looked at by the network's leadership"),
    _("Agreements signed"),
    _("Ethics or improvement determination"),
    _("Team with clinician, nurse or coordinator, data person and family partner"),
    _("Own columns named and a test file sent"),
    _("Baseline sent"),
    _("Introduction to the network done"),
)
LEAVING = (
    _("The reason, in the site's own words"),
    _("What happens to its data is agreed"),
    _("Last reports and tests closed"),
    _("People's access ended"),
    _("What others can learn from it is written down"),
)
