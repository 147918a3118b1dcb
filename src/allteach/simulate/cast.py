"""Who plays in the demonstration: sites, people, and what each of them is like. All names are invented."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

AS_OF = date(2026, 11, 9)
FIRST = date(2023, 1, 1)
LAST = date(2026, 10, 1)
PIONEER, SPREAD = "Pioneer", "Spread"
JOINED_LATER = {"ivorstone": date(2023, 11, 1), "marrowick": date(2024, 2, 1)}
STARTED = {PIONEER: date(2024, 1, 1), SPREAD: date(2024, 11, 1)}
MODEL, UNCHANGED, WORSENING, PAUSED = "larkmead", "glenwater", "northquay", "pinecastle"
PAUSED_FROM = date(2026, 4, 1)
LATE = ("kestrel-point", "oakhollow")
# Who sent the last month by themselves; the centre sent it for the others.
SENT_ALONE = ("alderbrook", "elmhaven", "larkmead", "marrowick", "northquay")
WAITING = "elmhaven"
# The centre's file had a column empty for one month of one site, which then sent that month itself.
LOST_COLUMN = ("birchwick", "2026-09")
MISSING = {
    "cedar-sound": (date(2025, 8, 1), date(2025, 9, 1)),
    "elmhaven": (date(2024, 3, 1),),
    "quillbridge": (date(2026, 1, 1),),
}


@dataclass(frozen=True, slots=True)
class SimulatedSite:
    """One invented hospital.

    Args:
        code: What files call it.
        name: What people call it.
        cohort: Pioneer or Spread.
        region: An invented region.
        operations: Mean number of operations a month.
        spread: Its own distance from the cohort in log hours at the start.
    """

    code: str
    name: str
    cohort: str
    region: str
    operations: float
    spread: float

    @property
    def joined_on(self) -> date:
        """The day its data begins."""
        return JOINED_LATER.get(self.code, FIRST)


@dataclass(frozen=True, slots=True)
class SimulatedPerson:
    """One invented person in one role, at a site where the role needs one."""

    username: str
    name: str
    role: str
    site: str = ""
    signs_in: bool = False


def _site(row: str) -> SimulatedSite:
    code, cohort, region, operations, spread = row.split()
    name = " ".join(word.title() for word in code.split("-")) + " Children's"
    cohort = {"P": PIONEER, "S": SPREAD}[cohort]
    return SimulatedSite(code, name, cohort, region.title(), float(operations), float(spread))


SITES = tuple(
    _site(row)
    for row in (
        "alderbrook P west 11 0.05",
        "birchwick P west 8 -0.08",
        "cedar-sound S coast 8 0.10",
        "dunmere P hills 7 0.13",
        "elmhaven P hills 9 -0.02",
        "fernley-bay S coast 6 -0.09",
        "glenwater P coast 9 0.12",
        "hollin-cross S hills 7 0.04",
        "ivorstone S west 6 -0.05",
        "juniper-falls P west 12 0.16",
        "kestrel-point S coast 9 0.02",
        "larkmead P hills 10 -0.55",
        "marrowick S west 8 -0.11",
        "northquay P coast 14 0.10",
        "oakhollow S hills 7 0.06",
        "pinecastle S west 6 0.08",
        "quillbridge P coast 9 -0.01",
    )
)

CAST = (
    SimulatedPerson("ada", "Ada Okafor", "network_lead", signs_in=True),
    SimulatedPerson("ben", "Ben Silva", "site_lead", "northquay", signs_in=True),
    SimulatedPerson("chi", "Chi Nakamura", "data_analyst", signs_in=True),
    SimulatedPerson("dee", "Dee Lindqvist", "qi_coach", signs_in=True),
    SimulatedPerson("eve", "Eve Marchetti", "reader", signs_in=True),
    SimulatedPerson("fay", "Fay Abara", "family_partner", "northquay", signs_in=True),
    SimulatedPerson("gus", "Gus Petrov", "executive", "northquay", signs_in=True),
    SimulatedPerson("hal", "Hal Moreau", "site_member", "alderbrook", signs_in=True),
    SimulatedPerson("zed", "Zed Nowhere", "", signs_in=True),
)

_LEADS = (
    "Ines Adeyemi", "Jonas Bauer", "Kaia Castel", "Luca Dvorak", "Mina Eriksen", "Noor Fontaine", "Oskar Gupta",
    "Pia Haddad", "Quin Ito", "Rosa Jensen", "Sven Kovac", "Tala Larue", "Uma Mbeki", "Viktor Novak", "Wren Olsen",
    "Ximena Park",
)  # fmt: skip


def leads() -> tuple[SimulatedPerson, ...]:
    """Return one site lead for every site that Ben does not lead; they never sign in."""
    others = [site for site in SITES if site.code != "northquay"]
    return tuple(
        SimulatedPerson(f"lead-{site.code}", name, "site_lead", site.code)
        for site, name in zip(others, _LEADS, strict=True)
    )
