"""A changed definition: both versions stay computed, a break is drawn, and nothing is compared across it."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import numpy as np
import pytest
from django.urls import reverse

from allteach.charts import pptx, svg, table
from allteach.web.measuring import selectors, services
from allteach.web.measuring.models import MeasureVersion, Observation
from allteach.web.submissions.services import save_table
from allteach.web.variation.asked import Asked
from allteach.web.variation.models import Standing
from allteach.web.variation.presenting import sentence, spec_of
from allteach.web.variation.selectors.charts import charted
from tests.integration.submitting import accepted, falls
from tests.integration.test_measuring import CARD

pytestmark = pytest.mark.django_db
MONTHS = [(2023, m) for m in range(1, 13)] + [(2024, m) for m in range(1, 13)]
BREAK = date(2024, 1, 1)
HEAD = "site,month,ward,falls,days\n"
# Ward B has twice the falls of ward A: leaving it out halves the rate at once, at every site.
ROWS = HEAD + "".join(
    f"{site},{y}-{m:02d}-01,{ward},{falls + (m % 3)},1000\n"
    for site in ("alder", "birch", "cedar")
    for y, m in MONTHS
    for ward, falls in (("A", 20), ("B", 60))
)


@pytest.fixture
def measure(ada, chi, network, sites):
    save = save_table(by=ada, network=network, dictionary=falls())
    measure = services.create_measure(by=ada, network=network, card=replace(CARD, baseline=None))
    accepted(ada, network, ROWS, table=save)
    version = services.revise(by=ada, measure=measure, card=replace(CARD, baseline=None, where="ward = 'A'"))
    services.check(by=chi, version=version)
    services.release(by=ada, version=version, effective_from=date(2024, 1, 20), reason="Ward B is counted apart.")
    return measure


def test_each_period_is_counted_by_the_version_in_force(ada, measure):
    found = selectors.panel(user=ada, measure=measure, joined=True)
    assert [(b.start, b.before, b.number) for b in found.breaks] == [(BREAK, 1, 2)]
    assert found.starts == (12,)
    assert found.panel.denominator[0].tolist() == [2000.0] * 12 + [1000.0] * 12
    alone = selectors.panel(user=ada, measure=measure)
    assert alone.breaks == ()
    assert set(alone.panel.denominator[0].tolist()) == {1000.0}, "comparisons count all periods by one version"


def test_both_versions_stay_worked_out_when_new_rows_come(ada, network, measure):
    first, second = measure.versions.order_by("number")
    assert (first.status, second.status) == (MeasureVersion.Status.REPLACED, MeasureVersion.Status.ACTIVE)
    accepted(ada, network, HEAD + "alder,2025-01-01,A,1,1000\nalder,2025-01-01,B,2,1000\n", table=_table(network))
    for version, days in ((first, 2000), (second, 1000)):
        row = Observation.objects.get(version=version, period=date(2025, 1, 1), stratum="", site__code="alder")
        assert row.denominator == days


def _table(network):
    return network.tables.get()


def test_limits_signals_and_words_do_not_reach_across_the_break(ada, network, measure):
    charts = charted(user=ada, network=network, measure=measure)
    for line in charts.lines:
        assert line.breaks == (12,)
        assert set(line.limits.phase.tolist()) == {0, 1}
        assert line.variation == "common", "the drop comes from the definition alone"
        assert line.settled is None
        assert line.side == 0
    apart = charted(user=ada, network=network, measure=measure, asked=Asked(phases=False)).whole
    assert set(apart.limits.phase.tolist()) == {0, 1}, "one average throughout still breaks here"
    assert not Standing.objects.filter(measure=measure, variation__in=["improving", "concerning", "changed"]).exists()
    spec = spec_of(charts, charts.whole)
    assert "steady at 21.0" in spec.title
    said = sentence(spec)
    assert "The definition changed in Jan 2024 (version 2)" in said
    assert "Ward B is counted apart." in said
    assert "before it was" not in said


def test_a_signal_that_ends_at_the_break_is_not_said_to_have_passed(ada, network, measure):
    lower = HEAD + "".join(
        f"{site},{y}-{m:02d}-01,{ward},{falls + m % 3 - 15 * (y == 2023 and m > 4)},1000\n"
        for site in ("alder", "birch", "cedar")
        for y, m in MONTHS
        for ward, falls in (("A", 30), ("B", 60))
    )
    accepted(ada, network, lower, table=_table(network))
    charts = charted(user=ada, network=network, measure=measure)
    said = " ".join(spec_of(charts, charts.whole).sentences)
    assert "May 2023 to Dec 2023" in said
    assert "did not last" not in said
    assert charts.whole.variation == "common"
    first = charted(user=ada, network=network, measure=measure, asked=Asked(version=1))
    assert "did not last" in " ".join(spec_of(first, first.whole).sentences), "by one version it did pass"


def test_picture_table_and_files_show_the_break(ada, network, measure):
    charts = charted(user=ada, network=network, measure=measure)
    spec = spec_of(charts, charts.whole)
    assert [(b.x, b.label, b.words) for b in spec.breaks] == [(12.0, "Jan 2024", "version 2")]
    drawn = svg.draw(spec, "page")
    assert ">version 2<" in drawn
    unbroken = svg.draw(replace(spec, breaks=()), "page")
    assert drawn.count("M") > unbroken.count("M"), "the pen is lifted"
    assert table.rows(spec)[12][-1] == "version 2 of the definition begins"
    assert "version 2 of the definition begins" in table.csv(spec)
    assert pptx.draw([spec], editable=True)
    assert spec.source.startswith("Source: Hearts together, measure version 1, 2")


def test_both_series_are_shown_on_request_to_those_who_may_read_small_counts(ada, ben, eve, client, network, measure):
    asked = Asked(both=True)
    charts = charted(user=ada, network=network, measure=measure, asked=asked)
    spec = spec_of(charts, charts.whole)
    old, new = spec.ghosts
    assert (old.name, new.name) == ("By version 1", "By version 2")
    assert old.values[:12] == (None,) * 12
    assert new.values[12:] == (None,) * 12
    assert all(value is not None for value in (*old.values[12:], *new.values[:12]))
    np.testing.assert_allclose(old.values[12], (20 + 60 + 2) / 2000)
    assert spec.columns[-2:] == ("By version 1", "By version 2")
    assert "By version 1" in svg.draw(spec, "full")
    assert "By version 2" in table.csv(spec)
    address = reverse("variation:network_chart", args=[network.slug, "falls"])
    client.force_login(eve)
    assert "By version 1" not in client.get(address + "?version=both").content.decode()
    assert "set against what is shown now" in client.get(address + "?version=1").content.decode()
    client.force_login(ben)
    own = reverse("variation:chart", args=[network.slug, "falls", "alder"])
    assert "By version 1" in client.get(own + "?version=both").content.decode()


def test_one_version_can_be_asked_for_by_address_page_and_api(ada, client, network, measure):
    client.force_login(ada)
    for number, days in ((1, 6000.0), (2, 3000.0)):
        found = client.get(f"/api/n/{network.slug}/results/falls/all?version={number}").json()
        assert {point["denominator"] for point in found["points"]} == {days}
        assert f"counted by version {number}" in " ".join(found["notices"])
    usual = client.get(f"/api/n/{network.slug}/results/falls/all").json()
    assert usual["breaks"] == [{"start": "2024-01-01", "version": 2, "before": 1, "reason": "Ward B is counted apart."}]
    assert client.get(f"/api/n/{network.slug}/results/falls/all?version=9").status_code == 404


def test_sites_are_compared_by_one_definition(ada, client, network, measure):
    client.force_login(ada)
    found = client.get(f"/api/n/{network.slug}/results/falls/funnel?window=24").json()
    assert {site["denominator"] for site in found["sites"]} == {12000.0}, "twelve months of ward A"


def test_without_a_first_day_all_periods_are_counted_anew(ada, chi, measure):
    version = services.revise(by=chi, measure=measure, card=replace(CARD, where="ward = 'B'"))
    services.check(by=ada, version=version)
    services.release(by=chi, version=version, reason="Ward B only.")
    found = selectors.panel(user=ada, measure=measure, joined=True)
    assert found.breaks == ()
    assert found.panel.numerator[0][0] == 61


def test_versions_of_another_kind_share_no_axis(ada, chi, measure):
    card = replace(CARD, kind="count", per=1.0, exposure="", denominator="", numerator="sum(falls)")
    version = services.revise(by=chi, measure=measure, card=card)
    services.check(by=ada, version=version)
    services.release(by=chi, version=version, effective_from=date(2024, 7, 1), reason="Counts are enough.")
    found = selectors.panel(user=ada, measure=measure, joined=True)
    assert (found.breaks, found.periods[0].label) == ((), "Jul 2024")
