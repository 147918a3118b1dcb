"""`allteach fhir`: resources as rows by a view, results as summary reports."""

from __future__ import annotations

import csv as _csv
import json as _json
import os
import sys
from importlib import import_module
from pathlib import Path
from typing import Annotated, Any

import typer

app = typer.Typer(
    add_completion=False, rich_markup_mode=None, no_args_is_help=True, help="FHIR resources in, reports out."
)
_Out = Annotated[Path | None, typer.Option(metavar="FILE", help="Where to write; the output when not said.")]
_As = Annotated[str, typer.Option("--as", help="User name of the person who takes them away.")]
_Home = Annotated[Path | None, typer.Option(help="Data folder. Else ALLTEACH_HOME, else the user's data folder.")]


@app.command("rows")
def rows(
    file: Annotated[Path, typer.Argument(help="NDJSON or Bundle, also packed (.gz).", exists=True, dir_okay=False)],
    view: Annotated[
        Path | None, typer.Option(help="A view, JSON or YAML; the shipped one of the type when not said.", exists=True)
    ] = None,
    site: Annotated[str, typer.Option(help="Code of the site that sends, for views that ask.")] = "",
    out: _Out = None,
) -> None:
    r"""Read FHIR resources by a view and write the rows as CSV. Nothing is sent anywhere.

    What was found is printed to the error output; exit code 3 when resources are not valid.

    \b
    Example:
      allteach fhir rows Encounter.ndjson --view visits.json --out visits.csv
    """
    from allteach.intake import reader
    from allteach.intake.fhir import views

    said = views.load(view.read_text(encoding="utf-8")) if view is not None else None
    raw = reader.read(file, view=said, site=site)
    if raw.fhir is None:
        typer.echo("The file holds no FHIR resources; see allteach load.", err=True)
        raise typer.Exit(3)
    with _opened(out) as target:
        writer = _csv.writer(target, lineterminator="\n")
        writer.writerow(raw.columns)
        writer.writerows(zip(*(raw.table[name].to_pylist() for name in raw.columns), strict=True))
    of = f"{raw.fhir.validated:,} of {raw.fhir.resources:,}"
    typer.echo(
        f"{raw.table.num_rows:,} rows from {raw.fhir.resources:,} {raw.fhir.resource}; {of} validated.", err=True
    )
    held = False
    for finding in map(raw.in_file, raw.findings):
        held = held or finding.severity == "hold"
        typer.echo(f"{finding.where}: {finding.message} {finding.fix} ({finding.code})", err=True)
    if held:
        raise typer.Exit(3)


@app.command("reports")
def reports(
    network: Annotated[str, typer.Option(help="Short name of the network.")],
    measure: Annotated[str, typer.Option(help="Short name of the measure.")],
    person: _As,
    out: _Out = None,
    home: _Home = None,
) -> None:
    r"""Write summary MeasureReports of a measure, one for each site and period, as NDJSON.

    Names and small counts are those that the person may see; others are letters, and masked.

    \b
    Example:
      allteach fhir reports --network little-hearts --measure early-extubation --as chi --out reports.ndjson
    """
    _write(_room(home).reports(network=network, measure=measure, username=person), out)


@app.command("measure")
def measure_(
    network: Annotated[str, typer.Option(help="Short name of the network.")],
    measure: Annotated[str, typer.Option(help="Short name of the measure.")],
    person: _As,
    out: _Out = None,
    home: _Home = None,
) -> None:
    """Write a measure as a FHIR Measure: words, populations, and conditions in the language of cards."""
    _write([_room(home).measure(network=network, measure=measure, username=person)], out)


def _room(home: Path | None) -> Any:
    if home is not None:
        os.environ["ALLTEACH_HOME"] = str(home.expanduser().resolve())
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "allteach.web.settings.production")
    # By name: the command line stands below the web half and must not import it.
    import_module("allteach.web.serving").prepare(demo=False, say=lambda line: None)
    return import_module("allteach.web.variation.commands")


def _opened(out: Path | None) -> Any:
    from contextlib import nullcontext

    return nullcontext(sys.stdout) if out is None else out.open("w", encoding="utf-8", newline="")


def _write(resources: list[dict[str, Any]], out: Path | None) -> None:
    with _opened(out) as target:
        for resource in resources:
            target.write(_json.dumps(resource, ensure_ascii=False, separators=(",", ":")) + "\n")
