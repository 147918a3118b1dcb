"""The command line. One noun a file, loaded only when it is used, so that `allteach --help` answers at once."""

from __future__ import annotations

import sys
from importlib import import_module
from typing import Any

import typer
from typer.core import TyperGroup

from allteach.errors import (
    AllteachError,
    ChartError,
    IntakeError,
    MeasureError,
    Refused,
    RegistryError,
    StateError,
    StatsError,
)

# noun -> (module with `app: typer.Typer` or `command: Callable`, one line of help)
NOUNS: dict[str, tuple[str, str]] = {
    "serve": ("allteach.cli.serve", "Open the network in a browser."),
    "manage": ("allteach.cli.manage", "Run a command of the server, such as verify_ledger."),
    "demo": ("allteach.cli.demo", "Make and open the demonstration network."),
    "backup": ("allteach.cli.backup", "Copy everything a network needs into a folder."),
    "restore": ("allteach.cli.restore", "Put a backup into an empty data folder."),
    "load": ("allteach.cli.load", "Load a file into a network."),
    "fetch": ("allteach.cli.fetch", "Fetch a table through a door of a network."),
    "chart": ("allteach.cli.chart", "Draw a chart over time from a file."),
    "fhir": ("allteach.cli.fhir", "FHIR resources as rows, results as reports."),
    "funnel": ("allteach.cli.funnel", "Compare sites in one period from a file."),
}

EXIT: dict[type[AllteachError], int] = {
    IntakeError: 3,
    RegistryError: 4,
    MeasureError: 5,
    StatsError: 6,
    ChartError: 7,
    Refused: 8,
    StateError: 9,
}


class _Nouns(TyperGroup):
    """A group whose commands are imported when asked for."""

    def list_commands(self, ctx: Any) -> list[str]:
        return [noun for noun in NOUNS if _exists(noun)]

    def get_command(self, ctx: Any, name: str) -> Any:
        if name not in NOUNS or not _exists(name):
            return None
        if ctx is not None and ctx.meta.get("allteach.listing"):
            return _summary(name)
        return _load(name)

    def format_help(self, ctx: Any, formatter: Any) -> None:
        ctx.meta["allteach.listing"] = True
        super().format_help(ctx, formatter)


def _exists(noun: str) -> bool:
    from importlib.util import find_spec

    return find_spec(NOUNS[noun][0]) is not None


def _summary(noun: str) -> Any:
    from typer.core import TyperCommand

    return TyperCommand(noun, help=NOUNS[noun][1])


def _load(noun: str) -> Any:
    module = import_module(NOUNS[noun][0])
    app: typer.Typer | None = getattr(module, "app", None)
    if app is None:
        app = typer.Typer(add_completion=False, rich_markup_mode=None)
        app.command(name=noun)(module.command)
    command = typer.main.get_command(app)
    command.name = noun
    return command


app = typer.Typer(
    cls=_Nouns,
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    add_completion=False,
    context_settings={"help_option_names": ["-h", "--help"]},
    help="All teach, all learn: run a clinical learning network.",
)


@app.callback(invoke_without_command=True)
def _root(version: bool = typer.Option(False, "--version", help="Show the version and stop.")) -> None:
    if version:
        from allteach import __version__

        typer.echo(f"allteach {__version__}")
        raise typer.Exit


def main() -> None:
    """Run the command line; an error a person can act on is printed without traceback and sets the exit code."""
    try:
        app()
    except AllteachError as error:
        sys.stdout.flush()
        typer.echo(str(error), err=True)
        sys.exit(next((code for kind, code in EXIT.items() if isinstance(error, kind)), 1))
    except BrokenPipeError:
        # The reader of a pipe stopped (`allteach chart ... | head`); that is no error of ours.
        sys.stderr.close()
        sys.exit(0)
