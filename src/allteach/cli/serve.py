"""`allteach serve`: open the network in a browser, with everything that needs setting up set up."""

from __future__ import annotations

import os
from importlib import import_module
from pathlib import Path
from typing import Annotated

import typer


def command(
    host: Annotated[str, typer.Option(help="Address to listen at. 0.0.0.0 lets other machines in.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="Port to listen at.", min=0, max=65535)] = 8000,
    home: Annotated[
        Path | None, typer.Option(help="Data folder. Else ALLTEACH_HOME, else the user's data folder.")
    ] = None,
    demo: Annotated[bool, typer.Option(help="Load the demonstration network when nothing is there yet.")] = True,
    workers: Annotated[int, typer.Option(help="Processes that answer pages.", min=1, max=64)] = 2,
) -> None:
    """Open the network in a browser."""
    if home is not None:
        os.environ["ALLTEACH_HOME"] = str(home.expanduser().resolve())
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "allteach.web.settings.production")
    # By name: the command line stands below the web half and must not import it.
    serving = import_module("allteach.web.serving")
    serving.serve(host=host, port=port, demo=demo, workers=workers, say=typer.echo)
