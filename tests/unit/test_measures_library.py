"""Every shipped card fits its table, says where it comes from, and passes its own test cases."""

from __future__ import annotations

from datetime import date

import pytest

from allteach.errors import MeasureError
from allteach.intake import contract, template
from allteach.intake.checks import check
from allteach.intake.reader import read
from allteach.measures import library
from allteach.measures.binding import check_card, kinds_of_table
from allteach.measures.card import EVENT_KINDS, Card, MeasureKind, MeasureType
from allteach.measures.cases import run_cases
from allteach.measures.files import dump, load
from allteach.units import Direction

CARDS = [(name, card) for name in library.names() for card in library.shelf(name).cards]
TABLES = [(name, table) for name in library.names() for table in library.shelf(name).tables]


@pytest.mark.parametrize(("name", "card"), CARDS, ids=[card.id for _, card in CARDS])
def test_a_shipped_card_is_whole_and_its_cases_pass(name: str, card: Card) -> None:
    kinds = kinds_of_table(library.shelf(name).table(card.table))
    check_card(card, kinds)
    assert card.tests, "a shipped card carries test cases"
    for result in run_cases(card, kinds):
        assert result.passed, result.differences
    assert card.references
    assert card.author
    assert card.review_by is not None
    assert card.words.numerator or card.kind in EVENT_KINDS
    assert card.words.what.endswith(".")
    assert card.words.why.endswith(".")
    assert load(dump(card)) == card


@pytest.mark.parametrize(("name", "table"), TABLES, ids=[table.name for _, table in TABLES])
def test_the_template_of_a_shipped_table_passes_its_own_checks(name: str, table: contract.TableDictionary) -> None:
    assert contract.load(contract.dump(table)) == table
    for content in (template.csv(table, examples=True), template.xlsx(table, examples=True)):
        checked = check(read(content, name="t"), table, sent_on=date(2026, 1, 1))
        assert [f for f in checked.findings if f.severity != "warn"] == []
        assert checked.good.num_rows == 2
    assert table.sources


def test_the_library_is_broad() -> None:
    cards = [card for _, card in CARDS]
    assert len(cards) >= 40
    assert len({card.id for card in cards}) == len(cards)
    assert {card.type for card in cards} == set(MeasureType)
    assert {card.kind for card in cards} >= set(MeasureKind) - {MeasureKind.COUNT, MeasureKind.MEDIAN}
    assert {card.direction for card in cards} >= {Direction.HIGHER, Direction.LOWER}


def test_what_is_not_shipped_is_said() -> None:
    with pytest.raises(MeasureError, match="AT-M-011"):
        library.shelf("unicorns")
    with pytest.raises(MeasureError, match="AT-M-011"):
        library.shelf("ibd").table("unicorns")
    with pytest.raises(MeasureError, match="AT-M-011"):
        library.shelf("ibd").card("unicorns")
