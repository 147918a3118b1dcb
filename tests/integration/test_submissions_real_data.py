"""Three public files become networks with sites, measures and results, by the command's own road."""

from __future__ import annotations

import csv
import json
import os
import subprocess
import sys
from collections import defaultdict

import numpy as np
import pytest

from allteach.errors import StateError
from allteach.web.measuring import selectors
from allteach.web.measuring.cards import card_of
from allteach.web.measuring.models import Measure
from allteach.web.people.models import Person
from allteach.web.sites.models import Network
from allteach.web.submissions.loading import Columns, Order, load
from allteach.web.submissions.models import Submission

pytestmark = pytest.mark.django_db


@pytest.fixture
def nell():
    return Person.objects.create(username="nell", display_name="Nell", is_staff=True)


def panel_of(person, title):
    measure = Measure.objects.get(title=title)
    return selectors.panel(user=person, measure=measure)


def test_hospital_infections_become_three_rates_in_six_hospitals(nell, shared_data):
    said = []
    columns = Columns(site="hospital", date="month", numerator=("n",), denominator=("days",), stratum=("infection",))
    path = shared_data("qicharts2_hospital_infections.csv")
    outcome = load(Order(file=path, network="Six hospitals", columns=columns, accept=True), say=said.append)
    assert outcome["status"] == "accepted"
    network = Network.objects.get()
    assert network.sites.count() == 6
    assert sorted(Measure.objects.values_list("title", flat=True)) == [
        "BAC per 10,000 days", "CDI per 10,000 days", "UTI per 10,000 days",
    ]  # fmt: skip
    found = panel_of(nell, "BAC per 10,000 days")
    assert found.panel.shape == (6, 24)
    with path.open() as opened:
        rows = [row for row in csv.DictReader(opened) if row["infection"] == "BAC"]
    assert np.nansum(found.panel.numerator) == sum(int(row["n"]) for row in rows)
    assert np.nansum(found.panel.denominator) == pytest.approx(sum(float(row["days"]) for row in rows))
    assert not found.incomplete.any()
    assert any("can be kept" in line for line in said)


def test_emergency_attendances_become_a_share_in_274_organisations(nell, shared_data):
    path = shared_data("nhsr_ae_attendances.csv")
    columns = Columns(
        site="org_code", date="period", numerator=("breaches",), denominator=("attendances",), stratum=("type",)
    )
    load(Order(file=path, network="Emergency departments", columns=columns, accept=True), say=lambda line: None)
    assert Network.objects.get().sites.count() == 274
    measure = Measure.objects.get()
    assert card_of(selectors.current_version(measure)).kind == "proportion"
    line = selectors.network_panel(user=nell, measure=measure)
    totals = defaultdict(lambda: [0, 0])
    with path.open() as opened:
        for row in csv.DictReader(opened):
            totals[row["period"]][0] += int(row["breaches"])
            totals[row["period"]][1] += int(row["attendances"])
    expected = [totals[day][0] / totals[day][1] for day in sorted(totals)]
    np.testing.assert_allclose(line.panel.value, expected)
    assert selectors.strata_of(user=nell, measure=measure) == ["type=1", "type=2", "type=other"]


def test_single_tests_become_weeks_of_88_clinics(nell, shared_data):
    path = shared_data("chop_covid_testing.csv")
    columns = Columns(site="clinic_name", date="pan_day", result=("result=positive",), value=("rec_ver_tat",))
    order = Order(
        file=path, network="Covid testing", columns=columns, day_zero="2020-03-01", period="week", accept=True
    )
    load(order, say=lambda line: None)
    assert Network.objects.get().sites.count() == 88
    positive = panel_of(nell, "Result: positive").panel
    with path.open() as opened:
        rows = list(csv.DictReader(opened))
    assert np.nansum(positive.numerator) == sum(row["result"] == "positive" for row in rows)
    assert np.nansum(positive.denominator) == sum(row["result"] != "" for row in rows)
    hours = Measure.objects.exclude(title="Result: positive").get()
    times = selectors.panel(user=nell, measure=hours).panel
    assert np.nansum(times.n) == sum(row["rec_ver_tat"] != "" for row in rows)


SMALL = "unit,month,falls,bed_days\n" + "".join(
    f"{unit},2024-{month:02}-01,{month % 4},{280 + month}\n" for unit in ("North", "South") for month in range(1, 13)
)


def test_the_command_loads_names_accepts_and_says_so_for_programs(tmp_path, repo):
    file = tmp_path / "falls.csv"
    file.write_text(SMALL)
    environment = os.environ | {
        "ALLTEACH_HOME": str(tmp_path / "home"),
        "PYTHONPATH": str(repo / "src"),
        "DATABASE_URL": "",
    }
    environment.pop("DJANGO_SETTINGS_MODULE", None)
    command = [
        sys.executable,
        "-c",
        "from allteach.cli import main; main()",
        "load",
        str(file),
        "--network",
        "Falls in two units",
    ]
    named = [
        *command,
        "--site",
        "unit",
        "--date",
        "month",
        "--numerator",
        "falls",
        "--denominator",
        "bed_days",
        "--json",
    ]
    first = subprocess.run([*named, "--accept"], env=environment, capture_output=True, text=True, check=False)
    assert first.returncode == 0, first.stderr
    told = json.loads(first.stdout)
    assert (told["status"], told["rows_kept"], told["network"]) == ("accepted", 24, "falls-in-two-units")
    again = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert "here already as submission 1 (accepted)" in again.stdout


def test_columns_that_are_not_there_leave_no_network_behind(nell, tmp_path):
    file = tmp_path / "falls.csv"
    file.write_text(SMALL)
    with pytest.raises(StateError, match="AT-T-061"):
        load(Order(file=file, network="Falls", columns=Columns(site="hospital")), say=lambda line: None)
    assert Network.objects.count() == 0


def test_who_sends_has_to_be_plain(nell, tmp_path):
    Person.objects.create(username="olga", display_name="Olga", is_staff=True)
    file = tmp_path / "falls.csv"
    file.write_text(SMALL)
    with pytest.raises(StateError, match="nell, olga"):
        load(Order(file=file, network="Falls"), say=lambda line: None)
    load(Order(file=file, network="Falls", person="olga"), say=lambda line: None)
    assert Submission.objects.get().sent_by.username == "olga"
