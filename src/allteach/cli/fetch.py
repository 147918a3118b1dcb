"""`allteach fetch`: a table through a door of a network, the same road as by the pages."""

from __future__ import annotations

import json as _json
import os
from importlib import import_module
from pathlib import Path
from typing import Annotated

import typer

app = typer.Typer(add_completion=False, rich_markup_mode=None)


@app.command("fetch")
def command(
    network: Annotated[str, typer.Option(help="Name of the network.")],
    door: Annotated[int | None, typer.Option(help="Number of the door; lists the doors when not said.")] = None,
    test: Annotated[bool, typer.Option("--test", help="Say what it would bring and keep nothing.")] = False,
    person: Annotated[str, typer.Option("--as", help="User name of the person who sends.")] = "",
    home: Annotated[
        Path | None, typer.Option(help="Data folder. Else ALLTEACH_HOME, else the user's data folder.")
    ] = None,
    json: Annotated[bool, typer.Option("--json", help="Print what happened for programs.")] = False,
) -> None:
    r"""Fetch a table through a door: it becomes a submission that is checked and waits for a person.

    \b
    Example:
      allteach fetch --network "Six hospitals" --as chi
      allteach fetch --network "Six hospitals" --as chi --door 2
    """
    if home is not None:
        os.environ["ALLTEACH_HOME"] = str(home.expanduser().resolve())
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "allteach.web.settings.production")
    # By name: the command line stands below the web half and must not import it.
    import_module("allteach.web.serving").prepare(demo=False, say=lambda line: None)
    asking = import_module("allteach.web.doors.asking")
    said: list[str] = []
    outcome = asking.ask(
        network=network, number=door, username=person, test=test, say=said.append if json else typer.echo
    )
    if json:
        typer.echo(_json.dumps(outcome, ensure_ascii=False, indent=2, default=str))
    if outcome.get("state") == "failed":
        raise typer.Exit(9)
