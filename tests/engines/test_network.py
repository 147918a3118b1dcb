"""A network that chooses Spark gets the same results as before, by the same road."""

from __future__ import annotations

import pytest

from allteach.web.ledger.models import Entry
from allteach.web.measuring import services as measuring
from allteach.web.measuring.models import Observation
from allteach.web.people.models import Person
from allteach.web.sites.models import Network, Site
from allteach.web.sites.services import change_network
from allteach.web.submissions import jobs, services
from tests.integration.submitting import FALLS, accepted, checked, falls
from tests.integration.test_measuring import CARD

pytestmark = pytest.mark.django_db


def observed() -> list[tuple[object, ...]]:
    names = ("site__code", "period", "stratum", "numerator", "denominator", "n", "complete")
    return list(Observation.objects.order_by(*names).values_list(*names))


@pytest.mark.filterwarnings("ignore::FutureWarning")
def test_choosing_spark_changes_no_number(ada: Person, network: Network, sites: list[Site]) -> None:
    table = services.save_table(by=ada, network=network, dictionary=falls())
    measure = measuring.create_measure(by=ada, network=network, card=CARD)
    accepted(ada, network, FALLS, table=table)
    before = observed()
    assert len(before) > 5
    change_network(by=ada, network=network, reason="The warehouse is ready", engine="spark")
    Observation.objects.all().delete()
    measuring.recompute(by=ada, network=network, measures=[measure])
    assert observed() == before

    correction = FALLS.replace("alder,2024-02-01,A,2", "alder,2024-02-01,A,6")
    waiting = checked(ada, network, correction, table=table)
    jobs.accept_now_or_later(by=ada, submission=waiting)
    assert Entry.objects.filter(action="submission.queued").exists(), "Spark never starts inside a page"
    alder = Observation.objects.get(site__code="alder", period="2024-02-01", stratum="")
    assert (alder.numerator, alder.denominator) == (6, 310)
