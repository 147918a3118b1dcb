"""One call from data to chart: arrays, frames and files in, the same chart out."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

import allteach
from allteach.charts.study.columns import as_days
from allteach.charts.study.gather import grain_of, natural
from allteach.charts.study.wording import plain
from allteach.errors import AllteachError, ChartError
from allteach.units import Grain, Unit

MONTHS = [f"2024-{month:02d}-01" for month in range(1, 13)] + [f"2025-{month:02d}-01" for month in range(1, 13)]
FALLS = [9, 8, 11, 7, 10, 9, 8, 12, 9, 10, 8, 9, 4, 3, 5, 2, 4, 3, 4, 3, 2, 4, 3, 4]


@pytest.fixture
def frame() -> pd.DataFrame:
    """Two sites, 24 months; site B has no rows in March 2024 and an unknown count in May 2024."""
    rows = [
        {"ward": site, "month": pd.Timestamp(month), "falls": falls + extra, "patients": 100}
        for site, extra in (("Ward 10", 0), ("Ward 2", 1))
        for month, falls in zip(MONTHS, FALLS, strict=True)
    ]
    table = pd.DataFrame(rows)
    table = table[~((table.ward == "Ward 2") & (table.month == "2024-03-01"))].astype({"falls": float})
    table.loc[(table.ward == "Ward 2") & (table.month == "2024-05-01"), "falls"] = np.nan
    return table


HOW = {"numerator": "falls", "denominator": "patients", "date": "month", "direction": "lower", "measure": "Falls"}


def test_pooling_adds_numerators_and_denominators_of_what_is_known(frame: pd.DataFrame) -> None:
    one = allteach.chart(frame, site="ward", kind="p", baseline=12, **HOW)
    assert one.panel.numerator[0] == 9 + 10
    assert one.panel.denominator[0] == 200
    assert one.panel.denominator[2] == 100  # no row
    assert (one.panel.numerator[4], one.panel.denominator[4]) == (10, 100)  # no count: its patients leave too
    assert "2 sites together." in one.spec.notices
    assert one.spec.title == "Falls 5 percentage points lower since Nov 2024, which is better"


def test_sites_are_drawn_on_one_scale_in_natural_order(frame: pd.DataFrame) -> None:
    many = allteach.sites(frame, site="ward", kind="p", **HOW)
    assert [one.spec.subject for one in many] == ["Ward 2", "Ward 10"]
    assert many["Ward 2"].spec.y == many["Ward 10"].spec.y
    assert np.isnan(many["Ward 2"].limits.value[2])
    assert many["Ward 2"].spec.title.startswith("Ward 2: falls")
    assert many._repr_html_().count("<svg") == 2
    assert "style" not in many._repr_html_()
    with pytest.raises(KeyError):
        many["Ward 3"]


def test_frames_of_every_kind_give_the_same_chart(frame: pd.DataFrame, tmp_path: Path) -> None:
    path = tmp_path / "falls.csv"
    frame.to_csv(path, index=False)
    inputs = [
        frame,
        pa.Table.from_pandas(frame),
        {name: frame[name].to_numpy() for name in frame},
        {name: frame[name].tolist() for name in frame},
        str(path),
        path.read_bytes(),
    ]
    said = {allteach.chart(data, site="ward", kind="p", source="here", **HOW).sentence for data in inputs}
    assert len(said) == 1


def test_columns_are_guessed_alike_in_frames_and_files(frame: pd.DataFrame, tmp_path: Path) -> None:
    path = tmp_path / "falls.csv"
    frame.to_csv(path, index=False)
    from_file = allteach.chart(path, source="here")
    from_frame = allteach.chart(frame, source="here")
    assert from_file.spec.subtitle == from_frame.spec.subtitle
    assert from_file.spec.kind in ("p", "pprime")
    assert from_file.why[0].endswith("chosen.")


def test_arrays_alone() -> None:
    values = allteach.chart([5.0, 6, 5, 7, 6, 5, 6, 30, 6, 5, 7, 5], kind="i", rules="nhs", measure="Waiting days")
    assert values.spec.x.ticks[0].text == "1"
    assert values.spec.points[7].rules == ("a point beyond the limits",)
    counts = allteach.chart(numerator=[3, 4, 5] * 5, denominator=[10] * 15)
    assert counts.spec.format.unit is Unit.PERCENT
    assert allteach.chart(numerator=[3, 4, 5] * 5).spec.kind == "c"


def test_rows_of_patients_become_means_and_shares() -> None:
    rng = np.random.default_rng(1)
    day = np.datetime64("2024-01-01") + rng.integers(0, 700, 2000).astype("timedelta64[D]")
    table = {"day": day, "hours": rng.lognormal(4, 0.4, 2000), "result": rng.choice(["positive", "negative"], 2000)}
    stays = allteach.chart(table, value="hours", date="day", log=True)
    assert stays.spec.kind == "xbar"
    assert stays.panel.n.sum() == 2000
    assert stays.spec.format.unit is Unit.HOURS
    assert 50 < stays.limits.value[0] < 60
    tests = allteach.chart(table, numerator="result=positive", date="day")
    assert tests.panel.denominator.sum() == 2000
    assert tests.panel.numerator.sum() == (table["result"] == "positive").sum()


def test_days_between_events() -> None:
    days = [
        date(2024, 1, 1),
        date(2024, 1, 11),
        date(2024, 2, 1),
        date(2024, 4, 1),
        *(date(2024, m, 9) for m in range(5, 13)),
    ]
    gaps = allteach.chart(date=days, kind="t")
    assert gaps.limits.value[:2].tolist() == [10.0, 21.0]
    assert gaps.spec.points[0].label == "11 Jan 2024"
    assert gaps.spec.format.unit is Unit.DAYS


def test_phases_by_day_and_by_number(frame: pd.DataFrame) -> None:
    by_day = allteach.chart(frame, kind="p", phases=("2025-01",), **HOW)
    assert [segment.xs[0] for segment in by_day.spec.segments] == [0.0, 12.0]
    by_number = allteach.chart(numerator=FALLS, denominator=[100] * 24, kind="p", phases=(13,))
    assert [segment.xs[0] for segment in by_number.spec.segments] == [0.0, 12.0]


def test_numbers_of_days_need_day_zero() -> None:
    table = {"day": list(range(60)), "n": [3] * 60, "clinic": ["a", "b"] * 30}
    drawn = allteach.chart(table, numerator="n", date="day", day_zero="2020-03-01", grain="week", kind="c")
    assert drawn.spec.points[0].label == "24 Feb 2020"
    with pytest.raises(ChartError, match="AT-C-014"):
        allteach.chart(table, numerator="n", date="day")


def test_only_some_rows(frame: pd.DataFrame) -> None:
    assert allteach.chart(frame, where="ward=Ward 10", kind="p", **HOW).panel.numerator.sum() == sum(FALLS)


def test_an_aim_is_given_as_shown() -> None:
    shares = {"numerator": FALLS, "denominator": [100] * 24, "kind": "p", "direction": "lower"}
    assert allteach.chart(**shares, target=5).spec.target.value == pytest.approx(0.05)
    assert allteach.chart(**shares, target="0.5%").spec.target.value == pytest.approx(0.005)
    with pytest.raises(ChartError, match="could mean"):
        allteach.chart(**shares, target=0.05)


def test_funnel_of_a_frame(frame: pd.DataFrame) -> None:
    drawn = allteach.funnel(frame, site="ward", numerator="falls", denominator="patients", date="month")
    assert drawn.result.denominator.tolist() == [2200.0, 2400.0]
    assert drawn.spec.points[0].label == "Ward 2"
    assert drawn.to_dict()["level"] == pytest.approx(drawn.result.target)
    assert drawn._repr_svg_().startswith("<svg")


def test_saving_by_the_ending(frame: pd.DataFrame, tmp_path: Path) -> None:
    one = allteach.chart(frame, kind="p", **HOW)
    starts = {
        ".svg": b"<svg",
        ".png": b"\x89PNG",
        ".pdf": b"%PDF",
        ".pptx": b"PK",
        ".csv": b"\xef\xbb\xbf# ",
        ".txt": b"Falls",
    }
    for ending, start in starts.items():
        assert one.save(tmp_path / f"chart{ending}").read_bytes().startswith(start), ending
    many = allteach.sites(frame, site="ward", kind="p", **HOW)
    made = many.save(tmp_path / "falls.svg")
    assert [path.name for path in made] == ["falls-ward-2.svg", "falls-ward-10.svg"]
    assert [path.name for path in many.save(tmp_path / "falls.pdf")] == ["falls.pdf"]
    with pytest.raises(ChartError, match="AT-C-020"):
        one.save(tmp_path / "chart.doc")
    with pytest.raises(ChartError, match="AT-C-021"):
        one.save(tmp_path / "nowhere" / "chart.svg")


@pytest.mark.parametrize(
    ("how", "code"),
    [
        ({"numerator": "fals"}, "AT-C-010"),
        ({"numerator": [1, 2], "denominator": [1, 2, 3]}, "AT-C-011"),
        ({"colour": "red"}, "AT-C-013"),
        ({"direction": "up"}, "AT-C-013"),
        ({"kind": "pie"}, "AT-C-013"),
        ({"baseline": 1}, "AT-C-013"),
        ({"phases": ("soon",)}, "AT-C-013"),
        ({"phases": ("2031-01-01",)}, "AT-C-013"),
        ({"where": "ward"}, "AT-C-013"),
    ],
)
def test_mistakes_are_told(frame: pd.DataFrame, how: dict, code: str) -> None:
    with pytest.raises(AllteachError, match=code):
        allteach.chart(frame, **(HOW | how))


def test_other_mistakes_are_told(frame: pd.DataFrame) -> None:
    with pytest.raises(ChartError, match="AT-C-010"):
        allteach.chart(numerator="falls")
    with pytest.raises(ChartError, match="AT-C-012"):
        allteach.chart()
    with pytest.raises(ChartError, match="AT-C-012"):
        allteach.chart([1.0, 2.0], value=[1.0])
    with pytest.raises(ChartError, match="AT-C-012"):
        allteach.chart(numerator=[])
    with pytest.raises(ChartError, match="AT-C-012"):
        allteach.chart(date=[date(2024, 1, 1)], kind="t")
    with pytest.raises(ChartError, match="one a period"):
        allteach.chart(date=MONTHS)
    with pytest.raises(ChartError, match="AT-C-017"):
        allteach.chart(numerator=[1, 2], date=["0024-01-01", "2024-01-01"], grain="day")
    with pytest.raises(ChartError, match="AT-C-018"):
        allteach.chart([0.0, 1.0, 2.0], log=True)
    with pytest.raises(ChartError, match="AT-C-019"):
        allteach.chart(frame, site="ward", numerator="falls", denominator="patients")
    for make in (allteach.sites, allteach.funnel):
        with pytest.raises(ChartError, match="AT-C-022"):
            make(numerator=[1, 2], denominator=[3, 4])
    with pytest.raises(ChartError, match="AT-C-023"):
        allteach.funnel(frame, site="ward", numerator="falls")
    with pytest.raises(ChartError, match="AT-C-016"):
        allteach.chart("no such file.csv")
    with pytest.raises(AttributeError):
        _ = allteach.nothing


def test_rows_that_cannot_be_used_are_counted() -> None:
    rows = [f"{month},{falls},100" for month, falls in zip(MONTHS, FALLS, strict=True)]
    rows[3] = "2024-04-01,many,100"
    data = ("month,falls,patients\n" + "\n".join(rows) + "\n").encode()
    drawn = allteach.chart(data, **HOW)
    assert "1 row of the file could not be used and is left out." in drawn.spec.notices
    with pytest.raises(ChartError, match="AT-C-015"):
        allteach.chart(b"month,falls,patients\nx,y,z\n", **HOW)


def test_texts_in_per_cent_are_proportions() -> None:
    rows = "".join(f"{month},{80 + at % 7}.5 %\n" for at, month in enumerate(MONTHS))
    drawn = allteach.chart(f"month,compliance\n{rows}".encode(), value="compliance", date="month", target=90)
    assert drawn.spec.format.unit is Unit.PERCENT
    assert drawn.spec.points[0].value == pytest.approx(0.805)
    assert drawn.spec.target.value == pytest.approx(0.9)


@pytest.mark.parametrize(
    ("days", "grain"),
    [
        (["2024-01-01", "2024-02-01"], "month"),
        (["2024-01-01", "2024-04-01", "2024-07-01"], "quarter"),
        (["2022-01-01", "2023-01-01"], "year"),
        (["2024-01-01", "2024-01-08", "2024-01-22"], "week"),
        (["2024-01-01", "2024-01-05", "2024-01-09"], "day"),
        (["2024-01-05", "2024-06-09", "2024-06-10"], "week"),
        (["2021-01-05", "2024-06-09", "2024-06-10"], "month"),
    ],
)
def test_the_length_of_periods_is_found(days: list[str], grain: str) -> None:
    assert grain_of(np.array(days, "datetime64[D]")) == grain


@pytest.mark.parametrize("grain", [Grain.DAY, Grain.WEEK, Grain.MONTH, Grain.QUARTER, Grain.YEAR])
def test_rows_fall_into_the_period_that_holds_them(grain: Grain) -> None:
    from allteach.charts.voice import ENGLISH
    from allteach.units import Period

    rng = np.random.default_rng(3)
    days = np.datetime64("2019-12-30") + rng.integers(0, 900, 50).astype("timedelta64[D]")
    drawn = allteach.chart(numerator=np.ones(50), date=days, grain=str(grain), kind="c")
    counted = {point.label: point.value for point in drawn.spec.shown}
    for day in days.astype(object):
        assert counted[ENGLISH.period(Period.of(day, grain))] >= 1
    assert sum(counted.values()) == 50


def test_dates_of_many_kinds() -> None:
    expected = np.array(["2024-07-01"], "datetime64[D]")
    kinds = [
        ["2024-07-01"],
        [date(2024, 7, 1)],
        ["2024-07-01T10:30:00"],
        pd.Series(pd.to_datetime(["2024-07-01"])),
        pd.Series(pd.period_range("2024-07", periods=1, freq="M")),
        pa.array([date(2024, 7, 1)]),
        np.array(["2024-07"], "datetime64[M]"),
    ]
    for values in kinds:
        assert as_days(values).tolist() == expected.tolist()


def test_names() -> None:
    assert sorted(["Site 10", "Site 2", "site 1"], key=natural) == ["site 1", "Site 2", "Site 10"]
    assert plain("rec_ver_tat") == "Rec ver tat"


def test_to_dict_is_plain_json(frame: pd.DataFrame) -> None:
    import json

    said = allteach.chart(frame, kind="p", target=5, **HOW).to_dict()
    again = json.loads(json.dumps(said))
    assert again == said
    assert said["schema"] == "allteach.chart/1"
    assert said["reading"]["variation"] == "improving"
    assert said["reading"]["since"] == "Jan 2025"
    assert said["points"][0]["value"] == pytest.approx((9 + 10) / 200)
