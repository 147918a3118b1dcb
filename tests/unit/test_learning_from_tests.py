"""Scores of predictions and the size of the next test: closed forms, published corners, and laws."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from allteach.web.trials import learning

CORNERS = {  # The Improvement Guide (Langley et al. 2009), chapter 7: deciding on the scale of a test
    (20, "high"): ("one_patient", "one_patient", "one_patient"),
    (20, "low"): ("one_patient", "one_patient", "one_clinician"),
    (90, "high"): ("one_patient", "one_clinician", "some_units"),
    (90, "low"): ("one_clinician", "some_units", "whole_site"),
}


@pytest.mark.parametrize(("belief", "cost"), CORNERS)
def test_the_published_corners_of_the_table(belief: int, cost: str) -> None:
    found = tuple(learning.largest_scale(belief, cost, ready) for ready in learning.READINESS)
    assert found == CORNERS[belief, cost]


@given(st.integers(0, 100), st.sampled_from(learning.LEVELS), st.sampled_from(learning.READINESS))
def test_more_belief_and_cheaper_mistakes_never_make_a_test_smaller(belief: int, cost: str, ready: str) -> None:
    def size(belief: int, cost: str, ready: str) -> int:
        return learning.SCALES.index(learning.largest_scale(belief, cost, ready))

    here = size(belief, cost, ready)
    assert size(min(belief + 30, 100), cost, ready) >= here
    assert size(belief, "low", ready) >= here
    assert size(belief, cost, "ready") >= here


@given(st.floats(-5, 5), st.floats(0, 5), st.floats(-20, 20))
def test_the_interval_score_is_the_width_and_a_penalty_outside(low: float, width: float, result: float) -> None:
    score = learning.interval_score(low, low + width, result)
    missed = max(low - result, result - (low + width), 0.0)
    assert score == pytest.approx((low + width - low) + 10 * missed)


def test_the_brier_score_of_a_coin_and_of_a_seer() -> None:
    coin = learning.calibration([(50, True), (50, False)], [])
    seer = learning.calibration([(100, True), (0, False)], [True, False])
    assert coin is not None
    assert seer is not None
    assert (coin.brier, seer.brier) == (0.25, 0.0)
    assert [(band.tests, band.worked) for band in seer.bands] == [(1, 0.0), (0, None), (1, 1.0)]
    assert (seer.ranges, seer.inside) == (2, 1)
    assert learning.calibration([], []) is None


def test_belief_along_a_ramp() -> None:
    assert learning.belief_curve([(60, 65), (75, None), (75, 85)]) == [60, 65, 85]
