"""The software finds in the demonstration what is true of it, through the same selectors that pages use."""

from __future__ import annotations

import math
from datetime import date

import numpy as np
import pytest

from allteach.simulate.heart import truth as truth_of
from allteach.simulate.truth import Truth
from allteach.stats import charts, reading, signals
from allteach.stats.results import Plan
from allteach.stats.series import Panel
from allteach.units import Direction
from allteach.web.ledger.models import Entry
from allteach.web.ledger.sentences import sentence
from allteach.web.measuring.models import Measure
from allteach.web.measuring.selectors import panel
from allteach.web.people.models import Person
from allteach.web.projects.evidence import measure_readings
from allteach.web.projects.models import Project, Review
from allteach.web.sites.models import Network, Site
from allteach.web.submissions.models import Finding, Submission
from allteach.web.variation.models import Phase, Standing

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("demonstration")]


@pytest.fixture(scope="module")
def truth() -> Truth:
    from allteach.simulate.heart import SEED

    return truth_of(SEED)


@pytest.fixture
def ada(demonstration: Network) -> Person:
    return Person.objects.get(username="ada")


def standing(slug: str, site: str | None = None) -> Standing:
    return (
        Standing.objects.get(measure__slug=slug, site__code=site)
        if site
        else Standing.objects.get(measure__slug=slug, site=None)
    )


def cohort(ada: Person, truth: Truth, name: str) -> tuple[Panel, np.ndarray]:
    """Return the line of a cohort, all its operations together, and the first day of each month."""
    measure = Measure.objects.get(slug="chest-tube-hours")
    found = panel(user=ada, measure=measure, sites=Site.objects.filter(code__in=truth.cohorts[name]).order_by("name"))
    assert found is not None
    days = np.array([p.start for p in found.periods])
    p = found.panel
    return Panel(
        n=np.nansum(p.n, axis=0), total=np.nansum(p.total, axis=0), total_sq=np.nansum(p.total_sq, axis=0), log=True
    ), days


@pytest.mark.parametrize("name", ["Pioneer", "Spread"])
def test_change_of_each_cohort_is_found(ada: Person, truth: Truth, name: str) -> None:
    """Within four points of the truth: about three standard errors of a change of two geometric means."""
    line, days = cohort(ada, truth, name)
    done = max(s.complete for s in truth.steps if s.measure == "chest-tube-hours" and s.where == name)
    before, after = days < truth.cohort_starts[name], days >= done
    n, total = np.asarray(line.n), np.asarray(line.total)
    change = math.exp(total[after].sum() / n[after].sum() - total[before].sum() / n[before].sum()) - 1
    assert change == pytest.approx(truth.change(name), abs=0.04)


def test_cohorts_are_told_apart(ada: Person, truth: Truth) -> None:
    since = {}
    for name in truth.cohorts:
        line, days = cohort(ada, truth, name)
        limits = charts.compute("xbar", line, Plan(baseline=12))
        said = reading.read(limits, signals.evaluate(limits, "eight_in_a_row"), direction=Direction.LOWER)
        assert str(said.variation) == "improving", name
        since[name] = days[int(said.since)]
    assert abs((since["Pioneer"] - truth.cohort_starts["Pioneer"]).days) <= 92
    assert since["Spread"] >= truth.cohort_starts["Spread"]


def test_network_line_and_sites_say_what_is_so(truth: Truth) -> None:
    assert standing("chest-tube-hours").variation == "improving"
    assert standing("line-infections").variation == "improving"
    assert standing("line-infections").since == date(2025, 4, 1)
    assert standing("chest-tube-hours", truth.unchanged_site).variation == "common"
    assert standing("removal-bundle", truth.unchanged_site).variation == "common"


def test_no_shift_where_there_is_none(truth: Truth) -> None:
    """Balancing measures and whatever else is flat; the number of operations grew because two sites joined."""
    for slug in set(truth.flat) - {"operations"}:
        assert standing(slug).variation == "common", slug
    assert standing("unplanned-extubations").variation == "common"


def test_one_site_stands_out_for_unplanned_extubations(truth: Truth) -> None:
    marked = Standing.objects.filter(measure__slug="unplanned-extubations", variation="concerning", site__isnull=False)
    assert [s.site.code for s in marked] == [truth.worsening_site]
    found = marked[0].since
    step = next(s for s in truth.steps if s.where == truth.worsening_site)
    assert found is not None
    assert abs((found - step.starts).days) <= 62


def test_model_site_is_lowest_from_the_start(ada: Person, truth: Truth) -> None:
    found = panel(user=ada, measure=Measure.objects.get(slug="chest-tube-hours"))
    assert found is not None
    first = slice(0, 12)
    n, total = (np.nansum(x[:, first], axis=1) for x in (found.panel.n, found.panel.total))
    means = {site.code: t / k for site, t, k in zip(found.sites, total, n, strict=True) if k}
    assert len(means) >= 15
    assert min(means, key=lambda site: means[site]) == truth.model_site


def test_phases_are_proposed_where_the_steps_are(truth: Truth) -> None:
    """The stable-shift search puts both steps of the network within a month of the truth, and somebody decides."""
    starts = [s.starts for s in truth.steps if s.measure == "chest-tube-hours" and s.where == "Pioneer"]
    proposed = Phase.objects.filter(measure__slug="chest-tube-hours", site=None).values_list("start", flat=True)
    assert all(any(abs((p - s).days) <= 62 for p in proposed) for s in starts)
    assert Phase.objects.filter(status="accepted", measure__slug="removal-bundle", site=None).count() == 2
    assert 5 <= Phase.objects.filter(status="proposed").count() <= 30


def test_late_missing_paused_waiting(ada: Person, truth: Truth) -> None:
    found = panel(user=ada, measure=Measure.objects.get(slug="removal-bundle"))
    assert found is not None
    rows = {site.code: found.panel.denominator[i] for i, site in enumerate(found.sites)}
    column = {p.start: j for j, p in enumerate(found.periods)}
    for site, gone in truth.missing.items():
        assert all(not rows[site][column[m]] > 0 for m in gone)
    for site in truth.late:
        assert not rows[site][column[truth.last_month]] > 0
    assert Site.objects.get(code=truth.paused_site).status == Site.Status.PAUSED
    waiting = Submission.objects.get(status=Submission.Status.CHECKED)
    assert waiting.site is not None
    assert {waiting.site.code: waiting.rows_held} == truth.held_rows


def test_findings_name_row_and_column_but_no_value() -> None:
    findings = Finding.objects.all()
    assert {f.column for f in findings} == {"operated_on", "chest_tube_hours", "tube_reinserted"}
    for finding in findings:
        assert finding.rows
        assert not any(value in finding.message for value in ("-4", "2026-10-41", "perhaps"))


def test_everything_is_in_the_ledger_and_marked_as_made_up(demonstration: Network) -> None:
    assert demonstration.is_demo
    acts = set(Entry.objects.filter(network=demonstration.slug).values_list("action", flat=True))
    assert {"network.opened", "sites.added", "role.given", "submission.accepted", "measure.created"} <= acts
    for person in Person.objects.filter(is_demo=True):
        assert person.check_password("allteach")
    assert not any(p.has_usable_password() for p in Person.objects.filter(is_demo=False))


def test_the_ledger_of_the_demonstration_reads_as_sentences(demonstration: Network) -> None:
    said = {entry.action: sentence(entry) for entry in Entry.objects.filter(network=demonstration.slug)}
    assert said
    # The noun of an action stands first only where nobody gave it words; a colon at the end is a fact that is missing.
    unsaid = {a: t for a, t in said.items() if t.startswith(a.split(".")[0].replace("_", " ") + " ") or t.endswith(":")}
    assert not unsaid


def test_the_worked_example_is_evaluated_from_the_record_cohorts_apart(demonstration: Network) -> None:
    review = Review.objects.get(project__title="Chest tubes out in time", gate="evaluation")
    proposal = review.packet["proposal"]
    assert (proposal["outcome"], proposal["balancing"], proposal["equity"]) == ("yes", "yes", "yes")
    assert proposal["design_grade"] == "C"
    assert (proposal["reliable_sites"], proposal["sites"], proposal["process"]) == (6, 9, "yes")
    assert review.proposed == review.decision == "spread"
    assert proposal["process_measure"] == "Removal bundle"
    assert review.packet["tests"]["all"] == 4
    hours = next(m for m in review.packet["measures"] if m["slug"] == "chest-tube-hours")
    assert hours["variation"] == "improving"
    tubes = Project.objects.get(title="Chest tubes out in time")
    reading = measure_readings(user=Person.objects.get(username="dee"), project=tubes)[0]
    change = {name: found.change for name, found in reading.cohorts}
    assert -0.23 < change["Pioneer"] < -0.16  # 16 % in the first year, 23 % in the end
    assert change["Spread"] == pytest.approx(-0.10, abs=0.02)


def test_the_portfolio_holds_every_state(demonstration: Network) -> None:
    """Every pathway, phase and outcome of a gate is there to look at."""
    from allteach.web.ideas.models import Idea
    from allteach.web.projects.policy import Decision, Phase

    projects = Project.objects.filter(network=demonstration)
    assert set(projects.values_list("pathway", flat=True)) == {"single_site", "incubator", "network_wide"}
    assert set(projects.values_list("phase", flat=True)) == {phase.value for phase in Phase}
    assert set(Review.objects.values_list("decision", flat=True)) == {"", *(d.value for d in Decision)}
    assert set(Idea.objects.values_list("status", flat=True)) == set(Idea.Status.values) - {"triaged"}
    assert projects.filter(on_hold=True).exists()
    assert projects.filter(parent__isnull=False).exists()
    assert projects.filter(phase="stopped", lesson="").exists()
    assert not Review.objects.filter(decided_at__year=2026, decided_at__month=11).exclude(decision="").exists()
