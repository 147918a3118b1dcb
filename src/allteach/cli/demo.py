"""`allteach demo`: the demonstration network in a scratch folder that is gone afterwards."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path
from typing import Annotated

import typer

from allteach.cli import serve


def command(
    port: Annotated[int, typer.Option(help="Port to listen at.", min=0, max=65535)] = 8000,
    keep: Annotated[Path | None, typer.Option(help="Folder to make it in and keep it in.")] = None,
) -> None:
    """Make and open the demonstration network; your own data folder is not touched."""
    os.environ.pop("DATABASE_URL", None)  # scratch means scratch: never into somebody's PostgreSQL
    if keep is not None:
        serve.command(port=port, home=keep)
        return
    with tempfile.TemporaryDirectory(prefix="allteach-demo-", ignore_cleanup_errors=True) as folder:
        serve.command(port=port, home=Path(folder))
