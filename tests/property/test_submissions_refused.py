"""A refused upload leaves accepted state equal, whatever the file holds."""

from __future__ import annotations

import contextlib

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from allteach.errors import AllteachError
from allteach.web.measuring.models import Observation
from allteach.web.submissions import services
from allteach.web.submissions.models import RegistryFile, Submission
from tests.integration.submitting import FALLS, accepted, falls, sent

pytestmark = pytest.mark.django_db

CELLS = st.sampled_from(
    ["alder", "birch", "nowhere", "", "2024-01-01", "2024-13-01", "A", "B", "3", "-3", "300", "=1+1", '"']
)
TABLES = st.lists(st.lists(CELLS, min_size=3, max_size=6), max_size=12).map(
    lambda rows: ("site,month,ward,falls,days\n" + "\n".join(",".join(row) for row in rows)).encode()
)
FILES = st.one_of(TABLES, st.binary(min_size=1, max_size=400), st.text(min_size=1, max_size=300).map(str.encode))


def state():
    files = list(RegistryFile.objects.order_by("id").values())
    points = list(Observation.objects.order_by("id").values())
    decided = list(Submission.objects.filter(status="accepted").order_by("id").values())
    return files, points, decided


@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(content=FILES)
def test_a_refused_upload_leaves_accepted_state_equal(ada, network, sites, content):
    table = services.save_table(by=ada, network=network, dictionary=falls())
    accepted(ada, network, FALLS, table=table)  # the same bytes after the first example: a no-op
    before = state()
    submission = sent(ada, network, content, table=table)
    with contextlib.suppress(AllteachError):
        services.check(by=ada, submission=submission)
    submission.refresh_from_db()
    if submission.status in ("received", "checked"):
        services.reject(by=ada, submission=submission, note="Refused.")
    assert state() == before
