"""What this room does when rows change; the work is imported only when needed, so that starting stays quick."""

from __future__ import annotations

import logging
from typing import Any

from django.db import transaction

log = logging.getLogger(__name__)


def checked_afresh(*, submission: Any, by: Any) -> dict[str, Any]:
    """Check the rows of the sites that a file speaks for, at once or in a job, and return what is new."""
    import duckdb

    from allteach.errors import AllteachError
    from allteach.web.quality.jobs import check_job, is_small
    from allteach.web.quality.services.checking import quality_check

    if not is_small(submission.network, submission.table.slug):
        transaction.on_commit(lambda: check_job.enqueue(submission.pk, by.pk))
        return {}
    try:
        with transaction.atomic():
            run = quality_check(
                by=by, network=submission.network, table_slug=submission.table.slug, submission=submission
            )
    except (duckdb.Error, AllteachError) as error:
        # The check must not stop an acceptance. The message of an engine may quote a value, so only its kind is told.
        log.warning("quality of submission %s was not checked: %s", submission.pk, type(error).__name__)
        return {}
    if run is None:
        return {}
    counts = dict.fromkeys(("new", "persisting", "resolved"), 0)
    for delta in run.outcomes.exclude(delta="").values_list("delta", flat=True):
        counts[delta] += 1
    return {"quality": counts | {"run": run.pk}}
