"""The demonstration is what its truth says, to the byte from a seed and to sampling error in its numbers."""

from __future__ import annotations

import csv
import io
import json
import math
from collections import defaultdict
from datetime import date

import numpy as np
import pytest

from allteach.intake import contract
from allteach.simulate import cast, tables
from allteach.simulate.heart import SEED, Simulated, dictionaries, simulate


@pytest.fixture(scope="module")
def made() -> Simulated:
    return simulate()


def rows(made: Simulated, table: str, *, accepted: bool = True) -> list[dict[str, str]]:
    out = []
    for file in made.files:
        if file.table == table and (file.accept or not accepted):
            out += list(csv.DictReader(io.StringIO(file.content.decode())))
    return out


def test_same_seed_same_bytes(made: Simulated) -> None:
    assert [f.content for f in simulate(SEED).files] == [f.content for f in made.files]
    assert [f.content for f in simulate(SEED + 1).files] != [f.content for f in made.files]


def test_cast_is_the_published_shape(made: Simulated) -> None:
    assert len(made.sites) == 17
    assert {c: len(codes) for c, codes in made.truth.cohorts.items()} == {"Pioneer": 9, "Spread": 8}
    roles = {p.role for p in made.people if p.signs_in}
    assert roles == {
        "network_lead", "data_analyst", "qi_coach", "reader", "site_lead", "site_member", "family_partner", "executive",
        "",
    }  # fmt: skip
    led = {p.site for p in made.people if p.role == "site_lead"}
    assert led == {s.code for s in made.sites}


def test_dictionaries_describe_every_column(made: Simulated) -> None:
    for slug, text in dictionaries():
        dictionary = contract.load(text)
        assert dictionary.name == slug
        assert [f.name for f in dictionary.fields] == list(rows(made, slug)[0])


def test_hours_fall_as_published(made: Simulated) -> None:
    """Geometric means within three standard errors of the truth."""
    hours: dict[tuple[str, bool], list[float]] = defaultdict(list)
    done = {"Pioneer": date(2025, 6, 1), "Spread": date(2025, 4, 1)}
    cohort = {code: c for c, codes in made.truth.cohorts.items() for code in codes}
    for row in rows(made, "operations"):
        day, c = date.fromisoformat(row["operated_on"]), cohort[row["site"]]
        if day < made.truth.cohort_starts[c] or day >= done[c]:
            hours[c, day >= done[c]].append(math.log(float(row["chest_tube_hours"])))
    for c, (before, after) in made.truth.geometric_mean_hours.items():
        for later, truth in ((False, before), (True, after)):
            logs = np.array(hours[c, later])
            assert abs(logs.mean() - math.log(truth)) < 3.5 * logs.std() / math.sqrt(len(logs)), (c, later)


def test_truth_states_the_published_changes(made: Simulated) -> None:
    assert made.truth.change("Pioneer") == pytest.approx(-0.226, abs=0.001)
    assert made.truth.change("Spread") == pytest.approx(-0.097, abs=0.001)
    assert abs(tables.PIONEER_HALF - 61.3 / 72.6) < 0.001


def test_model_site_is_far_ahead_and_not_worse(made: Simulated) -> None:
    before = [r for r in rows(made, "operations") if r["operated_on"] < "2024"]
    hours = defaultdict(list)
    for row in before:
        hours[row["site"]].append(math.log(float(row["chest_tube_hours"])))
    means = {site: np.mean(logs) for site, logs in hours.items() if len(logs) > 20}
    best = min(means, key=lambda site: means[site])
    assert best == made.truth.model_site
    others = np.mean([m for s, m in means.items() if s != best])
    assert 0.279 < 1 - math.exp(means[best] - others) < 0.874


@pytest.mark.parametrize(
    ("column", "share"),
    [("tube_reinserted", 0.019), ("readmitted_with_effusion", 0.032), ("high_pain_on_day_2", 0.12)],
)
def test_balancing_measures_are_flat(made: Simulated, column: str, share: float) -> None:
    for part in (lambda d: d < "2024", lambda d: d >= "2025-06"):
        events = [r[column] == "yes" for r in rows(made, "operations") if part(r["operated_on"])]
        assert abs(np.mean(events) - share) < 3.5 * math.sqrt(share * (1 - share) / len(events))


def test_late_missing_paused_and_soiled(made: Simulated) -> None:
    sent = {(r["site"], r["operated_on"][:7]) for r in rows(made, "operations")}
    for site, months in made.truth.missing.items():
        assert not any((site, m.strftime("%Y-%m")) in sent for m in months)
    for site in made.truth.late:
        assert (site, "2026-10") not in sent
        assert (site, "2026-09") in sent
    assert max(m for s, m in sent if s == made.truth.paused_site) == "2026-03"
    waiting = [f for f in made.files if not f.accept]
    assert [f.site for f in waiting] == list(made.truth.held_rows)


def test_worsening_site_really_worsens(made: Simulated) -> None:
    own = [r for r in rows(made, "months") if r["site"] == made.truth.worsening_site]

    def rate(part: list[dict[str, str]]) -> float:
        return sum(int(r["unplanned_extubations"]) for r in part) / sum(int(r["ventilator_days"]) for r in part)

    before, after = [r for r in own if r["month"] < "2026-01"], [r for r in own if r["month"] >= "2026-01"]
    assert rate(after) / rate(before) > 2


def test_names_are_invented_and_codes_are_slugs() -> None:
    codes = [s.code for s in cast.SITES]
    assert len(set(codes)) == 17
    assert all(c.replace("-", "").isalpha() and c == c.lower() for c in codes)


def test_truth_is_json(made: Simulated) -> None:
    plain = json.loads(made.truth.json())
    assert plain["as_of"] == "2026-11-09"
    assert plain["cohorts"]["Spread"] == list(made.truth.cohorts["Spread"])
