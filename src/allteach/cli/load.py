"""`allteach load`: a file into a network, the same road as by the pages."""

from __future__ import annotations

import json as _json
import os
from importlib import import_module
from pathlib import Path
from typing import Annotated

import typer

app = typer.Typer(add_completion=False, rich_markup_mode=None)
_Columns = list[str] | None


@app.command("load")
def command(
    file: Annotated[Path, typer.Argument(help="CSV or XLSX file.", exists=True, dir_okay=False, readable=True)],
    network: Annotated[str, typer.Option(help="Name of the network; made when there is none of this name.")],
    site: Annotated[str, typer.Option(help="Column of sites.")] = "",
    date: Annotated[str, typer.Option(help="Column of dates, periods or day numbers.")] = "",
    numerator: Annotated[_Columns, typer.Option(help="Column of counts; may be repeated.")] = None,
    denominator: Annotated[_Columns, typer.Option(help="Column of cases or exposure; may be repeated.")] = None,
    value: Annotated[_Columns, typer.Option(help="Column of measured values; may be repeated.")] = None,
    result: Annotated[
        _Columns,
        typer.Option(metavar="COLUMN=VALUE", help="Column of results and the value that counts; may be repeated."),
    ] = None,
    stratum: Annotated[_Columns, typer.Option(help="Column of groups; may be repeated.")] = None,
    leave_out: Annotated[_Columns, typer.Option(help="Column that is not to be stored; may be repeated.")] = None,
    period: Annotated[str, typer.Option(help="day, week, month, quarter or year; guessed when not said.")] = "",
    day_zero: Annotated[
        str, typer.Option(metavar="YYYY-MM-DD", help="Date of day 0, where dates are day numbers.")
    ] = "",
    dates: Annotated[str, typer.Option(help="How dates are written, such as DD/MM/YYYY, where it is not plain.")] = "",
    one_site: Annotated[str, typer.Option(help="The site that the whole file is from, where no column says so.")] = "",
    sheet: Annotated[str, typer.Option(help="Sheet of a workbook; the first when not said.")] = "",
    table: Annotated[
        str, typer.Option(help="A table that the network has already; its columns are not named again.")
    ] = "",
    title: Annotated[str, typer.Option(help="Name of a new table; made from the file's name when not said.")] = "",
    direction: Annotated[
        str, typer.Option(help="What is good for the proposed measures: higher, lower or neither.")
    ] = "",
    add_sites: Annotated[bool, typer.Option(help="Add the sites that the network does not know.")] = True,
    accept: Annotated[bool, typer.Option("--accept", help="Accept the rows that can be kept.")] = False,
    person: Annotated[str, typer.Option("--as", help="User name of the person who sends.")] = "",
    home: Annotated[
        Path | None, typer.Option(help="Data folder. Else ALLTEACH_HOME, else the user's data folder.")
    ] = None,
    json: Annotated[bool, typer.Option("--json", help="Print what happened for programs.")] = False,
) -> None:
    r"""Load a file into a network: name its columns, see what was found, accept it.

    Columns that you do not name are guessed, and the guess is printed. Nothing counts before --accept.

    \b
    Example:
      allteach load infections.csv --network "Six hospitals" --site hospital --date month \
        --numerator n --denominator days --stratum infection --accept
    """
    if home is not None:
        os.environ["ALLTEACH_HOME"] = str(home.expanduser().resolve())
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "allteach.web.settings.production")
    # By name: the command line stands below the web half and must not import it.
    import_module("allteach.web.serving").prepare(demo=False, say=lambda line: None)
    loading = import_module("allteach.web.submissions.loading")
    order = loading.Order(
        file=file,
        network=network,
        person=person,
        columns=loading.Columns(
            site=site,
            date=date,
            numerator=tuple(numerator or ()),
            denominator=tuple(denominator or ()),
            value=tuple(value or ()),
            result=tuple(result or ()),
            stratum=tuple(stratum or ()),
            leave_out=tuple(leave_out or ()),
        ),
        period=period,
        day_zero=day_zero,
        dates=dates,
        one_site=one_site,
        sheet=sheet,
        table=table,
        title=title,
        direction=direction,
        add_sites=add_sites,
        accept=accept,
    )
    said: list[str] = []
    outcome = loading.load(order, say=said.append if json else typer.echo)
    if json:
        typer.echo(_json.dumps(outcome, ensure_ascii=False, indent=2, default=str))
    if outcome["status"] == "rejected":
        raise typer.Exit(3)
