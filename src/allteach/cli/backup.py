"""`allteach backup`: everything a network needs, in one folder."""

from __future__ import annotations

import os
from importlib import import_module
from pathlib import Path
from typing import Annotated

import typer

_Home = Annotated[Path | None, typer.Option(help="Data folder. Else ALLTEACH_HOME, else the user's data folder.")]


def command(
    target: Annotated[Path, typer.Argument(help="A folder that is not there yet.")], home: _Home = None
) -> None:
    """Copy database, files as sent, accepted rows and key into a new folder, also while the server runs."""
    if home is not None:
        os.environ["ALLTEACH_HOME"] = str(home.expanduser().resolve())
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "allteach.web.settings.production")
    # By name: the command line stands below the web half and must not import it.
    import_module("allteach.web.backup").back_up(target.expanduser().resolve(), say=typer.echo)
