"""How long `allteach serve` takes from the command to a page that answers: the first start, then a later one.

    python benchmarks/start.py

The first start sets up the database and loads the demonstration network; packages are installed already.
"""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


def seconds_to_page(home: str) -> float:
    port = free_port()
    environment = {**os.environ, "ALLTEACH_HOME": home}
    command = [sys.executable, "-c", "from allteach.cli import main; main()", "serve", "--port", str(port)]
    begun = time.perf_counter()
    server = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.STDOUT)
    try:
        while True:
            try:
                with urllib.request.urlopen(f"http://127.0.0.1:{port}/accounts/login/", timeout=5) as answer:
                    answer.read()
                return time.perf_counter() - begun
            except OSError:
                if server.poll() is not None:
                    raise SystemExit("The server stopped before it answered.") from None
                time.sleep(0.1)
    finally:
        server.send_signal(signal.SIGINT)
        server.wait(30)


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as home:
        print(f"first start, with setting up and demonstration: {seconds_to_page(home):5.1f} s")
        for _ in range(3):
            print(f"later start:                                    {seconds_to_page(home):5.1f} s")
