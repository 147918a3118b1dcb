"""How long a month of one site takes to be checked, looked ahead at and accepted in a network of many rows.

Run: python benchmarks/accept_a_month.py [ROWS]. Two networks: in one each of 150 sites has sent its own file, in the
other somebody has sent one file for all of them. Then one site sends a month. Target: accepting and computing its
measures anew within 2 s of 10 million rows, on two cores.
"""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
import time

SITES = 150


def main(rows: int) -> None:
    """Build both networks, and time one site's month in each."""
    os.environ["ALLTEACH_HOME"] = tempfile.mkdtemp(prefix="allteach-bench-")
    os.environ["DJANGO_SETTINGS_MODULE"] = "allteach.web.settings.base"
    import django

    django.setup()
    from django.core.management import call_command

    call_command("migrate", run_syncdb=True, verbosity=0)
    try:
        for wide in (False, True):
            print(f"\n{rows:,} rows of {SITES} sites, in {'one file' if wide else 'a file each'}")
            month(rows, wide)
    finally:
        shutil.rmtree(os.environ["ALLTEACH_HOME"], ignore_errors=True)


def month(rows: int, wide: bool) -> None:
    """Build a network and time the way of one site's month through it."""
    import numpy as np
    import pyarrow as pa
    from django.utils import timezone

    from allteach.intake.contract import load
    from allteach.measures.card import Card, MeasureKind
    from allteach.web.measuring import services as measuring
    from allteach.web.people.services import create_person
    from allteach.web.sites.services import add_sites, create_network
    from allteach.web.submissions import manifest, previewing, services, store, summaries
    from allteach.web.submissions.models import Submission

    by = create_person(by=None, display_name="Ada", username=f"ada-{wide}", is_staff=True)
    network = create_network(by=by, name=f"Many rows {wide}")
    codes = [f"s{at:03}" for at in range(SITES)]
    sites = add_sites(by=by, network=network, sites=[(code, code) for code in codes])
    table = services.save_table(by=by, network=network, dictionary=load(
        "name: visits\ntitle: Visits\ngrain: month\nfields:\n- {name: site, role: site, required: true}\n"
        "- {name: day, type: date, role: date, required: true, formats: [YYYY-MM-DD]}\n"
        "- {name: met, type: boolean, role: event}\n- {name: wait_days, type: integer, role: value}\n"
    ))  # fmt: skip
    dictionary = load(table.dictionary)
    chance = np.random.default_rng(1)
    days = np.datetime64("2022-01-01") + np.arange(1095)
    each = rows // SITES
    parts = [pa.table({
        "_row": np.arange(each), "site": pa.array([site.code] * each), "day": pa.array(chance.choice(days, each)),
        "met": chance.random(each) < 0.6, "wait_days": chance.integers(0, 90, each),
    }) for site in sites]  # fmt: skip
    sent = [(None, pa.concat_tables(parts))] if wide else list(zip(sites, parts, strict=True))
    for number, (site, good) in enumerate(sent, 1):
        now = timezone.now()
        submission = Submission.objects.create(
            network=network, table=table, site=site, number=number, status="accepted", file_name="built",
            rows_kept=good.num_rows, file_hash=f"{number:064}", sent_by=by, sent_at=now, decided_by=by, decided_at=now,
        )  # fmt: skip
        path = manifest.stage(submission, good, dictionary)
        submission.scope = {"sites": summaries.summary(good, dictionary), "file": path}
        submission.save()
        manifest.make_current(submission, at=now)
    shared = {"table": "visits", "site": "site", "date": "day"}
    for card in (
        Card(
            id="met", title="Met", kind=MeasureKind.PROPORTION, numerator="met", denominator="met is present", **shared
        ),
        Card(id="wait", title="Wait", kind=MeasureKind.MEAN, value="wait_days", **shared),
    ):
        measuring.create_measure(by=by, network=network, card=card)
    body = "site,day,met,wait_days\n" + "".join(
        f"s007,2024-12-{1 + at % 28:02},{at % 2},{at % 60}\n" for at in range(each // 36)
    )
    began, used = time.perf_counter(), time.process_time()

    def lap(what: str) -> None:
        nonlocal began, used
        print(f"{what:10} {time.perf_counter() - began:6.2f} s, processor {time.process_time() - used:6.2f} s")
        began, used = time.perf_counter(), time.process_time()

    incoming = store.land("december.csv", [body.encode()])
    submission = services.receive(by=by, network=network, incoming=incoming, table=table, site=sites[7]).submission
    lap("receive")
    services.check(by=by, submission=submission)
    lap("check")
    previewing.preview(user=by, submission=submission)
    lap("look ahead")
    services.accept(by=by, submission=submission)
    lap("accept")
    print(f"{submission.rows_kept:,} rows came")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 10_000_000)
