"""Checks of large tables, after the person who accepted a file has gone on."""

from __future__ import annotations

from django_tasks import task

from allteach.web.people.models import Person
from allteach.web.quality.services.checking import quality_check
from allteach.web.sites.models import Network
from allteach.web.submissions import manifest
from allteach.web.submissions.models import Submission

SMALL = 300_000  # rows that are checked while the person waits; more are checked in a job


@task()
def check_job(submission_id: int, person_id: int) -> None:
    """Check the rows of the sites that a file speaks for."""
    submission = Submission.objects.select_related("network", "table").get(pk=submission_id)
    assert submission.table is not None
    by = Person.objects.get(pk=person_id)
    quality_check(by=by, network=submission.network, table_slug=submission.table.slug, submission=submission)


@task()
def table_job(network_id: int, table_slug: str, person_id: int) -> None:
    """Check every row of a table."""
    quality_check(
        by=Person.objects.get(pk=person_id), network=Network.objects.get(pk=network_id), table_slug=table_slug
    )


def check_now_or_later(*, by: Person, network: Network, table_slug: str) -> None:
    """Check a small table at once and a large one in a job."""
    if is_small(network, table_slug):
        quality_check(by=by, network=network, table_slug=table_slug)
    else:
        table_job.enqueue(network.pk, table_slug, by.pk)


def is_small(network: Network, table_slug: str) -> bool:
    """Return whether a table has so few rows that a person can wait for its check."""
    return sum(manifest.current(network, table_slug).values_list("rows", flat=True)) <= SMALL
