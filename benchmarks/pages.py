"""Server time and weight of the two heaviest pages: the matrix of 50 measures x 100 sites, and 60 small charts.

Run: ``python benchmarks/pages.py`` (about a minute; makes a database of its own in a temporary folder).
"""

from __future__ import annotations

import os
import shutil
import statistics
import sys
import tempfile
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

HOME = tempfile.mkdtemp(prefix="allteach-pages-")
os.environ["ALLTEACH_HOME"] = HOME
os.environ["DJANGO_SETTINGS_MODULE"] = "allteach.web.settings.local"
sys.path[:0] = [str(Path(__file__).resolve().parents[1] / "src"), str(Path(__file__).resolve().parents[1])]

BUDGET_MS, BUDGET_KIB, TIMES = 300, 100, 7


def network(slug: str, sites: int, measures: int) -> Any:
    """Return a network with observations of 36 months and standings, and its lead."""
    from tests.results import FIRST, PLAINS, fill

    from allteach.web.people.models import Membership, Person
    from allteach.web.sites.models import Network, Site
    from allteach.web.variation.services import refresh_standings

    made = Network.objects.create(slug=slug, name=f"Network of {sites}", open_counts=True)
    lead = Person.objects.create(username=slug, display_name="Lead")
    Membership.objects.create(person=lead, network=made, role="network_lead", since=FIRST)
    rows = Site.objects.bulk_create(
        Site(network=made, code=f"site-{i:03d}", name=f"Hospital {i:03d}", letter=f"L{i:03d}") for i in range(sites)
    )
    kinds = [PLAINS[i % len(PLAINS)] for i in range(measures)]
    plains = [
        replace(p, slug=f"{p.slug}-{i}", title=f"{p.title} {i}", later=p.later if i % 3 else None)
        for i, p in enumerate(kinds)
    ]
    fill(made, rows, by=lead, plains=plains)
    start = time.perf_counter()
    refresh_standings(network=made, by=lead)
    took = time.perf_counter() - start
    print(f"{slug}: standings of {measures} measures x {sites} sites x 36 months computed and kept in {took:.1f} s")
    return lead


def measure_page(lead: Any, address: str) -> None:
    """Print the middle of several server times of one page, and its size on the wire."""
    from django.test import Client

    client = Client()
    client.force_login(lead, backend="django.contrib.auth.backends.ModelBackend")
    client.get(address)
    wall, cpu = [], []
    for _ in range(TIMES):
        begun, used = time.perf_counter(), time.process_time()
        answer = client.get(address, headers={"Accept-Encoding": "gzip"})
        wall.append((time.perf_counter() - begun) * 1000)
        cpu.append((time.process_time() - used) * 1000)
    assert answer.status_code == 200, answer.content[:300]
    assert answer["Content-Encoding"] == "gzip"
    kib = len(answer.content) / 1024
    middle = statistics.median(wall)
    verdict = "within" if middle <= BUDGET_MS and kib <= BUDGET_KIB else "OVER"
    print(
        f"{address}: {middle:.0f} ms of server time ({statistics.median(cpu):.0f} ms of processor), "
        f"{kib:.0f} KiB compressed; {verdict} the budget of {BUDGET_MS} ms and {BUDGET_KIB} KiB"
    )


def main() -> None:
    """Make two networks and measure both pages."""
    import django

    django.setup()
    from django.conf import settings
    from django.core.management import call_command

    settings.ALLOWED_HOSTS = ["testserver"]
    call_command("migrate", run_syncdb=True, verbosity=0)
    try:
        measure_page(network("wide", 100, 50), "/n/wide/results/")
        measure_page(network("sixty", 60, 4), "/n/sixty/results/m/tube-hours-0/")
    finally:
        shutil.rmtree(HOME, ignore_errors=True)


if __name__ == "__main__":
    main()
