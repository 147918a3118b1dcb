"""Measures executed on a real PostgreSQL server agree with the reference evaluator: integers exactly."""

from __future__ import annotations

from typing import Any

from hypothesis import HealthCheck, Phase, given, settings

from allteach.measures.card import Card
from allteach.measures.reference import compute
from tests.postgres_rows import computed_by_postgres
from tests.property.test_measures_agree import lines, same
from tests.random_measures import ROWS, cards


@settings(max_examples=25, phases=[Phase.generate], suppress_health_check=list(HealthCheck))
@given(card=cards(), rows=ROWS)
def test_postgres_agrees_with_the_reference(postgres_rows: Any, card: Card, rows: list[dict[str, Any]]) -> None:
    found = lines(computed_by_postgres(postgres_rows, card, rows))
    expected = lines(compute(card, rows, strata=card.strata))
    assert found.keys() == expected.keys()
    for key, numbers in expected.items():
        assert all(same(a, b) for a, b in zip(numbers, found[key], strict=True)), (key, numbers, found[key])
