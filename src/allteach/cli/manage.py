"""`allteach manage ...`: commands of the web half, passed through as they are."""

from __future__ import annotations

from importlib import import_module

import typer

app = typer.Typer(add_completion=False, rich_markup_mode=None)


@app.command(
    name="manage",
    add_help_option=False,
    context_settings={"allow_extra_args": True, "ignore_unknown_options": True, "help_option_names": []},
)
def command(context: typer.Context) -> None:
    """Run a command of the web half, such as verify_ledger or createsuperuser."""
    # By name: the command line stands below the web half and must not import it.
    import_module("allteach.web.manage").run(context.args)
