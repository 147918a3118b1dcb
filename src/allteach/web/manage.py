"""Django's own commands, for those who look after a server: `allteach manage COMMAND`."""

import os
import sys
from collections.abc import Sequence


def run(arguments: Sequence[str]) -> None:
    """Run one of Django's commands with the production settings unless others are named."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "allteach.web.settings.production")
    from django.core.management import execute_from_command_line

    execute_from_command_line(["allteach manage", *arguments])


if __name__ == "__main__":
    run(sys.argv[1:])
