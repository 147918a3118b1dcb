"""Measure cards: closed, hashed, refused with a reason; their test cases run."""

from __future__ import annotations

from datetime import date

import pytest

from allteach.errors import MeasureError
from allteach.intake.expression import Kind
from allteach.measures.binding import check_card
from allteach.measures.cases import run_cases
from allteach.measures.files import dump, load
from allteach.measures.histogram import median, pool
from allteach.units import Unit

GOOD = """
id: remission
title: Patients in remission
kind: proportion
direction: higher
table: visits
site: site
date: day
denominator: pga is present
numerator: pga = "inactive"
strata: [sex]
target: 0.8
words: {what: How many are well., why: It matters., caveats: Only those who come.}
reviewed: 2025-03-01
tests:
  - name: one of two
    rows:
      - {site: A, day: 2024-01-05, pga: inactive}
      - {site: A, day: 2024-01-06, pga: mild, sex: f}
      - {site: A, day: 2024-01-07}
    expect:
      - {site: A, period: 2024-01-01, numerator: 1, denominator: 2, n: 2}
"""
KINDS = {"site": Kind.TEXT, "day": Kind.DATE, "pga": Kind.TEXT, "sex": Kind.TEXT, "n": Kind.INTEGER, "end": Kind.DATE}


def test_a_card_survives_being_written_and_read() -> None:
    card = load(GOOD)
    assert load(dump(card)) == card
    assert load(dump(card)).content_hash == card.content_hash
    assert load(GOOD.replace("pga is present", "pga is missing")).content_hash != card.content_hash
    assert (card.chart_kind, card.format.unit, card.reviewed) == ("p", Unit.PERCENT, date(2025, 3, 1))


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        ("id: remission", "id: [remission", "AT-M-001"),
        ("id: remission", "identity: remission", "AT-M-002"),
        ("table: visits", "", "AT-M-002"),
        ("kind: proportion", "kind: ratio", "AT-M-002"),
        ("direction: higher", "direction: up", "AT-M-002"),
        ("pga is present", "pga is", "AT-M-003"),
        ("pga is present", "sum(n)", "AT-M-004"),
        ("kind: proportion", "kind: rate", "AT-M-004"),
        ("kind: proportion", "kind: mean", "AT-M-004"),
        ("kind: proportion", "kind: time_between", "AT-M-004"),
        ("strata: [sex]", "chart: u", "AT-M-004"),
        ("strata: [sex]", "grain: event", "AT-M-004"),
        ("strata: [sex]", "bins: [1, 2]", "AT-M-004"),
        ("strata: [sex]", "once: {per: site, take: best}", "AT-M-004"),
        ("strata: [sex]", "expected: n", "AT-M-004"),
        ("target: 0.8", "target: 80", "AT-M-004"),
        ("id: remission", "id: re mission", "AT-M-004"),
    ],
)
def test_what_does_not_belong_on_a_card_is_refused(old: str, new: str, code: str) -> None:
    assert old in GOOD
    with pytest.raises(MeasureError) as caught:
        load(GOOD.replace(old, new))
    assert caught.value.code == code


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        ("site: site\n", "site: place\n", "AT-M-005"),
        ("date: day", "date: pga", "AT-M-006"),
        ("strata: [sex]", "strata: [colour]", "AT-M-005"),
        ("pga is present", "remission is present", "AT-M-005"),
        ("pga is present", "n", "AT-M-006"),
        ('pga = "inactive"', "n > 'x'", "AT-M-006"),
    ],
)
def test_a_card_has_to_fit_its_table(old: str, new: str, code: str) -> None:
    check_card(load(GOOD), KINDS)
    with pytest.raises(MeasureError) as caught:
        check_card(load(GOOD.replace(old, new, 1)), KINDS)
    assert caught.value.code == code


def test_the_cases_of_a_card_run_and_a_wrong_one_is_told() -> None:
    assert [(r.name, r.passed) for r in run_cases(load(GOOD), KINDS)] == [("one of two", True)]
    wrong = run_cases(load(GOOD.replace("denominator: 2", "denominator: 3")), KINDS)[0]
    assert not wrong.passed
    assert wrong.differences == ("A 2024-01-01: denominator is 2.0, expected 3.",)
    with pytest.raises(MeasureError, match="AT-M-009"):
        run_cases(load(GOOD.replace("pga: mild", "colour: red")), KINDS)
    with pytest.raises(MeasureError, match="AT-M-009"):
        run_cases(load(GOOD.replace("pga: mild", "n: many")), KINDS)


def test_a_median_is_read_off_bins_and_pooled_over_sites() -> None:
    edges = (0.0, 10.0, 20.0)
    assert median([0, 2, 2, 0], edges) == 10
    assert median(pool([[0, 2, 0, 0], [0, 0, 2, 0]]), edges) == 10
    assert median([0, 1, 0, 0], edges) == 5
    assert median([0, 0, 0, 3], edges) is None
    assert median([0, 0, 0, 0], edges) is None
