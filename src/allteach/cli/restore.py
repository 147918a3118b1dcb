"""`allteach restore`: a backup into an empty data folder."""

from __future__ import annotations

import os
from importlib import import_module
from pathlib import Path
from typing import Annotated

import typer

_Home = Annotated[Path | None, typer.Option(help="Data folder. Else ALLTEACH_HOME, else the user's data folder.")]


def command(
    source: Annotated[
        Path, typer.Argument(help="A folder that `allteach backup` wrote.", exists=True, file_okay=False)
    ],
    home: _Home = None,
    check: Annotated[bool, typer.Option("--check", help="Only say whether the backup is whole.")] = False,
) -> None:
    """Put a backup into an empty data folder, after holding every file against its hash."""
    if home is not None:
        os.environ["ALLTEACH_HOME"] = str(home.expanduser().resolve())
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "allteach.web.settings.production")
    # By name: the command line stands below the web half and must not import it.
    backup = import_module("allteach.web.backup")
    if check:
        contents = backup.verify(source)
        typer.echo(f"The backup of {contents['made']} is whole: {len(contents['files']):,} files.")
    else:
        backup.restore(source, say=typer.echo)
