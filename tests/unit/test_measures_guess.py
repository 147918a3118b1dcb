"""Cards proposed from named columns."""

from __future__ import annotations

from datetime import date

import pytest

from allteach.errors import MeasureError
from allteach.intake.checks import check
from allteach.intake.contract import TableDictionary
from allteach.intake.profile import profile
from allteach.intake.reader import read
from allteach.measures.binding import check_card, kinds_of_table
from allteach.measures.card import Card, MeasureKind
from allteach.measures.engine import run
from allteach.measures.files import dump, load
from allteach.measures.guess import by_stratum, propose, slug
from allteach.units import Direction


def cards(text: str, **roles: str) -> tuple[TableDictionary, list[Card]]:
    raw = read(text.encode(), name="f.csv")
    said = profile(raw).dictionary("sent", "Sent", roles=roles or None)
    checked = check(raw, said, sent_on=date(2026, 1, 1), site="S")
    found = [proposal.card for proposal in propose(said, checked.good)]
    for card in found:
        check_card(card, kinds_of_table(said))
        assert load(dump(card)) == card
        assert run(card, checked.good).rows.num_rows
    return said, found


def months(line: str) -> str:
    return "".join(line.format(m=f"2024-{n:02d}", n=n, d=900 + n) + "\n" for n in range(1, 13))


def test_events_and_exposure_become_a_rate() -> None:
    _, (card,) = cards("site,month,falls,patient_days\n" + months("A,{m},{n},{d}"))
    assert (card.kind, card.per, card.exposure) == (MeasureKind.RATE, 1000, "patient days")
    assert (card.title, card.direction) == ("Falls per 1,000 patient days", Direction.LOWER)


def test_a_part_and_its_whole_become_a_share() -> None:
    _, (card,) = cards("site,month,breaches,attendances\n" + months("A,{m},{n},{d}"))
    assert (card.kind, card.numerator, card.denominator) == (
        MeasureKind.PROPORTION,
        "sum(breaches)",
        "sum(attendances)",
    )


def test_counts_alone_become_a_count() -> None:
    _, (card,) = cards("site,month,falls\n" + months("A,{m},{n}"))
    assert (card.kind, card.title) == (MeasureKind.COUNT, "Falls per month")


def test_the_same_days_behind_each_kind_of_event_become_measures_of_their_own() -> None:
    text = "site,month,infection,n,days\n" + months("A,{m},CLABSI,{n},{d}") + months("A,{m},CAUTI,1,{d}")
    _, found = cards(text)
    assert [card.title for card in found] == ["CAUTI per 1,000 days", "CLABSI per 1,000 days"]
    assert found[0].where == 'infection = "CAUTI"'
    assert found[0].direction is Direction.LOWER


def test_outcomes_and_times_of_cases() -> None:
    lines = "".join(f"H,2024-01-{1 + n % 28:02d},{'dead' if n % 5 == 0 else 'alive'},{1 + n % 9}\n" for n in range(60))
    _, found = cards("hospital,date,outcome,stay_days\n" + lines)
    assert [(card.kind, card.title) for card in found] == [
        (MeasureKind.PROPORTION, "Outcome: dead"),
        (MeasureKind.DURATION, "Typical stay days"),
    ]
    assert found[0].numerator == 'outcome = "dead"'


def test_one_measure_for_each_value_on_request() -> None:
    said, (card,) = cards(
        "site,month,breaches,attendances,type\n" + months("A,{m},{n},{d},1") + months("A,{m},1,{d},2")
    )
    split = by_stratum(card, said.field("type"), ["1", "2"])
    assert [one.where for one in split] == ['type = "1"', 'type = "2"']
    assert len({one.id for one in split}) == 2
    assert all("type" not in one.strata for one in split)


def test_names_with_spaces_and_quotes_survive() -> None:
    _, found = cards(
        'Site,Month,"Falls, ""bad""",Bed days\n' + months("A,{m},{n},{d}"), **{'Falls, "bad"': "numerator"}
    )
    assert found[0].numerator == 'sum([Falls, "bad"])'


def test_without_a_column_for_time_there_is_nothing_to_follow() -> None:
    with pytest.raises(MeasureError, match="AT-M-010"):
        cards("site,n,total\n" + "".join(f"S{n % 3},{n},9{n}\n" for n in range(30)))


def test_slugs() -> None:
    assert slug("  Årets fald, pr. 1,000 dage!  ") == "årets-fald-pr-1-000-dage"
    assert slug("---") == "measure"
