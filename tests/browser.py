"""A real server with the demonstration and a real browser, for the end-to-end and accessibility tests."""

from __future__ import annotations

import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import pytest

if TYPE_CHECKING:  # every test run loads this file; only tests in a browser need the package
    from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, Request, Response

DESKTOP, PHONE = {"width": 1280, "height": 900}, {"width": 390, "height": 844}
START_SECONDS = 300  # a busy machine must not fail tests; benchmarks/start.py measures how fast it starts
QUIET = (
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync", "--disable-dev-shm-usage",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
)  # fmt: skip


@dataclass
class Server:
    """A running `allteach serve`."""

    address: str
    home: Path
    process: subprocess.Popen[bytes]
    log: Path

    def stop(self) -> None:
        """Stop it as Ctrl-C would."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGINT)
            try:
                self.process.wait(20)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()


def free_port() -> int:
    """Return a port that nothing listens at."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def start(home: Path, *options: str) -> Server:
    """Return a server that answers, with its data in `home`."""
    port, home = free_port(), home.resolve()
    home.mkdir(parents=True, exist_ok=True)
    log = home.parent / f"{home.name}-{port}.log"
    env = {k: v for k, v in os.environ.items() if k not in ("DATABASE_URL", "DJANGO_SETTINGS_MODULE")}
    env |= {"ALLTEACH_HOME": str(home), "PYTHONUNBUFFERED": "1"}
    began = time.monotonic()
    with log.open("wb") as out:
        command = [sys.executable, "-c", "from allteach.cli import main; main()", "serve", "--port", str(port)]
        process = subprocess.Popen(
            [*command, *options], env=env, stdout=out, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL, cwd=home
        )
    address = f"http://127.0.0.1:{port}"
    while time.monotonic() - began < START_SECONDS:
        if process.poll() is not None:
            break
        try:
            with urllib.request.urlopen(f"{address}/healthz", timeout=2):
                return Server(address, home, process, log)
        except (urllib.error.URLError, OSError):
            time.sleep(0.1)
    process.kill()
    pytest.fail(f"allteach serve did not answer:\n{log.read_text(errors='replace')[-4000:]}")


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """One server with the demonstration for all tests of this process. Tests that break things start their own."""
    running = start(tmp_path_factory.mktemp("serve") / "data")
    yield running
    running.stop()


def chromium() -> str:
    """Return the path of the system's browser."""
    named = os.environ.get("ALLTEACH_CHROMIUM")
    found = named or next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    if not found:
        pytest.fail("There is no Chromium here. `make chromium` installs it, or set ALLTEACH_CHROMIUM.")
    return found


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """The system's Chromium, which may resolve no name at all."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as play:
        running = play.chromium.launch(executable_path=chromium(), args=list(QUIET))
        yield running
        running.close()


@dataclass
class Watch:
    """What the browser asked for and complained about."""

    host: str
    elsewhere: list[str] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)
    broken: list[str] = field(default_factory=list)

    def follow(self, page: Page) -> None:
        """Write down what this page does."""
        page.on("request", self._request)
        page.on("response", self._response)
        page.on("console", self._console)
        page.on("pageerror", lambda error: self.complaints.append(str(error)))

    def _request(self, request: Request) -> None:
        parts = urlsplit(request.url)
        if parts.scheme in ("http", "https", "ws", "wss") and parts.netloc != self.host:
            self.elsewhere.append(request.url)

    def _response(self, response: Response) -> None:
        if response.status >= 500:
            self.broken.append(f"{response.status} {response.url}")

    def _console(self, message: ConsoleMessage) -> None:
        # The browser notes every refused page as an error; whether one may be refused is the test's own matter.
        if message.type == "error" and not re.search(r"the server responded with a status of 4\d\d", message.text):
            self.complaints.append(message.text)


@pytest.fixture
def watch(server: Server) -> Iterator[Watch]:
    """After each test: nothing left the host, nothing broke the security policy, nothing failed on the server."""
    seen = Watch(urlsplit(server.address).netloc)
    yield seen
    assert seen.elsewhere == [], "a request left the host"
    assert seen.complaints == [], "the browser complained (scripts, security policy)"
    assert seen.broken == [], "the server failed"


Open = Callable[..., "Page"]


@pytest.fixture
def visit(server: Server, browser: Browser, watch: Watch) -> Iterator[Open]:
    """Return a function that opens a page as somebody: ``visit("ada", "/", phone=True, script=False)``."""
    contexts: list[BrowserContext] = []

    def open_as(person: str = "", path: str = "/", *, phone: bool = False, script: bool = True) -> Page:
        context = browser.new_context(
            base_url=server.address,
            viewport=PHONE if phone else DESKTOP,
            has_touch=phone,
            is_mobile=phone,
            java_script_enabled=script,
            reduced_motion="reduce",
        )
        contexts.append(context)
        context.set_default_timeout(15_000)
        page = context.new_page()
        watch.follow(page)
        if person:
            sign_in(page, person)
        page.goto(path)
        return page

    yield open_as
    for context in contexts:
        context.close()


def sign_in(page: Page, person: str, password: str = "allteach") -> None:
    """Sign in through the form, as anybody would."""
    page.goto("/accounts/login/")
    page.fill("input[name=login]", person)
    page.fill("input[name=password]", password)
    page.press("input[name=password]", "Enter")
    page.wait_for_url(lambda url: "/login" not in url)
