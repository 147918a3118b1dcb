"""Run as a program: sends files in children that are killed at random instants, and says what is left each time.

Every act happens in a forked child, so that the parent holds no connection, thread or lock that a fork would break.
"""

from __future__ import annotations

import json
import os
import random
import signal
import sys
import time
from collections.abc import Callable
from typing import Any

HEAD = "site,month,ward,falls,days\n"


def month_file(number: int) -> str:
    """Return the file of one month: it replaces January and adds a month of its own."""
    year, month = 2023 + number // 12, number % 12 + 1
    rows = [f"{site},{year}-{month:02}-01,{ward},{number},300" for site in ("alder", "birch") for ward in "AB"]
    return HEAD + "\n".join(rows) + "\n"


def in_child(act: Callable[[], Any], kill_after: float | None = None) -> Any:
    """Return what a forked child comes to, or None when it was killed first."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reading)
        try:
            said = act()
            with os.fdopen(writing, "w") as out:
                json.dump(said, out)
            os._exit(0)
        except BaseException:
            import traceback

            traceback.print_exc()
            os._exit(1)
    os.close(writing)
    if kill_after is not None:
        time.sleep(kill_after)
        os.kill(child, signal.SIGKILL)
    with os.fdopen(reading) as answer:
        text = answer.read()
    _, status = os.waitpid(child, 0)
    if kill_after is None and status != 0:
        raise SystemExit("a child failed")
    return json.loads(text) if text else None


def set_up() -> None:
    from django.core.management import call_command

    from allteach.measures.card import Card, MeasureKind
    from allteach.web.measuring.services import create_measure
    from allteach.web.people.services import create_person
    from allteach.web.sites.services import add_sites, create_network
    from allteach.web.submissions import services
    from tests.integration.submitting import accepted, falls

    call_command("migrate", run_syncdb=True, verbosity=0)
    ada = create_person(by=None, display_name="Ada", username="ada", is_staff=True)
    network = create_network(by=ada, name="Hearts", slug="hearts")
    add_sites(by=ada, network=network, sites=[("alder", "Alder"), ("birch", "Birch")])
    table = services.save_table(by=ada, network=network, dictionary=falls())
    card = Card(
        id="falls", title="Falls", kind=MeasureKind.RATE, table="falls", site="site", date="month",
        numerator="sum(falls)", denominator="sum(days)", per=1000, exposure="days",
    )  # fmt: skip
    create_measure(by=ada, network=network, card=card)
    accepted(ada, network, month_file(1), table=table)


def place() -> tuple[Any, Any, Any]:
    from allteach.web.people.models import Person
    from allteach.web.sites.models import Network
    from allteach.web.submissions.models import Table

    return Person.objects.get(username="ada"), Network.objects.get(slug="hearts"), Table.objects.get(slug="falls")


def send(number: int) -> float:
    from tests.integration.submitting import accepted

    begun = time.monotonic()
    ada, network, table = place()
    accepted(ada, network, month_file(number), table=table)
    return time.monotonic() - begun


def state() -> dict[str, Any]:
    """Return what counts now, by the rows on disk and by the observations in the database."""
    import duckdb

    from allteach.web.measuring.models import Observation
    from allteach.web.submissions import manifest, store
    from allteach.web.submissions.models import Submission

    _ada, network, _table = place()
    registry = manifest.registry_of(network)
    files = list(manifest.current(network, "falls"))
    for file in files:
        registry.verify(file.path)
    paths = [str(path) for path in manifest.paths(network, files)]
    query = "SELECT strftime(month, '%Y-%m'), sum(falls) FROM read_parquet(?) GROUP BY 1 ORDER BY 1"
    rows = {month: float(total) for month, total in duckdb.execute(query, [paths]).fetchall()}
    points: dict[str, float] = {}
    for period, falls in Observation.objects.filter(stratum="").values_list("period", "numerator"):
        points[f"{period:%Y-%m}"] = points.get(f"{period:%Y-%m}", 0) + falls
    statuses = {s.number: s.status for s in Submission.objects.all()}
    kept = all(store.original("hearts", s.file_hash).exists() for s in Submission.objects.all())
    return {"rows": rows, "points": points, "statuses": statuses, "kept": kept}


def resume() -> None:
    """Take up what is unfinished, as the button on the page does."""
    from allteach.web.submissions import services
    from allteach.web.submissions.models import Submission

    ada, _network, _table = place()
    for submission in Submission.objects.filter(status__in=["received", "checked"]).order_by("number"):
        if submission.status == "received":
            services.check(by=ada, submission=submission)
        services.accept(by=ada, submission=submission)


def main(rounds: int, seed: int) -> None:
    import django

    django.setup()
    chance = random.Random(seed)
    in_child(set_up)
    whole = in_child(lambda: send(2))
    out = []
    for number in range(3, 3 + rounds):
        before = in_child(state)
        in_child(lambda number=number: send(number), kill_after=chance.uniform(0.02, 1.2 * whole))
        after = in_child(state)
        in_child(resume)
        in_child(lambda number=number: send(number))  # the same file again: whole now, whatever was lost
        out.append({"number": number, "before": before, "killed": after, "resumed": in_child(state)})
    json.dump(out, sys.stdout)


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]))
