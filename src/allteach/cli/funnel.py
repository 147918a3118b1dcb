"""`allteach funnel`: sites compared over one span of time."""

from __future__ import annotations

import json as _json
from pathlib import Path
from typing import Annotated

import typer

from allteach.cli.chart import chosen, given, write

app = typer.Typer(add_completion=False, rich_markup_mode=None)


@app.command("funnel")
def command(
    file: Annotated[str, typer.Argument(help="CSV or XLSX file; - reads a pipe.")],
    numerator: Annotated[str, typer.Option(help="Column of counts; name=value counts rows with that value.")] = "",
    denominator: Annotated[str, typer.Option(help="Column of cases or exposure.")] = "",
    value: Annotated[str, typer.Option(help="Column of values, one for each case.")] = "",
    date: Annotated[str, typer.Option(help="Column of dates or periods.")] = "",
    site: Annotated[str, typer.Option(help="Column of sites.")] = "",
    where: Annotated[str, typer.Option(help="Use the rows that hold this: column=value.")] = "",
    target: Annotated[str, typer.Option(help="The aim as shown: 95 for 95 %.")] = "",
    direction: Annotated[str, typer.Option(help="What is good: higher, lower or neither.")] = "neither",
    unit: Annotated[str, typer.Option(help="percent, rate, count, hours, days or number.")] = "",
    overdispersion: Annotated[str, typer.Option(help="auto, none, multiplicative or additive.")] = "auto",
    measure: Annotated[str, typer.Option(help="The measure in words.")] = "",
    source: Annotated[str, typer.Option(help="Where the data come from, for the foot of the chart.")] = "",
    day_zero: Annotated[str, typer.Option(help="Date of day 0, where dates are numbers of days.")] = "",
    out: Annotated[
        list[Path] | None, typer.Option(metavar="FILE", help=".svg .png .pdf .pptx .csv .txt; may be repeated.")
    ] = None,
    editable: Annotated[bool, typer.Option("--editable", help="Slides hold native charts.")] = False,
    json: Annotated[bool, typer.Option("--json", help="Print the chart for programs.")] = False,
) -> None:
    r"""Compare sites with each other by a funnel: effect against size, with limits for chance. Sites are not ranked.

    Columns that you do not name are guessed. Without --out the words are printed.

    \b
    Examples:
      allteach funnel infections.csv --direction lower
      allteach funnel attendances.csv --numerator breaches --denominator attendances --site org_code --out funnel.png
      allteach funnel tests.csv --numerator result=positive --site clinic --json
    """
    from allteach.charts.study.between_sites import funnel

    how = chosen(
        numerator=numerator, denominator=denominator, value=value, date=date, site=site, where=where, target=target,
        direction=direction, unit=unit, overdispersion=overdispersion, measure=measure, source=source,
        day_zero=day_zero,
    )  # fmt: skip
    drawn = funnel(given(file), **how)
    if json:
        typer.echo(_json.dumps(drawn.to_dict(), ensure_ascii=False, indent=1))
    else:
        typer.echo(drawn.sentence)
    write([drawn.spec], out, editable)
