"""`allteach frozen`: freeze the numbers of a network, and work a frozen report out again to the same bytes."""

from __future__ import annotations

import os
from importlib import import_module
from pathlib import Path
from typing import Annotated, Any

import typer

app = typer.Typer(
    add_completion=False,
    rich_markup_mode=None,
    no_args_is_help=True,
    help="Freeze the numbers of a network, and work them out again.",
)
Network = Annotated[str, typer.Option(help="Short name of the network, as in its address.")]
Home = Annotated[Path | None, typer.Option(help="Data folder. Else ALLTEACH_HOME, else the user's data folder.")]


def _room(home: Path | None) -> Any:
    """Return the module that does it, with the web half ready; by name, because the command line stands below it."""
    if home is not None:
        os.environ["ALLTEACH_HOME"] = str(home.expanduser().resolve())
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "allteach.web.settings.production")
    import_module("allteach.web.serving").prepare(demo=False, say=lambda line: None)
    return import_module("allteach.web.measuring.by_command")


@app.command("list")
def listed(network: Network, home: Home = None) -> None:
    """List the frozen reports of a network."""
    for line in _room(home).lines(network):
        typer.echo(line)


@app.command("make")
def make(
    network: Network,
    title: Annotated[str, typer.Option(help="What it is for.")],
    person: Annotated[str, typer.Option("--as", help="User name of the person who freezes.")],
    as_known: Annotated[str, typer.Option(metavar="YYYY-MM-DD", help="As known at the end of this day.")] = "",
    home: Home = None,
) -> None:
    """Freeze the numbers of every measure."""
    typer.echo(_room(home).make(network, title, person, as_known))


@app.command("recompute")
def recompute(
    network: Network,
    number: Annotated[int, typer.Option(help="Number of the report.")],
    out: Annotated[Path | None, typer.Option(help="Write the report to this file.")] = None,
    home: Home = None,
) -> None:
    """Work a frozen report out again and say whether the bytes are the same; exits with 1 when they are not."""
    again = _room(home).recompute(network, number)
    if out is not None:
        out.write_bytes(again.content)
    typer.echo(f"{'the same bytes' if again.same else 'OTHER BYTES than those that were frozen'} {again.digest}")
    if not again.same:
        raise typer.Exit(1)
