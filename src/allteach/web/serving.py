"""Running the whole thing: data folder, database, style sheets, demonstration, pages and background jobs."""

from __future__ import annotations

import contextlib
import ctypes
import hashlib
import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Callable
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from allteach.errors import StateError

Say = Callable[[str], Any]


def serve(*, host: str, port: int, demo: bool, workers: int, say: Say) -> None:
    """Set up what is missing, then answer pages and run jobs until stopped.

    Raises:
        StateError: ``AT-T-040`` when the port is in use or the address is not this machine's; ``AT-T-041`` when the
            data folder cannot be written.
    """
    port = _free_port(host, port)
    os.environ.setdefault("ALLTEACH_HOSTS", ",".join(_names(host)))
    prepare(demo=demo, say=say)
    from django.db import connections

    connections.close_all()  # an open SQLite handle must not be inherited by the workers
    jobs = Jobs()
    lines = _welcome(host, port)
    connections.close_all()
    _gunicorn(host, port, workers, jobs, lambda: [say(line) for line in lines])


def _names(host: str) -> list[str]:
    """Return the names under which this server may be addressed."""
    names = {"127.0.0.1", "localhost", "[::1]", host}
    if host in ("0.0.0.0", "::"):
        own = socket.gethostname()
        names |= {own, socket.getfqdn()}
        with contextlib.suppress(OSError):
            names |= set(socket.gethostbyname_ex(own)[2])
    return sorted(names - {"0.0.0.0", "::", ""})


def _free_port(host: str, port: int) -> int:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except (OSError, OverflowError) as error:
            raise StateError(
                "AT-T-040",
                f"Nothing can listen at {host}:{port}: {getattr(error, 'strerror', error)}.",
                do=f"Stop what uses the port, or choose another: allteach serve --port {port + 1 if port else 8001}",
            ) from error
        return int(probe.getsockname()[1])


def prepare(*, demo: bool, say: Say) -> None:
    """Bring folder, database and style sheets up to date; load the demonstration into an empty database."""
    from django.conf import settings

    home = Path(settings.HOME)
    try:
        home.mkdir(parents=True, exist_ok=True)
        (home / ".writable").write_text("")
        (home / ".writable").unlink()
    except OSError as error:
        raise StateError(
            "AT-T-041",
            f"The data folder {home} cannot be written: {error.strerror}.",
            do="Choose another with --home, or give this user the right to write there.",
        ) from error
    import django

    django.setup()
    _migrate(say)
    _collect_static(home)
    if demo:
        _load_demonstration(say)


def _migrate(say: Say) -> None:
    if _is_migrated():
        return
    from django.core.management import call_command

    say("Setting up the database.")
    call_command("migrate", interactive=False, verbosity=0)


def _is_migrated() -> bool:
    """Return whether the database notes every migration there is a file of; loading all of them takes far longer."""
    from django.apps import apps
    from django.db import connection
    from django.db.migrations.recorder import MigrationRecorder

    noted = set(MigrationRecorder(connection).applied_migrations())
    for config in apps.get_app_configs():
        # Folders of the app itself and not its module, which would be imported with everything in it.
        for file in (Path(config.path) / "migrations").glob("[!_]*.py"):
            if (config.label, file.stem) not in noted:
                return False
    return bool(noted)


def _static_stamp() -> str:
    """Return a mark of every style sheet, script and icon: its place, size and time of change."""
    from django.apps import apps

    from allteach import __version__

    found = hashlib.sha256(__version__.encode())
    for config in apps.get_app_configs():
        for path in sorted((Path(config.path) / "static").rglob("*")):
            file = path.stat()
            found.update(f"{path} {file.st_size} {file.st_mtime_ns}".encode())
    return found.hexdigest()


def _collect_static(home: Path) -> None:
    """Compress style sheets, scripts and icons into the data folder, where they differ from last time."""
    stamp_file, stamp = home / "static.stamp", _static_stamp()
    if stamp_file.exists() and stamp_file.read_text() == stamp:
        return
    from django.core.management import call_command

    call_command("collectstatic", interactive=False, verbosity=0, clear=True)
    stamp_file.write_text(stamp)


def _load_demonstration(say: Say) -> None:
    from allteach.web.people.models import Person
    from allteach.web.sites.models import Network

    if Network.objects.exists() or Person.objects.exists() or find_spec("allteach.web.demo") is None:
        return
    say("Loading the demonstration network.")
    import_module("allteach.web.demo.services").load()


def _welcome(host: str, port: int) -> list[str]:
    from allteach.web.people.invitation import set_up_path
    from allteach.web.people.models import Person
    from allteach.web.people.roles import ROLES
    from allteach.web.people.selectors import demonstration_people

    shown = "127.0.0.1" if host in ("0.0.0.0", "::", "") else host
    address = f"http://[{shown}]:{port}" if ":" in shown else f"http://{shown}:{port}"
    lines = ["", f"allteach is open at {address}"]
    people = demonstration_people()
    if people:
        lines += ["", "Demonstration people (one click on the sign-in page):"]
        for held in people:
            place = f", {held.site.name}" if held.site else ""
            lines.append(f"  {held.person.username:<6} {held.person.display_name}: {ROLES[held.role].name}{place}")
    if not Person.objects.exists():
        lines += [
            "",
            "Nobody has an account yet. Make the first one here, within a day:",
            f"  {address}{set_up_path()}",
        ]
    return [*lines, "", "Ctrl-C stops it."]


class Jobs:
    """The process that runs background jobs: started with the pages, started again when it dies, stopped with them."""

    def __init__(self) -> None:
        self.owner = os.getpid()
        self.process: subprocess.Popen[bytes] | None = None
        self.stopping = threading.Event()

    def start(self) -> None:
        """Start the process and a thread that watches it."""
        threading.Thread(target=self._watch, name="jobs", daemon=True).start()

    def _watch(self) -> None:
        command = [sys.executable, "-m", "django", "db_worker", "--queue-name", "*", "--interval", "0.5", "-v", "0"]
        while not self.stopping.is_set():
            self.process = subprocess.Popen(
                [*command, "--no-startup-delay"], start_new_session=True, preexec_fn=_die_with_parent
            )
            self.process.wait()
            self.stopping.wait(1.0)  # a job process that cannot start must not spin

    def stop(self) -> None:
        """Stop the process: a job under way may finish for ten seconds, then it is started again next time."""
        if os.getpid() != self.owner:  # a worker that leaves must not take the jobs with it
            return
        self.stopping.set()
        process = self.process
        if process is None or process.poll() is not None:
            return
        process.terminate()
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _die_with_parent() -> None:
    # Linux only: when the parent is killed without a chance to tell us, the system sends us SIGTERM.
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(1, signal.SIGTERM)


def _warm() -> None:
    """Load what no start needs and some page will, while people look at their first."""
    for name in ("sqlglot", "scipy.special", "allteach.measures.program"):
        import_module(name)


def _gunicorn(host: str, port: int, workers: int, jobs: Jobs, ready: Callable[[], Any]) -> None:
    from gunicorn.app.base import BaseApplication

    def when_ready(server: Any) -> None:
        jobs.start()
        ready()

    def post_worker_init(worker: Any) -> None:
        threading.Thread(target=_warm, name="warm", daemon=True).start()

    def on_exit(server: Any) -> None:
        jobs.stop()

    options = {
        "bind": f"[{host}]:{port}" if ":" in host else f"{host}:{port}",
        "workers": workers,
        "threads": 4,
        "worker_class": "gthread",
        "worker_tmp_dir": "/dev/shm" if Path("/dev/shm").is_dir() else None,
        "preload_app": True,
        "timeout": 120,
        "graceful_timeout": 10,
        "keepalive": 5,
        "loglevel": "warning",
        "accesslog": None,  # addresses can name sites and periods; who did what is in the ledger
        "when_ready": when_ready,
        "post_worker_init": post_worker_init,
        "on_exit": on_exit,
        "control_socket_disable": True,
    }

    class Pages(BaseApplication):
        def load_config(self) -> None:
            for key, value in options.items():
                if key in self.cfg.settings:
                    self.cfg.set(key, value)

        def load(self) -> Any:
            # Before the workers are made, so that they share it and the first page is as quick as the next.
            import_module("allteach.web.urls")
            return import_module("allteach.web.wsgi").application

    try:
        Pages().run()
    finally:
        jobs.stop()
