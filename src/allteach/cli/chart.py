"""`allteach chart`: a chart over time from a file."""

from __future__ import annotations

import json as _json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from allteach.errors import ChartError

if TYPE_CHECKING:
    from allteach.charts.spec import ChartSpec


app = typer.Typer(add_completion=False, rich_markup_mode=None)


@app.command("chart")
def command(
    file: Annotated[str, typer.Argument(help="CSV or XLSX file; - reads a pipe.")],
    numerator: Annotated[str, typer.Option(help="Column of counts; name=value counts rows with that value.")] = "",
    denominator: Annotated[str, typer.Option(help="Column of cases or exposure.")] = "",
    value: Annotated[str, typer.Option(help="Column of values.")] = "",
    date: Annotated[str, typer.Option(help="Column of dates or periods.")] = "",
    site: Annotated[str, typer.Option(help="Column of sites.")] = "",
    by_site: Annotated[bool, typer.Option("--by-site", help="One chart for each site, on one scale.")] = False,
    only: Annotated[str, typer.Option(help="Draw one site of the file.")] = "",
    where: Annotated[str, typer.Option(help="Use the rows that hold this: column=value.")] = "",
    kind: Annotated[
        str, typer.Option(help="auto, run, p, u, c, i, mr, xbar, s, g, t, pprime, uprime, iprime ...")
    ] = "auto",
    rules: Annotated[str, typer.Option(help="Rule set: anhoej, eight_in_a_row, nhs, childrens, nelson ...")] = "",
    baseline: Annotated[int | None, typer.Option(help="Limits come from the first so many points.")] = None,
    phase: Annotated[
        list[str] | None, typer.Option(metavar="DAY", help="Day on which a new phase begins; may be repeated.")
    ] = None,
    target: Annotated[str, typer.Option(help="The aim as shown: 95 for 95 %.")] = "",
    direction: Annotated[str, typer.Option(help="What is good: higher, lower or neither.")] = "neither",
    unit: Annotated[str, typer.Option(help="percent, rate, count, hours, days or number.")] = "",
    grain: Annotated[str, typer.Option(help="day, week, month, quarter or year.")] = "",
    log: Annotated[bool, typer.Option("--log", help="Geometric means, for times with a long tail.")] = False,
    measure: Annotated[str, typer.Option(help="The measure in words.")] = "",
    source: Annotated[str, typer.Option(help="Where the data come from, for the foot of the chart.")] = "",
    day_zero: Annotated[str, typer.Option(help="Date of day 0, where dates are numbers of days.")] = "",
    out: Annotated[
        list[Path] | None, typer.Option(metavar="FILE", help=".svg .png .pdf .pptx .csv .txt; may be repeated.")
    ] = None,
    editable: Annotated[bool, typer.Option("--editable", help="Slides hold native charts.")] = False,
    json: Annotated[bool, typer.Option("--json", help="Print the chart for programs.")] = False,
) -> None:
    r"""Draw a chart over time from a file, and say it in words.

    Columns that you do not name are guessed, and the guess is printed. Without --out the words are printed.

    \b
    Examples:
      allteach chart falls.csv --direction lower
      allteach chart infections.csv --numerator n --denominator days --date month --out chart.png --out slide.pptx
      allteach chart tests.csv --numerator result=positive --date day --grain week
      allteach chart stays.csv --value hours --log --target 58 --phase 2024-07-01 --by-site --out sites.pdf
      cat falls.csv | allteach chart - --json
    """
    from allteach.charts.study import over_time

    how: dict[str, Any] = chosen(
        numerator=numerator, denominator=denominator, value=value, date=date, site=site, where=where, kind=kind,
        rules=rules, baseline=baseline, phases=tuple(phase or ()), target=target, direction=direction, unit=unit,
        grain=grain, log=log, measure=measure, source=source, day_zero=day_zero,
    )  # fmt: skip
    data = given(file)
    if by_site or only:
        many = over_time.sites(data, **how)
        drawn = tuple(many) if not only else (_named(many, only),)
    else:
        drawn = (over_time.chart(data, **how),)
    if json:
        shown = [one.to_dict() for one in drawn]
        typer.echo(_json.dumps(shown if by_site else shown[0], ensure_ascii=False, indent=1))
    else:
        for one in drawn:
            typer.echo(one.sentence)
        for line in drawn[0].why:
            typer.echo(line, err=True)
    write([one.spec for one in drawn], out, editable)


def chosen(**options: Any) -> dict[str, Any]:
    """Return the options that were given."""
    return {name: value for name, value in options.items() if value not in (None, "", (), False)}


def given(file: str) -> str | bytes:
    """Return the file's name, or what comes through the pipe.

    Raises:
        ChartError: ``AT-C-016`` when nothing comes.
    """
    if file != "-":
        return file
    data = sys.stdin.buffer.read()
    if not data.strip():
        raise ChartError("AT-C-016", "Nothing came through the pipe.", do="Name a file, or pipe one in.")
    return data


def write(specs: list[ChartSpec], out: list[Path] | None, editable: bool) -> None:
    """Write the charts to every file asked for, and say what was written."""
    from allteach.charts.study.save import save

    for path in out or ():
        for made in save(specs, path, editable=editable):
            typer.echo(f"wrote {made}", err=True)


def _named(many: Any, name: str) -> Any:
    try:
        return many[name]
    except KeyError:
        from difflib import get_close_matches

        names = [one.spec.subject for one in many]
        near = get_close_matches(name, names, n=1) or names[:8]
        raise ChartError("AT-C-024", f'There is no site "{name}".', do=f"Did you mean {', '.join(near)}?") from None
